"""A client of event streams that costs next to nothing: a connection a request, events parsed as they come."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

SERVICE_KEY: Final = "the-benchmark-acts-for-everybody"
"""The servers let in whoever has it, as any writer they name."""
_TIMEOUT_SECONDS: Final = 180.0
_SEGMENT_BYTES: Final = 1_460
"""Of Ethernet. With loopback's 64 KiB the kernel would take 2.6 MB before a writer feels that nobody reads."""
_WINDOW_BYTES: Final = 4_096
DONE: Final = "[DONE]"


class BadAnswer(AssertionError):
    """An answer that is not what its reader must get."""


class Reading(asyncio.Protocol):
    """One request and what comes back; times are seconds after the request was begun."""

    def __init__(self, request: bytes, *, beside: Reading | None = None) -> None:
        self._request, self._beside = request, beside
        self._raw, self._body = bytearray(), bytearray()
        self._deltas: list[str] = []
        self._awaited: list[tuple[Callable[[], object], asyncio.Future[None]]] = []
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._chunked = False
        self._begun = time.perf_counter()
        self.status = 0
        self.kinds: list[str] = []
        """The events' types; `[DONE]` is the last one of a whole answer."""
        self.characters = 0
        self.body_bytes = 0
        self.first_event = self.first_text = self.end = self.caught_up = 0.0

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self._deltas)

    @property
    def body(self) -> bytes:
        """What came that is no event."""
        return bytes(self._body)

    @property
    def port(self) -> int:
        """Of this end of the connection."""
        return self._transport.get_extra_info("sockname")[1]

    async def over(self) -> Reading:
        """Waits for the end of the connection, however it ends."""
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            await self._over
        return self

    async def whole(self, text: str) -> Reading:
        """Waits for the end; `BadAnswer` unless it is all of that answer, from its first chunk."""
        await self.over()
        if self.status != 200:
            raise BadAnswer(f"status {self.status}: {self.body[:300].decode(errors='replace')}")
        if self.kinds[:1] != ["start"] or self.kinds[-2:] != ["finish", DONE]:
            raise BadAnswer(f"it goes from {self.kinds[:2]} to {self.kinds[-2:]}")
        if self.text != text:
            raise BadAnswer(f"it has {self.characters:,} characters, not the {len(text):,} that were written")
        return self

    async def reached(self, characters: int) -> None:
        """Waits until that much of the answer has come, or the connection has ended."""
        await self._until(lambda: self.characters >= characters)

    async def level(self) -> None:
        """Waits until it has caught up, or the connection has ended."""
        await self._until(lambda: self.caught_up)

    async def drop(self) -> None:
        """Breaks the connection, as a page that is closed does."""
        self._transport.abort()
        await self.over()

    def stall(self) -> None:
        """Reads no more; what comes fills the buffers on the way."""
        self._transport.pause_reading()

    def go_on(self) -> None:
        """Reads again."""
        self._transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._over.done():
            self._over.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._raw += data
        if self.status == 0 and not self._take_head():
            return
        if self._chunked:
            self._take_chunks()
            self._take_events()
        else:
            self._body += self._raw
            self._raw.clear()
        if self._beside is not None and not self.caught_up and self.characters >= self._beside.characters:
            self.caught_up = self._now()
        self._tell_what_is_met()

    def _take_head(self) -> bool:
        head, found, rest = self._raw.partition(b"\r\n\r\n")
        if found:
            self.status = int(head.split(b" ", 2)[1])
            self._chunked = b"transfer-encoding: chunked" in head.lower()
            self._raw = rest
        return bool(found)

    def _take_chunks(self) -> None:
        while (line := self._raw.find(b"\r\n")) >= 0:
            size = int(self._raw[:line], 16)
            if len(self._raw) < line + size + 4:
                return
            self._body += self._raw[line + 2 : line + 2 + size]
            self.body_bytes += size
            del self._raw[: line + size + 4]

    def _take_events(self) -> None:
        *blocks, rest = self._body.split(b"\n\n")
        self._body = rest
        for block in blocks:
            if block.startswith(b"data: "):
                self._take_event(block[6:].decode())

    def _take_event(self, data: str) -> None:
        self.first_event = self.first_event or self._now()
        if data == DONE:
            self.end = self._now()
            self.kinds.append(DONE)
            return
        event = json.loads(data)
        self.kinds.append(event["type"])
        if event["type"] == "text-delta":
            self.first_text = self.first_text or self._now()
            self._deltas.append(event["delta"])
            self.characters += len(event["delta"])

    async def _until(self, condition: Callable[[], object]) -> None:
        if not condition() and not self._over.done():
            met: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._awaited.append((condition, met))
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                await asyncio.wait({met, self._over}, return_when=asyncio.FIRST_COMPLETED)

    def _tell_what_is_met(self) -> None:
        for entry in [entry for entry in self._awaited if entry[0]()]:
            entry[1].set_result(None)
            self._awaited.remove(entry)

    def _now(self) -> float:
        return time.perf_counter() - self._begun


@dataclass(frozen=True, slots=True)
class Page:
    """A writer's page on a server: the requests that an AI SDK would send."""

    url: str
    owner: str
    path: str = "/ai/saga"

    async def ask(self, chat_id: str, message_id: str, text: str, *, narrow: bool = False) -> Reading:
        """Sends a message and begins to read its answer; `narrow` takes the buffers of a real network."""
        message = {"id": message_id, "role": "user", "parts": [{"type": "text", "text": text}]}
        body = {"id": chat_id, "trigger": "submit-message", "messages": [message]}
        return await self._send("POST", self.path, body, narrow=narrow)

    async def resume(self, chat_id: str, *, beside: Reading | None = None, narrow: bool = False) -> Reading:
        """Takes up the chat's running answer; it has caught up when it has all that the one beside it has."""
        return await self._send("GET", f"{self.path}/{chat_id}/stream", None, beside=beside, narrow=narrow)

    async def stop(self, chat_id: str) -> int:
        """Stops the chat's answer; gives the response's status."""
        reading = await self._send("POST", f"{self.path}/{chat_id}/stop", {})
        return (await reading.over()).status

    async def last_text(self, chat_id: str) -> str:
        """The text of the chat's last message, as its history has it."""
        reading = await (await self._send("GET", f"{self.path}/{chat_id}/messages", None)).over()
        parts = json.loads(reading.body)["messages"][-1]["parts"]
        return "".join(part["text"] for part in parts if part["type"] == "text")

    async def write_document(self, title: str, text: str) -> str:
        """Stores a document in the writer's default project; gives its id."""
        reading = await (await self._send("POST", "/documents", {"title": title, "text": text})).over()
        if reading.status != 201:
            raise BadAnswer(f"a document is refused with status {reading.status}")
        return json.loads(reading.body)["id"]

    async def read_document(self, document_id: str) -> None:
        """Reads a document."""
        await (await self._send("GET", f"/documents/{document_id}", None)).over()

    async def _send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        *,
        beside: Reading | None = None,
        narrow: bool = False,
    ) -> Reading:
        place = urlsplit(self.url)
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: {place.netloc}\r\nconnection: close\r\n"
            f"x-saga-service-key: {SERVICE_KEY}\r\nx-saga-owner: {self.owner}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
        )
        reading = Reading(head.encode() + content, beside=beside)
        connection = socket.socket()
        connection.setblocking(False)
        if narrow:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT_BYTES)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WINDOW_BYTES)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, (place.hostname, place.port))
        await loop.create_connection(lambda: reading, sock=connection)
        return reading
