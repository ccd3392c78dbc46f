"""Ending runs: the log is closed, then message, run, stream and usage end in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from saga_agent.clock import Clock
from saga_agent.domain import chunks as c
from saga_agent.domain.journal import EndState, Run, Usage
from saga_agent.errors import SagaError, StaleEpoch, StorageError, StreamError
from saga_agent.graphs.driver import TurnDriver
from saga_agent.storage.journal import Journal
from saga_agent.streams.hub import StreamHub
from saga_agent.streams.message import MessageStream
from saga_agent.streams.patience import insist

_log = logging.getLogger(__name__)

KeepCheckpoints = Literal["none", "last", "all"]
_FINISH_REASONS: dict[str, c.FinishReason] = {
    "stop": "stop", "length": "length", "tool_calls": "tool-calls", "content_filter": "content-filter",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends."""

    state: EndState
    reason: str = ""
    finish_reason: str | None = None
    """What the model gave as its reason to stop."""

    def last_chunk(self) -> c.Chunk:
        """The terminal chunk of the message."""
        if self.state == "finished":
            return c.Finish(finish_reason=_FINISH_REASONS.get(self.finish_reason or "", "other"))
        return c.Error(error_text=self.reason) if self.state == "failed" else c.Abort()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ender:
    """Ends the runs that this process holds."""

    journal: Journal
    hub: StreamHub
    driver: TurnDriver
    clock: Clock
    keep_checkpoints: KeepCheckpoints

    async def end(self, run: Run, stream: MessageStream | None, ending: Ending, spent: Sequence[Usage] = ()) -> None:
        """Ends the run with what `stream` holds, or else its log; `spent` is what this attempt's model calls took.

        Raises: `StaleEpoch`, `StorageError`; the run is live then, and whoever takes it up ends it.
        """
        closed, ending = await self._settle(run, stream, ending)
        parts = closed.sealed(ending.reason or "The run ended before this call.") if closed else None
        metadata = closed.metadata if closed else {}
        usage = await self._usage(run, spent)

        async def finish() -> Run:
            return await self.journal.runs.finish(
                run.id, epoch=run.epoch, state=ending.state, reason=ending.reason, parts=parts, metadata=metadata,
                usage=usage, now=self.clock.now(),
            )  # fmt: skip

        await insist(finish)
        try:
            await self._drop_checkpoints(run)
        except StorageError as error:
            _log.warning("checkpoints of run %s were left behind: %s", run.id, error)

    async def _settle(
        self, run: Run, stream: MessageStream | None, ending: Ending
    ) -> tuple[MessageStream | None, Ending]:
        """The message with its log closed, and how the run ends: failed, when the log did not take all of it."""
        broken = await self._close(run, stream, ending) if stream is not None else None
        if stream is not None and broken is None:
            return stream, ending
        restored = await self._restore(run)
        if broken and ending.state == "finished" and (not stream or not restored or restored.parts != stream.parts):
            ending = Ending("failed", reason_of(broken))
        if restored is not None:
            await self._close(run, restored, ending)  # where it fails, readers learn the end from the stream's state
        return restored, ending

    async def _close(self, run: Run, stream: MessageStream, ending: Ending) -> Exception | None:
        """Closes the log; gives what prevented it."""
        try:
            await stream.end(ending.last_chunk())
        except StaleEpoch:
            raise
        except Exception as error:  # whatever broke the writer, the run must end
            _log.warning("the log of run %s took no more: %s", run.id, error)
            return error
        return None

    async def _restore(self, run: Run) -> MessageStream | None:
        """The message as the log holds it, so that the two are one; None when the log cannot be read."""
        try:
            return await insist(lambda: MessageStream.restore(run, self.journal.streams, self.hub))
        except StreamError as error:
            _log.error("the log of run %s cannot be read: %s", run.id, error)
            return None

    async def _usage(self, run: Run, spent: Sequence[Usage]) -> list[Usage]:
        # A checkpoint knows the steps of earlier attempts, this attempt also those that were cut before theirs.
        stored = await insist(lambda: self.driver.usage(run))
        return list({each.step: each for each in (*stored, *spent)}.values())

    async def _drop_checkpoints(self, run: Run) -> None:
        if self.keep_checkpoints == "all":
            return
        runs = await self.journal.runs.list(thread_id=run.thread_id, limit=2)
        old = [each.id for each in runs if each.id != run.id or self.keep_checkpoints == "none"]
        await self.journal.checkpoints.delete(thread_ids=old)


def reason_of(error: Exception) -> str:
    """Why a run failed, for people; what is not our own error is named by its class alone."""
    if isinstance(error, SagaError):
        return str(error)
    return f"an unexpected error ({type(error).__name__}); the log has the details"
