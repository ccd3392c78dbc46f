"""Ids from clients: what cannot be addressed is not stored, and nobody learns of, or takes, what others have."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest

from saga_agent.actor import Actor
from saga_agent.app import Saga
from saga_agent.domain.journal import PageMessage
from saga_agent.domain.project import Project
from saga_agent.domain.requests import Approve
from saga_agent.errors import InvalidInput, NotFound, SagaError
from saga_agent.ids import derived_id
from tests.acceptance.server.serving import Page, serving
from tests.attack.hostile_ids import FAIR_IDS, HOSTILE_IDS

RECORDS: dict[str, dict[str, Any]] = {
    "documents": {"title": "One"},
    "entities": {"type": "character", "name": "Mara"},
    "captures": {"text": "Fog."},
    "facts": {"subject_id": "ent", "predicate": "age", "value": 7},
    "relationships": {"type": "knows", "source_id": "ent", "target_id": "tam"},
    "decisions": {"decision": "She stays."},
    "waivers": {"code": "x", "target": "y", "reason": "z", "who": "me"},
    "presence": {"who": "me", "seen_at": 1.0},
}


@pytest.fixture(params=["memory", "sqlite"])
async def saga(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Saga]:
    database = "memory://" if request.param == "memory" else f"sqlite+aiosqlite:///{tmp_path}/saga.db"
    async with Saga.open(database=database, model="offline") as saga:
        yield saga


@pytest.fixture
async def in_memory() -> AsyncIterator[Saga]:
    async with Saga.open(database="memory://", model="offline") as saga:
        yield saga


async def test_no_door_of_python_stores_a_hostile_id(saga: Saga):
    project = await saga.story.projects.create(name="Mine")
    for entity_id in ("ent", "tam"):
        await saga.story.entities.create(project.id, id=entity_id, type="character", name=entity_id)
    thread = await saga.threads.create(project_id=project.id)
    doors: dict[str, Callable[[str], Awaitable[object]]] = {
        port: lambda given, port=port: getattr(saga.story, port).create(project.id, id=given, **RECORDS[port])
        for port in RECORDS
    }
    doors["projects"] = lambda given: saga.story.projects.create(id=given, name="Mine")
    doors["chats"] = lambda given: saga.threads.create(project_id=project.id, chat_id=given)
    doors["messages"] = lambda given: saga.send(thread.id, "Hello.", message_id=given)

    for (name, given), (door, give) in product(HOSTILE_IDS.items(), doors.items()):
        with pytest.raises(InvalidInput) as refused:
            await give(given)
        assert len(str(refused.value)) < 250, (name, door)  # it does not hand back 10 kB
        assert str(refused.value).isprintable(), (name, door)

    assert [each.id for each in (await saga.story.projects.list()).items] == [project.id]
    assert [each.id for each in (await saga.threads.list()).items] == [thread.id]
    for port in RECORDS.keys() - {"entities"}:
        assert (await getattr(saga.story, port).list(project.id)).items == (), port
    await saga.story.documents.create(project.id, text="Mara met Tam.")  # the project still takes documents


async def test_an_id_of_the_pattern_is_found_again_by_each_route(in_memory: Saga):
    async with serving(in_memory) as served, Page(served.url).client() as client:
        for given in FAIR_IDS:
            await _is_found_again(client, given)


async def _is_found_again(client: httpx.AsyncClient, given: str) -> None:
    body = {"id": given, "type": "character", "name": "Mara"}
    assert (await client.post("/entities", json=body)).status_code == 201
    assert (await client.get(f"/entities/{given}")).json()["id"] == given
    assert (await client.delete(f"/entities/{given}")).status_code == 204
    assert (await client.get(f"/ai/saga/{given}/messages")).json() == {"messages": []}


async def test_no_route_stores_a_hostile_id(in_memory: Saga):
    bodies: dict[str, dict[str, Any]] = {
        "/documents": {"title": "One"},
        "/entities": {"type": "character", "name": "Mara"},
        "/captures": {"text": "Fog."},
        "/projects": {"name": "Mine"},
        "/ai/saga": {"message": {"id": "m", "role": "user", "parts": [{"type": "text", "text": "Hi"}]}},
    }
    async with serving(in_memory) as served, Page(served.url, owner="ada").client() as client:
        for (name, given), (path, body) in product(HOSTILE_IDS.items(), bodies.items()):
            content = json.dumps({"id": given, **body})
            answer = await client.post(path, content=content, headers={"content-type": "application/json"})
            assert answer.status_code == 400, (name, path, answer.text)
            assert len(answer.text) < 1000, (name, path)
        for path in ("/documents", "/entities", "/captures"):
            assert (await client.get(path)).json()["items"] == [], path
        assert (await client.post("/documents", json={"text": "Mara met Tam."})).status_code == 201


@pytest.mark.parametrize("owner_id", ["", " ", "a\0b", "a\ud83d", "x" * 256, "a\nb"])
def test_an_owner_has_an_id_that_can_be_written_down(owner_id: str):
    with pytest.raises(InvalidInput, match="owner"):
        Saga.open(database="memory://").acting_as(owner_id)


async def test_the_id_of_a_project_is_not_for_callers_to_choose(saga: Saga):
    """Ids of projects are shared by all: an answer that differs by who has one tells of it."""
    bobs = await saga.acting_as("bob").story.projects.create(name="Secret")
    async with serving(saga) as served, Page(served.url, owner="mallory").client() as client:
        answers = [await client.post("/projects", json={"id": each, "name": "Mine"}) for each in (bobs.id, "free")]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("has_posted", [False, True])
async def test_nobody_takes_the_default_project_of_another(saga: Saga, has_posted: bool):
    predictable = derived_id("prj", "default", "bob")
    async with serving(saga) as served:
        async with Page(served.url, owner="mallory").client() as mallory:
            assert (await mallory.post("/projects", json={"id": predictable, "name": "Mine"})).status_code == 400
        if not has_posted:  # as a database may hold it from before, or a host's own route would store it
            await saga.storage.story.projects.create(Project(id=predictable, owner_id="mallory", name="Mine"))
        async with Page(served.url, owner="bob").client() as bob:
            assert (await bob.post("/entities", json={"type": "character", "name": "Mara"})).status_code == 201
            (project,) = (await bob.get("/projects")).json()["items"]

    assert project["owner_id"] == "bob"
    assert project["id"] != predictable


async def test_a_default_project_from_before_stays_the_default(saga: Saga):
    former = derived_id("prj", "default", "bob")
    await saga.storage.story.projects.create(Project(id=former, owner_id="bob", name="My story"))

    assert (await saga.acting_as("bob").story.projects.default()).id == former


async def test_an_owner_has_one_default_project_for_good(saga: Saga):
    projects = saga.acting_as("bob").story.projects
    first = await projects.default()
    await projects.update(first.id, name="The Hollow Crown")

    assert (await saga.acting_as("bob").story.projects.default()).name == "The Hollow Crown"
    assert (await saga.acting_as("BOB").story.projects.default()).id != first.id
    await projects.delete(first.id)
    assert (await projects.default()).name == "My story"


async def test_whose_default_project_changed_hands_gets_a_new_one(saga: Saga):
    guest = saga.acting_as("guest").story.projects
    first = await guest.default()
    claimed = first.model_copy(update={"owner_id": "bob"})
    await saga.storage.story.projects.update(claimed, expected_rev=first.rev)

    again = await guest.default()

    assert (again.owner_id, again.id == first.id) == ("guest", False)
    assert (await guest.default()).id == again.id


async def test_what_another_has_is_told_as_what_nobody_has(saga: Saga):
    """Every verb that takes an id, with one of another owner's and with one that does not exist."""
    ada, eve = saga.acting_as("ada"), saga.acting_as("eve")
    held = await _everything(ada)
    verbs = _verbs(eve, await eve.story.projects.create(name="Eve's"))

    for kind, verb in verbs:
        foreign, unknown = await _refusal(verb, held[kind]), await _refusal(verb, f"{kind}_nobody")
        assert type(foreign) is type(unknown), (kind, foreign, unknown)
        assert str(foreign).replace(held[kind], "ID") == str(unknown).replace(f"{kind}_nobody", "ID")


async def test_a_page_has_ids_for_its_messages_beside_ours(saga: Saga):
    """Two owners and one page id: each finds their own message by it."""
    for owner in ("ada", "eve"):
        actor = saga.acting_as(owner)
        thread = await actor.threads.create(project_id=(await actor.story.projects.default()).id, chat_id="same")
        run = await actor.send(thread.id, f"I am {owner}.", agent="chat", page=PageMessage(id="m:1"))
        await run.result()
        found = await actor.threads.find_message(thread.id, "m:1")
        assert found is not None
        assert found.text == f"I am {owner}."
    with pytest.raises(InvalidInput, match="PageMessage"):
        await saga.acting_as("eve").send(thread.id, "Hi.", message_id="m1")


async def _everything(ada: Actor) -> dict[str, str]:
    project = await ada.story.projects.create(name="Ada's")
    thread = await ada.threads.create(project_id=project.id)
    run = await ada.send(thread.id, '/call create_entity {"type": "character", "name": "Mara"}')
    (request,) = [each async for each in _pending(run)]
    return {
        "project": project.id,
        "thread": thread.id,
        "run": run.id,
        "stream": run.stream_id,
        "request": request,
        "message": run.message_id,
    }


async def _pending(run: Any) -> AsyncIterator[str]:
    async for _ in run.chunks():
        pass
    for request in await run.requests():
        yield request.id


def _verbs(eve: Actor, project: Project) -> list[tuple[str, Callable[[str], Awaitable[object]]]]:
    async def follow(stream_id: str) -> None:
        async for _ in eve.follow(stream_id):
            pass

    return [
        ("project", eve.story.projects.get),
        ("project", eve.story.projects.delete),
        ("project", lambda each: eve.story.projects.update(each, name="Mine")),
        ("project", lambda each: eve.story.documents.create(each, title="x")),
        ("project", lambda each: eve.story.entities.list(each)),
        ("project", lambda each: eve.threads.create(project_id=each)),
        ("project", lambda each: eve.story.mentions.find(each, "Mara")),
        ("thread", eve.threads.get),
        ("thread", eve.threads.delete),
        ("thread", eve.threads.messages),
        ("thread", lambda each: eve.send(each, "Hi.")),
        ("thread", lambda each: eve.audit(thread_id=each)),
        ("thread", lambda each: eve.requests(thread_id=each)),
        ("message", eve.threads.message),
        ("message", eve.regenerate),
        ("message", lambda each: eve.edit(each, "Other words.")),
        ("run", eve.run),
        ("run", eve.stop),
        ("run", eve.resume),
        ("run", lambda each: eve.audit(run_id=each)),
        ("run", lambda each: eve.answer(each, {"req": Approve()})),
        ("stream", follow),
    ]


async def _refusal(verb: Callable[[str], Awaitable[object]], given: str) -> SagaError:
    with pytest.raises(NotFound) as refused:
        await verb(given)
    return refused.value
