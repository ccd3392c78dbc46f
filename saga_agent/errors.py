"""Every exception people meet.

SagaError
├── NotFound (LookupError)            no such row, or not one this owner may see
│   └── AmbiguousReference            a name that fits several
├── AlreadyExists                     an id is taken by another record
├── Conflict                          the record changed since it was read
├── MessageReplaced                   another message stands in the place of that one
├── Contradiction                     it cannot be true beside what is settled already
├── StorageFull                       an owner may store no more
├── InvalidInput (ValueError)         an argument, file or setting that cannot be used
│   ├── EvalError                     an evaluation's gold, matchers or numbers cannot be judged by
│   ├── NoModel                       neither the agent nor the app has a model
│   ├── UnreadableFile                a manuscript that is not text we can read
│   └── WrongType (TypeError)         a value of a type that the verb does not take
├── MissingExtra (ImportError)        an optional dependency is not installed
├── StorageError
│   ├── StorageUnavailable            cannot be opened, locked, read-only, gone
│   ├── StorageCorrupt                the file is no database, or is damaged
│   └── SchemaMismatch                the database is newer or older than the code
├── StreamError
│   ├── StaleEpoch                    another runner has taken the run over
│   ├── SeqConflict                   that seq holds other content
│   └── SeqGap                        rows are missing between two seqs
├── RunError
│   ├── RunBusy                       the thread already has a live run
│   ├── RunPaused                     the run waits for answers
│   ├── RunFailed                     the run ended in failure or was stopped
│   └── RequestClosed                 an approval or question that no longer takes answers
├── ModelError                        .partial keeps the text that had arrived
│   ├── ModelUnavailable (retryable)  unreachable, overloaded, timed out
│   ├── ModelRejected                 wrong key, unknown model, refused request
│   ├── ModelCutOff                   the stream ended before it was complete
│   └── ScriptDrift                   a ScriptedModel met a prompt its script does not expect
└── PolicyError                       a rule, effect or agent that does not exist
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class SagaError(Exception):
    """Base of all errors raised on purpose by this library."""


class NotFound(SagaError, LookupError):
    """No such record, or not one the caller may see."""

    def __init__(self, kind: str, key: str, *, hint: str = "") -> None:
        self.kind, self.key, self.hint = kind, key, hint
        super().__init__(f"No {kind} {key!r}." + (f" {hint}" if hint else ""))


class AmbiguousReference(NotFound):
    """A name that fits several records; `.candidates` names them."""

    def __init__(self, kind: str, key: str, candidates: Sequence[str]) -> None:
        self.candidates = tuple(candidates)
        super().__init__(kind, key, hint=f"It may mean {', '.join(map(repr, self.candidates))}; say which.")


class AlreadyExists(SagaError):
    """The id belongs to a record already."""

    def __init__(self, kind: str, key: str) -> None:
        self.kind, self.key = kind, key
        super().__init__(f"There is already a {kind} {key!r}; update it, or choose another id.")


class Conflict(SagaError):
    """The record changed since it was read."""

    def __init__(self, kind: str, key: str, *, expected_rev: int, current_rev: int) -> None:
        self.kind, self.key = kind, key
        self.expected_rev, self.current_rev = expected_rev, current_rev
        super().__init__(
            f"The {kind} {key!r} is at revision {current_rev}, not {expected_rev}; read it again and redo the change."
        )


class MessageReplaced(SagaError):
    """The message is kept and no longer part of its thread: another answer or an edited question stands there."""

    def __init__(self, message_id: str) -> None:
        self.message_id = message_id
        super().__init__(f"Message {message_id!r} was replaced meanwhile; read the thread again and name what stands.")


class Contradiction(SagaError):
    """It cannot be true beside what is settled already; `.others` holds the ids of those records."""

    def __init__(self, message: str, others: Sequence[str] = ()) -> None:
        self.others = tuple(others)
        super().__init__(message)


class StorageFull(SagaError):
    """An owner may store no more; nothing of what was refused is stored."""


class InvalidInput(SagaError, ValueError):
    """An argument, file or setting that cannot be used; the message says what to do."""


class EvalError(InvalidInput):
    """What an evaluation judges by is wrong: gold, a matcher, a number. It tells nothing about the model."""


class UnreadableFile(InvalidInput):
    """A file that cannot be read as a manuscript."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"Cannot read {path!r}: {reason}.")


class WrongType(InvalidInput, TypeError):
    """A value of a type that the verb does not take, or a tool whose return type is no JSON."""


class NoModel(InvalidInput):
    """Something asks for a model, and none is set."""

    def __init__(self) -> None:
        super().__init__("No model is set; open the saga with model='offline', 'openai:NAME' or a chat model.")


class MissingExtra(SagaError, ImportError):
    """An optional part is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        self.feature, self.extra = feature, extra
        super().__init__(f"{feature} needs an extra that is not installed: pip install 'saga-agent[{extra}]'")


class StorageError(SagaError):
    """The database cannot do what was asked."""


class StorageUnavailable(StorageError):
    """The database cannot be opened or written; the message says why."""


class StorageCorrupt(StorageError):
    """The file is not a database, or is damaged."""


class SchemaMismatch(StorageError):
    """The database's schema is not the one this version of the code works with."""

    def __init__(self, *, found: str | None, expected: str, newer: bool) -> None:
        self.found, self.expected, self.newer = found, expected, newer
        if newer:
            text = f"The database has schema {found}, newer than this code's {expected}: update saga-agent."
        else:
            text = f"The database has schema {found or 'none'}, this version needs {expected}: run 'saga db upgrade'."
        super().__init__(text)


class StreamError(SagaError):
    """A stream's log refused an operation."""


class StaleEpoch(StreamError):
    """Another runner has taken the run over; nothing was written."""

    def __init__(self, run_id: str, *, epoch: int, current: int) -> None:
        self.run_id, self.epoch, self.current = run_id, epoch, current
        super().__init__(f"Run {run_id!r} is at epoch {current}; the writer of epoch {epoch} must stop.")


class SeqConflict(StreamError):
    """The log already holds other content at that seq."""

    def __init__(self, stream_id: str, seq: int) -> None:
        self.stream_id, self.seq = stream_id, seq
        super().__init__(f"Stream {stream_id!r} already holds other content at seq {seq}.")


class SeqGap(StreamError):
    """Rows are missing between two seqs."""

    def __init__(self, stream_id: str, *, expected: int, got: int) -> None:
        self.stream_id, self.expected, self.got = stream_id, expected, got
        super().__init__(f"Stream {stream_id!r}: expected seq {expected}, got {got}; rows between them are missing.")


class RunError(SagaError):
    """A run cannot do what was asked."""


class RunBusy(RunError):
    """The thread already has a run at work."""

    def __init__(self, thread_id: str, run_id: str) -> None:
        self.thread_id, self.run_id = thread_id, run_id
        super().__init__(f"Thread {thread_id!r} is busy with run {run_id!r}; wait for it or stop it first.")


class RunPaused(RunError):
    """The run waits for answers; `.requests` holds the open approvals and questions."""

    def __init__(self, run_id: str, requests: Sequence[Any]) -> None:
        self.run_id, self.requests = run_id, list(requests)
        super().__init__(f"Run {run_id!r} waits for {len(self.requests)} answer(s); give them with saga.answer().")


class RunFailed(RunError):
    """The run did not finish; `.partial` keeps the text written until then."""

    def __init__(self, run_id: str, state: str, reason: str, *, partial: str = "") -> None:
        self.run_id, self.state, self.reason, self.partial = run_id, state, reason, partial
        super().__init__(f"Run {run_id!r} {state}: {reason}")


class RequestClosed(RunError):
    """An approval or question that no longer takes answers."""

    def __init__(self, request_id: str, state: str) -> None:
        self.request_id, self.state = request_id, state
        super().__init__(f"Request {request_id!r} is {state} and takes no answer.")


class ModelError(SagaError):
    """The language model failed; `.partial` keeps the text that had arrived."""

    retryable = False

    def __init__(self, message: str, *, partial: str = "", emitted: bool = False) -> None:
        self.partial = partial
        self.emitted = emitted
        """Whether anything, a tool call's arguments too, had been handed on before it failed."""
        super().__init__(message)


class ModelUnavailable(ModelError):
    """The model cannot be reached, is overloaded, or timed out."""

    retryable = True


class ModelRejected(ModelError):
    """The provider refused the request: wrong key, unknown model, too long a prompt."""


class ModelCutOff(ModelError):
    """The model's stream ended before it was complete."""


class ScriptDrift(ModelError):
    """A ScriptedModel was asked something its script does not foresee."""


class PolicyError(SagaError, ValueError):
    """A rule, effect, tool or agent that does not exist."""
