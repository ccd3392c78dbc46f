"""What each owner has stored, and what people on trial may spend."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from saga_agent.domain.accounts import (
    NO_LIMITS,
    Account,
    AccountSpending,
    Hold,
    HoldOutcome,
    OwnerHoldings,
    Reservation,
    StorageLimits,
    check_accounts,
    fits,
)

_EMPTY = OwnerHoldings(records=0, bytes=0, embedded_bytes=0, limits=NO_LIMITS)


@dataclass(frozen=True, slots=True)
class _HeldItem:
    owner_id: str
    bytes: int
    hold_id: str | None
    until: float


class MemoryHoldings:
    """Accounts by owner, items by project and name."""

    def __init__(self) -> None:
        self._accounts: dict[str, OwnerHoldings] = {}
        self._items: dict[tuple[str, str], _HeldItem] = {}

    async def get(self, owner_id: str) -> OwnerHoldings | None:
        return self._accounts.get(owner_id)

    async def hold(self, hold: Hold, limits: StorageLimits | None, *, now: float) -> HoldOutcome:
        account, key = self._accounts.get(hold.owner_id), (hold.project_id, hold.item)
        item = self._items.get(key)
        if account is None and limits is None:
            return "uncounted"
        account = account or _EMPTY
        account = self._accounts[hold.owner_id] = replace(account, limits=limits or account.limits)
        if item is None and hold.bytes is None:
            return "uncounted"
        if item is not None and item.hold_id not in (None, hold.id) and item.until > now:
            return "busy"
        size = max(hold.bytes or 0, item.bytes if item else 0)
        is_mine = item is not None and item.owner_id == hold.owner_id
        records, grows = (0, size - item.bytes) if item is not None and is_mine else (1, size)
        if not fits(account, account.limits, records=records, size=grows):
            return "full"
        if item is not None and not is_mine:
            self._book(item.owner_id, records=-1, size=-item.bytes)
        self._book(hold.owner_id, records=records, size=grows)
        self._items[key] = _HeldItem(hold.owner_id, size, hold.id, hold.until)
        return "held"

    async def let_go(self, hold: Hold, *, size: int | None) -> None:
        key = (hold.project_id, hold.item)
        item = self._items.get(key)
        if item is None or item.hold_id != hold.id:
            return
        if size is None:
            self._drop(key)
        else:
            self._book(item.owner_id, records=0, size=size - item.bytes)
            self._items[key] = replace(item, bytes=size, hold_id=None)

    async def reassign(self, owner_id: str, new_owner_id: str) -> int:
        mine = [key for key, item in self._items.items() if item.owner_id == owner_id]
        self._accounts.setdefault(new_owner_id, _EMPTY)
        for key in mine:
            item = self._items[key]
            self._book(owner_id, records=-1, size=-item.bytes)
            self._book(new_owner_id, records=1, size=item.bytes)
            self._items[key] = replace(item, owner_id=new_owner_id)
        return len(mine)

    async def count_embedded(self, owner_id: str, size: int) -> bool:
        account = self._accounts.get(owner_id)
        if account is None:
            return True
        total = account.embedded_bytes + size
        if account.limits.bytes is not None and total > account.limits.bytes:
            return False
        self._accounts[owner_id] = replace(account, embedded_bytes=total)
        return True

    def holds(self, project_id: str) -> bool:
        """Whether anything of the project is counted."""
        return any(key[0] == project_id for key in self._items)

    def forget_items(self, items: Collection[str]) -> None:
        """Gives back what is counted under these names, which are unique in all projects."""
        for key in [key for key in self._items if key[1] in items]:
            self._drop(key)

    def forget_project(self, project_id: str) -> None:
        """Gives back all that is counted of the project."""
        for key in [key for key in self._items if key[0] == project_id]:
            self._drop(key)

    def _drop(self, key: tuple[str, str]) -> None:
        item = self._items.pop(key)
        self._book(item.owner_id, records=-1, size=-item.bytes)

    def _book(self, owner_id: str, *, records: int, size: int) -> None:
        account = self._accounts[owner_id]
        self._accounts[owner_id] = replace(account, records=account.records + records, bytes=account.bytes + size)


class MemoryQuota:
    """Accounts by id, reservations by id in the order they were made."""

    def __init__(self) -> None:
        self._standings: dict[str, AccountSpending] = {}
        self._ends: dict[str, float | None] = {}
        self._reservations: dict[str, Reservation] = {}

    async def reserve(self, reservation: Reservation, accounts: Sequence[Account]) -> str | None:
        check_accounts(reservation, accounts)
        if any(reservation.holder_id == each.holder_id for each in self._reservations.values()):
            return reservation.holder_id
        for account in accounts:
            standing = self._standings.get(account.id, AccountSpending())
            taken = standing.spent_microusd + standing.reserved_microusd
            if taken + reservation.microusd > account.limit_microusd:
                return account.id
        for account in accounts:
            self._ends.setdefault(account.id, account.expires_at)
        self._reservations[reservation.id] = reservation
        self._book(reservation, reserved=reservation.microusd)
        return None

    async def started(self, reservation_id: str) -> None:
        if (found := self._reservations.get(reservation_id)) is not None:
            self._reservations[reservation_id] = replace(found, starts_until=0.0)

    async def settle(self, reservation_id: str, *, spent_microusd: int) -> bool:
        found = self._reservations.pop(reservation_id, None)
        if found is not None:
            self._book(found, reserved=-found.microusd, spent=spent_microusd)
        return found is not None

    async def list(self, *, holder_id: str | None = None, limit: int = 1000) -> Sequence[Reservation]:
        found = [each for each in self._reservations.values() if holder_id in (None, each.holder_id)]
        return sorted(found, key=lambda each: (each.made_at, each.id))[:limit]

    async def get(self, account_id: str) -> AccountSpending:
        return self._standings.get(account_id, AccountSpending())

    async def forget(self, *, now: float) -> int:
        over = [
            account_id
            for account_id, end in self._ends.items()
            if end is not None and end <= now and not self._standings[account_id].reserved_microusd
        ]
        for account_id in over:
            del self._standings[account_id], self._ends[account_id]
        return len(over)

    def _book(self, reservation: Reservation, *, reserved: int, spent: int = 0) -> None:
        for account_id in reservation.account_ids:
            standing = self._standings.get(account_id, AccountSpending())
            self._standings[account_id] = AccountSpending(
                spent_microusd=standing.spent_microusd + spent, reserved_microusd=standing.reserved_microusd + reserved
            )
