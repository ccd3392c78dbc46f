"""The journal's ledger: what people on trial may spend, reserved before a turn and settled after it.

Money is counted in whole millionths of a dollar, so that sums are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from saga_agent.domain.accounts import Account, Reservation, Standing


class Quota(Protocol):
    """Accounts and the reservations on them."""

    async def reserve(self, reservation: Reservation, accounts: Sequence[Account]) -> str | None:
        """Holds the amount on all the accounts, or on none.

        Gives None, or the id of what refused it: the holder, whose earlier reservation stands, or the first account
        whose limit what is spent, what is reserved and this amount would pass. `InvalidInput` when the accounts are
        not those of the reservation.
        """
        ...

    async def started(self, reservation_id: str) -> None:
        """Notes that the turn is under way; a settled reservation is passed over."""
        ...

    async def settle(self, reservation_id: str, *, spent_microusd: int) -> bool:
        """Books what the turn cost, also more than was reserved, and lets go of the rest; False when that was done."""
        ...

    async def list(self, *, holder_id: str | None = None, limit: int = 1000) -> Sequence[Reservation]:
        """The reservations that stand, of one holder or of all, oldest first."""
        ...

    async def get(self, account_id: str) -> Standing:
        """How the account stands; one that was never drawn on is empty."""
        ...

    async def forget(self, *, now: float) -> int:
        """Removes accounts whose time is over and on which nothing is reserved, gives their number."""
        ...
