"""A long book goes in a batch at a time, and an import that dies half-way is completed by the next one."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import saga_agent as sa
from saga_agent.storage.sql.adapter import SqlStorage

ROOT = Path(__file__).parents[2]
CHAPTERS = 80
IMPORTER = """
import asyncio, sys
import saga_agent as sa

async def main(database, project_id, path):
    async with sa.Saga.open(database=database, model="offline") as saga:
        told = lambda done, total, what: print(done, flush=True)
        await saga.import_manuscript(project_id, path, dry_run=False, progress=told)

asyncio.run(main(*sys.argv[1:]))
"""


def write_book(folder: Path) -> Path:
    path = folder / "book.txt"
    line = "Mira Vance rowed to Lysne Bank before the light was up, and nobody saw her go but Reed. "
    path.write_text("".join(f"CHAPTER {n}\n\n{line * 30}\nDay {n}.\n\n" for n in range(1, CHAPTERS + 1)))
    return path


async def test_a_batch_of_chapters_is_written_together(tmp_path: Path):
    storage = SqlStorage(f"sqlite+aiosqlite:///{tmp_path / 'saga.db'}")
    async with sa.Saga.open(storage=storage, model="offline") as saga:
        project = await saga.story.projects.create(name="Book")
        before = storage.database.commits

        report = await saga.import_manuscript(project.id, write_book(tmp_path), dry_run=False)

        assert report.chapters == CHAPTERS
        assert all(document.names > 0 for document in report.documents)
        # How many share a commit is up to the machine: on a busy one, chapters are less often ready at the same moment.
        assert storage.database.commits - before < 2 * CHAPTERS, "one chapter alone takes three"


async def test_an_import_that_is_killed_half_way_is_completed_by_the_next(tmp_path: Path):
    database, book = f"sqlite+aiosqlite:///{tmp_path / 'saga.db'}", write_book(tmp_path)
    async with sa.Saga.open(database=database, model="offline") as saga:
        project = await saga.story.projects.create(name="Book")
    importer = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        IMPORTER,
        database,
        project.id,
        str(book),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert importer.stdout is not None
    while int(await importer.stdout.readline()) == 0:
        pass
    importer.send_signal(signal.SIGKILL)
    await importer.communicate()

    async with sa.Saga.open(database=database, model="offline") as saga:
        half = [head async for head in saga.story.documents.all(project.id)]
        report = await saga.import_manuscript(project.id, book, dry_run=False)
        again = await saga.import_manuscript(project.id, book, dry_run=False)
        hits = await saga.story.documents.search(project.id, f"Day {CHAPTERS}")

    assert 0 < len(half) < CHAPTERS
    assert {each.document_id for each in report.documents if each.action == "unchanged"} == {head.id for head in half}
    assert report.chapters == CHAPTERS
    assert len({each.names for each in report.documents}) == 1
    assert [(each.action, each.names) for each in again.documents] == [
        ("unchanged", each.names) for each in report.documents
    ]
    assert hits
