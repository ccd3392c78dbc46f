"""The journal's account of what each owner has stored: how many records, how many bytes, and how much there may be.

An item is a record or a blob of a project, e.g. `entities/ent_1`. Whoever is about to write one takes hold of it, which
reserves the room it will need, and lets it go with the size it has then. One writer holds an item at a time, so what is
counted for it is what is stored, and writes at the same time never pass a limit together.
"""

from __future__ import annotations

from typing import Protocol

from saga_agent.domain.accounts import Hold, HoldOutcome, OwnerHoldings, StorageLimits


class Holdings(Protocol):
    """One account an owner, and one row an item that is counted."""

    async def get(self, owner_id: str) -> OwnerHoldings | None:
        """The owner's account; None when nothing of theirs was ever counted."""
        ...

    async def hold(self, hold: Hold, limits: StorageLimits | None, *, now: float) -> HoldOutcome:
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
