"""The journal's ledger: what people on trial may spend, reserved before a turn and settled after it.

Money is counted in whole millionths of a dollar, so that sums are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from saga_agent.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Something with a limit that is drawn on: a guest, an address on a day, a day."""

    id: str
    limit_microusd: int
    expires_at: float | None = None
    """From when on it may be forgotten; None keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How much of an account is gone."""

    spent_microusd: int = 0
    reserved_microusd: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """The most that a turn may cost, held on several accounts until it is settled."""

    id: str
    holder_id: str
    """Who has at most one."""
    account_ids: tuple[str, ...]
    microusd: int
    made_at: float
    starts_until: float
    """Until then its turn may still be about to start; 0 once it has."""


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


def check_accounts(reservation: Reservation, accounts: Sequence[Account]) -> None:
    """Raises `InvalidInput` unless the accounts are those of the reservation; adapters call it before they store."""
    if tuple(account.id for account in accounts) != reservation.account_ids or len(set(accounts)) != len(accounts):
        raise InvalidInput(f"Reservation {reservation.id!r} does not name the accounts it is to be held on.")
    if reservation.microusd < 0:
        raise InvalidInput(f"Reservation {reservation.id!r} is of less than nothing.")
