"""The part of Qdrant's REST API that the library uses, on 127.0.0.1, over the client's own embedded engine.

    async with QdrantServer() as server:
        index = QdrantVectors.at(server.url, model="test")

What is stored outlives `stop` and `start`, as it does with a real server.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any, Self

from qdrant_client import QdrantClient
from qdrant_client import models as q
from qdrant_client.http.models import PointRequest, PointsList, QueryRequest, ScrollRequest

from tests.servers.loopback import LoopbackServer
from tests.servers.openai_server import Request, read_request


class QdrantServer:
    """A server that can be stopped and started again, on the same port."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.indexed: dict[str, Any] = {}
        """The payload indexes that were asked for, by field."""
        self._engine = QdrantClient(":memory:")
        self._server = LoopbackServer(self._serve)

    @property
    def url(self) -> str:
        """What follows `qdrant:` in `retrieval=`."""
        return f"http://127.0.0.1:{self._server.port}"

    def points(self) -> dict[str, int]:
        """How many points each project has, in all collections."""
        payloads = [
            point.payload or {}
            for collection in self._engine.get_collections().collections
            for point in self._engine.scroll(collection.name, limit=10_000)[0]
        ]
        return dict(Counter(str(payload["project_id"]) for payload in payloads))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        self._engine.close()

    async def start(self) -> None:
        """Listens."""
        await self._server.start()

    async def stop(self) -> None:
        """Hangs up, and listens no more."""
        await self._server.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_request(reader)
            self.requests.append(request)
            writer.write(_http(*self._answer(request)))
            await writer.drain()

    def _answer(self, request: Request) -> tuple[int, dict[str, Any]]:
        _, name, *rest = request.path.partition("?")[0].strip("/").split("/")
        verbs: dict[str, Callable[[str, dict[str, Any]], Any]] = {
            "exists": self._exists,
            "": self._create,
            "index": self._index,
            "points/delete": self._delete,
            "points/query": self._query,
            "points/scroll": self._scroll,
            "points": self._upsert if "points" in request.body else self._retrieve,
        }
        try:
            return 200, {"status": "ok", "time": 0.0, "result": verbs["/".join(rest)](name, request.body)}
        except ValueError as error:
            return 400, {"status": {"error": str(error)}, "time": 0.0}

    def _exists(self, name: str, _: dict[str, Any]) -> Any:
        return {"exists": self._engine.collection_exists(name)}

    def _create(self, name: str, body: dict[str, Any]) -> Any:
        return self._engine.create_collection(name, q.VectorParams.model_validate(body["vectors"]))

    def _index(self, name: str, body: dict[str, Any]) -> Any:
        self.indexed[body["field_name"]] = body["field_schema"]
        return {"operation_id": 0, "status": "completed"}

    def _upsert(self, name: str, body: dict[str, Any]) -> Any:
        return _plain(self._engine.upsert(name, PointsList.model_validate(body).points))

    def _delete(self, name: str, body: dict[str, Any]) -> Any:
        kind = q.FilterSelector if "filter" in body else q.PointIdsList
        return _plain(self._engine.delete(name, kind.model_validate(body)))

    def _query(self, name: str, body: dict[str, Any]) -> Any:
        asked = QueryRequest.model_validate(body)
        found = self._engine.query_points(
            name, asked.query, query_filter=asked.filter, limit=asked.limit or 10, with_payload=asked.with_payload
        )
        return _plain(found)

    def _scroll(self, name: str, body: dict[str, Any]) -> Any:
        asked = ScrollRequest.model_validate(body)
        points, offset = self._engine.scroll(
            name, asked.filter, limit=asked.limit or 10, offset=asked.offset, with_payload=asked.with_payload or False
        )
        return {"points": [_plain(point) for point in points], "next_page_offset": offset}

    def _retrieve(self, name: str, body: dict[str, Any]) -> Any:
        asked = PointRequest.model_validate(body)
        return [
            _plain(each) for each in self._engine.retrieve(name, asked.ids, with_payload=asked.with_payload or False)
        ]


def _plain(record: Any) -> Any:
    return record.model_dump(mode="json")


def _http(status: int, body: dict[str, Any]) -> bytes:
    data = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} Scripted\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
    return head.encode() + data
