"""The journal's protocol: threads, runs, streams, requests, tool calls, checkpoints, the search index.

The journal is one indivisible unit: its verbs are whole transactions, named by what they mean to a turn, so that no
caller ever holds a transaction open. Verbs that a runner calls carry its epoch and raise `StaleEpoch` when another
runner has taken the run; nothing is written then. Times are wall-clock seconds, given by the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from saga_agent.domain.checkpoint import Blob, CheckpointRow, StoredCheckpoint, WriteRow
from saga_agent.domain.journal import (
    Delta,
    EndState,
    Hit,
    Keep,
    Kept,
    Message,
    NewTurn,
    Passage,
    ReasonCode,
    Run,
    RunState,
    Stream,
    Stretch,
    Thread,
    Usage,
)
from saga_agent.domain.record import JsonObject, Page
from saga_agent.storage.blobs import Blobs
from saga_agent.storage.calls import ToolCalls
from saga_agent.storage.changes import Changes
from saga_agent.storage.denials import Denials
from saga_agent.storage.embeddings import Embeddings
from saga_agent.storage.ends import Ends
from saga_agent.storage.holdings import Holdings
from saga_agent.storage.leases import Leases
from saga_agent.storage.owners import Owners
from saga_agent.storage.permissions import Audit, Grants, Requests
from saga_agent.storage.quota import Quota


class Threads(Protocol):
    """Conversations and their messages."""

    async def create(self, thread: Thread) -> Thread:
        """Stores a new thread; `AlreadyExists` if its id, or its owner's chat_id, is taken."""
        ...

    async def get(self, thread_id: str) -> Thread:
        """The thread; `NotFound`."""
        ...

    async def find(self, owner_id: str, chat_id: str) -> Thread | None:
        """The owner's thread with that chat_id."""
        ...

    async def list(
        self,
        owner_id: str,
        *,
        project_id: str | None = None,
        children: bool = False,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Thread]:
        """The owner's threads, the newest first; those of subagents (with `parent_run_id`) only with `children`."""
        ...

    async def rename(self, thread_id: str, title: str) -> Thread:
        """Gives the thread a title; `NotFound`."""
        ...

    async def summarize(self, thread_id: str, summary: str, *, until: int) -> Thread:
        """Stores a summary of the turns up to that order; an older one than the stored is ignored; `NotFound`."""
        ...

    async def fork(self, thread: Thread, *, source_id: str, until: tuple[int, int]) -> Thread:
        """Stores a new thread with copies of the source's messages up to that (order, step_order), replaced ones not.

        The copies are made by `forked`: their ids are derived from the new thread's id and theirs, they belong to no
        run, and one that waits is closed. `NotFound` for the source or that place in it; `MessageReplaced` when what
        stood there is replaced, `RunBusy` while it is being written; `AlreadyExists` as `create`.
        """
        ...

    async def reassign(self, owner_id: str, new_owner_id: str) -> int:
        """Gives the owner's threads with their runs, grants and audit to another owner; the number of threads.

        A thread whose chat_id the new owner uses already gets its own id for one. `RunBusy` while a run of the owner is
        queued or running; nothing is moved then.
        """
        ...

    async def delete(self, thread_id: str) -> None:
        """Removes the thread and all that hangs on it: checkpoints, grants and audit, and the threads of its subagents.

        Its checkpoints are those under its own id or the id of one of its runs, and those whose `run_id` is one of
        its runs. `NotFound`; `RunBusy` while a run of it, or of a subagent, is queued or running.
        """
        ...

    async def message(self, message_id: str) -> Message:
        """One message; `NotFound`."""
        ...

    async def find_message(self, thread_id: str, page_id: str) -> Message | None:
        """The thread's message that pages know by that id: its page_id, its own id where it has none.

        Of several the last one in place, else the last replaced one.
        """
        ...

    async def messages(
        self, thread_id: str, *, before: tuple[int, int] | None = None, limit: int = 100, include_replaced: bool = False
    ) -> Sequence[Message]:
        """The last `limit` messages (those before that (order, step_order), if given), oldest first."""
        ...


class Runs(Protocol):
    """Turns being executed, from `queued` to an end state, and who holds them."""

    async def start(self, turn: NewTurn, *, now: float) -> Run:
        """Stores message, run, answer-to-be and stream, and allots `order` and `step_order`.

        A `waiting` run of the thread is ended first: run, message and stream `stopped`, its pending requests
        `superseded`, its started calls finished as not ok, its message's open parts closed (`PartsBuilder.seal`),
        reason code `superseded`; so are its descendants that are queued or waiting, and running ones are marked to be
        stopped. Its own parent is woken as by `finish`.
        `RunBusy` if a run of the thread is queued or running; `NotFound` for an unknown thread, user message or place
        in `replaces`; `MessageReplaced` when what it names is replaced already, so that of two tabs the later is told;
        `AlreadyExists` if the id of the message, run, answer or stream is taken. Nothing is written then.
        """
        ...

    async def get(self, run_id: str) -> Run:
        """The run; `NotFound`."""
        ...

    async def list(
        self,
        *,
        thread_id: str | None = None,
        owner_id: str | None = None,
        parent_run_id: str | None = None,
        states: Sequence[RunState] = (),
        limit: int = 100,
        project_id: str | None = None,
    ) -> Sequence[Run]:
        """The newest runs that match, newest first."""
        ...

    async def take(self, run_id: str, *, runner: str, lease_until: float, now: float) -> Run:
        """Makes that runner the holder: state `running`, epoch + 1, attempts + 1, message and stream `running` too.

        Can be taken: a `waiting` run; a `queued` one that names no other runner as its holder, or whose lease is over;
        a `running` one whose lease is over. `RunBusy` while a lease holds at `now`, of a `running` run also one of a
        runner of the same name; an ended run raises `RunFailed` naming its state.
        """
        ...

    async def renew(self, run_id: str, *, epoch: int, lease_until: float) -> Run:
        """Sets the lease of a queued or running run and gives the run as it stands; 0.0 gives it back. `StaleEpoch`."""
        ...

    async def pause(self, run_id: str, *, epoch: int, parts: Sequence[JsonObject], usage: Sequence[Usage] = ()) -> Run:
        """State `waiting` for run, message and stream; stores the parts and the usage so far, lets go of the lease.

        Its attempts are counted from 0 again.

        State `queued` instead when a request of the run has been answered meanwhile, or one whose call is no finished
        call yet has expired, or a child of the run has ended whose `parent_call_id` is no finished call yet, so that
        this is taken up. Usage rows replace those of the same (step, epoch). `StaleEpoch`; an ended run raises
        `RunFailed`.
        """
        ...

    async def finish(
        self,
        run_id: str,
        *,
        epoch: int | None,
        state: EndState,
        parts: Sequence[JsonObject] | None,
        metadata: JsonObject,
        reason: str,
        usage: Sequence[Usage],
        now: float,
        reason_code: ReasonCode = "",
    ) -> Run:
        """The atomic end: message with its parts, run, stream and usage, and open requests `superseded`.

        A parent run that is `waiting` becomes `queued`. Usage rows replace those of the same (step, epoch).

        With `epoch` None it ends a run that nobody holds (`waiting`, or a lease that is over at `now`), raising
        `RunBusy` otherwise. `parts` None keeps the stored ones. An ended run in the same state is left as it
        is (a repeated finish is success); in another state it raises `RunFailed`. `StaleEpoch`.
        """
        ...

    async def request_stop(self, run_id: str) -> Run:
        """Marks a live run, and its live descendants, to be stopped by their holders; harmless on an ended one.

        `NotFound`.
        """
        ...

    async def prune(
        self, *, keep: Keep = "last", what: Sequence[Kept] = ("checkpoints", "streams"), run_id: str | None = None
    ) -> int:
        """Lets go of what ended runs have left: the checkpoints under their ids, the rows of their streams.

        A subagent's run goes with its root, the run that the writer started: nothing goes while the root is live, and
        with `last` what the last run of a root's thread and the runs below it have left stays. With `run_id` only the
        runs of that one's root thread are looked at, and those below them. Gives the number of runs that had something
        left; may be repeated.
        """
        ...

    async def usage(self, run_id: str) -> Sequence[Usage]:
        """The run's usage rows by step."""
        ...


class Streams(Protocol):
    """The delta log: rows numbered from 1 without gaps."""

    async def get(self, stream_id: str) -> Stream:
        """The stream; `NotFound`."""
        ...

    async def append(self, stream_id: str, *, epoch: int, first_seq: int, chunks: Sequence[str]) -> None:
        """Adds rows first_seq, first_seq + 1, ...; rows that are there with the same content are success.

        `SeqConflict` for other content at a taken seq, `SeqGap` if first_seq leaves a hole, `StaleEpoch` if the run
        has been taken over, `RunFailed` if the stream has ended; the log is unchanged then.
        """
        ...

    async def read(self, stream_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Delta]:
        """Rows with seq > after, in order."""
        ...

    def listen(self, stream_id: str, wake: Callable[[], None]) -> Callable[[], None]:
        """Calls `wake`, in the running event loop, soon after another process changed the stream.

        Gives the function that ends it. A hint only: `wake` may be called without cause, or not at all by a store
        that no other process can write.
        """
        ...

    async def trim(self, stream_id: str) -> int:
        """Removes the rows of an ended stream (its message holds the text), gives their number; 0 while it lives."""
        ...


class Checkpoints(Protocol):
    """Bytes for the LangGraph saver; it knows what they mean."""

    async def put(self, row: CheckpointRow, values: Mapping[str, Blob], *, fence: tuple[str, int] | None) -> None:
        """Stores the checkpoint, and the channel values under their versions in `row.versions`.

        The same id again replaces it. `fence` = (run_id, epoch) raises `StaleEpoch` when it is not the run's epoch.
        """
        ...

    async def put_writes(
        self, thread_id: str, ns: str, checkpoint_id: str, writes: Sequence[WriteRow], *, fence: tuple[str, int] | None
    ) -> None:
        """Stores writes by (task_id, idx): a negative idx replaces, others are kept if they are there.

        They may come before their checkpoint, since a graph saves both in the background. Fenced like `put`.
        """
        ...

    async def get(self, thread_id: str, ns: str, checkpoint_id: str | None = None) -> StoredCheckpoint | None:
        """That checkpoint, or the newest (the greatest id) of the namespace."""
        ...

    async def list(
        self, thread_id: str | None, *, ns: str | None = None, before: str | None = None, limit: int | None = None
    ) -> Sequence[StoredCheckpoint]:
        """Checkpoints with id < before, newest first; of all threads when thread_id is None."""
        ...

    async def history(
        self, thread_id: str, ns: str, checkpoint_id: str, channels: Sequence[str]
    ) -> Sequence[StoredCheckpoint]:
        """The checkpoint's ancestors by parent_id, nearest first, with only these channels' values and writes.

        One range read, for channels that are rebuilt from their writes.
        """
        ...

    async def delete(
        self,
        *,
        thread_ids: Sequence[str] = (),
        run_ids: Sequence[str] = (),
        checkpoints: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        """Removes whole threads, the checkpoints of runs, or single (thread_id, ns, id), and values nobody uses."""
        ...

    async def copy(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copies all checkpoints, values and writes of a thread under another thread id."""
        ...


class Passages(Protocol):
    """The full-text index over the manuscript, kept by the library, also when documents are the host's."""

    async def replace(self, project_id: str, document_id: str, passages: Sequence[Passage]) -> None:
        """Puts these in place of the document's passages; none removes it from the index."""
        ...

    async def search(self, project_id: str, query: str, *, limit: int = 10) -> Sequence[Hit]:
        """The best passages for a query in plain words (any of them may match), best first; no words, no hits.

        Operators and quotes in the query are plain text.
        """
        ...

    async def list(self, project_id: str, document_id: str) -> Sequence[Passage]:
        """The document's passages, in the order of its text; none when it is not indexed."""
        ...

    async def find(self, project_id: str, stretches: Sequence[Stretch]) -> Sequence[Passage]:
        """The passages that lie there at just these revisions, in that order; those that do not are left out."""
        ...

    async def revisions(self, project_id: str) -> Mapping[str, int]:
        """Document id -> the revision that is indexed."""
        ...

    async def purge(self, project_id: str) -> None:
        """Removes the project from the index; may be repeated."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One implementation for the journal's nouns, all on the same store."""

    threads: Threads
    runs: Runs
    leases: Leases
    streams: Streams
    requests: Requests
    calls: ToolCalls
    checkpoints: Checkpoints
    passages: Passages
    grants: Grants
    audit: Audit
    changes: Changes
    blobs: Blobs
    quota: Quota
    denials: Denials
    embeddings: Embeddings
    owners: Owners
    holdings: Holdings
    ends: Ends

    async def end_project(self, project_id: str, *, owner_id: str | None = None) -> bool:
        """Removes all that the journal holds of the project; see `Ends.project`."""
        return await self.ends.project(project_id, owner_id=owner_id)
