"""Retrieval by words: the journal's own full text, which is kept up as documents are stored."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.domain.journal import Hit
from saga_agent.retrieval.protocol import Scope
from saga_agent.storage.ports.journal import Passages


class LexicalRetriever:
    """The full-text index of the journal; there is nothing beside it to be kept up."""

    def __init__(self, passages: Passages) -> None:
        self._passages = passages

    async def search(self, scope: Scope, query: str, *, limit: int = 10) -> Sequence[Hit]:
        return await self._passages.search(scope.project_id, query, limit=limit)

    def changed(self, scope: Scope, document_id: str) -> None:
        """Nothing to do."""

    async def settle(self) -> None:
        """Nothing to wait for."""

    async def purge(self, scope: Scope) -> None:
        """Nothing to do: the journal's passages are purged with the project."""

    def notice(self, owner_id: str) -> str:
        return ""

    async def is_well(self) -> bool:
        return True

    async def close(self) -> None:
        """Nothing to close."""
