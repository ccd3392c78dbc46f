"""Retrieval by words and by meaning together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from saga_agent.clock import Clock
from saga_agent.domain.journal import Hit, Passage, Stretch
from saga_agent.retrieval.embedder import Embedder
from saga_agent.retrieval.fusion import fuse
from saga_agent.retrieval.outage import Outage
from saga_agent.retrieval.protocol import Scope, VectorIndex
from saga_agent.retrieval.upkeep import VectorUpkeep
from saga_agent.storage.ports.journal import Passages

_LEAST_DEPTH = 20
"""How far down each ranking is read at least: what both find in the middle may be the best of all."""
_PATIENCE_SECONDS = 3.0
"""What a search by meaning may take of a turn's time."""
_FIRST_PATIENCE_SECONDS = 2.0
"""How long the first search of a project waits for its index."""
_COMPARE_SECONDS = 60.0
"""How old the comparison of index and journal may be when a project is searched; others may have changed either."""


class HybridRetriever:
    """The journal's full text and an index of vectors, their rankings fused; full text alone while the other fails."""

    def __init__(
        self,
        passages: Passages,
        embedder: Embedder,
        index: VectorIndex,
        clock: Clock,
        *,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._passages, self._embedder, self._index, self._clock = passages, embedder, index, clock
        self._patience_seconds = patience_seconds
        self._failing = Outage(
            "Search by meaning does not work at the moment; passages are found by their words.", clock
        )
        self._behind = Outage("Not all of the manuscript can be found by its meaning yet.", clock)
        self._upkeep = VectorUpkeep(passages, embedder, index, clock, self._behind)
        self._compared: dict[Scope, float] = {}
        """When each project was compared last."""

    async def search(self, scope: Scope, query: str, *, limit: int = 10) -> Sequence[Hit]:
        depth = max(2 * limit, _LEAST_DEPTH)
        by_words, stretches = await asyncio.gather(
            self._passages.search(scope.project_id, query, limit=depth), self._near(scope, query, depth)
        )
        by_meaning = await self._look_up(scope, stretches)
        return fuse(by_words, by_meaning, limit=limit) if by_meaning else by_words[:limit]

    def changed(self, scope: Scope, document_id: str) -> None:
        self._upkeep.tell(scope, document_id)

    async def settle(self) -> None:
        await self._upkeep.settle()

    async def purge(self, scope: Scope) -> None:
        await self._upkeep.purge(scope)
        self._compared.pop(scope, None)

    def notice(self, owner_id: str) -> str:
        return (self._failing if self._failing.is_on else self._behind).notice(owner_id)

    async def is_well(self) -> bool:
        return not (self._failing.is_on or self._behind.is_on) and await self._index.is_reachable()

    async def close(self) -> None:
        await self._upkeep.close()
        self._compared.clear()
        await self._index.close()
        await self._embedder.close()

    async def _near(self, scope: Scope, query: str, depth: int) -> Sequence[Stretch]:
        """Where passages lie that mean something like the query; none when that cannot be found out in time."""
        if not query.strip() or self._failing.is_resting:
            return ()
        await self._compare(scope)
        try:
            async with asyncio.timeout(self._patience_seconds):
                vector = await self._embedder.embed_query(query)
                stretches = await self._index.search(scope, vector, limit=depth)
        except TimeoutError:
            self._failing.began(f"It took longer than {self._patience_seconds:g} s.")
            return ()
        except Exception as error:  # whatever an index of the host's own raises: no turn fails for it
            self._failing.began(str(error) or repr(error))
            return ()
        self._failing.ended()
        return stretches

    async def _compare(self, scope: Scope) -> None:
        """Has the project compared with the journal now and then; the first time, waits a moment for the outcome."""
        now = self._clock.now()
        last = self._compared.get(scope)
        if last is not None and now - last < _COMPARE_SECONDS:
            return
        self._compared[scope] = now
        self._upkeep.tell(scope, None)
        if last is None:
            try:
                async with asyncio.timeout(_FIRST_PATIENCE_SECONDS):
                    await self._upkeep.settle()
            except Exception:
                return  # the upkeep tells of it, and what there is can be searched

    async def _look_up(self, scope: Scope, stretches: Sequence[Stretch]) -> Sequence[Passage]:
        """The passages as the journal has them; what is out of date is left out, and soon brought up."""
        if not stretches:
            return ()
        passages = await self._passages.find(scope.project_id, stretches)
        if len(passages) < len(stretches):
            self._upkeep.tell(scope, None)
        return passages
