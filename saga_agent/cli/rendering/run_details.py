"""One run in full, and runs in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from saga_agent.app import Saga
from saga_agent.cli.rendering.cards import one_line
from saga_agent.cli.rendering.tables import Cell, build_facts, build_table, state_text
from saga_agent.cli.rendering.words import short_value, shorten, when
from saga_agent.domain.journal import Run, ToolCall, Usage
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Reply, Request

_ALL_STATES = ("pending", "answered", "consumed", "superseded", "expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetails:
    """What the journal holds of a run, its stream's rows apart."""

    run: Run
    rows: int
    calls: Sequence[ToolCall]
    requests: Sequence[Request]
    usage: Sequence[Usage]

    def to_dict(self) -> JsonObject:
        """The details as JSON."""
        return {
            "run": self.run.model_dump(mode="json"),
            "stream_rows": self.rows,
            "calls": [each.model_dump(mode="json") for each in self.calls],
            "requests": [each.model_dump(mode="json") for each in self.requests],
            "usage": [each.model_dump(mode="json") for each in self.usage],
        }


async def load_details(saga: Saga, run_id: str) -> RunDetails:
    """The run with all that belongs to it; `NotFound`."""
    handle = await saga.run(run_id)
    journal = saga.storage.journal
    return RunDetails(
        run=await handle.state(),
        rows=(await journal.streams.get(handle.stream_id)).last_seq,
        calls=await journal.calls.list(run_id),
        requests=await saga.requests(run_id=run_id, states=_ALL_STATES),
        usage=await handle.usage(),
    )


def run_table(runs: Sequence[Run]) -> Table:
    """The runs, one a row."""
    rows = [
        (each.id, each.thread_id, " > ".join(each.path), state_text(each.state), when(each.created_at)) for each in runs
    ]
    return build_table("run", "thread", "agent", "state", "begun", rows=rows)


def print_details(details: RunDetails, console: Console) -> None:
    """Facts first, then calls, requests and tokens where there are any."""
    console.print(build_facts(_facts(details)))
    if details.calls:
        rows = [(c.tool, short_value(c.arguments), _call_state(c)) for c in details.calls]
        console.print(build_table("tool", "arguments", "state", rows=rows, title="tool calls"))
    if details.requests:
        rows = [
            (r.id, shorten(one_line(r), 50), state_text(r.state), reply_words(r.reply), r.actor or "")
            for r in details.requests
        ]
        console.print(build_table("request", "what", "state", "answer", "by", rows=rows, title="requests"))
    if details.usage:
        rows = [
            (str(u.step), u.model, u.input_tokens, u.output_tokens, "estimated" if u.estimated else "")
            for u in details.usage
        ]
        console.print(build_table("step", "model", "#in", "#out", "", rows=rows, title="tokens"))


def reply_words(reply: Reply | None) -> str:
    """A reply in a few words."""
    match reply:
        case None:
            return ""
        case _:
            said = {key: value for key, value in reply.model_dump(mode="json").items() if key != "kind" and value}
            return f"{reply.kind} {short_value(said, chars=40)}" if said else reply.kind


def _facts(details: RunDetails) -> list[tuple[str, Cell]]:
    run = details.run
    facts: list[tuple[str, Cell]] = [
        ("run", run.id),
        ("state", state_text(run.state)),
        ("agent", " > ".join(run.path)),
        ("thread", run.thread_id),
        ("message", run.message_id),
        ("stream", f"{run.stream_id} ({details.rows:,} rows)"),
        ("attempts", str(run.epoch)),
        ("begun", when(run.created_at)),
        ("ended", when(run.ended_at)),
    ]
    return [*facts, ("reason", run.reason)] if run.reason else facts


def _call_state(call: ToolCall) -> str:
    if call.state == "started":
        return "started"
    return "done" if call.ok else "failed"
