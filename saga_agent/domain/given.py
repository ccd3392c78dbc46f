"""What callers hand in at the public doors: of the right type, or refused at once in one sentence."""

from __future__ import annotations

from typing import TypeVar

from saga_agent.domain.plain import mended
from saga_agent.errors import WrongType

T = TypeVar("T")
_SHOWN = 60


def given(value: object, kind: type[T], name: str, *, wanted: str) -> T:
    """The value, when it is an instance of that type; `wanted` says in words what to give.

    Raises: `WrongType`.
    """
    if isinstance(value, kind):
        return value
    raise WrongType(f"{name} is {_shown(value)}; give {wanted}.")


def given_text(value: object, name: str) -> str:
    """The text, mended; `WrongType` for anything else."""
    return mended(given(value, str, name, wanted="a text"))


def given_id(value: object, name: str) -> str:
    """The id; `WrongType` for anything else, such as the record itself."""
    if isinstance(value, str):
        return value
    has_id = isinstance(getattr(value, "id", None), str) and not isinstance(value, type)
    raise WrongType(f"{name} is {_shown(value)}; give the id, a text" + (": its .id." if has_id else "."))


def _shown(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    shown = repr(value) if isinstance(value, int | float | str | bytes) else ""
    kind = type(value).__name__
    return f"{shown[:_SHOWN]} ({kind})" if shown else f"a {kind}"
