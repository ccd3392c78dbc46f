"""No body and no stream tells a caller what is the operator's: canaries in every place that could sing.

Canaries are put where a server keeps what is its own - the model's URL with its password, the key, the database's path,
a tool's exception, errors of every kind - and everything that a caller can read is searched for them. To add a place,
add a canary; to add a door, add it to `everything_readable`. Errors and routes are found by themselves.
"""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

import saga_agent as sa
from saga_agent import errors
from saga_agent.models.script import Call, Fail, Say, Turn
from saga_agent.models.scripted import ScriptedModel
from saga_agent.server import Identity, create_app
from saga_agent.server.logs import JsonLines, TextLines
from tests.servers.openai_server import OpenAIServer
from tests.servers.replies import Reply

CANARY = "canary"
HOST = "model.canary.internal"
WORDS = f"cannot reach 10.9.8.7 with {CANARY}-password, see /srv/{CANARY}/saga.db"


def song(text: str) -> str:
    """The surroundings of the first canary that sings; empty where none does."""
    place = text.lower().find(CANARY)
    return "" if place < 0 else text[max(0, place - 200) : place + 200]


def broken_tools() -> sa.ToolRegistry:
    tools = sa.ToolRegistry()

    @tools.tool(effect="read")
    async def look_outside(context: sa.ToolContext) -> str:
        """Looks outside."""
        raise RuntimeError(WORDS)

    @tools.tool(effect="read")
    async def look_inside(context: sa.ToolContext) -> str:
        """Looks inside."""
        raise errors.StorageUnavailable(WORDS)

    return tools


@asynccontextmanager
async def a_client(saga: sa.Saga, app: FastAPI | None = None) -> AsyncIterator[httpx.AsyncClient]:
    async with AsyncExitStack() as stack:
        if app is None:
            await stack.enter_async_context(saga)
            app = create_app(saga, identity=lambda: Identity(owner_id="guest-1", kind="guest"))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        yield await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://app.example"))


async def everything_readable(client: httpx.AsyncClient, *asked: str, versions: str = "567") -> list[str]:
    """What streams, histories, requests and health tell after these messages."""
    told: list[str] = []
    for number, text in enumerate(asked):
        message = {"id": f"m{number}", "role": "user", "parts": [{"type": "text", "text": text}]}
        for version in versions:
            chat, headers = f"chat-{number}-{version}", {"x-saga-sdk": version}
            answer = await client.post("/ai/saga", json={"id": chat, "message": message}, headers=headers)
            history = await client.get(f"/ai/saga/{chat}/messages", headers=headers)
            told += [answer.text, history.text, (await client.get(f"/ai/saga/{chat}/stream")).text]
            for said in history.json()["messages"]:
                run_id = said.get("metadata", {}).get("runId")
                told.append((await client.get(f"/runs/{run_id}/requests")).text if run_id else "")
    paths = ("/health", "/projects", "/documents", "/entities", "/relationships", "/captures", "/openapi.json")
    return [*told, *[(await client.get(path)).text for path in paths]]


@pytest.mark.parametrize(
    "reply",
    [
        Reply.error(401, f"wrong key {CANARY}-key"),
        pytest.param(Reply.error(500, f"{CANARY} has trouble at {HOST}"), marks=pytest.mark.slow),
        pytest.param(Reply.error(404, f"no {CANARY} here"), marks=pytest.mark.slow),
        pytest.param(Reply.error(400, f"{CANARY} is too long"), marks=pytest.mark.slow),
        pytest.param(Reply.text("Well."), marks=pytest.mark.slow),
    ],
)
async def test_a_model_that_fails_tells_nobody_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reply: Reply
):
    monkeypatch.setenv("OPENAI_API_KEY", f"sk-{CANARY}-key")
    async with OpenAIServer(*[reply] * 60) as server:
        address = server.url.replace("://", f"://{CANARY}:{CANARY}-password@")
        saga = sa.Saga.open(
            database=f"sqlite+aiosqlite:///{tmp_path}/{CANARY}.db", model=f"openai:gpt@{address}/{CANARY}"
        )
        async with a_client(saga) as client:
            told = await everything_readable(client, "Who is Mara?", "@research Who is Mara?", versions="6")

    assert [song(text) for text in told if song(text)] == []
    assert json.loads(next(text for text in told if text.startswith('{"live"')))["model"] == "openai:gpt"


async def test_tools_that_fail_tell_nobody_why(tmp_path: Path):
    steps = [
        step
        for _ in range(6)
        for step in (Turn(text="", calls=[Call("look_outside", {}), Call("look_inside", {})]), Say("I cannot see."))
    ]
    looker = sa.Agent(name="draft", description="Looks.", prompt="Look.", tools=("look_outside", "look_inside"))
    saga = sa.Saga.open(
        database=f"sqlite+aiosqlite:///{tmp_path}/{CANARY}.db",
        model=ScriptedModel(steps),
        tools=broken_tools(),
        agents=[looker],
    )
    async with a_client(saga) as client:
        told = await everything_readable(client, "Look around.")

    assert any("look_outside" in text for text in told)
    assert [song(text) for text in told if song(text)] == []


class Foreign(Exception):
    """What some other library raises."""


RUNS_FAIL_WITH = (
    errors.ModelUnavailable(WORDS),
    errors.ModelRejected(WORDS),
    errors.ModelCutOff(WORDS),
    errors.MissingExtra(WORDS, "x"),
    Foreign(WORDS),
    OSError(WORDS),
)


async def test_runs_that_fail_tell_their_pages_what_to_do_and_the_operator_why(tmp_path: Path):
    model = ScriptedModel([Fail(error) for error in RUNS_FAIL_WITH])
    saga = sa.Saga.open(database=f"sqlite+aiosqlite:///{tmp_path}/{CANARY}.db", model=model)
    async with a_client(saga) as client:
        told = await everything_readable(client, *["Who is Mara?"] * len(RUNS_FAIL_WITH), versions="6")
        reasons = [run.reason for run in await saga.acting_as("guest-1").runs()]

    assert [song(text) for text in told if song(text)] == []
    assert sum('"type":"error"' in text for text in told) == len(RUNS_FAIL_WITH)
    assert sum(WORDS in reason for reason in reasons) == 4, "the operator is told what our own errors say"
    assert all(reasons)


def every_error() -> Iterator[Exception]:
    """One of each kind that our own code raises, as far as it can be made of words alone, and foreign ones."""
    for kind in vars(errors).values():
        if inspect.isclass(kind) and issubclass(kind, errors.SagaError):
            made = kind.__new__(kind)
            made.args = (WORDS,)
            yield made
    yield from (Foreign(WORDS), OSError(WORDS), KeyError(WORDS), RecursionError(WORDS))


OPERATORS_OWN = (errors.StorageError, errors.ModelError, errors.StreamError, errors.MissingExtra, errors.NoModel)


async def test_no_error_of_a_route_tells_what_is_the_operator_s():
    current: Exception = Foreign()

    def fail() -> Identity:
        raise current

    app = create_app(sa.Saga.open(database="memory://", model="offline"), identity=fail)
    seen = 0
    async with a_client(sa.Saga.open(database="memory://"), app) as client:
        for current in every_error():
            if isinstance(current, errors.SagaError) and not isinstance(current, OPERATORS_OWN):
                continue
            for path, operations in app.openapi()["paths"].items():
                for method, said in operations.items():
                    if path == "/health":
                        continue
                    body: dict[str, Any] = {"json": {"id": "c", "text": "x", "replies": {"r": {"kind": "stop"}}}}
                    url = path.replace("{", "").replace("}", "")
                    response = await client.request(method, url, **(body if "requestBody" in said else {}))
                    told = f"{type(current).__name__} at {method} {path}: {response.text}"
                    assert song(response.text) == "", told
                    assert response.status_code >= 500, told
                    assert "Foreign" not in response.text, "names of other libraries' classes are not told"
                    seen += 1
    assert seen > 300


@pytest.mark.parametrize("formatter", [JsonLines(), TextLines()], ids=["json", "text"])
def test_not_even_the_log_is_told_a_password(formatter: logging.Formatter):
    url = f"https://ada:{CANARY}-password@model.internal:8000/v1"
    try:
        raise OSError(f"no answer from {url}")
    except OSError as error:
        record = logging.LogRecord(
            "saga", logging.ERROR, __file__, 1, "failed at %s", (url,), (OSError, error, error.__traceback__)
        )
    line = formatter.format(record)

    assert CANARY not in line
    assert "model.internal:8000/v1" in line, "the address is the operator's to know"
