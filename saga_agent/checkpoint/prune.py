"""Which checkpoints of a thread nothing needs any more."""

from __future__ import annotations

from dataclasses import dataclass, field

from saga_agent.checkpoint.history import span
from saga_agent.checkpoint.pages import newest_first
from saga_agent.checkpoint.rows import metadata_of
from saga_agent.domain.checkpoint import StoredCheckpoint
from saga_agent.storage.ports.journal import Checkpoints


@dataclass(slots=True)
class _Namespace:
    newest: StoredCheckpoint
    ids: list[str] = field(default_factory=list[str])
    delta_channels: set[str] = field(default_factory=set[str])
    """All channels that were ever stored as their writes: a later graph may have made them plain ones."""

    def incomplete(self) -> list[str]:
        """Channels of the newest checkpoint whose value lies in its ancestors' writes."""
        return sorted(self.delta_channels & self.newest.row.versions.keys() - self.newest.values.keys())


async def superseded(checkpoints: Checkpoints, thread_id: str) -> list[tuple[str, str, str]]:
    """The thread's checkpoints, as (thread_id, ns, id), that may go when only the newest of each namespace counts.

    Ancestors from which the newest rebuilds a DeltaChannel stay, back to the one that holds the channel's value.
    """
    doomed: list[tuple[str, str, str]] = []
    for ns, found in (await _namespaces(checkpoints, thread_id)).items():
        newest_id = found.newest.row.id
        kept = {newest_id}
        if channels := found.incomplete():
            ancestors = await checkpoints.history(thread_id, ns, newest_id, channels)
            reach = max(span(ancestors, channel) for channel in channels)
            kept.update(stored.row.id for stored in ancestors[:reach])
        doomed.extend((thread_id, ns, id_) for id_ in found.ids if id_ not in kept)
    return doomed


async def _namespaces(checkpoints: Checkpoints, thread_id: str) -> dict[str, _Namespace]:
    namespaces: dict[str, _Namespace] = {}
    async for stored in newest_first(checkpoints, thread_id):
        found = namespaces.setdefault(stored.row.ns, _Namespace(stored))
        found.ids.append(stored.row.id)
        # LangGraph's own mark of a DeltaChannel; absent where the checkpoint holds the value itself.
        found.delta_channels.update(metadata_of(stored.row).get("counters_since_delta_snapshot") or ())
    return namespaces
