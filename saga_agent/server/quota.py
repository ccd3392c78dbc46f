"""What guests may spend: reserved before a turn, settled when nothing of theirs is at work any more.

A guest is cheap to make, so the limit that holds against farms of them is the one on all guests together.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from saga_agent.clock import Clock
from saga_agent.domain.accounts import Account, Reservation
from saga_agent.server.problems import Refused
from saga_agent.storage.ports.journal import Journal

_DAY_SECONDS: Final = 86_400.0
_MEMORY_DAYS: Final = 90
"""How long a guest's spending is remembered."""
_START_SECONDS: Final = 60.0
"""How long a turn may take from its reservation until it is under way."""
_SWEEP_SECONDS: Final = 5.0
_MICRO: Final = 1_000_000
_UNLIMITED: Final = 2**62
_BUSY = "Your last answer is still being written; wait for it, or sign up to ask for several at once."
_AT_WORK = "An answer is still being written; stop it, or wait for it, and try again."
_SPENT = "Your trial is used up; sign up to go on where you are."
_EVERYBODY = "There have been so many guests today that no more answers can be given; sign up, or come back tomorrow."


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSettings:
    """Limits of guests, in US dollars."""

    turn_usd: float = 0.05
    """Reserved for a turn, and booked when its price is not known. Give the agents a budget that is no higher."""
    guest_usd: float = 0.25
    """Of one guest altogether."""
    address_usd_per_day: float = 1.0
    """Of all guests of one address."""
    all_usd_per_day: float = 20.0
    """Of all guests together."""
    agents: tuple[str, ...] = ("chat",)
    """Those guests may call; `chat` has no tools."""


class Trial:
    """The ledger of the guests, the same for all processes on one database."""

    def __init__(self, journal: Journal, settings: TrialSettings, clock: Clock) -> None:
        self._journal, self._settings, self._clock = journal, settings, clock
        self._swept_at = float("-inf")

    def allowance(self, guest_id: str, address: str) -> GuestAllowance:
        """What that guest, who comes from that address, may still spend."""
        return GuestAllowance(self, guest_id, address)

    async def reserve(self, guest_id: str, address: str) -> Reservation:
        """Reserves a turn; `Refused` with 429 when nothing is left, or a turn of theirs is at work."""
        accounts = self._accounts(guest_id, address)
        made = self._reservation(guest_id, accounts, microusd=round(self._settings.turn_usd * _MICRO))
        refused = await self._reserve(made, accounts)
        if refused is None:
            return made
        told = {guest_id: _BUSY, accounts[0].id: _SPENT, accounts[1].id: _SPENT}
        raise Refused(HTTPStatus.TOO_MANY_REQUESTS, told.get(refused, _EVERYBODY))

    @asynccontextmanager
    async def settled(self, guest_id: str) -> AsyncGenerator[None]:
        """Settles what the guest's turns have cost, and lets none begin within the block.

        For what takes their runs away: a bill is written by what the runs have on record. `Refused` with 409 while a
        turn of theirs is at work.
        """
        accounts = (Account(id=_account_of(guest_id), limit_microusd=_UNLIMITED, expires_at=self._memory_ends()),)
        place = self._reservation(guest_id, accounts, microusd=0)
        if await self._reserve(place, accounts) is not None:
            raise Refused(HTTPStatus.CONFLICT, _AT_WORK)
        try:
            yield
        finally:
            await self._journal.quota.settle(place.id, spent_microusd=0)

    async def _reserve(self, made: Reservation, accounts: tuple[Account, ...]) -> str | None:
        """Reserves, also with what is let go by settling; gives what refused it."""
        refused, holder = await self._journal.quota.reserve(made, accounts), made.holder_id
        if refused is not None and await self._settle_idle(holder if refused == holder else None):
            refused = await self._journal.quota.reserve(made, accounts)
        return refused

    async def started(self, reservation: Reservation) -> None:
        """The reserved turn is under way, or will never be."""
        await self._journal.quota.started(reservation.id)

    def check_agent(self, agent: str) -> None:
        """Raises `Refused` for an agent that is not for guests."""
        if agent not in self._settings.agents:
            raise Refused(HTTPStatus.FORBIDDEN, f"The agent {agent!r} is not for guests; sign up to use it.")

    async def _settle_idle(self, guest_id: str | None) -> bool:
        """Settles what is reserved for turns that have ended or paused; False when there was nothing to settle.

        Over all guests it is done now and then only, so that a crowd of refused ones does no harm.
        """
        now, settled = self._clock.now(), False
        if guest_id is None:
            if now - self._swept_at < _SWEEP_SECONDS:
                return True  # somebody has just done it
            self._swept_at = now
            await self._journal.quota.forget(now=now)
        for reservation in await self._journal.quota.list(holder_id=guest_id):
            if reservation.starts_until <= now and not await self._is_at_work(reservation.holder_id):
                spent = await self._spent(reservation)
                settled |= await self._journal.quota.settle(reservation.id, spent_microusd=spent)
        return settled

    async def _is_at_work(self, guest_id: str) -> bool:
        return bool(await self._journal.runs.list(owner_id=guest_id, states=("queued", "running"), limit=1))

    async def _spent(self, reservation: Reservation) -> int:
        """What the guest's runs have cost since then, those of subagents too."""
        runs = await self._journal.runs.list(owner_id=reservation.holder_id)
        rows = [row for run in runs for row in await self._journal.runs.usage(run.id)]
        costs = [row.cost_usd for row in rows if row.created_at >= reservation.made_at]
        known = sum(round(cost * _MICRO) for cost in costs if cost is not None)
        return max(known, reservation.microusd) if None in costs else known

    def _reservation(self, guest_id: str, accounts: tuple[Account, ...], *, microusd: int) -> Reservation:
        now = self._clock.now()
        return Reservation(
            id=uuid.uuid4().hex,
            holder_id=guest_id,
            account_ids=tuple(account.id for account in accounts),
            microusd=microusd,
            made_at=now,
            starts_until=now + _START_SECONDS,
        )

    def _accounts(self, guest_id: str, address: str) -> tuple[Account, ...]:
        now, limits = self._clock.now(), self._settings
        day, tomorrow = datetime.fromtimestamp(now, UTC).date().isoformat(), now + 2 * _DAY_SECONDS
        return tuple(
            Account(id=name, limit_microusd=round(usd * _MICRO), expires_at=end)
            for name, usd, end in (
                (_account_of(guest_id), limits.guest_usd, self._memory_ends()),
                (f"address/{address}/{day}", limits.address_usd_per_day, tomorrow),
                (f"guests/{day}", limits.all_usd_per_day, tomorrow),
            )
        )

    def _memory_ends(self) -> float:
        return self._clock.now() + _MEMORY_DAYS * _DAY_SECONDS


def _account_of(guest_id: str) -> str:
    return f"guest/{guest_id}"


@dataclass(frozen=True, slots=True)
class GuestAllowance:
    """What one guest may still spend."""

    trial: Trial
    guest_id: str
    address: str

    def turn(self, agent: str | None = None) -> AbstractAsyncContextManager[None]:
        """To be entered around what starts a turn, or lets one go on; `Refused` when it may not be."""
        return self._turn(agent)

    def end(self) -> AbstractAsyncContextManager[None]:
        """To be entered around what removes runs of theirs; `Refused` while one is at work."""
        return self.trial.settled(self.guest_id)

    @asynccontextmanager
    async def _turn(self, agent: str | None) -> AsyncGenerator[None]:
        if agent is not None:
            self.trial.check_agent(agent)
        reservation = await self.trial.reserve(self.guest_id, self.address)
        try:
            yield
        finally:
            await self.trial.started(reservation)
