"""The journal's ends: what becomes of all that hangs on something that is no more.

The journal knows what belongs to whom, so it lets go of it, each end in one transaction.
"""

from __future__ import annotations

from typing import Protocol


class Ends(Protocol):
    """Letting go of everything that belongs to one thing."""

    async def project(self, project_id: str, *, owner_id: str | None = None) -> bool:
        """Removes all that the journal holds of the project; may be repeated, False when there was nothing.

        That is its threads, those of subagents too, with messages, runs, streams, requests, calls, usage and
        checkpoints; its grants and audit; its changes, blobs, embeddings and passages; whose default project it was;
        what of it is counted in the holdings. What guests have spent stays on their accounts.

        Nothing is removed, and it raises `RunBusy`, while a run of the project is queued or running; with `owner_id`
        `NotFound` when a thread of the project is another owner's.
        """
        ...
