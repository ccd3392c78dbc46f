"""What was found is known to whoever opens the database next, in this process or another."""

from __future__ import annotations

import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE

from saga_agent.app import Saga

_CHECK = """
import asyncio, sys
from saga_agent.app import Saga

async def main():
    async with Saga.open(database=sys.argv[1]) as saga:
        report = await saga.story.check(sys.argv[2])
    print(report.rev, *report.fixed)

asyncio.run(main())
"""


async def test_another_process_on_the_database_knows_what_was_found(url: str) -> None:
    async with Saga.open(database=url) as saga:
        project = await saga.story.projects.create(name="Crossing")
        fact = await saga.story.facts.create(project.id, subject_id="gone", predicate="eyes", value="blue")
        (found,) = (await saga.story.check(project.id)).findings
        await saga.story.facts.update(project.id, fact.id, status="rejected")

    other = await create_subprocess_exec(sys.executable, "-c", _CHECK, url, project.id, stdout=PIPE, stderr=PIPE)
    stdout, stderr = await other.communicate()

    assert stdout.decode().split() == ["2", found.id], stderr.decode()
