"""What callers may give as an id: the one pattern for every door, so that whatever is stored can be addressed."""

from __future__ import annotations

import re
from typing import Final

from saga_agent.errors import InvalidInput

MAX_ID_CHARACTERS: Final = 128
GIVEN_ID: Final = r"^(?:\.{0,2}[A-Za-z0-9_\-]|\.{3})[A-Za-z0-9_.\-]*$"
"""A segment of a URL as it stands, which `.` and `..` are not. Written without look-ahead; its length is apart."""
_GIVEN_ID: Final = re.compile(GIVEN_ID)
_MAX_OWNER_CHARACTERS: Final = 255
_SHOWN: Final = 40


def is_given_id(text: str) -> bool:
    """Whether a caller may give that as an id."""
    return len(text) <= MAX_ID_CHARACTERS and _GIVEN_ID.fullmatch(text) is not None


def check_given_id(text: str, kind: str) -> None:
    """Raises `InvalidInput`, in a sentence about that kind of id, for one that callers may not give."""
    if not is_given_id(text):
        raise InvalidInput(
            f"{shown(text)} is no {kind} id; use 1 to {MAX_ID_CHARACTERS} letters, digits, '_', '.' and '-' of ASCII."
        )


def check_owner_id(text: str) -> None:
    """Raises `InvalidInput` for what is no owner's id: hosts have forms of their own, but all can be written down."""
    if not text:
        raise InvalidInput("An owner needs an id that is not empty.")
    if len(text) > _MAX_OWNER_CHARACTERS or not text.isprintable() or text.isspace():
        raise InvalidInput(
            f"{shown(text)} is no owner's id; use 1 to {_MAX_OWNER_CHARACTERS} characters that can be printed."
        )


def shown(text: str) -> str:
    """The id as a message may hold it: quoted, in ASCII, and not at any length."""
    return ascii(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
