"""Keeping an index of vectors in step with the journal's passages: in the background, off the writer's path."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from saga_agent.clock import Clock
from saga_agent.retrieval.embedder import Embedder
from saga_agent.retrieval.outage import Outage
from saga_agent.retrieval.protocol import PlacedVector, Scope, VectorIndex
from saga_agent.storage.ports.journal import Passages

_log = logging.getLogger(__name__)
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
Work = tuple[Scope, str | None]
"""A document to bring up to date; None compares the whole project with the journal first."""


class VectorUpkeep:
    """Brings documents up to date one after the other, and tries again what failed."""

    def __init__(
        self, passages: Passages, embedder: Embedder, index: VectorIndex, clock: Clock, outage: Outage
    ) -> None:
        self._passages, self._embedder, self._index = passages, embedder, index
        self._clock, self._outage = clock, outage
        self._due: dict[Work, int] = {}
        """With the number of the telling, so that work that is told of again while it is done is done again."""
        self._tellings = 0
        self._task: asyncio.Task[None] | None = None
        self._next_outcome: asyncio.Future[Exception | None] | None = None
        self._hurried = asyncio.Event()
        self._writing = asyncio.Lock()

    def tell(self, scope: Scope, document_id: str | None) -> None:
        """Has the document, or the whole project, looked at soon."""
        self._tellings += 1
        self._due[scope, document_id] = self._tellings
        if self._task is None or self._task.done():
            self._next_outcome = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._work(), name="vector-upkeep")

    async def settle(self) -> None:
        """Returns when nothing is due; raises what fails meanwhile, which is tried again all the same."""
        while self._due and self._next_outcome is not None:
            self._hurried.set()
            if (error := await asyncio.shield(self._next_outcome)) is not None:
                raise error

    async def purge(self, scope: Scope) -> None:
        """Takes the project out of the index, and out of what is due; `StorageUnavailable`."""
        self._due = {work: number for work, number in self._due.items() if work[0] != scope}
        async with self._writing:
            await self._index.purge(scope)

    async def close(self) -> None:
        """Stops; what is due then is found out when the project is searched again."""
        task, self._task = self._task, None
        self._due.clear()
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self._next_outcome is not None and not self._next_outcome.done():
            self._next_outcome.set_result(None)

    async def _work(self) -> None:
        failures = 0
        while self._due:
            work, number = next(iter(self._due.items()))
            try:
                async with self._writing:
                    await self._do(work)
            except Exception as error:  # whatever it is: the writer's words are safe, and other documents go on
                failures += 1
                self._outage.began(str(error) or repr(error))
                self._put_last(work)
                self._show(error)
                await self._pause(min(_FIRST_PAUSE_SECONDS * 2 ** (failures - 1), _LONGEST_PAUSE_SECONDS))
            else:
                failures = 0
                if self._due.get(work) == number:
                    del self._due[work]
                if not self._due:
                    self._outage.ended()
                self._show(None)
        self._show(None)  # what was due may have been purged

    async def _do(self, work: Work) -> None:
        scope, document_id = work
        if document_id is None:
            await self._compare(scope)
        else:
            await self._bring_up(scope, document_id)

    async def _compare(self, scope: Scope) -> None:
        """Tells of each document that the index holds at another revision than the journal."""
        wanted = await self._passages.revisions(scope.project_id)
        held = await self._index.revisions(scope)
        for document_id in sorted(wanted.keys() | held.keys()):
            if wanted.get(document_id) != held.get(document_id):
                self.tell(scope, document_id)

    async def _bring_up(self, scope: Scope, document_id: str) -> None:
        passages = await self._passages.list(scope.project_id, document_id)
        if not passages:
            await self._embedder.forget(scope.project_id, document_id)
        texts = [passage.text for passage in passages]
        vectors = await self._embedder.embed_document(scope.project_id, document_id, texts, owner_id=scope.owner_id)
        placed = [
            PlacedVector(stretch=each, vector=vector)
            for each, vector in zip(passages, vectors, strict=True)
            if vector is not None
        ]
        await self._index.replace(scope, document_id, placed)
        _log.debug("%d passages of %s can be found by meaning", len(placed), document_id)

    def _put_last(self, work: Work) -> None:
        if (number := self._due.pop(work, None)) is not None:
            self._due[work] = number

    def _show(self, outcome: Exception | None) -> None:
        """Tells those who wait how it went."""
        shown, self._next_outcome = self._next_outcome, asyncio.get_running_loop().create_future()
        if shown is not None and not shown.done():
            shown.set_result(outcome)

    async def _pause(self, seconds: float) -> None:
        """Until then, or until somebody waits for the outcome."""
        self._hurried.clear()
        waits = [asyncio.ensure_future(self._clock.sleep(seconds)), asyncio.ensure_future(self._hurried.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
