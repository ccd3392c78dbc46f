"""No store of ours ever holds half of a surrogate pair, whichever door it came in by.

A half cannot be written as UTF-8: kept in memory it breaks whoever reads it, a route's answer for one. Each door of
`DOORS` is handed halves, and all that is stored is looked through afterwards; to add a door, add it there.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from http import HTTPStatus
from pathlib import Path
from typing import cast

import httpx
import pytest
from sqlalchemy import MetaData, create_engine

import saga_agent as sa
from saga_agent.domain.journal import PageMessage
from saga_agent.errors import SagaError
from saga_agent.models.script import Call, Fail, Say, Think, Turn
from saga_agent.models.scripted import ScriptedModel
from saga_agent.server import create_app
from tests.servers.postgres import postgres_server

HALF = "\ud83d"
JSON = {"content-type": "application/json"}
TOOLS = sa.ToolRegistry()


@TOOLS.tool(effect="read")
async def look(context: sa.ToolContext, at: str) -> dict[str, object]:
    """Looks at something."""
    return {"seen": at + HALF, HALF: [HALF]}


@TOOLS.tool(effect="read")
async def stumble(context: sa.ToolContext, at: str) -> str:
    """Stumbles."""
    raise RuntimeError(f"stumbled at {at}{HALF}")


@TOOLS.tool(effect="write")
async def name_it(context: sa.ToolContext, name: str) -> str:
    """Gives it a name."""
    return name


LOOKER = sa.Agent(name="draft", description="Looks.", prompt="Look.", tools=("look", "stumble", "name_it"))
ASKS = Turn(calls=[Call("name_it", {"name": HALF})])
SCRIPT = [
    Turn(Think(f"Hm{HALF}"), text=f"So{HALF}", calls=[Call("look", {"at": HALF}), Call("stumble", {"at": HALF})]),
    Say(f"I saw{HALF}."),
    ASKS,
    Say(f"Named{HALF}."),
    ASKS,
    Say("Not named."),
    Fail(RuntimeError(f"gone{HALF}")),
    *[Say(f"Well{HALF}.")] * 20,
]


@asynccontextmanager
async def open_saga(database: str) -> AsyncIterator[sa.Saga]:
    async with sa.Saga.open(database=database, model=ScriptedModel(SCRIPT), tools=TOOLS, agents=[LOOKER]) as saga:
        yield saga


async def say(saga: sa.Saga, _: Path) -> None:
    """Models, tools and replies: text, thoughts, arguments, results, errors, feedback."""
    thread = await saga.threads.create(project_id=(await saga.story.projects.default()).id, title=f"T{HALF}")
    await (await saga.send(thread.id, f"Look{HALF}")).result()
    for reply in (sa.Edit(arguments={"name": f"To{HALF}m"}), sa.Deny(feedback=f"no{HALF}")):
        run = await saga.send(thread.id, "Name it.")
        with suppress(sa.RunPaused):
            await run.result()
        (request,) = await run.requests()
        await saga.answer(run.id, {request.id: reply})
        await run.result()
    with pytest.raises(sa.RunFailed):
        await (await saga.send(thread.id, "Fail.")).result()
    page = PageMessage(
        id=f"m{HALF}",
        parts=({"type": "text", "text": f"A{HALF}"}, {"type": "data-x", "data": {HALF: HALF}}),
        metadata={HALF: [HALF]},
    )
    sent = await saga.send(thread.id, f"A{HALF}", page=page, workspace=f"w{HALF}")
    await sent.result()
    asked = (await saga.threads.messages(thread.id))[-2]
    await (await saga.edit(asked.id, f"B{HALF}", page=PageMessage(metadata={HALF: HALF}))).result()
    await saga.threads.rename(thread.id, f"U{HALF}")


async def post(saga: sa.Saga, _: Path) -> None:
    """Bodies of requests, each answered by what can be read as JSON or text."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(saga)), base_url="http://127.0.0.1"
    ) as client:

        async def send(method: str, path: str, body: object) -> httpx.Response:
            response = await client.request(method, path, content=json.dumps(body).encode(), headers=JSON)
            assert response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, response.text
            return response

        records: Mapping[str, dict[str, object]] = {
            "projects": {"name": f"P{HALF}", "settings": {HALF: HALF}},
            "documents": {"number": 1, "title": f"T{HALF}", "text": f"x{HALF}"},
            "entities": {"type": "character", "name": f"M{HALF}", "aliases": [{"text": f"N{HALF}"}]},
            "captures": {"kind": "note", "text": f"f{HALF}"},
        }
        for kind, fields in records.items():
            made = await send("POST", f"/{kind}", fields)
            assert made.status_code == HTTPStatus.CREATED, made.text
            changed = await send("PATCH", f"/{kind}/{made.json()['id']}", fields)
            assert changed.status_code == HTTPStatus.OK, changed.text
            assert (await client.get(f"/{kind}")).status_code == HTTPStatus.OK
        parts = [{"type": "text", "text": f"A{HALF}"}, {"type": "data-x", "data": {HALF: HALF}}]
        message = {"id": f"m{HALF}", "role": "user", "metadata": {HALF: HALF}, "parts": parts}
        assert (await send("POST", "/ai/saga", {"id": "c", "message": message})).status_code == HTTPStatus.OK
        again = await send("POST", "/ai/saga", {"id": "c", "messageId": f"m{HALF}", "message": message})
        assert again.status_code == HTTPStatus.OK, "the page's id is mended in the same way"
        shown = await client.get("/ai/saga/c/messages")
        assert "\ufffd" in shown.json()["messages"][0]["parts"][0]["text"]
        for field in ("id", "agent", "projectId", "workspace"):
            await send("POST", "/ai/chat", {"id": "d", "message": message, field: HALF})
        run_id = shown.json()["messages"][-1]["metadata"]["runId"]
        await send("POST", f"/runs/{run_id}/requests", {"replies": {HALF: {"kind": "deny", "feedback": HALF}}})
        await send("POST", "/ai/detect", {"text": f"Mara {HALF} Tam"})


async def keep(saga: sa.Saga, _: Path) -> None:
    """The verbs of the story, which refuse it by the field's name."""
    project = await saga.story.projects.default()
    for make in (
        lambda: saga.story.projects.create(name=HALF),
        lambda: saga.story.documents.create(project.id, number=9, title="T", text=HALF),
        lambda: saga.story.entities.create(project.id, type="character", name="M", fields={HALF: 1}),
        lambda: saga.story.captures.create(project.id, kind="note", text=HALF),
    ):
        with pytest.raises(SagaError, match="half of a surrogate pair"):
            await make()


async def bring(saga: sa.Saga, folder: Path) -> None:
    """Files: what they escape, and what they are called."""
    project = await saga.story.projects.default()
    escaped = json.dumps(HALF)[1:-1]
    entry = {"uid": 0, "key": [f"K{HALF}"], "comment": f"C{HALF}", "content": f"T{HALF}", HALF: HALF}
    (folder / "lore.json").write_text(json.dumps({"entries": {"0": entry}}))
    card = {"name": f"M{HALF}", "description": HALF, "extensions": {HALF: HALF}}
    (folder / "card.json").write_text(json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": card}))
    vault = folder / "vault"
    vault.mkdir()
    header = f'type: character\nodd: "{escaped}"\naliases: ["M{escaped}"]'
    (vault / "Mara.md").write_text(f"---\n{header}\n---\nShe waits.\n")
    Path(os.fsdecode(os.fsencode(vault) + b"/T\xed\xa0\xbdm.md")).write_text("---\ntype: character\n---\nHe waits.\n")
    book = Path(os.fsdecode(os.fsencode(folder) + b"/B\xed\xa0\xbd.md"))
    book.write_text("She waits.\n")
    lore = Path(os.fsdecode(os.fsencode(folder) + b"/L\xed\xa0\xbd.json"))
    lore.write_text('{"entries": {"0": {"uid": 0, "key": ["Tam"], "comment": "Tam", "content": "He waits."}}}')
    await saga.import_bible(project.id, lore, dry_run=False)
    for refused in ("lore.json", "card.json"):
        with pytest.raises(SagaError, match="half of a character"):
            await saga.import_bible(project.id, folder / refused, dry_run=False)
    await saga.import_bible(project.id, vault, dry_run=False)
    await saga.import_manuscript(project.id, book, dry_run=False)


DOORS: tuple[Callable[[sa.Saga, Path], Awaitable[None]], ...] = (say, post, keep, bring)


def texts_in(value: object, seen: set[int]) -> Iterator[str]:
    """Every text in there: in lists, in dicts, in the fields of our own objects."""
    waiting: list[object] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        if id(each) in seen or isinstance(each, str | bytes | int | float | type(None)):
            continue
        seen.add(id(each))
        if isinstance(each, Mapping):
            waiting += [part for pair in cast("Mapping[object, object]", each).items() for part in pair]
        elif isinstance(each, list | tuple | set | frozenset):
            waiting += [*cast("Iterable[object]", each)]
        elif type(each).__module__.startswith("saga_agent"):
            names = {
                *getattr(each, "__dict__", {}),
                *(n for kind in type(each).__mro__ for n in vars(kind).get("__slots__", ())),
            }
            waiting += [getattr(each, name, None) for name in names]


def texts_of_tables(url: str) -> Iterator[str]:
    """Every text in the database, that of its JSON read."""
    engine = create_engine(url.replace("+aiosqlite", ""))
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as conn:
        for table in tables.sorted_tables:
            if table.name.startswith("passages_fts"):
                continue
            for row in conn.execute(table.select()):
                for value in row:
                    if isinstance(value, str) and value[:1] in ("{", "[", '"'):
                        with suppress(ValueError):
                            yield from texts_in(json.loads(value), set())
                    yield from texts_in(value, set())
    engine.dispose()


def is_half(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def halves(texts: Iterable[str]) -> list[str]:
    stored = list(texts)
    assert len(stored) > 500, "it looked through what is stored"
    return [ascii(text)[:200] for text in stored if is_half(text)]


@pytest.mark.parametrize("database", ["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
async def test_no_store_holds_half_a_character(database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.CRITICAL + 1)  # halves in a log of a failed run are nothing that xdist can hand on
    with postgres_server() if database == "postgresql" else nullcontext() as fresh:
        url = fresh() if fresh else {"memory": "memory://"}.get(database, f"sqlite+aiosqlite:///{tmp_path}/saga.db")
        async with open_saga(url) as saga:
            for door in DOORS:
                await door(saga, tmp_path)
            if database == "memory":
                assert halves(texts_in(saga.storage, set())) == []
        if database != "memory":
            assert halves(texts_of_tables(url)) == []


def test_the_look_through_finds_a_half():
    assert list(texts_in({"a": [("b", HALF)], "c": PageMessage(id="d", metadata={"e": "f"})}, set())).count(HALF) == 1
