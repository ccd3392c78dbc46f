"""A model on the loopback that says whose question it answers, and counts how often each was asked."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

WORDS = 20
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"


def whole_text(tag: str) -> str:
    """All that the answer to the question `tag` says."""
    return "".join(f"{tag}.{number} " for number in range(WORDS))


class CountingModel:
    """What was asked of it."""

    def __init__(self, *, pause_seconds: float) -> None:
        self.asked: Counter[str] = Counter()
        self.url = ""
        self._pause_seconds = pause_seconds

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection: one request, whose last message is the tag."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            (length,) = [
                int(line.partition(":")[2]) for line in head.split("\r\n") if line.startswith("content-length")
            ]
            body = json.loads(await reader.readexactly(length))
            tag = next(text_of(m) for m in reversed(body["messages"]) if m["role"] == "user").split()[-1]
            self.asked[tag] += 1
            writer.write(_HEAD)
            for number in range(WORDS):
                writer.write(_frame({"content": f"{tag}.{number} "}))
                await asyncio.sleep(self._pause_seconds)
            writer.write(_frame({}, finish="stop") + _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
            await writer.drain()
        writer.close()


def text_of(message: dict[str, object]) -> str:
    """The text of a message as OpenAI's API has it."""
    content = message["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)  # pyright: ignore


def _frame(delta: dict[str, str], *, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    event = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "flood", "choices": [choice]}
    return _chunk(f"data: {json.dumps(event)}\n\n".encode())


def _chunk(payload: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(payload), payload)


@asynccontextmanager
async def counting_model(*, pause_seconds: float = 0.02) -> AsyncGenerator[CountingModel]:
    """Serves the model while inside; its words come so far apart."""
    model = CountingModel(pause_seconds=pause_seconds)
    server = await asyncio.start_server(model.answer, "127.0.0.1", 0, backlog=4096)
    model.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield model
    finally:
        server.close()
