"""Ending runs: the log is closed, then message, run, stream and usage end in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from saga_agent.audiences import page_reason, without_passwords
from saga_agent.clock import Clock
from saga_agent.domain import chunks as c
from saga_agent.domain.journal import END_STATES, EndState, Keep, ReasonCode, Run, ToolCall, Usage
from saga_agent.domain.plain import readable
from saga_agent.errors import ModelError, SagaError, StaleEpoch, StorageError, StreamError
from saga_agent.graphs.driver import TurnDriver
from saga_agent.graphs.outcomes import show_outcome
from saga_agent.journal.run_tree import descendants
from saga_agent.storage.patience import insist
from saga_agent.storage.ports.journal import Journal
from saga_agent.streams.hub import StreamHub
from saga_agent.streams.message import MessageStream
from saga_agent.tools.outcome import Done

_log = logging.getLogger(__name__)

_EARLIER = 3
"""How many runs that have left nothing in a row show that those before them have left nothing either."""
_LOOKED_BACK = 100
_FINISH_REASONS: dict[str, c.FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool-calls",
    "content_filter": "content-filter",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What outlives a run; the message always does, and it holds the text."""

    checkpoints: Keep = "last"
    deltas: Keep = "last"
    """The log's rows; a follower of a log without rows gets the message."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends."""

    state: EndState
    reason: str = ""
    code: ReasonCode = ""
    finish_reason: str | None = None
    """What the model gave as its reason to stop."""

    def last_chunk(self) -> c.Chunk:
        """The terminal chunk of the message."""
        if self.state == "finished":
            return c.Finish(finish_reason=_FINISH_REASONS.get(self.finish_reason or "", "other"))
        return c.Error(error_text=page_reason(self.reason, self.code)) if self.state == "failed" else c.Abort()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ender:
    """Ends the runs that this process holds."""

    journal: Journal
    patient: Journal
    """The same, insisted on: for what a run cannot end without."""
    hub: StreamHub
    driver: TurnDriver
    clock: Clock
    retention: Retention

    async def end(
        self, run: Run, stream: MessageStream | None, ending: Ending, usage: Sequence[Usage] | None = None
    ) -> None:
        """Ends the run with what `stream` holds, or else its log; `usage` is what it took, by default what is known.

        Raises: `StaleEpoch`, `StorageError`; the run is live then, and whoever takes it up ends it.
        """
        closed, ending = await self._settle(run, stream, ending)
        begun = await self._begun(run, closed) if closed else ()
        told = page_reason(ending.reason, ending.code) or "The run ended before this call."
        parts = closed.sealed(told, begun=begun) if closed else None
        metadata = closed.metadata if closed else {}
        rows = usage if usage is not None else await self.usage(run)

        await self.patient.runs.finish(
            run.id,
            epoch=run.epoch,
            state=ending.state,
            reason=ending.reason,
            reason_code=ending.code,
            parts=parts,
            metadata=metadata,
            usage=rows,
            now=self.clock.now(),
        )
        try:
            await self._let_go(run)
        except StorageError as error:
            _log.warning("checkpoints and logs before run %s were left behind: %s", run.id, error)

    async def usage(self, run: Run) -> list[Usage]:
        """What earlier attempts at the run took: as stored when it paused, and as its checkpoints know."""
        if run.epoch <= 1:
            return []
        checkpointed = await insist(lambda: self.driver.usage(run))
        stored = await self.patient.runs.usage(run.id)
        return list({(each.step, each.epoch): each for each in (*checkpointed, *stored)}.values())

    async def _settle(
        self, run: Run, stream: MessageStream | None, ending: Ending
    ) -> tuple[MessageStream | None, Ending]:
        """The message with its log closed, and how the run ends: failed, when the log did not take all of it."""
        if stream is not None:
            problem = await self._close(run, stream, ending)
            if problem is None:
                return stream, ending
            shown, stream = stream.parts, await self._restore(run)
            if ending.state == "finished" and (stream is None or stream.parts != shown):
                ending = failure_of(problem)
        else:
            stream = await self._restore(run)
        if stream is not None:
            await self._close(run, stream, ending)  # where it fails, readers learn the end from the stream's state
        return stream, ending

    async def _close(self, run: Run, stream: MessageStream, ending: Ending) -> Exception | None:
        """Closes the log; gives what prevented it."""
        try:
            await self._show_outcomes(run, stream)
            await stream.end(ending.last_chunk())
        except StaleEpoch:
            raise
        except Exception as error:  # whatever broke the writer, the run must end
            _log.warning("the log of run %s took no more: %s", run.id, error)
            return error
        return None

    async def _show_outcomes(self, run: Run, stream: MessageStream) -> None:
        """Shows what came of calls that ended when nobody was there any more to show it."""
        for call in await self._open_calls(run, stream):
            if call.state == "finished":
                await show_outcome(stream, call.call_id, Done.of(call))

    async def _begun(self, run: Run, stream: MessageStream) -> Sequence[str]:
        return [call.call_id for call in await self._open_calls(run, stream) if call.state == "started"]

    async def _open_calls(self, run: Run, stream: MessageStream) -> Sequence[ToolCall]:
        shown_open = stream.open_calls
        calls = await self.patient.calls.list(run.id) if shown_open else ()
        return [call for call in calls if call.call_id in shown_open]

    async def _restore(self, run: Run) -> MessageStream | None:
        """The message as the log holds it, so that the two are one; None when the log cannot be read."""
        try:
            return await insist(lambda: MessageStream.restore(run, self.journal.streams, self.hub))
        except StreamError as error:
            _log.error("the log of run %s cannot be read: %s", run.id, error)
            return None

    async def _let_go(self, run: Run) -> None:
        """Lets go of what the runs of this thread have left that is not to be kept, and those below them."""
        runs, keep = self.journal.runs, self.retention
        if keep.checkpoints == keep.deltas and self.driver.is_journalled:
            await runs.prune(keep=keep.deltas, run_id=run.id)
            return
        await runs.prune(keep=keep.deltas, what=("streams",), run_id=run.id)
        if self.driver.is_journalled:
            await runs.prune(keep=keep.checkpoints, what=("checkpoints",), run_id=run.id)
        elif keep.checkpoints != "all" and run.root_run_id is None:
            await self._forget_elsewhere(run)

    async def _forget_elsewhere(self, run: Run) -> None:
        """The same in a saver that is not the journal's: back to where nothing is left, for it cannot be asked more."""
        newest = await self.journal.runs.list(thread_id=run.thread_id, states=END_STATES, limit=_LOOKED_BACK)
        ended = newest if self.retention.checkpoints == "none" else newest[1:]
        empty = 0
        for root in ended:
            found = [await self.driver.forget(each) for each in (root, *await descendants(self.journal, root.id))]
            empty = 0 if any(found) else empty + 1
            if empty > _EARLIER:
                return


def failure_of(error: Exception) -> Ending:
    """The end of a run that an error ended; what is not our own error is named by its class alone."""
    match error:
        case ModelError():
            code: ReasonCode = "model"
        case StorageError() | StreamError():
            code = "storage"
        case _:
            code = "other"
    if isinstance(error, SagaError):
        return Ending("failed", without_passwords(readable(error)), code)
    return Ending("failed", f"an unexpected error ({type(error).__name__}); the log has the details", code)
