"""The journal's account of what each owner has stored: how many records, how many bytes, and how much there may be.

An item is a record or a blob of a project, e.g. `entities/ent_1`. Whoever is about to write one takes hold of it, which
reserves the room it will need, and lets it go with the size it has then. One writer holds an item at a time, so what is
counted for it is what is stored, and writes at the same time never pass a limit together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Protocol

from saga_agent.errors import InvalidInput

Held = Literal["held", "full", "busy", "uncounted"]
"""What came of taking hold of an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageLimits:
    """How much one owner may store; None sets no limit."""

    records: int | None = None
    """Projects, story records and images."""
    bytes: int | None = None
    """Of these together as JSON, and of the images; what is embedded for them may be as much once more."""

    def __post_init__(self) -> None:
        for name, value in (("records", self.records), ("bytes", self.bytes)):
            if value is not None and value < 0:
                raise InvalidInput(f"The limit of {name} is {value}; give a number from 0, or None for no limit.")


NO_LIMITS: Final = StorageLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A writer's hold of one item."""

    id: str
    owner_id: str
    project_id: str
    item: str
    bytes: int | None
    """What it will have at most; None to remove it."""
    until: float
    """When another writer may take it, because this one must have died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerHoldings:
    """What is counted for one owner, and the limits that were given last."""

    records: int
    bytes: int
    embedded_bytes: int
    limits: StorageLimits


class Holdings(Protocol):
    """One account an owner, and one row an item that is counted."""

    async def get(self, owner_id: str) -> OwnerHoldings | None:
        """The owner's account; None when nothing of theirs was ever counted."""
        ...

    async def hold(self, hold: Hold, limits: StorageLimits | None, *, now: float) -> Held:
        """Takes hold of the item, and reserves what it grows by; the account is opened at first.

        The limits are kept on the account; None means those that are on it. `full` when the item would grow past a
        limit, `busy` when another writer holds it, `uncounted` when there is no account and no limits are given, or
        when an item is to be removed that is not counted. Only when `held` anything has changed but for the limits.
        """
        ...

    async def let_go(self, hold: Hold, *, size: int | None) -> None:
        """Counts the item with that many bytes, or no more with None; nothing when another writer has it by now."""
        ...

    async def reassign(self, owner_id: str, new_owner_id: str) -> int:
        """Counts all items of the owner for another one, whatever their limits; how many there were. May be repeated.

        An account that is opened for it sets no limit.
        """
        ...

    async def count_embedded(self, owner_id: str, size: int) -> bool:
        """Counts bytes of text that is about to be embedded; False, and nothing is counted, when it passes the limit.

        They are never given back: what was spent on them is spent. True for an owner without an account.
        """
        ...


def fits(held: OwnerHoldings, limits: StorageLimits, *, records: int, size: int) -> bool:
    """Whether so many more records and bytes keep to the limits; what does not grow does always."""
    return (records <= 0 or limits.records is None or held.records + records <= limits.records) and (
        size <= 0 or limits.bytes is None or held.bytes + size <= limits.bytes
    )
