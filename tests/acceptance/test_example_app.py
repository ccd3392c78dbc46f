"""The app of `examples/own_app`: its users, its documents, and the library inside it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

import saga_agent as sa
from examples.own_app.app import DOCUMENTS, create_app
from examples.own_app.documents import OwnDocuments
from saga_agent.testing.storage import Check, all_checks
from tests.unit.server.strict_client import StrictClient, read_events

EXAMPLE = Path(__file__).parents[2] / "examples" / "own_app"
ADA, BOB = {"authorization": "Bearer for-ada"}, {"authorization": "Bearer for-bob"}


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(tmp_path)
    async with app.router.lifespan_context(app):
        users = "INSERT INTO users VALUES ('ada', 'for-ada'), ('bob', 'for-bob')"
        await OwnDocuments(tmp_path / "app.db").execute(users)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app.test") as client:
            yield client


async def ask(page: httpx.AsyncClient, text: str) -> str:
    message = {"id": f"m-{text}", "role": "user", "parts": [{"type": "text", "text": text}]}
    body = {"id": "chat-1", "message": message, "projectId": await book(page)}
    answer = await page.post("/saga/ai/saga", json=body, headers=ADA)
    assert answer.status_code == 200, answer.text
    reader = StrictClient(6)
    reader.read(read_events(answer.text))
    return reader.text


async def book(page: httpx.AsyncClient) -> str:
    """Ada's only book."""
    (found,) = (await page.get("/saga/projects", headers=ADA)).json()["items"]
    return found["id"]


async def begin(page: httpx.AsyncClient) -> str:
    """Ada begins a book; gives the path of its document in the app's own routes."""
    made = (await page.post("/saga/projects", json={"name": "The Hollow Crown"}, headers=ADA)).json()
    fields = {"title": "Low Water", "number": 1, "text": "Tove counted the boats.", "projectId": made["id"]}
    document = (await page.post("/saga/documents", json=fields, headers=ADA)).json()
    return f"/books/{made['id']}/documents/{document['id']}"


async def test_the_agent_reads_the_apps_own_table(page: httpx.AsyncClient):
    await begin(page)

    assert "Tove counted the boats." in await ask(page, "Who counted the boats?")


async def test_what_the_apps_editor_saves_is_what_the_agent_reads_next(page: httpx.AsyncClient):
    path = await begin(page)

    saved = await page.put(path, json={"body": "Runa burned the boats."}, headers=ADA)

    assert saved.status_code == 200
    assert "Runa burned the boats." in await ask(page, "Who burned the boats?")


async def test_the_apps_users_are_the_librarys_owners(page: httpx.AsyncClient):
    path = await begin(page)

    assert (await page.get("/saga/projects")).status_code == 401
    assert (await page.get("/saga/projects", headers=BOB)).json()["items"] == []
    assert (await page.put(path, json={"body": "Mine."}, headers=BOB)).status_code == 404
    assert "Tove counted the boats." in await ask(page, "Who counted the boats?")


@pytest.mark.parametrize("check", list(all_checks(ports=["documents"])), ids=lambda check: check.name)
async def test_the_apps_port_keeps_what_ports_promise(check: Check, tmp_path: Path):
    made = 0

    @contextlib.asynccontextmanager
    async def make_storage() -> AsyncIterator[sa.Storage]:
        nonlocal made
        made += 1
        documents = OwnDocuments(tmp_path / f"{made}.db")
        await documents.execute(DOCUMENTS)
        async with sa.Storage.compose(story={"documents": documents}, rest=sa.MemoryStorage()) as storage:
            yield storage

    await check.run(make_storage)


def test_it_is_short():
    """What it takes to embed the library must stay a matter of an hour."""
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in EXAMPLE.glob("*.py")) < 150
