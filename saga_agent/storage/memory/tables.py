"""The journal's rows, which its nouns share as a database shares its tables, and the fence around a run.

What is given out shares nothing mutable with what is stored, and nothing is given while the storage is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from inspect import iscoroutinefunction
from itertools import count
from typing import TypeVar, cast

from pydantic import BaseModel

from saga_agent.domain.checkpoint import Blob, CheckpointRow, WriteRow
from saga_agent.domain.journal import Delta, Message, Passage, Run, RunState, Stream, Thread, ToolCall, Usage
from saga_agent.domain.permissions import AuditEntry, Grant
from saga_agent.domain.requests import Request
from saga_agent.domain.run_rules import require_epoch
from saga_agent.errors import NotFound, StorageUnavailable

T = TypeVar("T")


def detached(value: T) -> T:
    """The same value, its JSON bodies copied: models are frozen, but the dicts and lists inside them are not."""
    return cast("T", _copy(value))


def _copy(value: object) -> object:
    match value:
        case dict():
            return {key: _copy(item) for key, item in cast("dict[object, object]", value).items()}
        case list():
            return [_copy(item) for item in cast("list[object]", value)]
        case tuple():
            return tuple([_copy(item) for item in cast("tuple[object, ...]", value)])
        case BaseModel():
            return value.model_copy(update={name: _copy(item) for name, item in _bodies(value).items()})
        case _:
            return value


def _bodies(model: BaseModel) -> dict[str, object]:
    return {name: item for name, item in vars(model).items() if isinstance(item, dict | list | tuple | BaseModel)}


class Opened:
    """A port or noun whose verbs raise `StorageUnavailable` while its storage is closed."""

    def __init__(self, inner: object, is_open: Callable[[], bool]) -> None:
        self._inner, self._is_open = inner, is_open

    def __getattr__(self, name: str) -> object:
        verb = getattr(self._inner, name)
        if name.startswith("_") or not iscoroutinefunction(verb):
            return verb

        async def call(*args: object, **kwargs: object) -> object:
            if not self._is_open():
                raise StorageUnavailable("The storage is not open; use it inside 'async with storage:'.")
            return await verb(*args, **kwargs)

        setattr(self, name, call)  # so that it is made once
        return call

    def __dir__(self) -> Iterable[str]:
        return dir(self._inner)


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
    requests: dict[str, Request] = field(default_factory=dict[str, Request])
    consumed_by: dict[str, str] = field(default_factory=dict[str, str])
    """Request id -> the id of the call that had its answer's effect."""
    grants: dict[str, Grant] = field(default_factory=dict[str, Grant])
    audit: dict[str, tuple[int, AuditEntry]] = field(default_factory=dict[str, tuple[int, AuditEntry]])
    """By id, with a number that grows in the order of storing."""
    audit_numbers: count[int] = field(default_factory=count)
    calls: dict[tuple[str, str], ToolCall] = field(default_factory=dict[tuple[str, str], ToolCall])
    full_results: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    usage: dict[tuple[str, int, int], Usage] = field(default_factory=dict[tuple[str, int, int], Usage])
    """By (run_id, step, epoch)."""
    checkpoints: dict[CheckpointKey, CheckpointRow] = field(default_factory=dict[CheckpointKey, CheckpointRow])
    blobs: dict[BlobKey, Blob] = field(default_factory=dict[BlobKey, Blob])
    writes: dict[CheckpointKey, dict[tuple[str, int], WriteRow]] = field(
        default_factory=dict[CheckpointKey, dict[tuple[str, int], WriteRow]]
    )
    default_projects: dict[str, str] = field(default_factory=dict[str, str])
    """Owner id -> project id."""
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
        require_epoch(run, epoch)
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

    def wake(self, run_id: str | None) -> bool:
        """Queues the run if it waits; False, and nothing done, if not."""
        run = None if run_id is None else self.runs.get(run_id)
        if run is None or run.state != "waiting":
            return False
        self.set_state(run, "queued")
        return True

    def descendants(self, run_id: str) -> Iterator[Run]:
        """The runs of its subagents, and of theirs."""
        for child in [run for run in self.runs.values() if run.parent_run_id == run_id]:
            yield child
            yield from self.descendants(child.id)

    def store_usage(self, usage: Sequence[Usage]) -> None:
        """Stores the rows in place of those of the same step and epoch."""
        self.usage |= {(row.run_id, row.step, row.epoch): row for row in usage}

    def add_audit(self, entries: Sequence[AuditEntry]) -> None:
        """Stores the entries whose id is new."""
        for entry in entries:
            self.audit.setdefault(entry.id, (next(self.audit_numbers), detached(entry)))
