"""Checkpoints, values and writes to try a journal with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from saga_agent.domain.checkpoint import Blob, CheckpointRow, StoredCheckpoint, WriteRow
from saga_agent.storage.adapter import Storage


def blob(text: str) -> Blob:
    """A value that is recognised by its text."""
    return Blob("msgpack", text.encode())


def row(
    number: int,
    *,
    thread_id: str = "thr_1",
    ns: str = "",
    versions: Mapping[str, str] | None = None,
    run_id: str | None = None,
) -> CheckpointRow:
    """Checkpoint `number` of a chain: its parent is the one before."""
    return CheckpointRow(
        thread_id=thread_id,
        ns=ns,
        id=f"1ef{number:05}",
        parent_id=f"1ef{number - 1:05}" if number > 1 else None,
        checkpoint=blob(f"checkpoint {number}"),
        metadata=f'{{"step": {number}}}',
        versions=versions or {},
        run_id=run_id,
    )


def write(task: str, idx: int, text: str = "value", *, channel: str = "messages", path: str = "") -> WriteRow:
    """A pending write."""
    return WriteRow(task_id=task, task_path=path, idx=idx, channel=channel, value=blob(text))


async def put_chain(storage: Storage, count: int, *, thread_id: str = "thr_1", ns: str = "") -> None:
    """Puts checkpoints 1 to `count`; channel `a` changes in each, channel `b` stays at its first version."""
    for number in range(1, count + 1):
        values = {"a": blob(f"a{number}"), **({"b": blob("b1")} if number == 1 else {})}
        chained = row(number, thread_id=thread_id, ns=ns, versions={"a": str(number), "b": "1"})
        await storage.journal.checkpoints.put(chained, values, fence=None)


def ids(found: Sequence[StoredCheckpoint]) -> list[str]:
    """The ids of the checkpoints, in order."""
    return [stored.row.id for stored in found]
