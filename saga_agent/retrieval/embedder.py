"""Texts to vectors, by way of the journal's cache: no passage whose text is known is embedded again."""

from __future__ import annotations

import hashlib
import math
import sys
from array import array
from collections.abc import Awaitable, Mapping, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from langchain_core.embeddings import Embeddings

from saga_agent.domain.project import LOCAL_OWNER
from saga_agent.errors import ModelError, ModelRejected, ModelUnavailable
from saga_agent.models.embeddings import embeddings_name
from saga_agent.storage.ports.journal import Embeddings as Cache
from saga_agent.storage.ports.journal import Holdings

V = TypeVar("V")
_AT_ONCE = 96
"""How many texts one request holds: a hundred passages are about 20,000 tokens."""
_MAX_QUERY = 4_000
"""Characters of a query that are embedded; models take some thousand tokens at the most."""


@runtime_checkable
class Closing(Protocol):
    """Embeddings that hold connections."""

    async def aclose(self) -> None:
        """Closes them."""
        ...


class Embedder:
    """One embedding model, and what the journal keeps of it. With `owned`, closing it closes its connections.

    Texts of owners whose storage is limited are counted in `holdings`.
    """

    def __init__(
        self, embeddings: Embeddings, cache: Cache, *, owned: bool = False, holdings: Holdings | None = None
    ) -> None:
        self._embeddings, self._cache, self._owned, self._holdings = embeddings, cache, owned, holdings
        self.model = embeddings_name(embeddings)

    async def embed_document(
        self, project_id: str, document_id: str, texts: Sequence[str], *, owner_id: str = LOCAL_OWNER
    ) -> list[Sequence[float] | None]:
        """The vectors of a document's passages; the journal keeps them, and those of older passages no longer.

        None stands for a passage that is not embedded, because the owner's limits leave nothing for it.

        Raises: `ModelError`; what was embedded until then is kept.
        """
        hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        text_of = dict(zip(hashes, texts, strict=True))
        known = dict(await self._cache.find(project_id, self.model, list(text_of)))
        missing = [each for each in text_of if each not in known]
        try:
            for start in range(0, len(missing), _AT_ONCE):
                batch = missing[start : start + _AT_ONCE]
                if not await self._may_embed(owner_id, [text_of[each] for each in batch]):
                    break
                known |= await self._ask({each: text_of[each] for each in batch})
        finally:
            await self._cache.replace(project_id, document_id, self.model, known)
        vectors = {each: unpack(vector) for each, vector in known.items()}
        return [vectors.get(each) for each in hashes]

    async def embed_query(self, query: str) -> Sequence[float]:
        """The vector of a query; `ModelError`."""
        return self._checked(await self._answer(self._embeddings.aembed_query(query[:_MAX_QUERY])))

    async def forget(self, project_id: str, document_id: str) -> None:
        """Drops what the journal keeps of a document that is gone."""
        await self._cache.purge(project_id, document_id=document_id)

    async def close(self) -> None:
        """Closes the connections, if the embeddings are its own."""
        if self._owned and isinstance(self._embeddings, Closing):
            await self._embeddings.aclose()

    async def _may_embed(self, owner_id: str, texts: Sequence[str]) -> bool:
        if self._holdings is None or owner_id == LOCAL_OWNER:
            return True
        return await self._holdings.count_embedded(owner_id, sum(len(text.encode()) for text in texts))

    async def _ask(self, texts: Mapping[str, str]) -> dict[str, bytes]:
        vectors = await self._answer(self._embeddings.aembed_documents(list(texts.values())))
        if len(vectors) != len(texts):
            raise ModelRejected(f"Embeddings {self.model!r} gave {len(vectors)} vectors for {len(texts)} texts.")
        return {each: pack(self._checked(vector)) for each, vector in zip(texts, vectors, strict=True)}

    async def _answer(self, asked: Awaitable[V]) -> V:
        try:
            return await asked
        except ModelError:
            raise
        except Exception as error:  # a host's embeddings raise what they like
            raise ModelUnavailable(f"Embeddings {self.model!r} failed: {error!r}") from error

    def _checked(self, vector: Sequence[float]) -> Sequence[float]:
        try:
            is_vector = bool(vector) and all(map(math.isfinite, vector))
        except TypeError:
            is_vector = False
        if not is_vector:
            raise ModelRejected(f"Embeddings {self.model!r} gave something else than a vector of finite numbers.")
        return vector


def pack(vector: Sequence[float]) -> bytes:
    """The vector as float32 in little-endian order."""
    return _little_endian(array("f", vector)).tobytes()


def unpack(data: bytes) -> Sequence[float]:
    """The vector of these bytes."""
    numbers = array("f")
    numbers.frombytes(data)
    return _little_endian(numbers).tolist()


def _little_endian(numbers: array[float]) -> array[float]:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
