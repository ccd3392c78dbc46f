"""The journal's rows, which its nouns share as a database shares its tables, and the fence around a run."""

from __future__ import annotations

from dataclasses import dataclass, field

from saga_agent.domain.journal import (
    END_STATES,
    Delta,
    Message,
    Passage,
    Run,
    RunState,
    Stream,
    Thread,
    ToolCall,
    Usage,
)
from saga_agent.domain.requests import Approval, Question
from saga_agent.errors import NotFound, StaleEpoch
from saga_agent.storage.journal import Blob, CheckpointRow, WriteRow

CheckpointKey = tuple[str, str, str]
"""(thread_id, ns, checkpoint id)"""
BlobKey = tuple[str, str, str, str]
"""(thread_id, ns, channel, version)"""


@dataclass(slots=True)
class Tables:
    """Every journal row by its key; a dict keeps the order of insertion."""

    threads: dict[str, Thread] = field(default_factory=dict[str, Thread])
    messages: dict[str, Message] = field(default_factory=dict[str, Message])
    runs: dict[str, Run] = field(default_factory=dict[str, Run])
    streams: dict[str, Stream] = field(default_factory=dict[str, Stream])
    deltas: dict[str, list[Delta]] = field(default_factory=dict[str, list[Delta]])
    requests: dict[str, Approval | Question] = field(default_factory=dict[str, Approval | Question])
    calls: dict[tuple[str, str], ToolCall] = field(default_factory=dict[tuple[str, str], ToolCall])
    usage: dict[str, tuple[Usage, ...]] = field(default_factory=dict[str, tuple[Usage, ...]])
    checkpoints: dict[CheckpointKey, CheckpointRow] = field(default_factory=dict[CheckpointKey, CheckpointRow])
    blobs: dict[BlobKey, Blob] = field(default_factory=dict[BlobKey, Blob])
    writes: dict[CheckpointKey, dict[tuple[str, int], WriteRow]] = field(
        default_factory=dict[CheckpointKey, dict[tuple[str, int], WriteRow]]
    )
    passages: dict[tuple[str, str], tuple[Passage, ...]] = field(
        default_factory=dict[tuple[str, str], tuple[Passage, ...]]
    )

    def run(self, run_id: str) -> Run:
        """The run; `NotFound`."""
        try:
            return self.runs[run_id]
        except KeyError:
            raise NotFound("run", run_id) from None

    def fenced(self, run_id: str, epoch: int) -> Run:
        """The run, if that is its epoch; `NotFound`, `StaleEpoch`."""
        run = self.run(run_id)
        if run.epoch != epoch:
            raise StaleEpoch(run_id, epoch=epoch, current=run.epoch)
        return run

    def set_state(self, run: Run, state: RunState, **changes: object) -> Run:
        """Puts run, message and stream into that state together, with further changes to the run."""
        changed = run.model_copy(update={"state": state, **changes})
        self.runs[run.id] = changed
        self.messages[run.message_id] = self.messages[run.message_id].model_copy(update={"state": state})
        self.streams[run.stream_id] = self.streams[run.stream_id].model_copy(update={"state": state})
        return changed

    def supersede_requests(self, run_id: str) -> None:
        """Closes what is still asked of the writer by that run."""
        for request in [row for row in self.requests.values() if row.run_id == run_id and row.state == "pending"]:
            self.requests[request.id] = request.model_copy(update={"state": "superseded"})


def has_ended(state: RunState) -> bool:
    """Whether nothing more can happen to a run or stream in that state."""
    return state in END_STATES
