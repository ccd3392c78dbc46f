"""An OpenAI-compatible server on 127.0.0.1 that costs next to nothing, for the clients that are measured.

It runs in a process of its own. The model's name says what it plays: `tokens=5000`, `tokens=50,delay_ms=10`,
`tokens=50,tool=1` (the first request is answered by a call of `look_up`, the next one, with its result, by text),
`tokens=50,words=20` (tokens of that many words).
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle, islice
from pathlib import Path
from typing import Any

_HEAD = {
    "id": "chatcmpl-b3nchm4rk",
    "object": "chat.completion.chunk",
    "created": 1_760_000_000,
    "model": "benchmark",
    "service_tier": "default",
    "system_fingerprint": "fp_benchmark",
}
_RESPONSE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
_TEXT = "the keeper of the old light said that no ship had come in since the thaw and nobody knew why"
_ARGUMENTS = json.dumps({"query": "who keeps the old light at the harbour"})


def chunk_frames(events: Iterator[dict[str, Any]]) -> list[bytes]:
    """The events as server-sent events, each in an HTTP chunk of its own, and the end of the body."""
    payloads = [f"data: {json.dumps(event)}\n\n".encode() for event in events] + [b"data: [DONE]\n\n"]
    return [b"%x\r\n%s\r\n" % (len(payload), payload) for payload in payloads] + [b"0\r\n\r\n"]


def _event(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return {**_HEAD, "choices": [choice], "usage": None}


def _end(finish_reason: str, tokens: int) -> Iterator[dict[str, Any]]:
    yield _event({}, finish_reason)
    usage = {"prompt_tokens": 100, "completion_tokens": tokens, "total_tokens": 100 + tokens}
    yield {**_HEAD, "choices": [], "usage": usage}


def spoken(tokens: int, words: int = 1) -> Iterator[str]:
    """The tokens of an answer, of so many words each."""
    each = cycle(_TEXT.split())
    return ("".join(f"{word} " for word in islice(each, words)) for _ in range(tokens))


def _say(tokens: int, words: int) -> Iterator[dict[str, Any]]:
    yield _event({"role": "assistant", "content": "", "refusal": None})
    for piece in spoken(tokens, words):
        yield _event({"content": piece})
    yield from _end("stop", tokens)


def _call() -> Iterator[dict[str, Any]]:
    function = {"name": "look_up", "arguments": ""}
    first = {"index": 0, "id": "call_b3nchm4rk0000000001", "type": "function", "function": function}
    yield _event({"role": "assistant", "content": None, "tool_calls": [first]})
    for start in range(0, len(_ARGUMENTS), 6):
        piece = {"index": 0, "function": {"arguments": _ARGUMENTS[start : start + 6]}}
        yield _event({"tool_calls": [piece]})
    yield from _end("tool_calls", 12)


class Play:
    """What a model's name asks for, as frames that are built once."""

    def __init__(self, name: str) -> None:
        options = dict(option.split("=") for option in name.split(","))
        self.delay_seconds = float(options.get("delay_ms", 0)) / 1000
        self.text = chunk_frames(_say(int(options["tokens"]), int(options.get("words", 1))))
        self.call = chunk_frames(_call()) if options.get("tool") else None

    def frames_for(self, body: dict[str, Any]) -> list[bytes]:
        """The answer to that request."""
        return self.text if self.call is None or body["messages"][-1]["role"] == "tool" else self.call


class Server:
    """All connections; one ticker per pace writes the next token of each."""

    def __init__(self) -> None:
        self.plays: dict[str, Play] = {}
        self._paced: dict[float, set[Connection]] = {}
        self._tickers: set[asyncio.Task[None]] = set()

    def play(self, name: str) -> Play:
        """The play of that name."""
        if name not in self.plays:
            self.plays[name] = Play(name)
        return self.plays[name]

    def pace(self, connection: Connection, delay_seconds: float) -> None:
        """Writes the connection's frames one by one, that far apart."""
        if delay_seconds not in self._paced:
            self._paced[delay_seconds] = set()
            self._tickers.add(asyncio.create_task(self._tick(delay_seconds)))
        self._paced[delay_seconds].add(connection)

    async def _tick(self, delay_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += delay_seconds
            await asyncio.sleep(max(0.0, due - loop.time()))
            waiting = self._paced[delay_seconds]
            for connection in [each for each in waiting if not each.write_next()]:
                waiting.discard(connection)


class Connection(asyncio.Protocol):
    """One client; requests come one after another."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._data = bytearray()
        self._frames: list[bytes] = []
        self._at = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, rest = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        length = int(lengths[0].split(b":")[1]) if lengths else 0
        if len(rest) >= length:
            self._data = bytearray(rest[length:])
            self._answer(json.loads(bytes(rest[:length])))

    def _answer(self, body: dict[str, Any]) -> None:
        play = self._server.play(body["model"])
        frames = play.frames_for(body)
        if not play.delay_seconds:
            self._transport.writelines([_RESPONSE, *frames])
            return
        self._transport.write(_RESPONSE)
        self._frames, self._at = frames, 0
        self.write_next()
        self._server.pace(self, play.delay_seconds)

    def write_next(self) -> bool:
        """Writes the next frame, the last ones together; whether there are more."""
        if self._transport.is_closing():
            return False
        self._at += 1
        if self._at + 3 < len(self._frames):
            self._transport.write(self._frames[self._at - 1])
            return True
        self._transport.write(b"".join(self._frames[self._at - 1 :]))
        return False


async def _serve() -> None:
    shared = Server()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(shared), "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1\n")
    sys.stdout.flush()
    # Whoever started the server holds its input: it goes when they go, however they die.
    await asyncio.to_thread(sys.stdin.buffer.read)


@contextmanager
def serving() -> Generator[str]:
    """A server in a process of its own; gives its base URL."""
    command = [sys.executable, "-m", "benchmarks.server"]
    root = Path(__file__).parent.parent
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve())
