"""Texts to vectors: what is kept of them, and what embeddings may get wrong."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from saga_agent.errors import ModelError, ModelRejected, ModelUnavailable
from saga_agent.retrieval.embedder import Embedder, pack, unpack
from saga_agent.storage.memory.blobs import MemoryEmbeddings
from tests.meanings import Meanings


def test_a_vector_is_kept_as_float32_in_little_endian_order() -> None:
    assert pack([1.0, -0.5]) == b"\x00\x00\x80?\x00\x00\x00\xbf"
    assert unpack(b"\x00\x00\x80?\x00\x00\x00\xbf") == [1.0, -0.5]


async def test_equal_texts_of_a_document_are_embedded_once() -> None:
    embeddings = Meanings()

    vectors = await Embedder(embeddings, MemoryEmbeddings()).embed_document("p", "d", ["a dog", "a king", "a dog"])

    assert embeddings.embedded == ["a dog", "a king"]
    assert vectors[0] == vectors[2] != vectors[1]


async def test_what_was_paid_for_before_a_failure_is_not_paid_for_again() -> None:
    """Of 200 texts the first two requests are answered, the third is not."""

    class FailsOnce(Meanings):
        failed = False

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            if "text 199" in texts and not self.failed:
                self.failed = True
                raise OSError("line is dead")
            return super().embed_documents(texts)

    embeddings = FailsOnce()
    embedder = Embedder(embeddings, MemoryEmbeddings())
    texts = [f"text {number}" for number in range(200)]

    with pytest.raises(ModelUnavailable, match=r"Embeddings 'meanings' failed: OSError\('line is dead'\)"):
        await embedder.embed_document("p", "d", texts)
    await embedder.embed_document("p", "d", texts)

    assert embeddings.embedded == texts


async def test_older_passages_of_a_document_are_not_kept() -> None:
    embeddings, cache = Meanings(), MemoryEmbeddings()
    embedder = Embedder(embeddings, cache)

    for texts in (["a dog", "a king"], ["a dog", "a ship"], ["a dog", "a king"]):
        await embedder.embed_document("p", "d", texts)

    assert embeddings.embedded == ["a dog", "a king", "a ship", "a king"]


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (lambda texts: [[1.0]], ModelRejected, "1 vectors for 2 texts"),
        (lambda texts: [[1.0], []], ModelRejected, "something else than a vector of finite numbers"),
        (lambda texts: [[1.0], [math.nan]], ModelRejected, "something else than a vector of finite numbers"),
        (lambda texts: [[1.0], None], ModelRejected, "something else than a vector of finite numbers"),
        (lambda texts: [[1.0], ["1"]], ModelRejected, "something else than a vector of finite numbers"),
    ],
)
async def test_an_answer_that_is_no_vectors_is_refused(
    answer: Callable[[list[str]], list[list[float]]], error: type[ModelError], sentence: str
) -> None:
    class Wrong(Meanings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return answer(texts)

    with pytest.raises(error, match=f"^Embeddings 'meanings' gave {sentence}"):
        await Embedder(Wrong(), MemoryEmbeddings()).embed_document("p", "d", ["a", "b"])


async def test_a_chapter_as_a_query_is_cut() -> None:
    embeddings = Meanings()

    await Embedder(embeddings, MemoryEmbeddings()).embed_query("dog " * 10_000)

    assert [len(query) for query in embeddings.queries] == [4_000]
