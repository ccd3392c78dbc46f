"""What only a server of Qdrant shows: what it is asked for, and how it fails."""

from __future__ import annotations

import asyncio
import socket

import pytest

from saga_agent.errors import StorageUnavailable
from saga_agent.retrieval.qdrant import QdrantVectors
from saga_agent.testing.vectors.samples import EAST, HOME, placed, starts
from tests.servers.qdrant_server import QdrantServer


async def test_a_server_indexes_what_is_filtered_by() -> None:
    async with QdrantServer() as server:
        index = QdrantVectors.at(server.url, model="test")
        await index.replace(HOME, "doc_1", [placed(EAST)])
        await index.close()

    assert server.indexed == {
        "project_id": {"type": "keyword", "is_tenant": True},
        "owner_id": "keyword",
        "document_id": "keyword",
    }


async def test_no_word_of_the_manuscript_leaves_the_database() -> None:
    async with QdrantServer() as server:
        index = QdrantVectors.at(server.url, model="test")
        await index.replace(HOME, "doc_1", [placed(EAST)])
        await index.close()

    payloads = [point["payload"] for each in server.requests for point in each.body.get("points", ())]
    assert payloads == [
        {
            "owner_id": "own_1",
            "project_id": "prj_1",
            "number": 0,
            "count": 1,
            "document_id": "doc_1",
            "document_rev": 1,
            "start": 0,
            "end": 10,
        }
    ]


async def test_two_models_on_one_server_do_not_mix() -> None:
    async with QdrantServer() as server:
        small, large = (QdrantVectors.at(server.url, model=name) for name in ("small", "large"))
        await small.replace(HOME, "doc_1", [placed(EAST)])

        assert await large.revisions(HOME) == {}
        await large.replace(HOME, "doc_1", [placed((*EAST, 0.5))])
        assert [await starts(small, EAST), await starts(large, (*EAST, 0.5))] == [[0], [0]]
        await small.close()
        await large.close()


async def test_two_processes_may_make_the_collection_at_the_same_time() -> None:
    async with QdrantServer() as server:
        one, other = (QdrantVectors.at(server.url, model="test") for _ in range(2))

        await asyncio.gather(
            one.replace(HOME, "doc_1", [placed(EAST)]),
            other.replace(HOME, "doc_2", [placed(EAST, 10, document_id="doc_2")]),
        )

        made = [each for each in server.requests if "vectors" in each.body]
        assert (len(made), sorted(await starts(one, EAST))) == (2, [0, 10])
        await one.close()
        await other.close()


async def test_the_key_of_the_server_is_sent() -> None:
    async with QdrantServer() as server:
        index = QdrantVectors.at(server.url, model="test", api_key="secret")
        with pytest.warns(UserWarning, match="insecure connection"):
            await index.is_reachable()
        await index.close()

    assert {request.headers["api-key"] for request in server.requests} == {"secret"}


async def test_a_server_that_is_not_there_is_named() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    index = QdrantVectors.at(url, model="test")

    with pytest.raises(StorageUnavailable, match=rf"^Qdrant at {url} cannot be reached: ConnectError.*; check the URL"):
        await index.search(HOME, EAST)
    assert not await index.is_reachable()
    await index.close()


async def test_vectors_of_another_length_are_refused_in_one_sentence() -> None:
    """What becomes of an embedding model that changed under its name."""
    index = QdrantVectors.embedded(model="test")
    await index.replace(HOME, "doc_1", [placed(EAST)])

    with pytest.raises(StorageUnavailable, match=r"^Qdrant in memory refused a request: .*"):
        await index.search(HOME, (*EAST, 1.0))
    assert await starts(index, EAST) == [0]
    await index.close()


async def test_a_document_whose_writing_was_cut_off_counts_as_not_held() -> None:
    async with QdrantServer() as server:
        index = QdrantVectors.at(server.url, model="test")
        await index.replace(HOME, "doc_1", [placed(EAST, number) for number in range(3)])
        upserts = [each for each in server.requests if each.path.startswith("/") and "points" in each.body]
        await index.close()

    numbers = [[point["payload"]["number"] for point in each.body["points"]] for each in upserts]
    assert numbers == [[1, 2], [0]], "the first point, which counts, is written last"
