"""Passages are found by what they mean: with real clients, on loopback servers and on the embedded index."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from saga_agent.agents.agent import build_agents
from saga_agent.app import Saga
from saga_agent.errors import ModelUnavailable, NotFound, StorageUnavailable
from saga_agent.models.script import Call, Say
from saga_agent.models.scripted import ScriptedModel
from saga_agent.server import create_app
from tests.meanings import Meanings, meaning
from tests.servers.openai_server import OpenAIServer
from tests.servers.qdrant_server import QdrantServer
from tests.servers.replies import Reply

HOUNDS = "The hounds slept in the Kennels."
FERRY = "At dawn the ferry left."
KING = "The king lost his crown."


@pytest.fixture
async def embeddings() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(embed=meaning) as server:
        yield server


@pytest.fixture
async def qdrant() -> AsyncIterator[QdrantServer]:
    async with QdrantServer() as server:
        yield server


async def fill(saga: Saga, *texts: str) -> str:
    """A project with a document for each text."""
    project = await saga.story.projects.create(name="The Hollow Crown")
    for number, text in enumerate(texts, start=1):
        await saga.story.documents.create(project.id, id=f"doc_{project.id}_{number}", title=f"No. {number}", text=text)
    return project.id


async def found(saga: Saga, project_id: str, query: str) -> list[str]:
    return [hit.text for hit in await saga.story.documents.search(project_id, query)]


@pytest.fixture(params=["embedded", "server"])
def retrieval(request: pytest.FixtureRequest, qdrant: QdrantServer) -> str:
    return "qdrant" if request.param == "embedded" else f"qdrant:{qdrant.url}"


async def test_other_words_for_the_same_thing_find_a_passage(embeddings: OpenAIServer, retrieval: str):
    async with Saga.open(database="memory://", retrieval=retrieval, embeddings=f"openai:tiny@{embeddings.url}") as saga:
        project_id = await fill(saga, HOUNDS, FERRY, KING)
        await saga.story.documents.settle()

        assert (await found(saga, project_id, "boat, harbour"))[0] == FERRY
        assert (await found(saga, project_id, "barked"))[0] == HOUNDS


async def test_words_and_meaning_together_decide_on_the_best(embeddings: OpenAIServer):
    async with Saga.open(database="memory://", retrieval="qdrant", embeddings=f"openai:tiny@{embeddings.url}") as saga:
        project_id = await fill(saga, "Tam had a dog.", "Mara had a dog. It slept in the Kennels.", FERRY)
        await saga.story.documents.settle()

        assert (await found(saga, project_id, "Mara and her puppy"))[0].startswith("Mara")


async def test_a_text_that_did_not_change_is_never_embedded_again(
    embeddings: OpenAIServer, retrieval: str, tmp_path: Path
):
    settings = {
        "database": f"sqlite+aiosqlite:///{tmp_path}/saga.db",
        "retrieval": retrieval,
        "embeddings": f"openai:tiny@{embeddings.url}",
    }
    long = "\n\n".join(f"{HOUNDS} Night {number} was cold. {'It rained. ' * 60}" for number in range(5))
    async with Saga.open(**settings) as saga:
        project_id = await fill(saga, long, FERRY)
        await saga.story.documents.settle()
        first = embeddings.embedded
        assert len(first) == 6

        await saga.story.documents.update(project_id, f"doc_{project_id}_1", text=f"{long}\n\n{'It ended. ' * 80}")
        await saga.story.documents.update(project_id, f"doc_{project_id}_2", title="Another title")
        await saga.story.documents.settle()
        assert embeddings.embedded[6:] == [("It ended. " * 80).strip()]

        assert await saga.story.documents.reindex(project_id) == 2
    async with Saga.open(**settings) as saga:  # the embedded index begins empty, and is filled from the journal
        assert (await found(saga, project_id, "boat"))[0] == FERRY

    assert embeddings.embedded[7:] == ["boat"]
    assert len(embeddings.requests) == 4, "two documents, one addition, one query"


async def test_what_was_taken_out_is_not_found(embeddings: OpenAIServer, retrieval: str):
    async with Saga.open(database="memory://", retrieval=retrieval, embeddings=f"openai:tiny@{embeddings.url}") as saga:
        project_id = await fill(saga, HOUNDS, FERRY, KING)
        await saga.story.documents.settle()

        await saga.story.documents.delete(project_id, f"doc_{project_id}_2")
        await saga.story.documents.update(project_id, f"doc_{project_id}_1", text=KING + " Again.")
        assert {FERRY, HOUNDS}.isdisjoint(await found(saga, project_id, "boat hounds")), "not even at once"
        await saga.story.documents.settle()

        assert {FERRY, HOUNDS}.isdisjoint(await found(saga, project_id, "boat hounds"))
        assert (await found(saga, project_id, "throne"))[0].startswith(KING)


async def test_a_deleted_project_leaves_no_vectors(embeddings: OpenAIServer, qdrant: QdrantServer):
    async with Saga.open(
        database="memory://", retrieval=f"qdrant:{qdrant.url}", embeddings=f"openai:tiny@{embeddings.url}"
    ) as saga:
        kept = await fill(saga, HOUNDS)
        gone = await fill(saga, FERRY)
        await saga.story.documents.settle()
        assert qdrant.points() == {kept: 1, gone: 1}

        await saga.story.projects.delete(gone)

        assert qdrant.points() == {kept: 1}
        assert await saga.storage.journal.embeddings.find(gone, "tiny", [hash_of(FERRY)]) == {}
        assert len(await saga.storage.journal.embeddings.find(kept, "tiny", [hash_of(HOUNDS)])) == 1


async def test_a_project_whose_vectors_cannot_be_removed_is_not_gone_yet(
    embeddings: OpenAIServer, qdrant: QdrantServer
):
    async with Saga.open(
        database="memory://", retrieval=f"qdrant:{qdrant.url}", embeddings=f"openai:tiny@{embeddings.url}"
    ) as saga:
        project_id = await fill(saga, HOUNDS)
        await saga.story.documents.settle()
        await qdrant.stop()

        with pytest.raises(StorageUnavailable, match=f"Qdrant at {qdrant.url} cannot be reached"):
            await saga.story.projects.delete(project_id)
        await qdrant.start()
        await saga.story.projects.delete(project_id)

        assert qdrant.points() == {}
        with pytest.raises(NotFound):
            await saga.story.projects.get(project_id)


async def test_nobody_finds_what_is_another_owners_or_in_another_project(embeddings: OpenAIServer, retrieval: str):
    """All texts mean the same; only the filters keep them apart."""
    async with Saga.open(database="memory://", retrieval=retrieval, embeddings=f"openai:tiny@{embeddings.url}") as saga:
        stranger = saga.acting_as("stranger")
        mine = await fill(saga, "My hounds.", *(f"My hounds, {number}." for number in range(15)))
        other = await fill(saga, *(f"Other hounds, {number}." for number in range(15)))
        theirs = await fill(stranger, *(f"Their hounds, {number}." for number in range(15)))
        await saga.story.documents.settle()

        hits = await saga.story.documents.search(mine, "dog", limit=20)
        their_hits = await stranger.story.documents.search(theirs, "dog", limit=20)

        assert {hit.text[:2] for hit in hits} == {"My"}
        assert len(hits) == 16
        assert {hit.text[:5] for hit in their_hits} == {"Their"}
        with pytest.raises(NotFound):
            await stranger.story.documents.search(other, "dog")


async def test_a_turn_is_told_what_is_found_by_meaning(embeddings: OpenAIServer):
    model = ScriptedModel([Say("It left at dawn.")])
    async with Saga.open(
        database="memory://", model=model, retrieval="qdrant", embeddings=f"openai:tiny@{embeddings.url}"
    ) as saga:
        project_id = await fill(saga, FERRY)
        await saga.story.documents.settle()
        thread = await saga.threads.create(project_id=project_id)

        message = await (await saga.send(thread.id, "When was the boat gone?")).result()

    assert FERRY in model.prompts[0].messages[0].text
    assert [part["type"] for part in message.parts if str(part["type"]).startswith("data-")] == []


async def test_failing_servers_stop_no_turn_and_are_told_of_once(embeddings: OpenAIServer, qdrant: QdrantServer):
    model = ScriptedModel([Say("First."), Say("Second."), Say("Third.")])
    async with Saga.open(
        database="memory://", model=model, retrieval=f"qdrant:{qdrant.url}", embeddings=f"openai:tiny@{embeddings.url}"
    ) as saga:
        project_id = await fill(saga, FERRY)
        await saga.story.documents.settle()
        await qdrant.stop()
        thread = await saga.threads.create(project_id=project_id)

        messages = [await (await saga.send(thread.id, "When did the ferry leave?")).result() for _ in range(3)]

    notices = [[part["data"] for part in each.parts if part["type"] == "data-notice"] for each in messages]
    assert notices == [
        [{"text": "Search by meaning does not work at the moment; passages are found by their words."}],
        [],
        [],
    ]
    assert all(FERRY in prompt.messages[0].text for prompt in model.prompts), "it is still found by its words"


async def test_health_tells_that_the_search_is_poorer(embeddings: OpenAIServer, qdrant: QdrantServer):
    async with (
        Saga.open(
            database="memory://",
            model="offline",
            retrieval=f"qdrant:{qdrant.url}",
            embeddings=f"openai:tiny@{embeddings.url}",
        ) as saga,
        httpx.AsyncClient(transport=httpx.ASGITransport(create_app(saga)), base_url="http://127.0.0.1") as client,
    ):
        well = await client.get("/health")
        await qdrant.stop()
        poorer = await client.get("/health")

    assert [(each.status_code, each.json()["search"]) for each in (well, poorer)] == [(200, "ok"), (200, "degraded")]


async def test_a_manuscript_that_is_imported_can_be_found(embeddings: OpenAIServer, tmp_path: Path):
    file = tmp_path / "novel.md"
    file.write_text(f"# The Crown\n\n## Chapter 1: Dawn\n\n{FERRY}\n\n## Chapter 2: Dusk\n\n{HOUNDS}\n", "utf-8")
    async with Saga.open(database="memory://", retrieval="qdrant", embeddings=f"openai:tiny@{embeddings.url}") as saga:
        project = await saga.story.projects.create(name="The Crown")
        await saga.import_manuscript(project.id, file, dry_run=False)

        assert FERRY in (await found(saga, project.id, "boat"))[0], "the first search waits for the index"


async def test_the_tool_says_once_that_it_searches_by_words_alone(embeddings: OpenAIServer, qdrant: QdrantServer):
    call = Call("search_story", {"query": "ferry"})
    model = ScriptedModel([call, call, Say("Done.")])
    agent = replace(build_agents()[0], subagents=(), retrieves=False)
    async with Saga.open(
        database="memory://",
        model=model,
        retrieval=f"qdrant:{qdrant.url}",
        agents=[agent],
        embeddings=f"openai:tiny@{embeddings.url}",
    ) as saga:
        project_id = await fill(saga, FERRY)
        await saga.story.documents.settle()
        await qdrant.stop()
        thread = await saga.threads.create(project_id=project_id)
        message = await (await saga.send(thread.id, "Where is it?")).result()

    outputs = [part["output"] for part in message.parts if part["type"] == "tool-search_story"]
    assert [each.get("warnings") for each in outputs] == [
        ["Search by meaning does not work at the moment; passages are found by their words."],
        None,
    ]
    assert all(FERRY in str(each["data"]) for each in outputs)


async def test_what_was_written_while_a_server_was_away_is_found_later(embeddings: OpenAIServer, qdrant: QdrantServer):
    async with Saga.open(
        database="memory://", retrieval=f"qdrant:{qdrant.url}", embeddings=f"openai:tiny@{embeddings.url}"
    ) as saga:
        await qdrant.stop()
        project_id = await fill(saga, FERRY)
        with pytest.raises(StorageUnavailable, match="cannot be reached"):
            await saga.story.documents.settle()
        await qdrant.start()

        await saga.story.documents.settle()

        assert await found(saga, project_id, "boat") == [FERRY]
    assert embeddings.embedded == [FERRY, "boat"]


async def test_an_embeddings_server_that_refuses_is_named_and_asked_again(embeddings: OpenAIServer):
    async with Saga.open(database="memory://", retrieval="qdrant", embeddings=f"openai:tiny@{embeddings.url}") as saga:
        embeddings.embedding_faults.extend([Reply.error(503, "overloaded")] * 3)  # the SDK asks three times
        project_id = await fill(saga, FERRY)
        with pytest.raises(ModelUnavailable, match=r"Model 'tiny' at http://127\.0\.0\.1:\d+/v1 has trouble"):
            await saga.story.documents.settle()

        await saga.story.documents.settle()

        assert await found(saga, project_id, "boat") == [FERRY]


async def test_documents_that_another_process_changed_are_found_after_a_while(tmp_path: Path):
    """Two processes, each with an index of its own in memory, on one database."""
    database = f"sqlite+aiosqlite:///{tmp_path}/saga.db"
    async with (
        Saga.open(database=database, retrieval="qdrant", embeddings=Meanings()) as here,
        Saga.open(database=database, retrieval="qdrant", embeddings=Meanings()) as there,
    ):
        project_id = await fill(here, HOUNDS)
        assert await found(there, project_id, "puppy") == [HOUNDS]
        await here.story.documents.update(project_id, f"doc_{project_id}_1", text=FERRY)

        assert await found(there, project_id, "puppy") == [], "what is out of date is not shown"
        await there.story.documents.settle()

        assert await found(there, project_id, "boat") == [FERRY]


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
