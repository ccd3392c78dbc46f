"""What callers hand in at the public doors: of the right type, or refused at once in one sentence."""

from __future__ import annotations

from typing import TypeVar

from saga_agent.domain.plain import mended
from saga_agent.errors import InvalidInput, WrongType

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


def given_choice(value: object, choices: tuple[str, ...], name: str) -> None:
    """Raises `InvalidInput` for a value that is none of these words."""
    if value not in choices:
        raise InvalidInput(f"{name} is {_shown(value)}; give {', '.join(map(repr, choices[:-1]))} or {choices[-1]!r}.")


def given_count(value: object, name: str, *, least: int) -> None:
    """Raises `WrongType` for what is no whole number, `InvalidInput` for one below `least`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongType(f"{name} is {_shown(value)}; give a whole number.")
    if value < least:
        raise InvalidInput(f"{name} is {value}; give {least} at the least.")


def given_number(value: object, name: str) -> None:
    """Raises `WrongType` for what is no number, `InvalidInput` for one that is not above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongType(f"{name} is {_shown(value)}; give a number.")
    if not value > 0:  # which is true for NaN
        raise InvalidInput(f"{name} is {value}; give a number above 0.")


def _shown(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    shown = repr(value) if isinstance(value, int | float | str | bytes) else ""
    kind = type(value).__name__
    return f"{shown[:_SHOWN]} ({kind})" if shown else f"a {kind}"
