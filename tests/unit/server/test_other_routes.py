"""Detection, health, who may call at all, and how much a request may bring."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys

import httpx
import pytest

from saga_agent.app import Saga
from saga_agent.server import ServerSettings, create_app
from saga_agent.server.logs import JsonLines, RunOfRecord
from tests.unit.server.conftest import Calling

HELLO = {"id": "c1", "message": {"id": "m1", "role": "user", "parts": [{"type": "text", "text": "Hello"}]}}


def local(saga: Saga, **settings: object) -> httpx.AsyncClient:
    app = create_app(saga, settings=ServerSettings(**settings))  # pyright: ignore
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000")


async def test_known_and_unknown_names_are_found(ada: httpx.AsyncClient):
    mara = (await ada.post("/entities", json={"type": "character", "name": "Mara"})).json()
    text = "Mara met Tam. Tam laughed at Mara."

    found = (await ada.post("/ai/detect", json={"text": text, "projectId": mara["project_id"]})).json()["mentions"]

    assert [(each["text"], each["entityId"]) for each in found] == [
        ("Mara", mara["id"]),
        ("Tam", None),
        ("Tam", None),
        ("Mara", mara["id"]),
    ]
    assert all(text[each["start"] : each["end"]] == each["text"] for each in found)


async def test_offsets_may_count_as_javascript_does(ada: httpx.AsyncClient):
    text = "😀 “Tam,” said Mara. Mara 😀 laughed at Tam."

    body = {"text": text, "offsets": "utf16"}
    found = (await ada.post("/ai/detect", json=body)).json()["mentions"]

    units = text.encode("utf-16-le")
    assert found
    for each in found:
        assert units[2 * each["start"] : 2 * each["end"]].decode("utf-16-le") == each["text"]


async def test_a_server_with_model_and_database_is_ready(calling: Calling):
    health = await calling("").get("/health")

    assert health.status_code == 200
    assert health.json() == {
        "live": True,
        "ready": True,
        "database": "ok",
        "model": "offline",
        "retrieval": True,
        "search": "ok",
    }


async def test_a_server_without_a_model_is_live_and_not_ready():
    async with Saga.open(database="memory://") as saga, local(saga) as client:
        health = await client.get("/health")

    assert health.status_code == 503
    assert health.json().items() >= {"live": True, "ready": False, "model": None}.items()


async def test_nobody_comes_in_without_an_identity(calling: Calling):
    stranger = calling("")
    refused = [
        await stranger.get("/projects"),
        await stranger.post("/ai/detect", json={"text": "Mara"}),
        await stranger.get("/runs/run_1/requests"),
        await stranger.get("/ai/saga/c1/messages"),
    ]
    stream = await stranger.post("/ai/saga", json=HELLO)

    assert {each.status_code for each in [*refused, stream]} == {401}
    assert {each.headers["www-authenticate"] for each in refused} == {"Bearer"}
    assert refused[0].json()["detail"] == "Sign in first."
    assert stream.text == "Sign in first.", "a chat client shows the body as it is"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "10.0.0.7", ""])
async def test_without_authentication_a_server_answers_to_no_name_but_its_machines_own(saga: Saga, host: str):
    async with local(saga) as client:
        assert (await client.get("/projects", headers={"host": host})).status_code == 403
        assert (await client.get("/projects")).status_code == 200


async def test_without_authentication_pages_of_other_origins_may_not_call(saga: Saga):
    async with local(saga, allowed_origins=("http://localhost:5173",)) as client:

        async def stop(origin: str) -> httpx.Response:
            return await client.post("/ai/saga/c1/stop", headers={"origin": origin})

        assert (await stop("https://evil.example")).status_code == 403
        assert (await stop("null")).status_code == 403
        assert (await stop("http://127.0.0.1:8000")).status_code == 204
        allowed = await stop("http://localhost:5173")

    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == "http://localhost:5173"


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(saga: Saga):
    async with local(saga, max_body_bytes=1000) as client:
        data = await client.post("/captures", json={"text": "x" * 2000})
        stream = await client.post("/ai/saga", json={**HELLO, "padding": "x" * 2000})

    assert (data.status_code, stream.status_code) == (413, 413)
    assert data.json()["detail"] == stream.text == "The body is larger than 1,000 bytes."


async def test_a_message_that_is_too_long_is_refused_in_plain_words(saga: Saga):
    async with local(saga, max_message_characters=3) as client:
        refused = await client.post("/ai/saga", json=HELLO)

    assert refused.status_code == 413
    assert refused.text == "The message has 5 characters; 3 are the limit."


async def test_json_that_does_not_call_itself_json_is_refused(saga: Saga):
    """A page of another origin can send text without being asked first, but no JSON."""
    async with local(saga) as client:
        sent = await client.post("/ai/saga", content=json.dumps(HELLO), headers={"content-type": "text/plain"})

        assert sent.status_code == 400
        assert (await client.get("/ai/saga/c1/messages")).json() == {"messages": []}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"id": "c1"}, "nothing to answer"),
        ({"id": "a chat", "messages": []}, "id"),
        ({"message": HELLO["message"]}, "id"),
        ({"id": "x" * 129, "message": HELLO["message"]}, "id"),
        ({**HELLO, "trigger": "dance"}, "trigger"),
        ({**HELLO, "agent": "chat"}, "the agents are draft, revise"),
        ({**HELLO, "agent": "critic"}, "the agents are draft, revise"),
        ({"id": "c1", "message": {"id": "m1", "role": "user", "parts": []}}, "empty"),
        ({"id": "c1", "message": {"id": "m1", "role": "system", "parts": []}}, "neither"),
    ],
)
async def test_a_turn_that_cannot_begin_says_why_in_plain_words(
    ada: httpx.AsyncClient, body: dict[str, object], words: str
):
    refused = await ada.post("/ai/saga", json=body)

    assert refused.status_code == 400
    assert refused.headers["content-type"].startswith("text/plain")
    assert words in refused.text


async def test_an_sdk_we_do_not_speak_to_is_refused(ada: httpx.AsyncClient):
    refused = await ada.post("/ai/saga", json=HELLO, headers={"x-saga-sdk": "4"})

    assert refused.status_code == 400
    assert "5, 6, 7" in refused.text


async def test_the_description_of_the_routes_has_examples(ada: httpx.AsyncClient):
    described = (await ada.get("/openapi.json")).json()

    turn = described["paths"]["/ai/saga"]["post"]
    assert "text/event-stream" in turn["responses"]["200"]["content"]
    assert described["components"]["schemas"]["TurnBody"]["examples"]
    assert {"/health", "/ai/chat", "/ai/detect", "/runs/{run_id}/requests", "/projects"} <= described["paths"].keys()


async def test_an_unexpected_failure_tells_nothing_of_itself(saga: Saga, caplog: pytest.LogCaptureFixture):
    def broken() -> None:
        raise RuntimeError("the password is swordfish")

    app = create_app(saga, identity=broken)  # pyright: ignore
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app.example") as client:
        failed = await client.get("/projects")

    assert failed.status_code == 500
    assert "swordfish" not in failed.text
    assert "swordfish" in caplog.text


def test_a_log_line_is_json_and_names_the_run_whose_task_it_is():
    async def work() -> str:
        record = logging.LogRecord("saga_agent.runs", logging.INFO, "", 0, "taken %s", ("up",), None)
        assert RunOfRecord().filter(record)
        return JsonLines().format(record)

    async def main() -> str:
        return await asyncio.create_task(work(), name="run run_1")

    line = json.loads(asyncio.run(main()))
    assert line.items() >= {"level": "info", "message": "taken up", "run_id": "run_1"}.items()


@pytest.mark.parametrize(
    "program",
    [
        "from saga_agent.server import create_app",
        "from saga_agent.cli.main import app; app(['serve'], standalone_mode=False)",
    ],
)
def test_without_the_extra_its_name_is_told(program: str):
    without = f"import sys\nsys.modules['fastapi'] = None\n{program}"

    done = subprocess.run([sys.executable, "-c", without], capture_output=True, text=True, check=False)

    assert "MissingExtra" in done.stderr
    assert "pip install 'saga-agent[server]'" in done.stderr
