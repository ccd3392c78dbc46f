"""The ledger: accounts and the reservations on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from saga_agent.domain.accounts import Account, Reservation, Standing, check_accounts


class MemoryQuota:
    """Accounts by id, reservations by id in the order they were made."""

    def __init__(self) -> None:
        self._standings: dict[str, Standing] = {}
        self._ends: dict[str, float | None] = {}
        self._reservations: dict[str, Reservation] = {}

    async def reserve(self, reservation: Reservation, accounts: Sequence[Account]) -> str | None:
        check_accounts(reservation, accounts)
        if any(reservation.holder_id == each.holder_id for each in self._reservations.values()):
            return reservation.holder_id
        for account in accounts:
            standing = self._standings.get(account.id, Standing())
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

    async def get(self, account_id: str) -> Standing:
        return self._standings.get(account_id, Standing())

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
            standing = self._standings.get(account_id, Standing())
            self._standings[account_id] = Standing(
                spent_microusd=standing.spent_microusd + spent, reserved_microusd=standing.reserved_microusd + reserved
            )
