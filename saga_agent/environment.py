"""Settings from environment variables: empty is not set, and an error names the variable and never its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from saga_agent.errors import InvalidInput

D = TypeVar("D")
"""What holds where the variable is not set."""
W = TypeVar("W", bound=str)
_MOST_NUMBER, _MOST_COUNT = 10**9, 10**15


def read_switch(environment: Mapping[str, str], name: str, default: D) -> bool | D:
    """True for `on`, False for `off`; `InvalidInput` for anything else."""
    if not (said := environment.get(name)):
        return default
    if said not in ("on", "off"):
        raise InvalidInput(f"{name} is 'on' or 'off'.")
    return said == "on"


def read_choice(environment: Mapping[str, str], name: str, default: W, choices: tuple[W, ...]) -> W:
    """One of those words; `InvalidInput` for another."""
    if not (said := environment.get(name)):
        return default
    for choice in choices:
        if said == choice:
            return choice
    raise InvalidInput(f"{name} is one of {', '.join(choices)}.")


def read_number(environment: Mapping[str, str], name: str, default: D) -> float | D:
    """A number above 0 and below a billion; `InvalidInput` for anything else."""
    if not (said := environment.get(name)):
        return default
    try:
        value = float(said)
    except ValueError:
        value = -1.0
    if not 0 < value < _MOST_NUMBER:  # which is false for NaN, too
        raise InvalidInput(f"{name} is a number above 0.")
    return value


def read_count(environment: Mapping[str, str], name: str, default: D, *, least: int = 1) -> int | D:
    """A whole number from `least` on that a database can hold; `InvalidInput` for anything else."""
    if not (said := environment.get(name)):
        return default
    try:
        value = int(said)
    except ValueError:
        value = least - 1
    if not least <= value <= _MOST_COUNT:
        raise InvalidInput(f"{name} is a whole number from {least} to {_MOST_COUNT:,}.")
    return value
