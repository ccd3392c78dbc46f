"""What people may store and spend, and what they have: the values of the journal's accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from saga_agent.errors import InvalidInput

HoldOutcome = Literal["held", "full", "busy", "uncounted"]
"""What came of taking hold of an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageLimits:
    """How much one owner may store; None sets no limit."""

    records: int | None = None
    """Projects, story records and images, threads, and the messages that the owner sent."""
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


def fits(held: OwnerHoldings, limits: StorageLimits, *, records: int, size: int) -> bool:
    """Whether so many more records and bytes keep to the limits; what does not grow does always."""
    return (records <= 0 or limits.records is None or held.records + records <= limits.records) and (
        size <= 0 or limits.bytes is None or held.bytes + size <= limits.bytes
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Something with a limit that is drawn on: a guest, an address on a day, a day."""

    id: str
    limit_microusd: int
    expires_at: float | None = None
    """From when on it may be forgotten; None keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSpending:
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


def check_accounts(reservation: Reservation, accounts: Sequence[Account]) -> None:
    """Raises `InvalidInput` unless the accounts are those of the reservation; adapters call it before they store."""
    if tuple(account.id for account in accounts) != reservation.account_ids or len(set(accounts)) != len(accounts):
        raise InvalidInput(f"Reservation {reservation.id!r} does not name the accounts it is to be held on.")
    if reservation.microusd < 0:
        raise InvalidInput(f"Reservation {reservation.id!r} is of less than nothing.")
