"""A checkpoint that could not be stored in the background is told at the next word, whatever it is."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest

from saga_agent.checkpoint.backlog import Backlog
from saga_agent.domain.checkpoint import CheckpointRow, WriteRow
from saga_agent.errors import StaleEpoch


class Taken:
    """Checkpoints of a run that another runner has taken: it refuses what comes first, and would take what follows."""

    def __init__(self) -> None:
        self.tried = asyncio.Event()
        self.stored: list[str] = []

    async def put(self, row: CheckpointRow, values: Mapping[str, Any], *, fence: Any) -> None:
        if not self.tried.is_set():
            self.tried.set()
            raise StaleEpoch("run-1", epoch=1, current=2)
        self.stored.append(row.id)

    async def put_writes(self, *args: Any, **kwargs: Any) -> None:
        self.stored.append("writes")


def row(row_id: str) -> CheckpointRow:
    return CheckpointRow(
        thread_id="run-1", ns="", id=row_id, parent_id=None, checkpoint=("json", b"{}"), metadata="{}", versions={}
    )


NEXT: dict[str, Callable[[Backlog], Awaitable[None]]] = {
    "put": lambda backlog: backlog.put(row("2"), {}, fence=None, at_once=False),
    "put at once": lambda backlog: backlog.put(row("2"), {}, fence=None, at_once=True),
    "writes": lambda backlog: backlog.put_writes("1", writes(), fence=None, at_once=False),
    "store": lambda backlog: backlog.store(),
}


def writes() -> Sequence[WriteRow]:
    return []


@pytest.mark.parametrize("word", NEXT.values(), ids=NEXT)
async def test_a_store_that_failed_in_the_background_is_told_at_the_next_word(
    word: Callable[[Backlog], Awaitable[None]],
) -> None:
    checkpoints = Taken()
    backlog = Backlog(checkpoints, "run-1", is_new=False, wait_seconds=0)  # pyright: ignore[reportArgumentType]
    await backlog.put(row("1"), {}, fence=None, at_once=False)
    await checkpoints.tried.wait()
    await asyncio.sleep(0)

    for _ in range(2):  # and it stays so: what comes after would hang in the air
        with pytest.raises(StaleEpoch):
            await word(backlog)
    await asyncio.sleep(0)
    assert checkpoints.stored == []


class Open:
    """Checkpoints that take what comes, and tell it."""

    def __init__(self) -> None:
        self.stored: list[tuple[str, Sequence[WriteRow]]] = []
        self.has_writes = asyncio.Event()

    async def put(self, row: CheckpointRow, values: Mapping[str, Any], *, fence: Any) -> None:
        self.stored.append((row.id, ()))

    async def put_writes(
        self, thread_id: str, ns: str, checkpoint_id: str, rows: Sequence[WriteRow], *, fence: Any
    ) -> None:
        self.stored.append((checkpoint_id, rows))
        self.has_writes.set()


async def test_writes_that_no_checkpoint_follows_are_stored_behind_their_own() -> None:
    checkpoints = Open()
    backlog = Backlog(checkpoints, "run-1", is_new=False, wait_seconds=0)  # pyright: ignore[reportArgumentType]
    write = WriteRow(task_id="t", task_path="", idx=0, channel="messages", value=("json", b"{}"))
    await backlog.put(row("1"), {}, fence=None, at_once=False)
    await backlog.put_writes("1", [write], fence=None, at_once=False)

    await asyncio.wait_for(checkpoints.has_writes.wait(), 10)

    assert checkpoints.stored == [("1", ()), ("1", [write])]
