"""The journal's protocol: threads, runs, streams, requests, tool calls, checkpoints, the search index.

The journal is one indivisible unit: its verbs are whole transactions, named by what they mean to a turn, so that no
caller ever holds a transaction open. Verbs that a runner calls carry its epoch and raise `StaleEpoch` when another
runner has taken the run; nothing is written then. Times are wall-clock seconds, given by the caller.
"""

# A verb of a protocol is its docstring; there is no body that could return.
# pyright: reportReturnType=false

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from saga_agent.domain.accounts import (
    Account,
    AccountSpending,
    Hold,
    HoldOutcome,
    OwnerHoldings,
    Reservation,
    StorageLimits,
)
from saga_agent.domain.blob import StoredBlob
from saga_agent.domain.checkpoint import Blob, CheckpointRow, StoredCheckpoint, WriteRow
from saga_agent.domain.history import Change, ChangeState
from saga_agent.domain.journal import (
    Delta,
    EndState,
    HeldRun,
    Hit,
    Keep,
    Kept,
    Message,
    NewTurn,
    Passage,
    ReasonCode,
    Repeats,
    Run,
    RunState,
    Stream,
    Stretch,
    Thread,
    ToolCall,
    Usage,
)
from saga_agent.domain.permissions import AuditEntry, Grant
from saga_agent.domain.record import JsonObject, Page
from saga_agent.domain.requests import Reply, Request, RequestState
from saga_agent.domain.snapshot import Snapshot


class Blobs(Protocol):
    """Bytes by project and SHA-256."""

    async def put(self, project_id: str, sha256: str, media_type: str, data: bytes) -> None:
        """Stores the bytes under their hash, 64 small hex digits; bytes that are there stay as they are.

        `InvalidInput` when it is not the hash of the bytes; nothing is stored then.
        """

    async def get(self, project_id: str, sha256: str) -> StoredBlob:
        """The bytes; `NotFound`, also for bytes of another project."""

    async def delete(self, project_id: str, sha256: str) -> None:
        """Removes the bytes; may be repeated."""

    async def purge(self, project_id: str) -> None:
        """Removes all bytes of the project; may be repeated."""


class ToolCalls(Protocol):
    """What was started and what came of it: the reason no tool runs twice."""

    async def start(
        self, call: ToolCall, *, epoch: int, consume: str | None = None, audit: Sequence[AuditEntry] = ()
    ) -> ToolCall:
        """Stores the call as it is given, and in the same transaction marks the answered request `consume` as consumed.

        It is `started`, or already `finished` when it was settled without being run (a refusal, an answer). Audit
        entries whose id is new are stored with it.

        If the call is there already, it is given as stored; the request is consumed all the same, and one that this
        call consumed before is success. `RequestClosed` when the request is not answered, `NotFound` when it is not of
        this run, `RunFailed` when the run has ended, so that nothing is done after a stop (nothing is stored then);
        `StaleEpoch`.
        """

    async def finish(
        self, run_id: str, call_id: str, *, epoch: int, ok: bool, result: str, now: float, full: str | None = None
    ) -> ToolCall:
        """Stores the outcome, also after the run has ended; a call that is finished already is given as stored.

        `full` is the whole text of a result that was cut for the model. `NotFound`, `StaleEpoch`.
        """

    async def full_result(self, run_id: str, call_id: str) -> str | None:
        """The whole text of a result that was cut; None when it was not; `NotFound`."""

    async def repeats(self, run_id: str, *, tool: str, arguments_hash: str, but: str) -> Repeats:
        """How often calls of that tool with those arguments were made before, the call `but` of this run left out.

        That call comes with it, whatever its arguments were, if it was ever started. `NotFound` for the run.
        """

    async def find(self, run_id: str, call_id: str) -> ToolCall | None:
        """The call, if it was ever started."""

    async def list(self, run_id: str) -> Sequence[ToolCall]:
        """The run's calls in the order they were started."""


class Changes(Protocol):
    """Changes in the order they were written down."""

    async def open(self, change: Change) -> Change:
        """Stores the change with a `seq` above all earlier ones, or gives the stored one when its id is there."""

    async def settle(self, change_id: str, *, state: ChangeState, rev: int | None = None) -> Change:
        """Tells what became of the change; a `done` one is final and given as stored; `NotFound`."""

    async def get(self, project_id: str, change_id: str) -> Change:
        """The change; `NotFound`, also for a change of another project."""

    async def list(
        self,
        project_id: str,
        *,
        record_id: str | None = None,
        run_id: str | None = None,
        call_id: str | None = None,
        states: Sequence[ChangeState] = (),
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Change]:
        """A page of the changes that match, the newest first."""

    async def purge(self, project_id: str) -> None:
        """Removes all changes of the project; may be repeated."""


class Denials(Protocol):
    """Keys that let nobody in until a moment, e.g. `session/ID`."""

    async def add(self, key: str, *, until: float, now: float) -> None:
        """Denies the key until then; a later end stays. Keys whose end has come at `now` are forgotten."""

    async def find(self, keys: Sequence[str], *, now: float) -> str | None:
        """The first of the keys that is denied at `now`."""


class Embeddings(Protocol):
    """Vectors by model and SHA-256 of the text, as float32 in little-endian order.

    They belong to the documents that hold the texts, and go with them.
    """

    async def replace(self, project_id: str, document_id: str, model: str, vectors: Mapping[str, bytes]) -> None:
        """Puts these vectors, by the hashes of their texts, in place of the document's vectors of that model."""

    async def find(self, project_id: str, model: str, hashes: Sequence[str]) -> Mapping[str, bytes]:
        """The model's vectors of the texts with these hashes, as far as any document of the project has one."""

    async def purge(self, project_id: str, *, document_id: str | None = None) -> None:
        """Removes the vectors of all models, of the project or of that document only; may be repeated."""


class Ends(Protocol):
    """Letting go of everything that belongs to one thing."""

    async def project(self, project_id: str, *, owner_id: str | None = None) -> bool:
        """Removes all that the journal holds of the project; may be repeated, False when there was nothing.

        That is its threads, those of subagents too, with messages, runs, streams, requests, calls, usage and
        checkpoints; its grants and audit; its changes, blobs, embeddings and passages; whose default project it was;
        what of it is counted in the holdings. What guests have spent stays on their accounts.

        Nothing is removed, and it raises `RunBusy`, while a run of the project is queued or running; with `owner_id`
        `NotFound` when a thread of the project is another owner's.
        """


class Holdings(Protocol):
    """One account an owner, and one row an item that is counted."""

    async def get(self, owner_id: str) -> OwnerHoldings | None:
        """The owner's account; None when nothing of theirs was ever counted."""

    async def hold(self, hold: Hold, limits: StorageLimits | None, *, now: float) -> HoldOutcome:
        """Takes hold of the item, and reserves what it grows by; the account is opened at first.

        The limits are kept on the account; None means those that are on it. `full` when the item would grow past a
        limit, `busy` when another writer holds it, `uncounted` when there is no account and no limits are given, or
        when an item is to be removed that is not counted. Only when `held` anything has changed but for the limits.
        """

    async def let_go(self, hold: Hold, *, size: int | None) -> None:
        """Counts the item with that many bytes, or no more with None; nothing when another writer has it by now."""

    async def reassign(self, owner_id: str, new_owner_id: str) -> int:
        """Counts all items of the owner for another one, whatever their limits; how many there were. May be repeated.

        An account that is opened for it sets no limit.
        """

    async def count_embedded(self, owner_id: str, size: int) -> bool:
        """Counts bytes of text that is about to be embedded; False, and nothing is counted, when it passes the limit.

        They are never given back: what was spent on them is spent. True for an owner without an account.
        """


class Leases(Protocol):
    """Who holds the runs that are at work: a run names its holder from the moment it is queued."""

    async def now(self) -> float:
        """The time in seconds since 1970 by the storage's own clock, which all processes that share it have."""

    async def held(self, runner: str) -> Sequence[HeldRun]:
        """The queued and running runs of that runner, in any order."""

    async def renew(self, runner: str, *, lease_until: float) -> Sequence[HeldRun]:
        """Gives all queued and running runs of that runner this lease, and tells which they are.

        One change for all of them, which does not wait behind other changes of this process; 0.0 gives them back.
        """

    async def holders(self) -> Sequence[str]:
        """The names of the runners that hold queued or running runs, each once."""

    async def left(self, *, now: float, runners: Sequence[str] = (), limit: int = 1000) -> Sequence[Run]:
        """The oldest runs that nobody is at work on, as far as leases tell, oldest first.

        Queued and running ones whose lease is over at `now` or which one of those runners holds, and waiting ones that
        are to be stopped. What waits costs nothing.
        """


class Owners(Protocol):
    """One row an owner; owners are told apart by code point."""

    async def find_default_project(self, owner_id: str) -> str | None:
        """The id of the project that an owner means who names none; None when nothing was claimed for them."""

    async def claim_default_project(self, owner_id: str, project_id: str, *, instead_of: str | None) -> str:
        """Makes it the owner's default project, unless there is another one than `instead_of` already.

        Gives the default project as it is then: of several racing claims one wins, and all are told the same.
        """


class Snapshots(Protocol):
    """Which findings were open when a project was checked."""

    async def add(self, snapshot: Snapshot) -> Snapshot:
        """Stores it with the `rev` above the last one of its scope, and gives it so.

        Where that last one holds the same findings nothing is stored, and it is given instead. The 20 newest of a scope
        and the 60 newest of a project are kept.
        """

    async def find(self, project_id: str, scope: str, *, rev: int | None = None) -> Snapshot | None:
        """The last one of the scope, or the one of that revision; None where it is not kept."""


class Requests(Protocol):
    """Approvals and questions: the row is the truth about what was asked and answered."""

    async def open(self, request: Request, *, epoch: int, audit: Sequence[AuditEntry] = ()) -> Request:
        """Stores the request with its audit entries, or gives the stored one when the id is there.

        The id is there when a node runs again; nothing is stored then. `StaleEpoch`; a new request of an ended run
        raises `RunFailed`.
        """

    async def get(self, request_id: str) -> Request:
        """The request; `NotFound`."""

    async def list(
        self,
        *,
        run_id: str | None = None,
        root_run_id: str | None = None,
        thread_id: str | None = None,
        states: Sequence[RequestState] = (),
    ) -> Sequence[Request]:
        """The requests that match, oldest first."""

    async def answer(
        self,
        run_id: str,
        replies: Mapping[str, Reply],
        *,
        actor: str,
        now: float,
        grants: Sequence[Grant] = (),
        audit: Sequence[AuditEntry] = (),
    ) -> Sequence[str]:
        """Stores the replies to pending requests of that run or of its tree (`root_run_id`), all or none.

        Grants and audit entries are stored with them, only those whose `request_id` (a grant's) or `id` is new. The
        runs of the requests that are `waiting` become `queued`; their ids are given. `NotFound` for a request that is
        not of this run or tree; `RequestClosed` for one that is not pending, or whose `expires_at` has come, except
        that the same reply again is success until it has been taken up.
        """

    async def close(
        self, request_id: str, *, state: Literal["superseded", "expired"], epoch: int, audit: Sequence[AuditEntry] = ()
    ) -> Request:
        """Ends a request that is pending or answered, and gives it; an ended one is given as stored.

        `NotFound`; `StaleEpoch` by its run.
        """

    async def expire(self, *, now: float) -> Sequence[str]:
        """Marks pending requests whose `expires_at` has come as `expired`; their `waiting` runs become `queued`.

        Gives the ids of those runs.
        """


class Grants(Protocol):
    """A writer's standing approvals; they are stored by `Requests.answer`."""

    async def get(self, grant_id: str) -> Grant:
        """The grant, revoked ones too; `NotFound`."""

    async def list(self, owner_id: str, *, scope_id: str | None = None) -> Sequence[Grant]:
        """All grants of the owner, revoked and expired ones too, the newest first."""

    async def in_force(self, owner_id: str, scope_ids: Sequence[str], *, tool: str, now: float) -> Sequence[Grant]:
        """The owner's grants for that tool in those scopes that are neither revoked nor expired at `now`, by id."""

    async def revoke(self, grant_id: str, *, by: str, now: float, audit: Sequence[AuditEntry] = ()) -> Grant:
        """Ends the grant; one that is revoked already is given as stored; `NotFound`."""


class Audit(Protocol):
    """Every decision on a call; entries are added with what they are about, and never changed."""

    async def add(self, entries: Sequence[AuditEntry]) -> None:
        """Stores the entries whose id is new."""

    async def list(
        self,
        owner_id: str,
        *,
        run_id: str | None = None,
        thread_id: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[AuditEntry]:
        """The owner's entries that match, oldest first, those of one moment in the order they were added."""


class Quota(Protocol):
    """Accounts and the reservations on them."""

    async def reserve(self, reservation: Reservation, accounts: Sequence[Account]) -> str | None:
        """Holds the amount on all the accounts, or on none.

        Gives None, or the id of what refused it: the holder, whose earlier reservation stands, or the first account
        whose limit what is spent, what is reserved and this amount would pass. `InvalidInput` when the accounts are
        not those of the reservation.
        """

    async def started(self, reservation_id: str) -> None:
        """Notes that the turn is under way; a settled reservation is passed over."""

    async def settle(self, reservation_id: str, *, spent_microusd: int) -> bool:
        """Books what the turn cost, also more than was reserved, and lets go of the rest; False when that was done."""

    async def list(self, *, holder_id: str | None = None, limit: int = 1000) -> Sequence[Reservation]:
        """The reservations that stand, of one holder or of all, oldest first."""

    async def get(self, account_id: str) -> AccountSpending:
        """How the account stands; one that was never drawn on is empty."""

    async def forget(self, *, now: float) -> int:
        """Removes accounts whose time is over and on which nothing is reserved, gives their number."""


class Threads(Protocol):
    """Conversations and their messages."""

    async def create(self, thread: Thread) -> Thread:
        """Stores a new thread; `AlreadyExists` if its id, or its owner's chat_id, is taken."""

    async def get(self, thread_id: str) -> Thread:
        """The thread; `NotFound`."""

    async def find(self, owner_id: str, chat_id: str) -> Thread | None:
        """The owner's thread with that chat_id."""

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

    async def rename(self, thread_id: str, title: str) -> Thread:
        """Gives the thread a title; `NotFound`."""

    async def summarize(self, thread_id: str, summary: str, *, until: int) -> Thread:
        """Stores a summary of the turns up to that order; an older one than the stored is ignored; `NotFound`."""

    async def fork(self, thread: Thread, *, source_id: str, until: tuple[int, int]) -> Thread:
        """Stores a new thread with copies of the source's messages up to that (order, step_order), replaced ones not.

        The copies are made by `forked`: their ids are derived from the new thread's id and theirs, they belong to no
        run, and one that waits is closed. `NotFound` for the source or that place in it; `MessageReplaced` when what
        stood there is replaced, `RunBusy` while it is being written; `AlreadyExists` as `create`.
        """

    async def reassign(self, owner_id: str, new_owner_id: str) -> int:
        """Gives the owner's threads with their runs, grants and audit to another owner; the number of threads.

        A thread whose chat_id the new owner uses already gets its own id for one. `RunBusy` while a run of the owner is
        queued or running; nothing is moved then.
        """

    async def delete(self, thread_id: str) -> None:
        """Removes the thread and all that hangs on it: checkpoints, grants and audit, and the threads of its subagents.

        Its checkpoints are those under its own id or the id of one of its runs, and those whose `run_id` is one of
        its runs. `NotFound`; `RunBusy` while a run of it, or of a subagent, is queued or running.
        """

    async def message(self, message_id: str) -> Message:
        """One message; `NotFound`."""

    async def find_message(self, thread_id: str, page_id: str) -> Message | None:
        """The thread's message that pages know by that id: its page_id, its own id where it has none.

        Of several the last one in place, else the last replaced one.
        """

    async def messages(
        self, thread_id: str, *, before: tuple[int, int] | None = None, limit: int = 100, include_replaced: bool = False
    ) -> Sequence[Message]:
        """The last `limit` messages (those before that (order, step_order), if given), oldest first."""


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

    async def get(self, run_id: str) -> Run:
        """The run; `NotFound`."""

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

    async def take(self, run_id: str, *, runner: str, lease_until: float, now: float) -> Run:
        """Makes that runner the holder: state `running`, epoch + 1, attempts + 1, message and stream `running` too.

        Can be taken: a `waiting` run; a `queued` one that names no other runner as its holder, or whose lease is over;
        a `running` one whose lease is over. `RunBusy` while a lease holds at `now`, of a `running` run also one of a
        runner of the same name; an ended run raises `RunFailed` naming its state.
        """

    async def renew(self, run_id: str, *, epoch: int, lease_until: float) -> Run:
        """Sets the lease of a queued or running run and gives the run as it stands; 0.0 gives it back. `StaleEpoch`."""

    async def pause(self, run_id: str, *, epoch: int, parts: Sequence[JsonObject], usage: Sequence[Usage] = ()) -> Run:
        """State `waiting` for run, message and stream; stores the parts and the usage so far, lets go of the lease.

        Its attempts are counted from 0 again.

        State `queued` instead when a request of the run has been answered meanwhile, or one whose call is no finished
        call yet has expired, or a child of the run has ended whose `parent_call_id` is no finished call yet, so that
        this is taken up. Usage rows replace those of the same (step, epoch). `StaleEpoch`; an ended run raises
        `RunFailed`.
        """

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

    async def request_stop(self, run_id: str) -> Run:
        """Marks a live run, and its live descendants, to be stopped by their holders; harmless on an ended one.

        `NotFound`.
        """

    async def prune(
        self, *, keep: Keep = "last", what: Sequence[Kept] = ("checkpoints", "streams"), run_id: str | None = None
    ) -> int:
        """Lets go of what ended runs have left: the checkpoints under their ids, the rows of their streams.

        A subagent's run goes with its root, the run that the writer started: nothing goes while the root is live, and
        with `last` what the last run of a root's thread and the runs below it have left stays. With `run_id` only the
        runs of that one's root thread are looked at, and those below them. Gives the number of runs that had something
        left; may be repeated.
        """

    async def usage(self, run_id: str) -> Sequence[Usage]:
        """The run's usage rows by step."""


class Streams(Protocol):
    """The delta log: rows numbered from 1 without gaps."""

    async def get(self, stream_id: str) -> Stream:
        """The stream; `NotFound`."""

    async def append(self, stream_id: str, *, epoch: int, first_seq: int, chunks: Sequence[str]) -> None:
        """Adds rows first_seq, first_seq + 1, ...; rows that are there with the same content are success.

        `SeqConflict` for other content at a taken seq, `SeqGap` if first_seq leaves a hole, `StaleEpoch` if the run
        has been taken over, `RunFailed` if the stream has ended; the log is unchanged then.
        """

    async def read(self, stream_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Delta]:
        """Rows with seq > after, in order."""

    def listen(self, stream_id: str, wake: Callable[[], None]) -> Callable[[], None]:
        """Calls `wake`, in the running event loop, soon after another process changed the stream.

        Gives the function that ends it. A hint only: `wake` may be called without cause, or not at all by a store
        that no other process can write.
        """

    async def trim(self, stream_id: str) -> int:
        """Removes the rows of an ended stream (its message holds the text), gives their number; 0 while it lives."""


class Checkpoints(Protocol):
    """Bytes for the LangGraph saver; it knows what they mean."""

    async def put(self, row: CheckpointRow, values: Mapping[str, Blob], *, fence: tuple[str, int] | None) -> None:
        """Stores the checkpoint, and the channel values under their versions in `row.versions`.

        The same id again replaces it. `fence` = (run_id, epoch) raises `StaleEpoch` when it is not the run's epoch.
        """

    async def put_writes(
        self, thread_id: str, ns: str, checkpoint_id: str, writes: Sequence[WriteRow], *, fence: tuple[str, int] | None
    ) -> None:
        """Stores writes by (task_id, idx): a negative idx replaces, others are kept if they are there.

        They may come before their checkpoint, since a graph saves both in the background. Fenced like `put`.
        """

    async def get(self, thread_id: str, ns: str, checkpoint_id: str | None = None) -> StoredCheckpoint | None:
        """That checkpoint, or the newest (the greatest id) of the namespace."""

    async def list(
        self, thread_id: str | None, *, ns: str | None = None, before: str | None = None, limit: int | None = None
    ) -> Sequence[StoredCheckpoint]:
        """Checkpoints with id < before, newest first; of all threads when thread_id is None."""

    async def history(
        self, thread_id: str, ns: str, checkpoint_id: str, channels: Sequence[str]
    ) -> Sequence[StoredCheckpoint]:
        """The checkpoint's ancestors by parent_id, nearest first, with only these channels' values and writes.

        One range read, for channels that are rebuilt from their writes.
        """

    async def delete(
        self,
        *,
        thread_ids: Sequence[str] = (),
        run_ids: Sequence[str] = (),
        checkpoints: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        """Removes whole threads, the checkpoints of runs, or single (thread_id, ns, id), and values nobody uses."""

    async def copy(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copies all checkpoints, values and writes of a thread under another thread id."""


class Passages(Protocol):
    """The full-text index over the manuscript, kept by the library, also when documents are the host's."""

    async def replace(self, project_id: str, document_id: str, passages: Sequence[Passage]) -> None:
        """Puts these in place of the document's passages; none removes it from the index."""

    async def search(self, project_id: str, query: str, *, limit: int = 10) -> Sequence[Hit]:
        """The best passages for a query in plain words (any of them may match), best first; no words, no hits.

        Operators and quotes in the query are plain text.
        """

    async def list(self, project_id: str, document_id: str) -> Sequence[Passage]:
        """The document's passages, in the order of its text; none when it is not indexed."""

    async def find(self, project_id: str, stretches: Sequence[Stretch]) -> Sequence[Passage]:
        """The passages that lie there at just these revisions, in that order; those that do not are left out."""

    async def holding(self, project_id: str, phrases: Collection[Collection[str]]) -> Sequence[str]:
        """The ids of the documents in whose passages all words of one of the phrases stand, and perhaps of a few more.

        Words are as `written_words` gives them. A phrase without words stands everywhere, no phrases nowhere.
        """

    async def revisions(self, project_id: str) -> Mapping[str, int]:
        """Document id -> the revision that is indexed."""

    async def purge(self, project_id: str) -> None:
        """Removes the project from the index; may be repeated."""


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
    snapshots: Snapshots
    ends: Ends

    async def end_project(self, project_id: str, *, owner_id: str | None = None) -> bool:
        """Removes all that the journal holds of the project; see `Ends.project`."""
        return await self.ends.project(project_id, owner_id=owner_id)
