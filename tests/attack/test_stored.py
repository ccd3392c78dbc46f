"""What one owner stores is counted, and nobody stores past a limit: not by many writes at once, nor after the trial."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

import saga_agent as sa
from saga_agent.domain.accounts import Hold
from saga_agent.models.script import Call, Say, Turn
from saga_agent.retrieval.embedder import Embedder
from saga_agent.server import ServerSettings
from saga_agent.server.quota import TrialSettings
from saga_agent.testing import FakeClock, ScriptedModel
from tests.acceptance.server.town import ADA, ADD_TOVE, Town, a_town, said
from tests.meanings import Meanings

TOO_MUCH = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def town_with(
    tmp_path: Path, *, records: int | None = None, size: int | None = None, **settings: Any
) -> AbstractAsyncContextManager[Town]:
    limits = sa.StorageLimits(records=records, bytes=size)
    database = f"sqlite+aiosqlite:///{tmp_path}/saga.db"
    server = ServerSettings(guest_storage=limits)
    return a_town(ADD_TOVE, *[Say("Well.")] * 20, database=database, server=server, **settings)


async def made(client: httpx.AsyncClient, path: str, **fields: object) -> httpx.Response:
    return await client.post(path, json=fields)


async def entities(client: httpx.AsyncClient, count: int) -> list[httpx.Response]:
    """That many characters, all made at once."""
    return await asyncio.gather(*(made(client, "/entities", type="character", name=f"N{n}") for n in range(count)))


def statuses(responses: Sequence[httpx.Response]) -> dict[int, int]:
    found = [response.status_code for response in responses]
    return {status: found.count(status) for status in found}


async def listed(client: httpx.AsyncClient) -> tuple[int, int]:
    """How many entities and documents are stored in the guest's project."""
    found = (await client.get("/entities", params={"limit": 500})).json()["items"]
    return len(found), len((await client.get("/documents", params={"limit": 500})).json()["items"])


async def test_of_forty_creates_at_once_the_last_free_record_takes_one(tmp_path: Path):
    async with town_with(tmp_path, records=5) as town:
        guest = await town.client(town.guest())
        assert statuses(await entities(guest, 3)) == {HTTPStatus.CREATED: 3}  # and the default project
        answers = await entities(guest, 40)
        stored = await listed(guest)
        refused = next(answer for answer in answers if answer.status_code != HTTPStatus.CREATED)

    assert statuses(answers) == {HTTPStatus.CREATED: 1, TOO_MUCH: 39}
    assert stored == (4, 0)
    assert refused.json()["code"] == "StorageFull"
    assert refused.json()["detail"] == (
        "There is no room for this: 5 of 5 records are stored for you; delete what you no longer need."
    )


async def test_of_forty_documents_at_once_as_many_are_stored_as_there_are_bytes_for(tmp_path: Path):
    async with town_with(tmp_path, size=50_000) as town:
        guest = await town.client(town.guest())
        await guest.get("/entities")
        answers = await asyncio.gather(
            *(made(guest, "/documents", number=n, title="Low Water", text="a" * 10_000) for n in range(40))
        )
        stored = await listed(guest)

    assert statuses(answers) == {HTTPStatus.CREATED: 4, TOO_MUCH: 36}
    assert stored == (0, 4)


async def test_many_updates_at_once_do_not_grow_past_the_limit(tmp_path: Path):
    async with town_with(tmp_path, size=20_000) as town:
        guest = await town.client(town.guest())
        ids = [(await made(guest, "/documents", number=n, title="Dry", text="")).json()["id"] for n in range(5)]
        answers = await asyncio.gather(
            *(guest.patch(f"/documents/{each}", json={"text": "a" * 6_000}) for each in ids for _ in range(3))
        )
        texts = [len((await guest.get(f"/documents/{each}")).json()["text"]) for each in ids]

    assert sum(texts) <= 20_000
    assert TOO_MUCH in statuses(answers)
    assert texts.count(6_000) == 2, "what fits is stored"


async def test_what_is_deleted_and_what_shrinks_is_given_back(tmp_path: Path):
    async with town_with(tmp_path, records=4, size=30_000) as town:
        guest = await town.client(town.guest())
        first = (await made(guest, "/documents", number=1, title="One", text="a" * 20_000)).json()
        large = {"number": 2, "title": "Two", "text": "b" * 20_000}
        before = await made(guest, "/documents", **large)
        shrunk = await guest.patch(f"/documents/{first['id']}", json={"text": "short"})
        after = await made(guest, "/documents", **large)
        third = await made(guest, "/documents", number=3, title="Three", text="")
        full = await made(guest, "/documents", number=4, title="Four", text="")
        gone = await asyncio.gather(*(guest.delete(f"/documents/{first['id']}") for _ in range(8)))
        again = [(await made(guest, "/documents", number=n, title="New", text="")).status_code for n in (5, 6)]

    assert [before.status_code, shrunk.status_code, after.status_code] == [TOO_MUCH, HTTPStatus.OK, HTTPStatus.CREATED]
    assert [third.status_code, full.status_code] == [HTTPStatus.CREATED, TOO_MUCH]
    assert HTTPStatus.NO_CONTENT in statuses(gone)
    assert again == [HTTPStatus.CREATED, TOO_MUCH], "eight deletes of one record give one back"


async def test_the_end_of_a_project_gives_back_all_of_it(tmp_path: Path):
    async with town_with(tmp_path, records=4) as town:
        guest = await town.client(town.guest())
        project = (await made(guest, "/projects", name="One")).json()["id"]
        for n in range(3):
            assert (await made(guest, "/entities", projectId=project, type="item", name=f"{n}")).status_code == 201
        more = await made(guest, "/projects", name="Two")
        assert (await guest.delete(f"/projects/{project}")).status_code == HTTPStatus.NO_CONTENT
        answers = await asyncio.gather(*(made(guest, "/projects", name=f"P{n}") for n in range(8)))

    assert more.status_code == TOO_MUCH, "projects count, too"
    assert statuses(answers) == {HTTPStatus.CREATED: 4, TOO_MUCH: 4}


async def test_a_guest_whose_trial_is_used_up_stores_to_the_limit_and_no_further(tmp_path: Path):
    spent = TrialSettings(turn_usd=0.05, guest_usd=0.01)
    async with town_with(tmp_path, records=3, trial=spent) as town:
        guest = await town.client(town.guest())
        turn = await guest.post("/ai/chat", json=said("Hello"))
        answers = [(await made(guest, "/captures", kind="note", text="n")).status_code for _ in range(4)]

    assert turn.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert answers == [HTTPStatus.CREATED, HTTPStatus.CREATED, TOO_MUCH, TOO_MUCH]


async def test_users_and_services_and_others_are_not_held_to_a_guests_limit(tmp_path: Path):
    async with town_with(tmp_path, records=2) as town:
        for headers in (town.papers(ADA), town.service("svc-1")):
            client = await town.client(headers)
            assert statuses(await entities(client, 6)) == {HTTPStatus.CREATED: 6}
        one, other = await town.client(town.guest()), await town.client(town.guest())
        assert statuses(await entities(one, 6)) == {HTTPStatus.CREATED: 1, TOO_MUCH: 5}
        assert statuses(await entities(other, 6)) == {HTTPStatus.CREATED: 1, TOO_MUCH: 5}, "each has their own"


async def test_a_guest_who_signs_up_takes_along_what_is_counted(tmp_path: Path):
    limits = sa.StorageLimits(records=3)
    server = ServerSettings(guest_storage=limits, user_storage=limits)
    async with a_town(Say("Well."), database=f"sqlite+aiosqlite:///{tmp_path}/saga.db", server=server) as town:
        token = town.guest()
        guest, ada = await town.client(token), await town.client(town.papers(ADA))
        assert statuses(await entities(guest, 2)) == {HTTPStatus.CREATED: 2}
        claimed = await ada.post("/auth/claim", json={"guest": token["x-saga-guest"]})
        refused = await made(ada, "/projects", name="One more")
        (project,) = (await ada.get("/projects")).json()["items"]
        await ada.delete(f"/projects/{project['id']}")
        after = await made(ada, "/projects", name="One more")

    assert claimed.json()["projects"] == 1
    assert [refused.status_code, after.status_code] == [TOO_MUCH, HTTPStatus.CREATED]


@pytest.mark.parametrize("database", ["memory://", "sqlite+aiosqlite:///{}/saga.db"])
async def test_images_count_with_their_bytes_and_a_refused_one_is_not_stored(tmp_path: Path, database: str):
    async with sa.Saga.open(database=database.format(tmp_path), model="offline") as saga:
        writer = saga.acting_as("ada", limits=sa.StorageLimits(records=3))
        project = await writer.story.projects.create(name="A book")
        capture = await writer.story.captures.add(project.id, title="Map", image=PIXEL)
        with pytest.raises(sa.StorageFull):
            await writer.story.captures.add(project.id, text="A note too many")
        with pytest.raises(sa.StorageFull):
            await writer.story.captures.add(project.id, image=PIXEL + b"\0")
        held = await saga.storage.journal.holdings.get("ada")
        await writer.story.captures.delete(project.id, capture.id)
        after = await saga.storage.journal.holdings.get("ada")
        await saga.acting_as("ada").story.captures.add(project.id, text="Plain Python sets no limit")

    assert held is not None
    assert held.records == 3
    assert held.bytes > len(PIXEL)
    assert after is not None
    assert after.records == 1


async def test_what_an_agent_writes_for_a_guest_counts():
    """The project, a character, the chat and its message are stored; the run adds the fifth record, and no sixth."""
    both = [Call("create_entity", {"type": "character", "name": name}) for name in ("Tove", "Tora")]
    model = ScriptedModel([Turn(text="I add them.", calls=both), Say("There is no room for both.")])
    policy = sa.Policy([sa.Rule("create_entity", "allow")])
    async with sa.Saga.open(database="memory://", model=model, policy=policy) as saga:
        guest = saga.acting_as("guest-1", limits=sa.StorageLimits(records=5))
        project = await guest.story.projects.create(name="A book")
        await guest.story.entities.create(project.id, type="character", name="Mara")
        thread = await guest.threads.create(project_id=project.id)
        message = await (await guest.send(thread.id, "Add Tove, twice.")).result()
        names = [each.name async for each in guest.story.entities.all(project.id)]

    assert message.state == "finished"
    assert len(names) == 2, "one of two"


async def test_a_write_that_fails_gives_back_what_it_had_reserved():
    async with sa.Saga.open(database="memory://", model="offline") as saga:
        writer = saga.acting_as("ada", limits=sa.StorageLimits(records=3, bytes=10_000))
        project = await writer.story.projects.create(name="A book")
        tove = await writer.story.entities.create(project.id, id="tove", type="character", name="Tove")
        before = await saga.storage.journal.holdings.get("ada")
        with pytest.raises(sa.AlreadyExists):
            await writer.story.entities.create(project.id, id="tove", type="character", name="T" * 200)
        with pytest.raises(sa.Conflict):
            await writer.story.entities.update(project.id, tove.id, expected_rev=7, name="T" * 200)
        again = await writer.story.entities.create(project.id, id="tove", type="character", name="Tove")
        after = await saga.storage.journal.holdings.get("ada")

    assert again == tove
    assert after == before


async def test_a_record_that_a_dead_process_held_is_counted_right_with_its_next_write():
    clock = FakeClock()
    async with sa.Saga.open(database="memory://", model="offline", runs=sa.RunSettings(clock=clock)) as saga:
        writer = saga.acting_as("ada", limits=sa.StorageLimits(records=9, bytes=10_000))
        project = await writer.story.projects.create(name="A book")
        tove = await writer.story.entities.create(project.id, type="character", name="Tove")
        holdings = saga.storage.journal.holdings
        before = await holdings.get("ada")
        hold = Hold(
            id="dead",
            owner_id="ada",
            project_id=project.id,
            item=f"entities/{tove.id}",
            bytes=5_000,
            until=clock.now() + 60,
        )
        assert await holdings.hold(hold, None, now=clock.now()) == "held"
        await clock.advance(61)
        await writer.story.entities.update(project.id, tove.id, name="Tora")
        after = await holdings.get("ada")

    assert after == before, "Tora is as long as Tove"


async def test_what_is_embedded_for_a_limited_owner_is_counted_for_good():
    """A guest who writes one page anew again and again spends no more of the host's embeddings than the limit."""
    embeddings, storage = Meanings(), sa.MemoryStorage()
    embedder = Embedder(embeddings, storage.journal.embeddings, holdings=storage.journal.holdings)
    async with sa.Saga.open(storage=storage, model="offline") as saga:
        await saga.acting_as("ada", limits=sa.StorageLimits(bytes=1_000)).story.projects.create(name="A book")
        vectors = [await embedder.embed_document("p", "d", [f"{n} " + "word " * 60], owner_id="ada") for n in range(6)]
        others = await embedder.embed_document("p", "d", ["word " * 600], owner_id="bea")

    assert [vector is not None for (vector,) in vectors] == [True] * 3 + [False] * 3
    assert len(embeddings.embedded) == 3 + 1
    assert others != [None], "nobody else is limited by it"


async def test_an_image_whose_capture_is_refused_is_not_stored():
    async with sa.Saga.open(database="memory://", model="offline") as saga:
        writer = saga.acting_as("ada", limits=sa.StorageLimits(records=2))
        project = await writer.story.projects.create(name="A book")
        with pytest.raises(sa.StorageFull):
            await writer.story.captures.add(project.id, image=PIXEL)
        held = await saga.storage.journal.holdings.get("ada")
        with pytest.raises(sa.NotFound):
            await saga.storage.journal.blobs.get(project.id, hashlib.sha256(PIXEL).hexdigest())

    assert held is not None
    assert held.records == 1


async def test_guests_who_are_refused_a_turn_leave_no_chat_behind(tmp_path: Path):
    spent = TrialSettings(turn_usd=0.05, guest_usd=0.01)
    async with town_with(tmp_path, trial=spent) as town:
        token = town.guest()
        guest, ada = await town.client(token), await town.client(town.papers(ADA))
        answers = [await guest.post("/ai/chat", json=said("Hello", f"chat-{n}")) for n in range(5)]
        taken_over = await ada.post("/auth/claim", json={"guest": token["x-saga-guest"]})

    assert statuses(answers) == {HTTPStatus.TOO_MANY_REQUESTS: 5}
    assert taken_over.json() == {"threads": 0, "projects": 0}


async def test_a_guests_chats_and_messages_are_counted(tmp_path: Path):
    """The project, three chats with a message each; of the fourth chat there is room for the chat alone."""
    async with town_with(tmp_path, records=8) as town:
        guest = await town.client(town.guest())
        answers = [await guest.post("/ai/chat", json=said("Hello", f"chat-{n}")) for n in range(4)]
        kept = [(await guest.get(f"/ai/chat/chat-{n}/messages")).json()["messages"] for n in range(4)]

    assert statuses(answers) == {HTTPStatus.OK: 3, TOO_MUCH: 1}
    assert answers[-1].text.startswith("There is no room for this: 8 of 8 records are stored for you")
    assert [len(messages) for messages in kept] == [2, 2, 2, 0]


async def test_of_long_messages_as_many_are_stored_as_there_are_bytes_for(tmp_path: Path):
    async with town_with(tmp_path, size=50_000) as town:
        guest = await town.client(town.guest())
        answers = [await guest.post("/ai/chat", json=said("a" * 20_000)) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [HTTPStatus.OK] * 2 + [TOO_MUCH] * 2


@pytest.mark.parametrize("database", ["memory://", "sqlite+aiosqlite:///{}/saga.db"])
async def test_a_deleted_thread_gives_back_what_was_counted_of_it(tmp_path: Path, database: str):
    model = ScriptedModel([Say("Well.")] * 3)
    async with sa.Saga.open(database=database.format(tmp_path), model=model) as saga:
        writer, holdings = saga.acting_as("ada", limits=sa.StorageLimits(records=100)), saga.storage.journal.holdings
        project = await writer.story.projects.create(name="A book")
        before = await holdings.get("ada")
        thread = await writer.threads.create(project_id=project.id)
        await writer.threads.rename(thread.id, "Mara, and what became of her")
        answer = await (await writer.send(thread.id, "Who is Mara?")).result()
        question = (await writer.threads.messages(thread.id))[0]
        await (await writer.edit(question.id, "And who is Tam?")).result()
        last = (await writer.threads.messages(thread.id))[-1]
        one = await holdings.get("ada")
        fork = await writer.threads.fork(thread.id, at=last.id)
        both = await holdings.get("ada")
        for each in (thread, fork):
            await writer.threads.delete(each.id)
        after = await holdings.get("ada")

    assert answer.state == "finished"
    assert before is not None
    assert one is not None
    assert both is not None
    assert one.records == before.records + 3, "the thread, the question, and what it was edited to"
    assert both.records == one.records + 1
    assert both.bytes > one.bytes + len("And who is Tam?") + len(last.text), "with the copies it holds"
    assert after == before
