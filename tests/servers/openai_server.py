"""A small OpenAI-compatible server on 127.0.0.1: plays scripted replies and faults, or speaks for a chat model.

    async with OpenAIServer(Reply.text("Hello")) as server:
        model = resolve_model(f"openai:test@{server.url}")

`python -m tests.servers.openai_server --port 0` serves the offline model and prints its URL.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import dataclasses
import json
from array import array
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Self

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, convert_to_messages

from saga_agent.models.resolution import resolve_model
from tests.servers.loopback import LoopbackServer
from tests.servers.replies import Reply, delta, sse, usage_event


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """What a client sent."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


class OpenAIServer:
    """Answers `POST .../chat/completions` with the next reply in the queue, else with `model`.

    `POST .../embeddings` is answered with the vectors that `embed` makes of the texts, once the replies in
    `embedding_faults` are used up.
    """

    def __init__(
        self,
        *replies: Reply,
        model: BaseChatModel | None = None,
        port: int = 0,
        embed: Callable[[str], Sequence[float]] | None = None,
    ) -> None:
        self.replies = deque(replies)
        self.embedding_faults: deque[Reply] = deque()
        self._embed = embed
        self.requests: list[Request] = []
        self.hung_up = asyncio.Event()
        """Set when a client went away in the middle of a silent reply."""
        self.connections = 0
        self._model = model
        self._server = LoopbackServer(self._serve, port=port)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.port

    @property
    def embedded(self) -> list[str]:
        """The texts that were sent to be embedded, in order."""
        return [text for each in self.requests if each.path.endswith("/embeddings") for text in each.body["input"]]

    @property
    def url(self) -> str:
        """The base URL that a client is given."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while await self._exchange(reader, writer):
            pass

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; false when the connection is spent."""
        request = await read_request(reader)
        self.requests.append(request)
        if request.path.endswith("/embeddings") and self._embed is not None:
            faults = self.embedding_faults
            reply = faults.popleft() if faults else Reply.document(json.dumps(_embeddings(self._embed, request.body)))
            return await self._play(reply, reader, writer)
        if self.replies:
            return await self._play(self.replies.popleft(), reader, writer)
        if self._model is None:
            return await self._play(Reply.error(500, "The script has no reply left."), reader, writer)
        _write_head(writer, 200, {"content-type": "text/event-stream"})
        async for frame in _speak(self._model, request.body):
            await _write_frame(writer, frame)
        writer.write(b"0\r\n\r\n")
        return True

    async def _play(self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        _write_head(writer, reply.status, reply.headers)
        for frame in reply.frames:
            await _write_frame(writer, frame)
        if reply.ending == "silent":
            await reader.read()
            self.hung_up.set()
        if reply.ending in ("silent", "cut"):
            return False  # closed without the last chunk: the client sees a body cut short
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


def _embeddings(embed: Callable[[str], Sequence[float]], body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request for vectors: in base64 when it asks for that, as the SDK does."""
    vectors = [array("f", embed(text)) for text in body["input"]]
    in_base64 = body.get("encoding_format") == "base64"
    return {
        "object": "list",
        "model": body["model"],
        "usage": {"prompt_tokens": 1, "total_tokens": 1},
        "data": [
            {
                "object": "embedding",
                "index": index,
                "embedding": base64.b64encode(vector.tobytes()).decode() if in_base64 else vector.tolist(),
            }
            for index, vector in enumerate(vectors)
        ],
    }


async def read_request(reader: asyncio.StreamReader) -> Request:
    """The next request of a connection; a body, if there is one, is JSON."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(head[0].split()[1], headers, json.loads(body) if body else {})


def _write_head(writer: asyncio.StreamWriter, status: int, headers: Mapping[str, str]) -> None:
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write("\r\n".join([*lines, "transfer-encoding: chunked", "", ""]).encode("latin-1"))


async def _write_frame(writer: asyncio.StreamWriter, frame: bytes) -> None:
    if frame:  # an empty chunk would end the body
        writer.write(b"%x\r\n%s\r\n" % (len(frame), frame))
        await writer.drain()


async def _speak(model: BaseChatModel, body: Mapping[str, Any]) -> AsyncIterator[bytes]:
    """The model's answer to a request body, as server-sent events."""
    speaker = model.bind_tools(body["tools"]) if body.get("tools") else model
    yield sse(delta(role="assistant", content=""))
    async for chunk in speaker.astream(convert_to_messages(body["messages"])):
        assert isinstance(chunk, AIMessageChunk)
        for event in _events_of(chunk):
            yield sse(event)
    yield b"data: [DONE]\n\n"


def _events_of(chunk: AIMessageChunk) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    if chunk.text:
        events.append(delta(content=str(chunk.text)))
    for call in chunk.tool_call_chunks:
        part: dict[str, Any] = {"index": call["index"], "function": {"arguments": call["args"] or ""}}
        if call["name"]:
            part = {**part, "id": call["id"], "type": "function"}
            part["function"]["name"] = call["name"]
        events.append(delta(tool_calls=[part]))
    if reason := chunk.response_metadata.get("finish_reason"):
        events.append(delta(finish_reason=reason))
    if usage := chunk.usage_metadata:
        events.append(usage_event(usage["input_tokens"], usage["output_tokens"]))
    return events


async def _main() -> None:
    parser = argparse.ArgumentParser(description="Serve a chat model as an OpenAI-compatible API on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--model", default="offline", help="offline, offline:tps=20")
    arguments = parser.parse_args()
    async with OpenAIServer(model=resolve_model(arguments.model), port=arguments.port) as server:
        print(server.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
