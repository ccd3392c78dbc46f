"""The end of a project: one verb stops its runs and lets go of everything, from wherever it is called and cut off."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import fields, replace
from functools import partial
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import pytest

from saga_agent.app import Saga
from saga_agent.cli.main import main
from saga_agent.domain.hunk import Hunk
from saga_agent.domain.record import Provenance
from saga_agent.domain.requests import Approve, GrantTerms
from saga_agent.errors import NotFound, RunFailed, RunPaused, StorageUnavailable
from saga_agent.models.scripted import Call, Say, ScriptedModel, Turn, Wait
from saga_agent.runs.settings import RunSettings
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.story import MemoryProjects
from saga_agent.storage.ports.journal import Journal
from saga_agent.storage.ports.story import StoryPorts
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.testing.faults import Fault, FaultPlan, FaultyStorage
from tests.acceptance.server.serving import Page as WebPage
from tests.acceptance.server.serving import serving

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82"
)
ASKS = Call("create_entity", {"type": "character", "name": "Ari"})
NOT_OF_PROJECTS = {"saga_schema"}
"""What may have rows when nothing of a project is left; what guests have spent would be in the tables of quotas."""


def rows(path: Path) -> dict[str, int]:
    """How many rows each table of the database has, those with none left out."""
    with sqlite3.connect(path) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {
            name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in names
            if not name.startswith(("saga_passages_fts_", "sqlite_"))
        }
    return {name: count for name, count in found.items() if count and name not in NOT_OF_PROJECTS}


def model() -> ScriptedModel:
    """Asks for an entity that may be created, then says a word; as often as wanted."""
    return ScriptedModel([Turn(calls=[ASKS]), Say("Ari is in.")] * 4)


async def live_in(saga: Saga) -> str:
    """A project of which there is something of every kind; its id."""
    story = saga.story
    project = await story.projects.create(name="Crossing")
    one = await story.documents.create(project.id, title="Ice", number=1, text="Mara met Tam at the Kennels.")
    author = story.written_by(Provenance(by="agent", run_id="run_1", call_id="call_1"))
    mara = await author.entities.create(project.id, type="character", name="Mara")
    tam = await author.entities.create(project.id, type="character", name="Tam")
    await story.relationships.create(project.id, type="knows", source_id=mara.id, target_id=tam.id)
    await story.facts.create(project.id, subject_id=mara.id, predicate="eyes", value="grey")
    await story.captures.add(project.id, title="Map", image=PNG)
    await story.decisions.create(project.id, decision="She stays.", subject_ids=[mara.id])
    hunk = Hunk(id="h1", before="Tam", after="Ari", start=9)
    await story.proposals.create(project.id, kind="edit", target_id=one.id, base_rev=one.rev, hunks=[hunk])
    await story.waivers.create(project.id, code="x", target=one.id, reason="Meant so.", who="local")
    await story.presence.create(project.id, who="local", document_id=one.id, seen_at=1.0)
    await saga.storage.journal.embeddings.replace(project.id, one.id, "model", {"ab" * 32: b"\x00" * 4})
    await saga.storage.journal.owners.claim_default_project("local", project.id, instead_of=None)
    thread = await saga.threads.create(project_id=project.id, chat_id="chat-1")
    run = await saga.send(thread.id, "Add Ari")
    with pytest.raises(RunPaused) as pause:
        await run.result()
    grant = GrantTerms(scope="project", patterns={})
    await saga.answer(run.id, {pause.value.requests[0].id: Approve(grant=grant)})
    await run.result()
    await saga._runner.wait(run.id)  # pyright: ignore[reportPrivateUsage]
    gone = await saga.threads.create(project_id=project.id)
    other = await saga.send(gone.id, "Add Ari")
    await other.result()
    await saga._runner.wait(other.id)  # pyright: ignore[reportPrivateUsage]
    return project.id


@pytest.fixture
async def lived(tmp_path: Path) -> AsyncIterator[tuple[Saga, str, Path]]:
    """A saga on SQLite with such a project, and where its file is."""
    path = tmp_path / "saga.db"
    async with Saga.open(database=f"sqlite+aiosqlite:///{path}", model=model()) as saga:
        yield saga, await live_in(saga), path


async def test_nothing_of_a_project_is_left_in_any_table(lived: tuple[Saga, str, Path]) -> None:
    saga, project_id, path = lived
    before = rows(path)
    assert len(before) >= 25, before

    await saga.story.projects.delete(project_id)

    assert rows(path) == {}
    with pytest.raises(NotFound):
        await saga.story.projects.delete(project_id)


async def test_a_grant_that_outlived_its_thread_and_was_revoked_goes_with_its_words(
    lived: tuple[Saga, str, Path],
) -> None:
    saga, project_id, path = lived
    (grant,) = await saga.grants.list()
    for thread in (await saga.threads.list()).items:
        await saga.threads.delete(thread.id)
    await saga.grants.revoke(grant.id)
    assert rows(path)["saga_audit"] == 1

    await saga.story.projects.delete(project_id)

    assert rows(path) == {}


async def test_the_end_of_one_project_leaves_another_whole(lived: tuple[Saga, str, Path]) -> None:
    saga, first, path = lived
    alone = rows(path)
    second = await saga.story.projects.create(name="Other")
    await saga.story.documents.create(second.id, title="Ice", text="Tove slept at the Ferry.")

    await saga.story.projects.delete(second.id)

    assert rows(path) == alone
    assert (await saga.story.documents.search(first, "Kennels"))[0].title


async def test_it_is_one_verb_over_http_and_on_the_command_line(lived: tuple[Saga, str, Path]) -> None:
    saga, project_id, path = lived
    async with serving(saga) as served, WebPage(served.url).client() as client:
        assert (await client.delete(f"/projects/{project_id}")).status_code == 204
    assert rows(path) == {}

    again = await live_in(saga)
    arguments = ["projects", "rm", again, "--yes", "--database", str(path)]
    with pytest.raises(SystemExit) as exit_:
        await asyncio.to_thread(main, arguments)

    assert exit_.value.code == 0
    assert rows(path) == {}


async def test_a_run_at_work_in_another_process_is_stopped_first(lived: tuple[Saga, str, Path]) -> None:
    saga, project_id, path = lived
    never = asyncio.Event()
    slow = ScriptedModel([Turn(Say("Low "), Wait(never))])
    async with Saga.open(database=f"sqlite+aiosqlite:///{path}", model=slow) as elsewhere:
        thread = await elsewhere.threads.create(project_id=project_id)
        run = await elsewhere.send(thread.id, "Begin.")
        chunks = run.chunks()
        while (await anext(chunks)).type != "text-delta":
            pass
        result = asyncio.create_task(run.result())

        await saga.story.projects.delete(project_id)

        with pytest.raises((RunFailed, NotFound)):
            await result
        assert rows(path) == {}


async def test_a_run_at_work_here_and_one_that_waits_are_stopped_first(lived: tuple[Saga, str, Path]) -> None:
    _, project_id, path = lived
    steps = [Turn(calls=[ASKS]), Turn(Say("Low "), Wait(asyncio.Event()))]
    async with Saga.open(database=f"sqlite+aiosqlite:///{path}", model=ScriptedModel(steps)) as saga:
        other = await saga.story.projects.create(name="Other")
        waits = await saga.send((await saga.threads.create(project_id=other.id)).id, "Add Ari")
        with pytest.raises(RunPaused):
            await waits.result()
        works = await saga.send((await saga.threads.create(project_id=other.id)).id, "Begin.")
        assert [chunk async for chunk in _until_text(works.chunks())]

        await saga.story.projects.delete(other.id)

        assert await saga.runs(thread_id=works.thread_id) == []
        assert [project.id for project in (await saga.story.projects.list()).items] == [project_id]


async def _until_text(chunks: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for chunk in chunks:
        yield chunk
        if chunk.type == "text-delta":
            return


class HostProjects(MemoryProjects):
    """Projects that a host keeps in a table of its own."""

    def forget(self, project_id: str) -> None:
        """The host removes its own row, as its own app does."""
        del self._rows[project_id]


async def test_a_host_that_removed_its_own_row_ends_what_it_left(tmp_path: Path) -> None:
    path, projects = tmp_path / "saga.db", HostProjects()
    storage = Storage.compose(story={"projects": projects}, rest=SqlStorage(f"sqlite+aiosqlite:///{path}"))
    async with Saga.open(storage=storage, model=model()) as saga:
        project_id = await live_in(saga)
        projects.forget(project_id)
        with pytest.raises(NotFound):
            await saga.acting_as("somebody else").story.projects.delete(project_id)
        assert rows(path)["saga_passages"] > 0

        await saga.story.projects.delete(project_id)

        assert rows(path) == {}
        with pytest.raises(NotFound):
            await saga.story.projects.delete(project_id)


class _Failing:
    """A port or noun whose verbs count down to one that fails, before or after it did what it should."""

    def __init__(self, inner: object, calls: Iterator[int], *, at: int, how: str) -> None:
        self._inner, self._calls, self._at, self._how = inner, calls, at, how

    def __getattr__(self, verb: str) -> object:
        inner = getattr(self._inner, verb)
        return partial(self._call, inner) if iscoroutinefunction(inner) else inner

    async def _call(self, inner: Any, *args: Any, **kwargs: Any) -> object:
        fails = next(self._calls) == self._at
        if fails and self._how == "before":
            raise StorageUnavailable("A fault of the test.")
        found = await inner(*args, **kwargs)
        if fails:
            raise StorageUnavailable("A fault of the test.")
        return found


def _failing(storage: Storage, calls: Iterator[int], *, at: int, how: str) -> Storage:
    """The storage with one call, of any story port or noun of the journal, that fails."""
    faulty = Storage()
    wrap = partial(_Failing, calls=calls, at=at, how=how)
    ports = {port.name: wrap(getattr(storage.story, port.name)) for port in fields(StoryPorts)}
    nouns = {noun.name: wrap(getattr(storage.journal, noun.name)) for noun in fields(Journal)}
    faulty.story = replace(storage.story, **ports)
    faulty.journal = replace(storage.journal, **nouns)
    return faulty


async def test_it_is_completed_by_its_repetition_whichever_call_fails(tmp_path: Path) -> None:
    path = tmp_path / "saga.db"
    async with SqlStorage(f"sqlite+aiosqlite:///{path}") as storage:
        saga = Saga.open(storage=storage, model="offline", runs=RunSettings(works=False))
        for how in ("before", "after"):
            at, is_over = 0, False
            while not is_over:
                project = await saga.story.projects.create(name="Crossing")
                await saga.story.documents.create(project.id, title="Ice", text="Mara met Tam.")
                await saga.story.entities.create(project.id, type="character", name="Mara")
                await saga.threads.create(project_id=project.id)
                calls = iter(range(1000))
                faulty = Saga.open(
                    storage=_failing(storage, calls, at=at, how=how), model="offline", runs=RunSettings(works=False)
                )
                try:
                    await faulty.story.projects.delete(project.id)
                    is_over = next(calls) <= at  # there was no such call
                except StorageUnavailable:
                    with suppress(NotFound):  # it had all been done
                        await saga.story.projects.delete(project.id)
                assert rows(path) == {}, (how, at)
                at += 1
            assert at > 15


async def test_a_fault_of_the_journal_leaves_the_project_to_be_ended_again(tmp_path: Path) -> None:
    path = tmp_path / "saga.db"
    plan = FaultPlan(Fault("ends.project", "before", on=1))
    storage = FaultyStorage(SqlStorage(f"sqlite+aiosqlite:///{path}"), plan)
    async with Saga.open(storage=storage, model=model()) as saga:
        project_id = await live_in(saga)
        before = rows(path)

        with pytest.raises(StorageUnavailable):
            await saga.story.projects.delete(project_id)

        assert rows(path) == before
        await saga.story.projects.delete(project_id)
        assert rows(path) == {}


KILLED = """
import asyncio, os, signal, sys
from saga_agent.app import Saga
from saga_agent.runs.settings import RunSettings
from saga_agent.storage.adapter import Storage
from saga_agent.storage.sql.adapter import SqlStorage

class Kills:
    def __init__(self, inner): self._inner = inner
    def __getattr__(self, name): return getattr(self._inner, name)
    async def purge(self, project_id):
        os.kill(os.getpid(), signal.SIGKILL)

async def main(url, project_id):
    inner = SqlStorage(url)
    storage = Storage.compose(story={"facts": Kills(inner.story.facts)}, rest=inner)
    async with Saga.open(storage=storage, runs=RunSettings(works=False)) as saga:
        await saga.story.projects.delete(project_id)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_it_is_completed_after_a_kill(lived: tuple[Saga, str, Path]) -> None:
    saga, project_id, path = lived
    command = [sys.executable, "-c", KILLED, f"sqlite+aiosqlite:///{path}", project_id]
    killed = await asyncio.to_thread(subprocess.run, command, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert "saga_projects" in rows(path)

    await saga.story.projects.delete(project_id)

    assert rows(path) == {}
