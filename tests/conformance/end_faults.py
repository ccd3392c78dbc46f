"""Journals that end, replace or let go of the wrong rows, with one fault each, to see that the kit finds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from saga_agent.domain.journal import Run, Thread
from saga_agent.storage.adapter import Storage
from saga_agent.storage.journal import NewTurn
from saga_agent.storage.memory.checkpoints import MemoryCheckpoints
from saga_agent.storage.memory.runs import MemoryRuns
from saga_agent.storage.memory.tables import Tables
from saga_agent.storage.memory.threads import MemoryThreads
from tests.conformance.broken import with_noun


class ReplacesWhateverStands(MemoryRuns):
    async def start(self, turn: NewTurn, *, now: float) -> Run:
        place, turn = turn.replaces, replace(turn, replaces=None)
        run = await super().start(turn, now=now)
        for message in list(self._tables.messages.values()):
            is_new = message.id in (turn.assistant.id, run.user_message_id)
            if place is not None and not is_new and (message.order, message.step_order) >= place:
                self._tables.messages[message.id] = message.model_copy(update={"replaced": True})
        return run


class ForksWhateverStands(MemoryThreads):
    async def fork(self, thread: Thread, *, source_id: str, until: tuple[int, int]) -> Thread:
        rows = [row for row in self._tables.messages.values() if row.thread_id == source_id and not row.replaced]
        places = [(row.order, row.step_order) for row in rows if row.state not in ("queued", "running")]
        return await super().fork(thread, source_id=source_id, until=max(each for each in places if each <= until))


class ForksOpenQuestions(MemoryThreads):
    async def fork(self, thread: Thread, *, source_id: str, until: tuple[int, int]) -> Thread:
        fork = await super().fork(thread, source_id=source_id, until=until)
        for copy in [row for row in self._tables.messages.values() if row.thread_id == fork.id]:
            source = next(row for row in self._tables.messages.values() if row.shown_id == copy.page_id)
            self._tables.messages[copy.id] = copy.model_copy(update={"state": source.state, "parts": source.parts})
        return fork


def _threads(kind: type[MemoryThreads]) -> Callable[[Tables], MemoryThreads]:
    return lambda tables: kind(tables, MemoryCheckpoints(tables))


END_FAULTS: dict[str, tuple[Callable[[], Storage], str]] = {
    "an old tab's answer takes the place of a newer one": (
        with_noun("runs", ReplacesWhateverStands), "journal.threads.refuses_to_replace_what_is_replaced",
    ),
    "a fork at what is replaced leaves it out": (
        with_noun("threads", _threads(ForksWhateverStands)), "journal.threads.refuses_to_fork_at_what_does_not_stand",
    ),
    "a fork asks what nobody can answer": (
        with_noun("threads", _threads(ForksOpenQuestions)), "journal.threads.forks_a_waiting_answer_as_a_closed_one",
    ),
}  # fmt: skip
