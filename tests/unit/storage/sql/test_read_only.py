"""A database that may only be read: what reads works, what writes says so."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import saga_agent as sa
from saga_agent.storage.sql.tables.definitions import VERSION_TABLE

ROOT = Path(__file__).parents[4]
SAGA = "import sys; from saga_agent.cli.main import main; main(sys.argv[1:])"


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    path = tmp_path / "kept" / "saga.db"
    path.parent.mkdir()
    async with sa.Saga.open(database=f"sqlite:///{path}", model="offline") as saga:
        project = await saga.story.projects.create(name="The Ferry")
        await saga.story.documents.create(project.id, number=1, text="Tove rowed.")
        thread = await saga.threads.create(project_id=project.id)
        await (await saga.send(thread.id, "Who rowed?")).result()
    return path


async def test_everything_can_be_read_and_a_write_is_refused_in_a_sentence(database: Path):
    before = database.read_bytes()
    async with sa.Saga.open(
        database=f"sqlite:///{database}?mode=ro", model="offline", runs=sa.RunSettings(works=False)
    ) as saga:
        (project,) = (await saga.story.projects.list()).items
        hits = await saga.story.documents.search(project.id, "rowed")
        with pytest.raises(sa.StorageUnavailable, match="is read-only; allow writing"):
            await saga.story.projects.create(name="Another")

    assert (project.name, len(hits)) == ("The Ferry", 1)
    assert database.read_bytes() == before


async def test_one_of_an_older_schema_is_told_and_left_alone(database: Path):
    with sqlite3.connect(database) as connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0001'")
    connection.close()

    with pytest.raises(sa.SchemaMismatch):
        await sa.Saga.open(
            database=f"sqlite:///{database}?mode=ro", model="offline", runs=sa.RunSettings(works=False)
        ).start()


@pytest.mark.parametrize("command", [("runs", "ls"), ("projects", "ls"), ("threads", "ls")])
def test_the_commands_that_read_work(database: Path, command: tuple[str, ...]):
    url = f"sqlite:///{database}?mode=ro"

    told = subprocess.run(
        [sys.executable, "-c", SAGA, *command, "--json", "--database", url],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )

    assert told.returncode == 0, told.stderr
    assert len(json.loads(told.stdout)) == 1
