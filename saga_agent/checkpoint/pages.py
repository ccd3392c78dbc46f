"""Long lists of checkpoints, read page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator

from saga_agent.domain.checkpoint import StoredCheckpoint
from saga_agent.storage.ports.journal import Checkpoints

PAGE_SIZE = 32
"""Checkpoints per read: each carries all its channel values, so a whole thread may not fit in memory."""


async def newest_first(
    checkpoints: Checkpoints,
    thread_id: str | None,
    *,
    ns: str | None = None,
    before: str | None = None,
    limit: int | None = None,
) -> AsyncIterator[StoredCheckpoint]:
    """The checkpoints of a thread, or of all, the newest first, at most `limit`."""
    size = PAGE_SIZE
    while True:
        wanted = size if limit is None else min(size, limit)
        page = await checkpoints.list(thread_id, ns=ns, before=before, limit=wanted)
        if wanted == limit or len(page) < wanted:
            for stored in page:
                yield stored
            return
        # The last id may go on beyond the page: copied threads share their checkpoints' ids.
        whole = [stored for stored in page if stored.row.id != page[-1].row.id]
        if not whole:
            size *= 2
            continue
        for stored in whole:
            yield stored
        before = whole[-1].row.id
        limit = None if limit is None else limit - len(whole)
