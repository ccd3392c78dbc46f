"""A run as its caller holds it: its chunks, its result, its open requests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from saga_agent.domain.chunks import Chunk
from saga_agent.domain.journal import END_STATES, Message, Run, Usage
from saga_agent.domain.requests import Request
from saga_agent.errors import RunFailed, RunPaused
from saga_agent.journal.run_tree import pending_requests
from saga_agent.storage.ports.journal import Journal
from saga_agent.streams.hub import StreamHub, heard
from saga_agent.streams.reader import Bookmark, StreamReader
from saga_agent.streams.replay import Replay, replay

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
        """The chunks as they come; ends at a pause or at the end. Called again, it goes on after the last pause.

        A pause is one that waits for the writer: while a subagent that was answered works, the chunks go on.
        A `rewind` says that what came after a row of that seq is void, and is told anew.
        """
        reader = StreamReader(self._journal, self._hub)
        while True:
            bookmark = Bookmark(self._seen_seq)
            async for chunk in reader.live(self.stream_id, bookmark):
                yield chunk
            self._seen_seq = bookmark.after
            if bookmark.is_over or not await goes_on(self._journal, self._hub, self._run):
                return

    async def replay(self) -> Replay:
        """The message from its first chunk, whoever writes it: for readers who come late."""
        reader = StreamReader(self._journal, self._hub)
        return await replay(
            self.stream_id, self._journal.streams, reader, goes_on=lambda: goes_on(self._journal, self._hub, self._run)
        )

    async def state(self) -> Run:
        """The run as it stands."""
        return await self._journal.runs.get(self.id)

    async def requests(self) -> Sequence[Request]:
        """What waits for an answer: approvals, questions and calls on the page, those of subagents too."""
        return await pending_requests(self._journal, self._run)

    async def usage(self) -> Sequence[Usage]:
        """Tokens by model call, as of its last pause or its end; those of a subagent are in its own run."""
        return await self._journal.runs.usage(self.id)

    async def result(self) -> Message:
        """The finished message; waits for it.

        Raises: `RunPaused` with the open requests, `RunFailed` with the partial text.
        """
        while await goes_on(self._journal, self._hub, self._run):
            with self._hub.listening(self.stream_id) as news:
                if (await self.state()).state not in END_STATES:
                    await heard(news, timeout_seconds=_POLL_SECONDS)
        run = await self.state()
        if run.state not in END_STATES:
            raise RunPaused(self.id, await self.requests())
        message = await self._journal.threads.message(self.message_id)
        if run.state != "finished":
            raise RunFailed(self.id, run.state, run.reason, partial=message.text)
        return message


async def goes_on(journal: Journal, hub: StreamHub, run: Run) -> bool:
    """Whether the run goes on without the writer; of one that waits for its subagents, returns when it does."""
    with hub.listening(run.stream_id) as news:
        while True:
            run = await journal.runs.get(run.id)
            if run.state != "waiting":
                return run.state not in END_STATES
            if hub.find(run.stream_id) is not None:
                return True  # it is being taken up here
            if not run.stop_requested and await pending_requests(journal, run):
                return False
            await heard(news, timeout_seconds=_POLL_SECONDS)
            news.clear()
