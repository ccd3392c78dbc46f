"""A process is killed in the middle of an answer: what is lost, and how soon another one goes on."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from benchmarks.measure import Topic, console
from benchmarks.victim import row_hash
from saga_agent.domain.chunks import CHUNK, TextDelta

TOKENS_A_SECOND = 50
_MODEL = f"tokens=3000,delay_ms={1000 // TOKENS_A_SECOND}"
_CHARACTERS_A_TOKEN = 4.7
"""Of the words that the server sends."""


class _Process:
    """A saga in a process of its own, and what it has printed."""

    def __init__(self, database: str, model: str, role: str) -> None:
        command = [sys.executable, "-m", "benchmarks.victim", database, model, role]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.lines: list[list[str]] = []
        self._thread = Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.split())

    def kill(self) -> None:
        """Kills it and takes in what it had printed."""
        self._process.kill()
        self._process.wait()
        self._thread.join()

    def count(self, kind: str) -> int:
        """How many lines of that kind it has printed."""
        return sum(line[0] == kind for line in self.lines)


async def measure(url: str, folder: Path, *, quick: bool) -> Topic:
    """The topic's numbers."""
    kills = 2 if quick else 8
    topic = Topic(
        "Killed in the middle of an answer",
        f"A process writes an answer at {TOKENS_A_SECOND} tokens/s into SQLite and is ended with SIGKILL after some "
        f"seconds; another process with the same database was open before. {kills} times; the worst counts.",
    )
    lost_rows, lost_tokens, gaps = 0, 0.0, list[float]()
    for number in range(kills):
        rows, characters, gap = await _kill_once(url, folder / f"kill-{number}.db", after_seconds=1.5 + 0.7 * number)
        lost_rows, lost_tokens = lost_rows + rows, max(lost_tokens, characters / _CHARACTERS_A_TOKEN)
        gaps.append(gap)
        told = f"{rows} rows lost, {characters} characters not flushed, on after {gap:.2f} s"
        console.print(f"  kill {number + 1}: {told}", style="dim")
    topic.at_most("rows that were flushed and are not there", lost_rows, 0)
    # One interval of 100 ms, and what comes while that batch is on its way to the disk.
    topic.at_most("text seen, not flushed: tokens", lost_tokens, 0.1 * TOKENS_A_SECOND + 2)
    topic.at_most(
        "until the other process writes, after the kill",
        max(gaps),
        6,
        unit="s",
        detail=f" (shortest {min(gaps):.1f} s)",
    )
    return topic


async def _kill_once(url: str, database: Path, *, after_seconds: float) -> tuple[int, int, float]:
    """Rows lost, characters lost, and the seconds until the other process wrote."""
    place, model = f"sqlite+aiosqlite:///{database}", f"openai:{_MODEL}@{url}"
    writer = _Process(place, model, "write")
    heir: _Process | None = None
    try:
        await _until(lambda: writer.count("row") > 3, "the answer begins")
        heir = _Process(place, model, "wait")
        await _until(lambda: heir is not None and heir.count("ready") == 1, "the other process is open")
        await asyncio.sleep(after_seconds)
        killed_at = time.monotonic()
        writer.kill()
        stream_id = next(line[2] for line in writer.lines if line[0] == "run")
        await _until(lambda: _stored_rows(database, stream_id, epoch=2), "the other process goes on", seconds=60)
        gap = time.monotonic() - killed_at
    finally:
        writer.kill()
        if heir is not None:
            heir.kill()
    return *_lost(writer.lines, _stored_rows(database, stream_id, epoch=1)), gap


def _lost(lines: list[list[str]], stored: dict[int, str]) -> tuple[int, int]:
    """What the process knew to be stored and is not, and how many characters a reader saw that are not."""
    chunks = {seq: CHUNK.validate_json(text) for seq, text in stored.items()}
    told = {int(line[1]): line[2] for line in lines if line[0] == "row"}
    rows = sum(seq not in chunks or row_hash(chunks[seq]) != shown for seq, shown in told.items())
    said = max(int(line[1]) for line in lines if line[0] == "said")
    kept = sum(len(chunk.delta) for chunk in chunks.values() if isinstance(chunk, TextDelta))
    return rows, max(0, said - kept)


def _stored_rows(database: Path, stream_id: str, *, epoch: int) -> dict[int, str]:
    """The rows that were written under that epoch, from the file itself."""
    query = (
        "SELECT seq, chunk FROM saga_deltas JOIN saga_streams ON saga_streams.key = saga_deltas.stream_key"
        " WHERE saga_streams.id = ? AND saga_deltas.epoch = ?"
    )
    connection = sqlite3.connect(database, timeout=30)
    try:
        return dict(connection.execute(query, (stream_id, epoch)).fetchall())
    finally:
        connection.close()


async def _until(condition: Callable[[], object], what: str, *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s in vain until {what}")
        await asyncio.sleep(0.02)
