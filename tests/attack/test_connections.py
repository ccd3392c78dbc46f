"""What comes over a bare connection: slow, large, ambiguous and old requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from saga_agent.app import Saga
from saga_agent.models.script import Say
from saga_agent.models.scripted import ScriptedModel
from saga_agent.server import ServerSettings, create_app
from saga_agent.server.sse import OVER_HTTP_1_0
from tests.acceptance.server.serving import serving

TURN = json.dumps({"id": "c", "message": {"id": "m", "role": "user", "parts": [{"type": "text", "text": "Hi"}]}})


@asynccontextmanager
async def a_server(**settings: Any) -> AsyncIterator[str]:
    model = ScriptedModel([Say("Well, well.")] * 5)
    async with Saga.open(database="memory://", model=model) as saga, serving(saga, **settings) as served:
        yield served.url


async def said(url: str, request: bytes, *, ends: bool = False) -> bytes:
    """All that the server answers to these bytes, until it hangs up."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(request)
    if ends:
        writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def head(*lines: str, of: str = "POST /ai/saga HTTP/1.1") -> bytes:
    return "\r\n".join([of, "host: 127.0.0.1", *lines, "", ""]).encode()


def turn(version: str) -> bytes:
    lines = ("content-type: application/json", f"content-length: {len(TURN)}", "connection: close")
    return head(*lines, of=f"POST /ai/saga HTTP/{version}") + TURN.encode()


async def test_an_answer_is_not_streamed_where_one_that_was_cut_looks_whole():
    async with a_server() as url:
        refused = await said(url, turn("1.0"))
        resumed = await said(url, head(of="GET /ai/saga/c/stream HTTP/1.0"))
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            history = (await client.get("/ai/saga/c/messages")).json()
        told = await said(url, turn("1.1"))

    for answer in (refused, resumed):
        assert answer.startswith(b"HTTP/1.1 505 ")
        assert b"proxy_http_version 1.1;" in answer
    assert history == {"messages": []}, "nothing was begun"
    assert told.startswith(b"HTTP/1.1 200 ")
    assert b"[DONE]" in told


async def test_a_setting_allows_it_and_the_log_says_so_at_each_start(caplog: pytest.LogCaptureFixture):
    async with a_server(allow_http_1_0=True) as url:
        told = await said(url, turn("1.0"))

    assert b" 200 " in told
    assert b"[DONE]" in told
    assert [record.message for record in caplog.records].count(OVER_HTTP_1_0) == 1
    caplog.clear()
    create_app(Saga.open(database="memory://"), settings=ServerSettings())
    assert OVER_HTTP_1_0 not in caplog.text


HALF = {
    "nothing": b"",
    "half a head": b"POST /ai/saga HTTP/1.1\r\nhost: 127",
    "half a body": head("content-type: application/json", "content-length: 400") + b'{"id":',
    "half a chunk": head("content-type: application/json", "transfer-encoding: chunked") + b"40\r\n{",
    "half a second request": head(of="GET /health HTTP/1.1") + b"GET /hea",
}


@pytest.mark.parametrize("request_", HALF.values(), ids=HALF)
async def test_who_never_comes_to_the_end_of_a_request_is_not_waited_for(request_: bytes):
    async with a_server(request_seconds=0.2, idle_connection_seconds=60) as url, asyncio.timeout(30):
        answer = await said(url, request_)

    assert b" 500 " not in answer
    if b"health" in request_:
        assert b" 200 " in answer
    if not request_.endswith(b"{") and b'{"id"' not in request_:
        assert b" 408 " in answer
        assert answer.endswith(b"The request took too long to arrive; send it again.")


async def test_an_idle_connection_is_closed_after_the_time_that_is_set():
    async with a_server(idle_connection_seconds=0) as url, asyncio.timeout(30):
        answer = await said(url, head(of="GET /health HTTP/1.1"))

    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_a_slow_request_that_arrives_in_time_is_answered():
    async with a_server(request_seconds=60) as url:
        place = urlsplit(url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        for place_ in range(0, len(turn("1.1")), 40):
            writer.write(turn("1.1")[place_ : place_ + 40])
            await writer.drain()
            await asyncio.sleep(0)
        answer = await reader.read()
        writer.close()

    assert b"[DONE]" in answer


@pytest.mark.parametrize("size", [33_000, 40_000, 60_000])
@pytest.mark.parametrize("where", ["one header", "many headers", "the address"])
async def test_a_head_above_the_limit_is_refused_however_it_arrives(size: int, where: str):
    lines, target = ("connection: close",), "/projects"
    if where == "one header":
        lines = (*lines, f"x-a: {'x' * size}")
    elif where == "many headers":
        lines = (*lines, *[f"x-{number}: {'x' * 80}" for number in range(size // 80)])
    else:
        target = f"/projects?after={'x' * size}"
    async with a_server() as url:
        answer = await said(url, head(*lines, of=f"GET {target} HTTP/1.1"))

    assert answer.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 ")), answer[:200]


async def test_a_head_below_the_limit_passes():
    async with a_server() as url:
        answer = await said(url, head(f"x-a: {'x' * 30_000}", "connection: close", of="GET /projects HTTP/1.1"))

    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("order", [1, -1])
async def test_a_body_with_two_ends_is_refused(order: int):
    lines = ["content-length: 6", "transfer-encoding: chunked"][::order]
    async with a_server() as url:
        answer = await said(
            url, head("content-type: application/json", *lines) + b"0\r\n\r\nGET /health HTTP/1.1\r\n\r\n"
        )

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1, "what follows is not taken for another request"


async def test_a_page_of_another_origin_may_send_what_the_ai_sdk_sends():
    app = create_app(Saga.open(database="memory://"), settings=ServerSettings(allowed_origins=("http://page.example",)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        asked = {
            "origin": "http://page.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,user-agent,x-saga-sdk",
        }
        answer = await client.options("/ai/saga", headers=asked)

    assert answer.status_code == 200, answer.text
    assert "user-agent" in answer.headers["access-control-allow-headers"]
