"""Where the workers of the chaos come from: a process that has imported everything and forks, so that a death is cheap.

`python -m tests.chaos.nursery` reads a worker's arguments, a JSON list in a line, forks, and tells the worker's id; the
workers themselves tell when they are at work. When its input ends, it kills those that are left.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NoReturn

from tests.chaos import worker
from tests.chaos.holders import note_kill

ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 120.0
_LOOK_SECONDS = 0.01
_LAZY = (
    "saga_agent.storage.sql.adapter",
    "saga_agent.storage.sql.sqlite",
    "saga_agent.storage.sql.postgres",
    "psycopg",
)
"""What a worker would import when it opens the database."""


class Nursery:
    """The forking process, as the storm has it."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._orders, self._news, self._folder = process.stdin, process.stdout, folder

    async def spawn(self, *arguments: object) -> int:
        """One more worker, which is at work when this returns; its process id."""
        self._orders.write(json.dumps([str(each) for each in arguments]).encode() + b"\n")
        async with asyncio.timeout(_PATIENCE_SECONDS):
            line = await self._news.readline()
        if not line.strip().isdigit():
            raise RuntimeError("a worker ended by itself; its complaint stands above")
        return int(line)

    async def kill(self, pid: int) -> None:
        """SIGKILL; the process is gone when this returns."""
        note_kill(self._folder, pid)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            while True:
                os.kill(pid, 0)
                await asyncio.sleep(_LOOK_SECONDS)


@asynccontextmanager
async def open_nursery(folder: Path) -> AsyncGenerator[Nursery]:
    """A nursery, whose workers end with it."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.nursery", cwd=ROOT, stdin=pipe, stdout=pipe
    )
    try:
        yield Nursery(process, folder)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def main() -> None:
    """Forks until there is nothing more to read."""
    for name in _LAZY:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are gone at once, and nobody takes them for living
    children: list[int] = []
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _work(json.loads(line))
        children.append(pid)
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _work(arguments: list[str]) -> NoReturn:
    """The life of a forked worker."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.close(0)
    try:
        worker.run(arguments)
    finally:
        os._exit(1)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)  # faults are reported by the hundred
    main()
