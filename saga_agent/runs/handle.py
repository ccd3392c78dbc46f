"""A run as its caller holds it: its chunks, its result, its open requests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from saga_agent.domain.chunks import Chunk
from saga_agent.domain.journal import Message, Run, Usage
from saga_agent.domain.requests import Approval, Question
from saga_agent.errors import RunFailed, RunPaused
from saga_agent.storage.journal import Journal
from saga_agent.streams.hub import StreamHub, heard
from saga_agent.streams.reader import Bookmark, StreamReader

_POLL_SECONDS = 1.0


class RunHandle:
    """One run; the same object serves through pauses and answers."""

    def __init__(self, run: Run, journal: Journal, hub: StreamHub) -> None:
        self._run, self._journal, self._hub = run, journal, hub
        self._seen_seq = 0

    @property
    def id(self) -> str:
        """The run's id."""
        return self._run.id

    @property
    def thread_id(self) -> str:
        """The thread it answers in."""
        return self._run.thread_id

    @property
    def message_id(self) -> str:
        """The assistant message it writes."""
        return self._run.message_id

    @property
    def stream_id(self) -> str:
        """The log of that message."""
        return self._run.stream_id

    def __repr__(self) -> str:
        return f"<run {self.id} of {self._run.agent} in {self.thread_id}>"

    async def chunks(self) -> AsyncIterator[Chunk]:
        """The chunks as they come; ends at a pause or at the end. Called again, it goes on after the last pause."""
        bookmark = Bookmark(self._seen_seq)
        async for chunk in StreamReader(self._journal, self._hub).live(self.stream_id, bookmark):
            yield chunk
        self._seen_seq = bookmark.after

    async def state(self) -> Run:
        """The run as it stands."""
        return await self._journal.runs.get(self.id)

    async def requests(self) -> Sequence[Approval | Question]:
        """The approvals and questions that wait for an answer."""
        return await self._journal.requests.list(run_id=self.id, states=("pending",))

    async def usage(self) -> Sequence[Usage]:
        """Tokens by model call, once the run has ended."""
        return await self._journal.runs.usage(self.id)

    async def result(self) -> Message:
        """The finished message; waits for it.

        Raises: `RunPaused` with the open requests, `RunFailed` with the partial text.
        """
        with self._hub.listening(self.stream_id) as news:
            while (run := await self.state()).state in ("queued", "running"):
                await heard(news, timeout_seconds=_POLL_SECONDS)
                news.clear()
        if run.state == "waiting":
            raise RunPaused(self.id, await self.requests())
        message = await self._journal.threads.message(self.message_id)
        if run.state != "finished":
            raise RunFailed(self.id, run.state, run.reason, partial=message.text)
        return message
