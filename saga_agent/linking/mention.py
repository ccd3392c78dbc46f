"""What linking gives: a span of the text, and whose name it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["character", "place", "faction", "item"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in the text: Python string indices, end exclusive."""

    start: int
    end: int
    entity_id: str | None = None
    """Whose name it is; None where the bible does not know it, or where several own it."""
    kind: Kind | None = None
    """None where nothing tells it."""
    group: str | None = None
    """The cluster of an unknown name: the fullest form of it in the text, in small letters; None in links."""
    candidates: tuple[str, ...] = ()
    """The owners of a shared name that the context cannot tell apart."""
