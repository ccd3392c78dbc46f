"""Embeddings of an OpenAI-compatible server: asked in plain text, and failing in sentences."""

from __future__ import annotations

import asyncio

import pytest

from saga_agent.errors import ModelError, ModelRejected, ModelUnavailable
from saga_agent.models.embeddings import resolve_embeddings
from saga_agent.models.openai_embeddings import ServedEmbeddings
from tests.meanings import meaning
from tests.servers.openai_server import OpenAIServer
from tests.servers.replies import Reply


def embeddings_of(server: OpenAIServer) -> ServedEmbeddings:
    embeddings = resolve_embeddings(f"openai:tiny@{server.url}", environ={"OPENAI_API_KEY": "sk-secret"})
    assert isinstance(embeddings, ServedEmbeddings)
    return embeddings


async def test_texts_are_sent_as_they_are_with_the_key() -> None:
    async with OpenAIServer(embed=meaning) as server:
        embeddings = embeddings_of(server)

        vectors = await embeddings.aembed_documents(["A dog. “Naïve”", "The king."])
        await embeddings.aclose()

    assert vectors == [pytest.approx(meaning("A dog.")), pytest.approx(meaning("The king."))]
    (request,) = server.requests
    assert (request.body["model"], request.body["input"]) == ("tiny", ["A dog. “Naïve”", "The king."])
    assert request.headers["authorization"] == "Bearer sk-secret"


@pytest.mark.parametrize(
    ("reply", "error", "sentence"),
    [
        (Reply.error(401, "Incorrect API key provided: sk-secret"), ModelRejected, "refused the API key"),
        (Reply.error(404, "no such model"), ModelRejected, "does not exist"),
        (Reply.error(429, "slow down", headers={"retry-after-ms": "1"}), ModelUnavailable, "overloaded or limits"),
        (Reply.document("<html>", content_type="text/html"), ModelRejected, "is no embeddings"),
        (Reply.document("{"), ModelError, "Model 'tiny' at http://127.0.0.1"),
    ],
)
async def test_what_goes_wrong_is_an_error_of_the_model(reply: Reply, error: type[ModelError], sentence: str) -> None:
    async with OpenAIServer(embed=meaning) as server:
        server.embedding_faults.extend([reply] * 3)
        embeddings = embeddings_of(server)

        with pytest.raises(error, match=sentence) as caught:
            await embeddings.aembed_query("A dog.")
        await embeddings.aclose()

    assert "sk-secret" not in str(caught.value)


async def test_a_server_that_is_not_there_is_named() -> None:
    async with OpenAIServer() as server:
        embeddings = embeddings_of(server)

    with pytest.raises(ModelUnavailable, match=r"Model 'tiny' at http://127\.0\.0\.1:\d+/v1 cannot be reached"):
        await embeddings.aembed_query("A dog.")
    await embeddings.aclose()


def test_the_same_embeddings_serve_one_event_loop_after_the_other() -> None:
    embeddings: list[ServedEmbeddings] = []
    port = 0

    async def ask() -> list[float]:
        nonlocal port
        async with OpenAIServer(embed=meaning, port=port) as server:
            port = server.port
            embeddings.append(embeddings[0] if embeddings else embeddings_of(server))
            try:
                return await embeddings[-1].aembed_query("A dog.")
            finally:
                await embeddings[-1].aclose()

    assert asyncio.run(ask()) == asyncio.run(ask())
    assert embeddings[0] is embeddings[1]


async def test_code_that_does_not_await_is_told_to() -> None:
    async with OpenAIServer(embed=meaning) as server:
        embeddings = embeddings_of(server)

    with pytest.raises(NotImplementedError, match="await aembed_documents"):
        embeddings.embed_documents(["A dog."])
    with pytest.raises(NotImplementedError, match="await aembed_query"):
        embeddings.embed_query("A dog.")
