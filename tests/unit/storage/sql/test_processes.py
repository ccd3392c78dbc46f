"""Several processes on one file: nobody is locked out, and a killed one loses nothing it was told is stored."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

from saga_agent.storage.sql.adapter import SqlStorage

_WRITER = """
import asyncio, sys
from saga_agent.domain.project import Project
from saga_agent.storage.sql.adapter import SqlStorage

async def main(url, name, count):
    async with SqlStorage(url) as storage:
        for number in range(count):
            await storage.story.projects.create(Project(id=f"{name}{number:06}", name="A book"))
            print(f"{name}{number:06}", flush=True)

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


async def _start(url: str, name: str, count: int) -> asyncio.subprocess.Process:
    command = [sys.executable, "-c", _WRITER, url, name, str(count)]
    return await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


async def test_processes_make_and_write_one_file_together(sqlite_url: str):
    """The database does not exist when both begin; neither ever meets a lock."""
    writers = [await _start(sqlite_url, name, 200) for name in "abc"]

    for writer in writers:
        _, stderr = await writer.communicate()
        assert writer.returncode == 0, stderr.decode()

    async with SqlStorage(sqlite_url) as storage:
        assert len((await storage.story.projects.list("local", limit=1000)).items) == 600


async def test_kill_9_loses_no_acknowledged_write(sqlite_url: str, tmp_path: Path):
    writer = await _start(sqlite_url, "a", 1_000_000)
    assert writer.stdout is not None
    acknowledged = [(await writer.stdout.readline()).decode().strip() for _ in range(50)]
    writer.send_signal(signal.SIGKILL)
    acknowledged += (await writer.communicate())[0].decode().split()
    if len(acknowledged[-1]) != 7:
        acknowledged.pop()  # killed within the line

    async with SqlStorage(sqlite_url) as storage:
        page = await storage.story.projects.list("local", limit=1_000_000)
    stored = {project.id for project in page.items}
    assert len(acknowledged) >= 50
    assert set(acknowledged) <= stored
