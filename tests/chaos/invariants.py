"""What must hold when the chaos is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from saga_agent.domain import chunks as c
from saga_agent.domain.journal import END_STATES, Message, Run
from saga_agent.errors import StreamError
from saga_agent.storage.ports.journal import Journal
from saga_agent.streams.hub import StreamHub
from saga_agent.streams.reader import StreamReader
from saga_agent.streams.rows import StreamEvent, effective_events
from tests.chaos.holders import Holders
from tests.chaos.play import CALLS, lines_of, whole_text
from tests.chaos.worker import digest

_TELLINGS = {
    "text": "texts compared",
    "pause": "pauses checked",
    "end": "ends checked",
    "cut": "readers who began anew",
    "failed": "readers whose line broke",
}


@dataclass(slots=True)
class Verdict:
    """What was counted, and what was broken."""

    counts: Counter[str] = field(default_factory=Counter[str])
    broken: list[str] = field(default_factory=list[str])

    def require(self, holds: bool, sentence: str) -> None:
        """Notes the sentence when it does not hold."""
        if not holds:
            self.broken.append(sentence)


async def check(journal: Journal, owner: str, folder: Path) -> Verdict:
    """Looks at every run of the owner, its log, its message and the marks of its tools."""
    verdict = Verdict()
    marks = Counter(lines_of(folder / "marks"))
    acknowledged: dict[str, list[tuple[int, int, str]]] = {}
    for line in lines_of(folder / "acknowledged"):
        stream_id, first, count, name = line.split()
        acknowledged.setdefault(stream_id, []).append((int(first), int(count), name))
    verdict.broken += lines_of(folder / "complaints")
    verdict.counts.update(_TELLINGS[line.split()[1]] for line in lines_of(folder / "told"))
    verdict.broken += Holders.of(folder).problems(verdict.counts)
    for mark, times in marks.items():
        verdict.require(times == 1, f"the tool of {mark} ran {times} times")
    verdict.counts["tool runs"] = sum(marks.values())
    for run in await journal.runs.list(owner_id=owner, limit=1_000_000):
        await check_run(verdict, journal, run, marks, acknowledged.get(run.stream_id, []))
    return verdict


async def check_run(
    verdict: Verdict, journal: Journal, run: Run, marks: Mapping[str, int], acknowledged: list[tuple[int, int, str]]
) -> None:
    """One run, from its row to its text."""
    verdict.counts[f"runs {run.state}"] += 1
    verdict.counts["take-overs"] += max(run.epoch - 1, 0)
    verdict.require(run.state in END_STATES, f"run {run.id} is stuck: {run.state}, epoch {run.epoch}")
    message = await journal.threads.message(run.message_id)
    question = await journal.threads.message(run.user_message_id)
    verdict.require(message.state == run.state, f"message {message.id} is {message.state}, its run {run.state}")
    try:
        events = await StreamReader(journal, StreamHub()).load(run.stream_id)
    except StreamError as error:
        return verdict.require(False, str(error))
    verdict.counts["rows"] += len(events)
    verdict.counts["rewinds"] += sum(isinstance(event.chunk, c.Rewind) for event in events)
    check_acknowledged(verdict, run, events, acknowledged)
    if run.state in END_STATES:
        check_text(verdict, run, events, message, question.text)
        check_calls(verdict, run, message, marks, question.text)


def check_acknowledged(
    verdict: Verdict, run: Run, events: list[StreamEvent], acknowledged: list[tuple[int, int, str]]
) -> None:
    """Every row whose append was acknowledged is there, as it was written."""
    for first, count, name in acknowledged:
        rows = [event.chunk.to_json() for event in events[first - 1 : first - 1 + count]]
        verdict.require(digest(rows) == name, f"stream {run.stream_id} lost rows {first} to {first + count - 1}")
        verdict.counts["acknowledged rows"] += count


def check_text(verdict: Verdict, run: Run, events: list[StreamEvent], message: Message, tag: str) -> None:
    """The message says what the log says: a prefix of the whole answer, all of it when the run finished."""
    kept = effective_events(events)
    logged = "".join(event.chunk.delta for event in kept if isinstance(event.chunk, c.TextDelta))
    said, name = message.text, f"run {run.id} ({run.state}, epoch {run.epoch}, {run.reason!r})"
    verdict.require(logged == said, f"{name}: the log says {logged[-60:]!r}, the message {said[-60:]!r}")
    verdict.require(whole_text(tag).startswith(said), f"{name}: {said[-60:]!r} is no prefix")
    verdict.require(run.state != "finished" or said == whole_text(tag), f"{name} is half an answer")
    endings = [event.chunk.type for event in kept if isinstance(event.chunk, c.TERMINAL)]
    expected = {"finished": "finish", "failed": "error"}.get(run.state, "abort")
    verdict.require(endings in ([], [expected]), f"{name}: its log ends with {endings}")


def check_calls(verdict: Verdict, run: Run, message: Message, marks: Mapping[str, int], tag: str) -> None:
    """A call that shows a result was run."""
    for part in message.parts:
        if part.get("state") == "output-available" and isinstance(given := part.get("input"), dict):
            ran = marks.get(str(given["name"]), 0)
            verdict.require(ran == 1, f"run {run.id}: {given} shows a result, but ran {ran} times")
    verdict.require(sum(name.startswith(f"{tag}.") for name in marks) <= CALLS * 2, f"run {run.id} made calls too many")
