"""Public door for tests: doubles that are real implementations, and conformance kits.

The kits live beside it, in `saga_agent.testing.storage`, `saga_agent.testing.streams` and `saga_agent.testing.vectors`.
Each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from saga_agent.models.script import Call, Fail, Say, Think, Turn, Wait
    from saga_agent.models.scripted import Prompt, ScriptedModel
    from saga_agent.testing.clock import FakeClock
    from saga_agent.testing.faults import Fault, FaultPlan, FaultyStorage

_NAMES = {
    "models.script": "Call Fail Say Think Turn Wait",
    "models.scripted": "Prompt ScriptedModel",
    "testing.clock": "FakeClock",
    "testing.faults": "Fault FaultPlan FaultyStorage",
}
_HOME_OF = {name: f"saga_agent.{module}" for module, names in _NAMES.items() for name in names.split()}

__all__ = [
    "Call",
    "Fail",
    "FakeClock",
    "Fault",
    "FaultPlan",
    "FaultyStorage",
    "Prompt",
    "Say",
    "ScriptedModel",
    "Think",
    "Turn",
    "Wait",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value  # the next use finds it without coming here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
