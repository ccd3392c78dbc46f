"""Public door for measuring agents: checkers of calls, and honest statistics.

Each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from saga_agent.evals.checking import check_calls
    from saga_agent.evals.verdict import ArgumentDiff, CallDiff, Outcome, Verdict

_NAMES = {"evals.checking": "check_calls", "evals.verdict": "ArgumentDiff CallDiff Outcome Verdict"}
_HOME_OF = {name: f"saga_agent.{module}" for module, names in _NAMES.items() for name in names.split()}

__all__ = ["ArgumentDiff", "CallDiff", "Outcome", "Verdict", "check_calls"]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value  # the next use finds it without coming here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
