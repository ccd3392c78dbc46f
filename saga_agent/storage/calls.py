"""The journal's tool calls: the row is written before a tool runs, and after it ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from saga_agent.domain.journal import Repeats, ToolCall
from saga_agent.domain.permissions import AuditEntry


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
        ...

    async def finish(
        self, run_id: str, call_id: str, *, epoch: int, ok: bool, result: str, now: float, full: str | None = None
    ) -> ToolCall:
        """Stores the outcome, also after the run has ended; a call that is finished already is given as stored.

        `full` is the whole text of a result that was cut for the model. `NotFound`, `StaleEpoch`.
        """
        ...

    async def full_result(self, run_id: str, call_id: str) -> str | None:
        """The whole text of a result that was cut; None when it was not; `NotFound`."""
        ...

    async def repeats(self, run_id: str, *, tool: str, arguments_hash: str, but: str) -> Repeats:
        """How often calls of that tool with those arguments were made before, the call `but` of this run left out.

        That call comes with it, whatever its arguments were, if it was ever started. `NotFound` for the run.
        """
        ...

    async def find(self, run_id: str, call_id: str) -> ToolCall | None:
        """The call, if it was ever started."""
        ...

    async def list(self, run_id: str) -> Sequence[ToolCall]:
        """The run's calls in the order they were started."""
        ...
