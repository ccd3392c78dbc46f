"""Passages to try an index with, and what it finds."""

from __future__ import annotations

from saga_agent.domain.journal import Passage
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.samples import HOME


def passage(text: str, *, document_id: str = "doc_1", start: int = 0, rev: int = 1) -> Passage:
    """A passage of that text."""
    return Passage(
        document_id=document_id, document_rev=rev, start=start, end=start + len(text), title="Untitled", text=text
    )


async def found(storage: Storage, query: str, *, project_id: str = HOME, limit: int = 10) -> list[str]:
    """The texts of the hits, best first."""
    return [hit.text for hit in await storage.journal.passages.search(project_id, query, limit=limit)]
