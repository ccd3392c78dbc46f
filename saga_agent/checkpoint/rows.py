"""LangGraph's checkpoints and writes as the journal's rows, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    PendingWrite,
    get_serializable_checkpoint_metadata,
    writes_sort_key,
)
from langgraph.checkpoint.serde.base import SerializerProtocol

from saga_agent.checkpoint.place import Place
from saga_agent.domain.checkpoint import Blob, CheckpointRow, StoredCheckpoint, WriteRow
from saga_agent.errors import InvalidInput


def to_row(
    serde: SerializerProtocol, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata
) -> CheckpointRow:
    """The checkpoint without its channel values; the config's checkpoint is its parent.

    The metadata takes up the config's plain `metadata` and `configurable` values, readable and unencrypted.
    """
    parent = Place.of(config)
    full = get_serializable_checkpoint_metadata(config, metadata)
    run_id = full.get("run_id")
    return CheckpointRow(
        thread_id=parent.thread_id,
        ns=parent.ns,
        id=checkpoint["id"],
        parent_id=parent.checkpoint_id,
        checkpoint=_dump(serde, {key: value for key, value in checkpoint.items() if key != "channel_values"}),
        metadata=_metadata_text(full),
        versions={channel: str(version) for channel, version in checkpoint["channel_versions"].items()},
        run_id=None if run_id is None else str(run_id),
    )


def to_values(serde: SerializerProtocol, checkpoint: Checkpoint, new_versions: ChannelVersions) -> dict[str, Blob]:
    """The channels that changed with this checkpoint and hold a value; the others lie under older versions."""
    values = checkpoint["channel_values"]
    return {channel: _dump(serde, values[channel]) for channel in new_versions if channel in values}


def to_writes(
    serde: SerializerProtocol, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str
) -> list[WriteRow]:
    """A task's writes by index; of several errors, interrupts or resumes in one call the last stays."""
    rows: dict[int, WriteRow] = {}
    for position, (channel, value) in enumerate(writes):
        idx = WRITES_IDX_MAP.get(channel, position)
        rows[idx] = WriteRow(task_id=task_id, task_path=task_path, idx=idx, channel=channel, value=_dump(serde, value))
    return list(rows.values())


def to_tuple(serde: SerializerProtocol, stored: StoredCheckpoint) -> CheckpointTuple:
    """The checkpoint as LangGraph takes it, with its channel values and pending writes."""
    row = stored.row
    values = {channel: load(serde, blob) for channel, blob in stored.values.items()}
    parent = Place(thread_id=row.thread_id, ns=row.ns, checkpoint_id=row.parent_id)
    return CheckpointTuple(
        config=Place(thread_id=row.thread_id, ns=row.ns, checkpoint_id=row.id).config(),
        checkpoint=cast(Checkpoint, {**load(serde, row.checkpoint), "channel_values": values}),
        metadata=cast(CheckpointMetadata, metadata_of(row)),
        parent_config=parent.config() if row.parent_id else None,
        pending_writes=[to_pending(serde, write) for write in in_order(stored.writes)],
    )


def to_pending(serde: SerializerProtocol, write: WriteRow) -> PendingWrite:
    """The write as LangGraph takes it."""
    return write.task_id, write.channel, load(serde, write.value)


def in_order(writes: Sequence[WriteRow]) -> list[WriteRow]:
    """The writes in the order the run applied them; a database's collation may have another."""
    return sorted(writes, key=lambda write: writes_sort_key(write.task_path, write.task_id, write.idx))


def metadata_of(row: CheckpointRow) -> Mapping[str, Any]:
    """The checkpoint's metadata; tuples in it have become lists."""
    return json.loads(row.metadata)


def load(serde: SerializerProtocol, blob: Blob) -> Any:
    """The value in the blob."""
    return serde.loads_typed((blob.type, blob.data))


def _dump(serde: SerializerProtocol, value: object) -> Blob:
    kind, data = serde.dumps_typed(value)
    return Blob(kind, bytes(data))


def _metadata_text(metadata: CheckpointMetadata) -> str:
    try:
        return json.dumps(metadata, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"Checkpoint metadata must be JSON: {error}.") from error
