"""Accounts of what owners store, with one fault each, to see that the kit finds it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from saga_agent.domain.accounts import Hold, HoldOutcome, OwnerHoldings, StorageLimits
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.accounts import MemoryHoldings
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.memory.threads import MemoryEnds, OfProjects


class FoldsOwners(MemoryHoldings):
    async def hold(self, hold: Hold, limits: StorageLimits | None, *, now: float) -> HoldOutcome:
        return await super().hold(replace(hold, owner_id=hold.owner_id.casefold()), limits, now=now)


class LooksThenReserves(MemoryHoldings):
    async def hold(self, hold: Hold, limits: StorageLimits | None, *, now: float) -> HoldOutcome:
        before = dict(self._accounts)
        await asyncio.sleep(0)
        now_there, self._accounts = self._accounts, before
        try:
            return await super().hold(hold, limits, now=now)
        finally:
            self._accounts = {**now_there, **self._accounts}


class RefusesAtTheLimit(MemoryHoldings):
    async def hold(self, hold: Hold, limits: StorageLimits | None, *, now: float) -> HoldOutcome:
        tighter = limits and StorageLimits(records=limits.records, bytes=limits.bytes and limits.bytes - 1)
        return await super().hold(hold, tighter, now=now)


class GivesBackTooEarly(MemoryHoldings):
    async def hold(self, hold: Hold, limits: StorageLimits | None, *, now: float) -> HoldOutcome:
        item = self._items.get((hold.project_id, hold.item))
        if item is not None and item.bytes > (hold.bytes or 0):
            self._book(item.owner_id, records=0, size=(hold.bytes or 0) - item.bytes)
            self._items[hold.project_id, hold.item] = replace(item, bytes=hold.bytes or 0)
        return await super().hold(hold, limits, now=now)


class LetsTwoHoldAnItem(MemoryHoldings):
    async def hold(self, hold: Hold, limits: StorageLimits | None, *, now: float) -> HoldOutcome:
        return await super().hold(hold, limits, now=1e12)


class HeedsTheDead(MemoryHoldings):
    async def let_go(self, hold: Hold, *, size: int | None) -> None:
        item = self._items.get((hold.project_id, hold.item))
        if item is not None:
            await super().let_go(replace(hold, id=item.hold_id or ""), size=size)


class ForgetsTheLimits(MemoryHoldings):
    async def hold(self, hold: Hold, limits: StorageLimits | None, *, now: float) -> HoldOutcome:
        return await super().hold(hold, limits or StorageLimits(), now=now)


class CountsTwice(MemoryHoldings):
    async def reassign(self, owner_id: str, new_owner_id: str) -> int:
        count, held = await super().reassign(owner_id, new_owner_id), self._accounts[new_owner_id]
        self._book(new_owner_id, records=held.records, size=held.bytes)
        return count


class GivesEmbeddedBack(MemoryHoldings):
    def forget_project(self, project_id: str) -> None:
        super().forget_project(project_id)
        self._accounts = {owner: replace(each, embedded_bytes=0) for owner, each in self._accounts.items()}


class KeepsEndedProjects(MemoryHoldings):
    def forget_project(self, project_id: str) -> None:
        return None


class CountsForTheFormer(MemoryHoldings):
    async def hold(self, hold: Hold, limits: StorageLimits | None, *, now: float) -> HoldOutcome:
        item = self._items.get((hold.project_id, hold.item))
        owner_id = item.owner_id if item is not None else hold.owner_id
        return await super().hold(replace(hold, owner_id=owner_id), limits, now=now)


class ForgetsBytes(MemoryHoldings):
    async def get(self, owner_id: str) -> OwnerHoldings | None:
        found = await super().get(owner_id)
        return found and replace(found, bytes=0)


def _counts(rows: Any) -> bool:
    return isinstance(rows, OfProjects) and isinstance(rows._noun, MemoryHoldings)


def _holdings(kind: type[MemoryHoldings], check: str) -> tuple[Callable[[], Storage], str]:
    """A reference storage with that account, whose ends purge it, and the check that has to find the fault."""

    def make() -> Storage:
        storage, faulty = MemoryStorage(), kind()
        ends: Any = storage.journal.ends
        purged = [OfProjects(faulty) if _counts(rows) else rows for rows in ends._purged]
        own_ends = MemoryEnds(ends._tables, ends._checkpoints, purged)
        storage.journal = replace(storage.journal, holdings=faulty, ends=own_ends)
        return storage

    return make, f"journal.holdings.{check}"


HOLDING_FAULTS: dict[str, tuple[Callable[[], Storage], str]] = {
    "two owners share an account": _holdings(FoldsOwners, "counts_what_each_owner_holds"),
    "an account has no bytes": _holdings(ForgetsBytes, "counts_what_each_owner_holds"),
    "the account is looked at before it is drawn on": _holdings(LooksThenReserves, "never_passes_a_limit_in_a_race"),
    "what fits exactly is refused": _holdings(RefusesAtTheLimit, "refuses_what_passes_a_limit_of_holdings"),
    "room is given back before the write": _holdings(GivesBackTooEarly, "keeps_what_an_item_has_until_it_is_let_go"),
    "two writers hold one record": _holdings(LetsTwoHoldAnItem, "lets_one_writer_hold_an_item"),
    "a dead writer has the last word": _holdings(HeedsTheDead, "lets_one_writer_hold_an_item"),
    "the limits are forgotten": _holdings(ForgetsTheLimits, "heeds_the_limits_on_the_account"),
    "records count for who had the project": _holdings(CountsForTheFormer, "moves_items_with_their_project"),
    "what is taken over counts twice": _holdings(CountsTwice, "reassigns_all_of_an_owner"),
    "what was embedded is given back": _holdings(GivesEmbeddedBack, "counts_embedded_text_for_good"),
    "ended projects count on": _holdings(KeepsEndedProjects, "gives_back_what_ended_projects_held"),
}
