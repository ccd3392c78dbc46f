"""An index of vectors in Qdrant: a server, or the client's own embedded one, which lives in this process' memory.

Importing this module imports `qdrant_client` (seconds): it is an optional extra.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

from qdrant_client import AsyncQdrantClient, QdrantClient
from qdrant_client import models as q
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException

from saga_agent.domain.journal import Stretch
from saga_agent.errors import StorageUnavailable
from saga_agent.retrieval.protocol import PlacedVector, Scope

_NAMESPACE = uuid.UUID("b0b6a1f5-6f1f-5a57-8f2c-0d5f3f1f6c3e")
_TIMEOUT_SECONDS = 10
_POINTS_AT_ONCE = 64
"""Two megabytes of JSON at 1,536 numbers a vector; servers take 32."""
_PAGE = 256
_EXCERPT_CHARS = 300
_STRETCH = ("document_id", "document_rev", "start", "end")


class QdrantVectors:
    """Vectors of one embedding model, in a collection of their own.

    A document's vectors are the points 0, 1, 2, ... of that document. Point 0 knows how many there are and is written
    last, so that a document whose writing was cut off counts as not held.
    """

    def __init__(self, connect: Callable[[], AsyncQdrantClient], *, model: str, place: str, is_embedded: bool) -> None:
        self._connect, self._place, self._is_embedded = connect, place, is_embedded
        self._collection = f"saga-{hashlib.sha256(model.encode()).hexdigest()[:16]}"
        self._client: AsyncQdrantClient | None = None
        self._is_there = False
        """Whether the collection has been seen."""

    @classmethod
    def embedded(cls, *, model: str) -> QdrantVectors:
        """An index in this process' memory, empty at first and after each `close`."""
        return cls(_embedded_client, model=model, place="in memory", is_embedded=True)

    @classmethod
    def at(cls, url: str, *, model: str, api_key: str | None = None) -> QdrantVectors:
        """An index on that server."""

        def connect() -> AsyncQdrantClient:
            # The check would ask the server in the constructor, without awaiting.
            return AsyncQdrantClient(
                url=url, port=None, api_key=api_key, timeout=_TIMEOUT_SECONDS, check_compatibility=False
            )

        return cls(connect, model=model, place=f"at {url}", is_embedded=False)

    async def replace(self, scope: Scope, document_id: str, vectors: Sequence[PlacedVector]) -> None:
        async with self._talking() as client:
            if not vectors:
                if await self._has_collection(client):
                    await client.delete(self._collection, _selector(scope, document_id=document_id))
                return
            await self._ensure_collection(client, size=len(vectors[0].vector))
            before = await self._count(client, scope, document_id)
            points = [_point(scope, document_id, number, each, vectors) for number, each in enumerate(vectors)]
            for start in range(1, len(points), _POINTS_AT_ONCE):
                await client.upsert(self._collection, points[start : start + _POINTS_AT_ONCE])
            if too_many := [_point_id(scope, document_id, number) for number in range(len(points), before)]:
                await client.delete(self._collection, q.PointIdsList(points=list(too_many)))
            await client.upsert(self._collection, points[:1])

    async def search(self, scope: Scope, vector: Sequence[float], *, limit: int = 10) -> Sequence[Stretch]:
        async with self._talking() as client:
            if not await self._has_collection(client):
                return ()
            found = await client.query_points(
                self._collection,
                query=list(vector),
                query_filter=_within(scope),
                limit=limit,
                with_payload=list(_STRETCH),
            )
            return [Stretch.model_validate(point.payload) for point in found.points]

    async def revisions(self, scope: Scope) -> Mapping[str, int]:
        revisions: dict[str, int] = {}
        async with self._talking() as client:
            if not await self._has_collection(client):
                return revisions
            first_ones = _within(scope, number=0)
            offset = None
            while True:
                points, offset = await client.scroll(
                    self._collection, scroll_filter=first_ones, limit=_PAGE, offset=offset, with_payload=True
                )
                for payload in (point.payload or {} for point in points):
                    revisions[str(payload["document_id"])] = int(payload["document_rev"])
                if offset is None:
                    return revisions

    async def purge(self, scope: Scope) -> None:
        async with self._talking() as client:
            if await self._has_collection(client):
                await client.delete(self._collection, _selector(scope))

    async def is_reachable(self) -> bool:
        try:
            async with self._talking() as client:
                await client.collection_exists(self._collection)
        except StorageUnavailable:
            return False
        return True

    async def close(self) -> None:
        client, self._client, self._is_there = self._client, None, False
        if client is not None:
            await client.close()

    async def _count(self, client: AsyncQdrantClient, scope: Scope, document_id: str) -> int:
        """How many points the document has; 0 when it is not held."""
        found = await client.retrieve(self._collection, [_point_id(scope, document_id, 0)], with_payload=["count"])
        return int((found[0].payload or {})["count"]) if found else 0

    async def _has_collection(self, client: AsyncQdrantClient) -> bool:
        if not self._is_there:
            self._is_there = await client.collection_exists(self._collection)
        return self._is_there

    async def _ensure_collection(self, client: AsyncQdrantClient, *, size: int) -> None:
        if await self._has_collection(client):
            return
        try:
            await client.create_collection(
                self._collection, vectors_config=q.VectorParams(size=size, distance=q.Distance.COSINE)
            )
        except (ApiException, ValueError):
            if not await client.collection_exists(self._collection):  # another process was faster
                raise
        if not self._is_embedded:  # there they have no effect
            tenant = q.KeywordIndexParams(type=q.KeywordIndexType.KEYWORD, is_tenant=True)
            await client.create_payload_index(self._collection, "project_id", field_schema=tenant)
            for name in ("owner_id", "document_id"):
                await client.create_payload_index(self._collection, name, field_schema=q.PayloadSchemaType.KEYWORD)
        self._is_there = True

    @asynccontextmanager
    async def _talking(self) -> AsyncGenerator[AsyncQdrantClient]:
        if self._client is None:
            self._client = self._connect()
        try:
            yield self._client
        except (ApiException, QdrantException, ValueError) as error:
            self._is_there = False  # it may have been dropped
            raise StorageUnavailable(f"Qdrant {self._place} {_reason(error)}") from error


def _point(
    scope: Scope, document_id: str, number: int, placed: PlacedVector, vectors: Sequence[PlacedVector]
) -> q.PointStruct:
    payload: dict[str, object] = {
        "owner_id": scope.owner_id,
        "project_id": scope.project_id,
        "number": number,
        **placed.stretch.model_dump(include=set(_STRETCH)),
    }
    if number == 0:
        payload["count"] = len(vectors)
    return q.PointStruct(id=_point_id(scope, document_id, number), vector=list(placed.vector), payload=payload)


def _point_id(scope: Scope, document_id: str, number: int) -> str:
    """The same for all owners: a project that changes hands is written over, not written twice."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join((scope.project_id, document_id, str(number)))))


def _within(scope: Scope, *, number: int | None = None) -> q.Filter:
    must: list[q.Condition] = [_is("owner_id", scope.owner_id), _is("project_id", scope.project_id)]
    if number is not None:
        must.append(_is("number", number))
    return q.Filter(must=must)


def _selector(scope: Scope, *, document_id: str | None = None) -> q.FilterSelector:
    """All of the project, or of one document of it, whoever's it was when it was stored."""
    must: list[q.Condition] = [_is("project_id", scope.project_id)]
    if document_id is not None:
        must.append(_is("document_id", document_id))
    return q.FilterSelector(filter=q.Filter(must=must))


def _is(name: str, value: str | int) -> q.FieldCondition:
    return q.FieldCondition(key=name, match=q.MatchValue(value=value))


def _reason(error: Exception) -> str:
    if isinstance(error, ResponseHandlingException):
        return f"cannot be reached: {error.source!r}; check the URL and whether the server runs."
    said = str(error)
    return f"refused a request: {said if len(said) <= _EXCERPT_CHARS else said[:_EXCERPT_CHARS] + '...'}"


class _OnAThread:
    """The embedded client on one thread of its own: its searches would hold up the event loop."""

    def __init__(self) -> None:
        self._client = QdrantClient(":memory:")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="saga-qdrant")

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        verb = getattr(self._client, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await asyncio.get_running_loop().run_in_executor(self._thread, partial(verb, *args, **kwargs))

        return call

    async def close(self) -> None:
        await asyncio.to_thread(self._thread.shutdown)
        self._client.close()


def _embedded_client() -> AsyncQdrantClient:
    # The two clients of the package have the same verbs, but for `async`.
    return cast("AsyncQdrantClient", _OnAThread())
