"""Framing: heartbeats while nothing comes, and connections that break when they cannot be told to their end."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncGenerator
from contextlib import suppress

import pytest
from starlette.types import Message, Send

from saga_agent.domain.record import JsonObject
from saga_agent.server.identity import LOCAL, Identity
from saga_agent.server.outbox import Outbox
from saga_agent.server.problems import Refused
from saga_agent.server.settings import ServerSettings
from saga_agent.server.sse import CutIsNoFailure, OpenStreams, Seat, StreamCut
from saga_agent.streams.replay import Rewound
from saga_agent.testing.clock import FakeClock

ME = LOCAL


def streams(**settings: float) -> OpenStreams:
    return OpenStreams(ServerSettings(**settings), FakeClock())  # pyright: ignore


async def told(*events: JsonObject, then: BaseException | None = None) -> AsyncGenerator[JsonObject]:
    for event in events:
        yield event
    if then is not None:
        raise then


async def silent(gate: asyncio.Event) -> AsyncGenerator[JsonObject]:
    await gate.wait()
    yield {"type": "finish"}


async def test_each_event_is_a_block_of_its_own_and_the_end_is_marked():
    body = [block async for block in streams().tell(told({"type": "start"}, {"delta": "Tøve\n"}), ME)]

    assert b"".join(body).split(b"\n\n") == [
        b'data: {"type":"start"}',
        'data: {"delta":"Tøve\\n"}'.encode(),
        b"data: [DONE]",
        b"",
    ]


async def test_events_that_are_ready_are_written_at_once_and_no_event_waits_for_the_next():
    gate = asyncio.Event()

    async def events() -> AsyncGenerator[JsonObject]:
        yield {"n": 1}
        yield {"n": 2}
        await gate.wait()
        yield {"n": 3}

    body = streams().tell(events(), ME)

    assert await anext(body) == b'data: {"n":1}\n\ndata: {"n":2}\n\n'
    gate.set()
    assert [block async for block in body] == [b'data: {"n":3}\n\n', b"data: [DONE]\n\n"]


async def test_a_slow_reader_does_not_have_the_whole_answer_taken_in_ahead():
    taken = 0

    async def events() -> AsyncGenerator[JsonObject]:
        nonlocal taken
        for _ in range(1_000):
            taken += 1
            yield {"delta": "x" * 1_000}

    body = streams().tell(events(), ME)
    first = await anext(body)

    assert taken < 100
    assert len(first) + sum([len(block) async for block in body]) > 1_000_000
    assert taken == 1_000


async def test_leaving_closes_what_was_told_at_once():
    closed = asyncio.Event()

    async def events() -> AsyncGenerator[JsonObject]:
        try:
            yield {"type": "start"}
            await asyncio.Event().wait()
        finally:
            closed.set()

    body = streams().tell(events(), ME)
    await anext(body)
    waiting = asyncio.ensure_future(anext(body))
    await asyncio.sleep(0)

    waiting.cancel()  # as the HTTP server does when the connection is gone
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert closed.is_set()


async def test_a_silent_stream_sends_comments():
    gate = asyncio.Event()
    body = streams(keep_alive_seconds=0.001).tell(silent(gate), ME)

    first, second = await anext(body), await anext(body)
    gate.set()
    rest = [block async for block in body if not block.startswith(b":")]

    assert first == second == b": keep-alive\n\n"
    assert rest == [b'data: {"type":"finish"}\n\n', b"data: [DONE]\n\n"]


async def test_what_was_told_and_is_void_breaks_the_connection():
    body = streams().tell(told({"type": "start"}, then=Rewound("str_1")), ME)

    assert await anext(body) == b'data: {"type":"start"}\n\n'
    with pytest.raises(StreamCut):
        await anext(body)


async def test_a_failure_of_our_own_breaks_the_connection():
    body = streams().tell(told(then=RuntimeError("disk")), ME)

    with pytest.raises(RuntimeError, match="disk"):
        await anext(body)


async def test_a_closing_server_breaks_its_streams():
    open_streams = streams()
    body = open_streams.tell(silent(asyncio.Event()), ME)
    waiting = asyncio.ensure_future(anext(body))
    await asyncio.sleep(0)

    open_streams.close()

    with pytest.raises(StreamCut, match="closes"):
        await waiting


async def test_a_stream_ends_with_the_identity_it_was_opened_by():
    clock = FakeClock()
    identity = Identity(owner_id="ada", kind="user", expires_at=clock.now() + 60)
    body = OpenStreams(ServerSettings(keep_alive_seconds=0.001), clock).tell(silent(asyncio.Event()), identity)

    assert await anext(body) == b": keep-alive\n\n"
    await clock.advance(61)
    with pytest.raises(StreamCut, match="expired"):
        await anext(body)


def free_seats(open_streams: OpenStreams, owner_id: str = ME.owner_id) -> int:
    """How many more streams the owner may open."""
    taken: list[Seat] = []
    with suppress(Refused):
        while True:
            taken.append(open_streams.seat(owner_id))
    for seat in taken:
        seat.release()
    return len(taken)


async def test_an_owner_follows_so_many_streams_and_no_more():
    open_streams = streams(max_streams_per_owner=1)

    with open_streams.seat(ME.owner_id):
        with pytest.raises(Refused, match="1 answers are open"):
            open_streams.seat(ME.owner_id)
        assert free_seats(open_streams, "another") == 1

    assert free_seats(open_streams) == 1


async def test_a_turn_that_fails_before_its_response_gives_the_seat_back():
    open_streams = streams(max_streams_per_owner=2)

    with pytest.raises(KeyError), open_streams.seat(ME.owner_id):
        raise KeyError

    assert free_seats(open_streams) == 2


async def test_a_response_keeps_its_seat_until_it_is_told():
    open_streams, reader = streams(max_streams_per_owner=1), Reader()
    responding = asyncio.ensure_future(respond(open_streams, told({"type": "start"}), reader.send))
    await reader.stalled.wait()

    assert free_seats(open_streams) == 0
    responding.cancel()  # the reader leaves
    await asyncio.gather(responding, return_exceptions=True)

    assert free_seats(open_streams) == 1


async def test_a_response_that_nobody_sends_gives_the_seat_back():
    open_streams = streams(max_streams_per_owner=1)
    with open_streams.seat(ME.owner_id) as seat:
        response = open_streams.respond(told({"type": "start"}), ME, seat)

    assert free_seats(open_streams) == 0
    del response
    gc.collect()

    assert free_seats(open_streams) == 1


class Reader:
    """Takes what is sent, but for the bodies while `stalled`."""

    def __init__(self) -> None:
        self.stalled = asyncio.Event()
        self.took: list[Message] = []

    async def send(self, message: Message) -> None:
        if message.get("body"):
            self.stalled.set()
            await asyncio.Event().wait()
        self.took.append(message)


async def respond(open_streams: OpenStreams, events: AsyncGenerator[JsonObject], send: Send) -> None:
    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    scope = {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}}
    with open_streams.seat(ME.owner_id) as seat:
        response = open_streams.respond(events, ME, seat)
    await response(scope, receive, send)


async def test_a_reader_who_takes_nothing_is_let_go():
    open_streams, reader = streams(max_streams_per_owner=1, stalled_seconds=0.01), Reader()

    with pytest.raises(StreamCut, match="takes nothing"):
        await respond(open_streams, told({"type": "start"}), reader.send)

    assert free_seats(open_streams) == 1
    assert [message["type"] for message in reader.took] == ["http.response.start"]


async def test_a_closing_server_does_not_wait_for_a_reader_who_takes_nothing():
    open_streams, reader = streams(), Reader()
    responding = asyncio.ensure_future(respond(open_streams, told({"type": "start"}), reader.send))
    await reader.stalled.wait()

    open_streams.close()

    with pytest.raises(StreamCut):
        await responding


async def test_a_response_is_told_to_its_end():
    took: list[Message] = []

    async def send(message: Message) -> None:
        took.append(message)

    await respond(streams(), told({"type": "start"}), send)

    assert took[0]["status"] == 200
    assert dict(took[0]["headers"])[b"x-vercel-ai-ui-message-stream"] == b"v1"
    assert b"".join(message.get("body", b"") for message in took[1:]) == b'data: {"type":"start"}\n\ndata: [DONE]\n\n'
    assert [message["more_body"] for message in took[1:]][-1] is False


def test_a_cut_is_not_logged_as_a_failure():
    def record(error: Exception) -> logging.LogRecord:
        return logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "", (), (type(error), error, None))

    assert not CutIsNoFailure().filter(record(StreamCut("void")))
    assert CutIsNoFailure().filter(record(RuntimeError("disk")))


@pytest.mark.parametrize("leaves_early", [False, True])
async def test_nothing_of_a_stream_is_kept_once_it_is_over(leaves_early: bool):
    open_streams = streams()
    body = open_streams.tell(told({"type": "start"}, {"type": "finish"}), ME)
    await anext(body)
    if leaves_early:
        await body.aclose()
    else:
        async for _ in body:
            pass
    del body
    gc.collect()

    assert [each for each in gc.get_objects() if isinstance(each, Outbox)] == []
    open_streams.close()  # the server has lived on until here
