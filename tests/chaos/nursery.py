"""Where the workers of the chaos come from: a process that has imported everything and forks, so that a death is cheap.

`python -m tests.chaos.nursery` reads orders, a line each: a JSON list of a worker's arguments, to fork it, or the id
of one, to kill it. The workers tell their ids when they are at work. When its input ends, it kills those that are left.
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
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

from tests.chaos import worker
from tests.chaos.holders import note_kill

ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 120.0
_LAZY = (
    "saga_agent.storage.sql.adapter",
    "saga_agent.storage.sql.engine.sqlite",
    "saga_agent.storage.sql.engine.postgres",
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
        self._orders.write(json.dumps(pid).encode() + b"\n")
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (line := await self._news.readline()).strip() != f"gone {pid}".encode():
                if not line:
                    raise RuntimeError("the nursery ended by itself; its complaint stands above")


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
    """Forks and kills until there is nothing more to read."""
    for name in _LAZY:
        importlib.import_module(name)
    children: set[int] = set()
    for line in sys.stdin:
        order: list[str] | int = json.loads(line)
        if isinstance(order, int):
            _kill(order)
            children.discard(order)
            print(f"gone {order}", flush=True)
        elif pid := os.fork():
            children.add(pid)
        else:
            _work(order)
    for pid in children:
        _kill(pid)


def _kill(pid: int) -> None:
    """Ends a child. Its id is nobody else's until it has been waited for, and only its parent may be sure of that."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _work(arguments: list[str]) -> NoReturn:
    """The life of a forked worker."""
    os.close(0)
    try:
        worker.run(arguments)
    finally:
        os._exit(1)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)  # faults are reported by the hundred
    main()
