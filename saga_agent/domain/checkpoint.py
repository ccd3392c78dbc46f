"""Checkpoints as the journal keeps them: bytes with their places; the LangGraph saver knows what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Blob:
    """Serialized bytes and the tag of their format."""

    type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRow:
    """A checkpoint without its channel values; they lie beside it by version."""

    thread_id: str
    ns: str
    id: str
    parent_id: str | None
    checkpoint: Blob
    metadata: str
    """JSON text."""
    versions: Mapping[str, str]
    """Channel -> version, as text; which blobs the checkpoint is made of."""
    run_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRow:
    """A pending write of a task of a checkpoint; rows sort by (task_path, task_id, idx)."""

    task_id: str
    task_path: str
    idx: int
    channel: str
    value: Blob


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheckpoint:
    """A checkpoint with its channel values and pending writes."""

    row: CheckpointRow
    values: Mapping[str, Blob]
    writes: Sequence[WriteRow]
