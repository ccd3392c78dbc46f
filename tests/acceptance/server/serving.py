"""A real HTTP server on the loopback, in this process, and pages that talk to it as the AI SDK does."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from fastapi import Request

from saga_agent.app import Saga
from saga_agent.server import Identity, OpenStreams, ServerSettings, create_app
from saga_agent.server.connection import bounded_protocol
from tests.unit.server.strict_client import Json, StrictClient, read_events

TIMEOUT_SECONDS = 30


def by_header(request: Request) -> Identity:
    """The owner of the header `x-owner`, the local one without it."""
    return Identity(owner_id=request.headers.get("x-owner", "local"), kind="user")


@dataclass(frozen=True, slots=True)
class Served:
    """Where the server is, and the streams it tells."""

    url: str
    streams: OpenStreams


@asynccontextmanager
async def serving(saga: Saga, **settings: Any) -> AsyncGenerator[Served]:
    """Serves the saga, which is open."""
    app = create_app(saga, identity=by_header, settings=ServerSettings(**settings))
    listener = socket.create_server(("127.0.0.1", 0))
    limits = ServerSettings(**settings)
    config = uvicorn.Config(
        app,
        http=bounded_protocol(limits.request_seconds),
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=limits.max_header_bytes,
        timeout_keep_alive=limits.idle_connection_seconds,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await server.ready.wait()
    try:
        yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", app.state.streams)
    finally:
        app.state.streams.close()
        server.should_exit = True
        await task
        listener.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@dataclass
class Page:
    """A page with one chat."""

    url: str
    version: int = 6
    chat_id: str = "chat-1"
    api: str = "/ai/saga"
    owner: str = "local"
    project_id: str | None = None
    messages: list[Json] = field(default_factory=list[Json])
    cut: Callable[[], None] | None = None
    """Breaks off all answers the server tells, as its end does."""

    def __post_init__(self) -> None:
        self.assistant = StrictClient(self.version)

    def client(self) -> httpx.AsyncClient:
        """A connection pool of its own, as every tab has."""
        headers = {"x-saga-sdk": str(self.version), "x-owner": self.owner}
        return httpx.AsyncClient(
            base_url=self.url, headers=headers, trust_env=False, verify=False, timeout=TIMEOUT_SECONDS
        )

    async def send(self, text: str, **body: Any) -> Json:
        """Sends a message; gives the answer."""
        number = len(self.messages)
        parts = [{"type": "text", "text": text}]
        self.messages.append({"id": f"{self.chat_id}-m{number}", "role": "user", "parts": parts})
        return await self.post(**body)

    async def post(self, **body: Any) -> Json:
        """Posts the history as it is; gives the assistant message that comes of it."""
        response = await self.attempt(**body)
        assert response.status_code == 200, response.text
        message = self.assistant.read(read_events(response.text))
        if not self.messages or self.messages[-1]["id"] != message["id"]:
            self.messages.append(message)
        return message

    async def attempt(self, **body: Any) -> httpx.Response:
        """Posts the history as it is; gives the response, whatever it says."""
        project = {"projectId": self.project_id} if self.project_id else {}
        content = {"id": self.chat_id, "messages": self.messages, "trigger": "submit-message", **project, **body}
        async with self.client() as client:
            return await client.post(self.api, json=content)

    async def history(self) -> list[Json]:
        """What the server remembers."""
        async with self.client() as client:
            return (await client.get(f"{self.api}/{self.chat_id}/messages")).json()["messages"]

    async def resume(self) -> StrictClient | None:
        """What a page that was just loaded reads of the running answer; None for 204."""
        async with self.client() as client:
            response = await client.get(f"{self.api}/{self.chat_id}/stream")
        if response.status_code == 204:
            return None
        assert response.status_code == 200, response.text
        fresh = StrictClient(self.version)
        fresh.read(read_events(response.text))
        return fresh

    @asynccontextmanager
    async def resuming(self) -> AsyncGenerator[AsyncIterator[Json]]:
        """Takes up the running answer and reads its events one by one."""
        path = f"{self.api}/{self.chat_id}/stream"
        async with self.client() as client, client.stream("GET", path) as response:
            assert response.status_code == 200
            yield events_of(response)

    async def stop(self, **parameters: str) -> int:
        """Stops the answer; gives the status."""
        async with self.client() as client:
            return (await client.post(f"{self.api}/{self.chat_id}/stop", params=parameters)).status_code

    @asynccontextmanager
    async def streaming(self, text: str, **body: Any) -> AsyncGenerator[AsyncIterator[Json]]:
        """Sends a message and reads the events one by one; leaving closes the connection."""
        message = {"id": f"{self.chat_id}-m0", "role": "user", "parts": [{"type": "text", "text": text}]}
        self.messages = [message]
        content = {"id": self.chat_id, "messages": self.messages, "projectId": self.project_id, **body}
        async with self.client() as client, client.stream("POST", self.api, json=content) as response:
            assert response.status_code == 200
            yield events_of(response)


def approval_of(message: Json) -> dict[str, Any]:
    """The approval that the message waits for."""
    (part,) = [part for part in message["parts"] if part.get("state") == "approval-requested"]
    return part["approval"]


async def events_of(response: httpx.Response) -> AsyncIterator[Json]:
    """The events as they come, without `[DONE]`."""
    async for line in response.aiter_lines():
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))


async def read_all(events: AsyncIterator[Json], seen: list[Json], *, version: int = 6) -> StrictClient:
    """What a page makes of these events and all that follow."""
    page = StrictClient(version)
    page.read([*seen, *[event async for event in events]])
    return page


async def read_until(events: AsyncIterator[Json], kind: str) -> list[Json]:
    """The events up to the first of that type."""
    seen: list[Json] = []
    async for event in events:
        seen.append(event)
        if event["type"] == kind:
            return seen
    raise AssertionError(f"no {kind} came: {seen}")
