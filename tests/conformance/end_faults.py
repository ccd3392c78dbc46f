"""Journals that end, replace or let go of the wrong rows, with one fault each, to see that the kit finds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from saga_agent.domain.journal import NewTurn, Run, Thread
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.memory.runs import MemoryRuns
from saga_agent.storage.memory.threads import MemoryEnds, MemoryThreads
from tests.conformance.broken import threads, with_noun


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


class ForgetsSubagents(MemoryRuns):
    async def prune(self, **arguments: Any) -> int:
        hidden = {run.id: run for run in self._tables.runs.values() if run.root_run_id is not None}
        for run_id in hidden:
            del self._tables.runs[run_id]
        count = await super().prune(**arguments)
        self._tables.runs |= hidden
        return count


class LooksThreeBack(MemoryRuns):
    async def prune(self, **arguments: Any) -> int:
        newest = sorted(self._tables.runs.values(), key=lambda run: run.created_at)[:-8]
        hidden = {run.id: self._tables.runs.pop(run.id) for run in newest}
        count = await super().prune(**arguments)
        self._tables.runs |= hidden
        return count


class PrunesUnderLiveRoots(MemoryRuns):
    async def prune(self, **arguments: Any) -> int:
        kept = dict(self._tables.runs)
        ended = {run.id: run for run in kept.values() if run.state == "finished"}
        self._tables.runs |= {key: run.model_copy(update={"root_run_id": None}) for key, run in ended.items()}
        count = await super().prune(**arguments)
        self._tables.runs |= kept
        return count


class PrunesEverywhere(MemoryRuns):
    async def prune(self, **arguments: Any) -> int:
        return await super().prune(**{**arguments, "run_id": None})


class PrunesWhatAppsCheckpoint(MemoryRuns):
    async def prune(self, **arguments: Any) -> int:
        count = await super().prune(**arguments)
        for key in [key for key, row in self._tables.checkpoints.items() if row.run_id is not None and count]:
            del self._tables.checkpoints[key]
        return count


class _Ends(MemoryEnds):
    """Ends that keep what they are told to keep."""

    kept = ""

    async def project(self, project_id: str, *, owner_id: str | None = None) -> bool:
        rows: dict[Any, Any] = getattr(self._tables, self.kept)
        before = dict(rows)
        found = await super().project(project_id, owner_id=owner_id)
        rows |= before
        return found


class LeavesGrants(_Ends):
    kept = "grants"


class LeavesTheAudit(_Ends):
    kept = "audit"


class LeavesPassages(_Ends):
    kept = "passages"


class LeavesCheckpoints(_Ends):
    kept = "checkpoints"


class EndsEveryProject(MemoryEnds):
    async def project(self, project_id: str, *, owner_id: str | None = None) -> bool:
        for each in {thread.project_id for thread in self._tables.threads.values()} - {project_id}:
            await super().project(each)
        return await super().project(project_id, owner_id=owner_id)


class EndsUnderRuns(MemoryEnds):
    async def project(self, project_id: str, *, owner_id: str | None = None) -> bool:
        for run in list(self._tables.runs.values()):
            self._tables.runs[run.id] = run.model_copy(update={"state": "stopped"})
        return await super().project(project_id, owner_id=owner_id)


class EndsForAnybody(MemoryEnds):
    async def project(self, project_id: str, *, owner_id: str | None = None) -> bool:
        return await super().project(project_id)


class SeesThreadsAlone(MemoryEnds):
    async def project(self, project_id: str, *, owner_id: str | None = None) -> bool:
        had = any(thread.project_id == project_id for thread in self._tables.threads.values())
        return had & await super().project(project_id, owner_id=owner_id)


def _ends(kind: type[MemoryEnds]) -> Callable[[], Storage]:
    """A reference storage with those ends, over the same rows."""

    def make() -> Storage:
        storage = MemoryStorage()
        ends: Any = storage.journal.ends
        faulty = kind(ends._tables, ends._checkpoints, ends._purged)
        storage.journal = replace(storage.journal, ends=faulty)
        return storage

    return make


def _runs(kind: type[MemoryRuns], check: str) -> tuple[Callable[[], Storage], str]:
    return with_noun("runs", kind), f"journal.runs.{check}"


class AnswersAlways(MemoryStorage):
    """Its threads do not look whether it is open."""

    def __init__(self) -> None:
        super().__init__()
        threads: Any = self.journal.threads
        self.journal = replace(self.journal, threads=threads._inner)


END_FAULTS: dict[str, tuple[Callable[[], Storage], str]] = {
    "an old tab's answer takes the place of a newer one": (
        with_noun("runs", ReplacesWhateverStands),
        "journal.threads.refuses_to_replace_what_is_replaced",
    ),
    "a fork at what is replaced leaves it out": (
        with_noun("threads", threads(ForksWhateverStands)),
        "journal.threads.refuses_to_fork_at_what_does_not_stand",
    ),
    "a fork asks what nobody can answer": (
        with_noun("threads", threads(ForksOpenQuestions)),
        "journal.threads.forks_a_waiting_answer_as_a_closed_one",
    ),
    "a closed storage answers": (AnswersAlways, "journal.threads.answers_only_while_open"),
    "a subagent's log is never let go of": _runs(ForgetsSubagents, "keeps_what_the_last_run_of_a_thread_left"),
    "only a few runs back are looked at": _runs(LooksThreeBack, "keeps_what_the_last_run_of_a_thread_left"),
    "what a live run will ask for goes": _runs(PrunesUnderLiveRoots, "keeps_what_live_runs_need"),
    "a prune of one thread prunes all": _runs(PrunesEverywhere, "prunes_one_thread_and_one_kind"),
    "a prune takes the checkpoints of an app's graphs": _runs(PrunesWhatAppsCheckpoint, "keeps_nothing_or_all"),
    "grants outlive their project": (_ends(LeavesGrants), "journal.ends.ends_all_of_a_project"),
    "the audit outlives its project": (_ends(LeavesTheAudit), "journal.ends.ends_all_of_a_project"),
    "the manuscript's words outlive their project": (
        _ends(LeavesPassages),
        "journal.ends.ends_what_hangs_on_no_thread",
    ),
    "checkpoints outlive their project": (_ends(LeavesCheckpoints), "journal.ends.ends_all_of_a_project"),
    "the end of one project ends others": (_ends(EndsEveryProject), "journal.ends.ends_one_project_only"),
    "a project ends under its runs": (_ends(EndsUnderRuns), "journal.ends.refuses_to_end_a_project_at_work"),
    "anybody ends a project": (_ends(EndsForAnybody), "journal.ends.refuses_another_owners_project"),
    "a project without threads is thought to be nothing": (
        _ends(SeesThreadsAlone),
        "journal.ends.ends_what_hangs_on_no_thread",
    ),
}
