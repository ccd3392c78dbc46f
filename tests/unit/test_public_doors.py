"""What is handed in wrongly at a public door is refused at once, in one sentence that names it and what to give."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from saga_agent.app import Saga
from saga_agent.domain.journal import Thread
from saga_agent.errors import InvalidInput, SagaError, WrongType
from saga_agent.models.offline import OfflineModel
from saga_agent.runs.settings import RunSettings
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.tools.policy import Policy
from saga_agent.tools.registry import ToolRegistry

House = tuple[Saga, Thread]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with Saga.open(database="memory://", model="offline") as saga:
        project = await saga.story.projects.create(name="Crossing")
        yield saga, await saga.threads.create(project_id=project.id)


async def follow(saga: Any, stream_id: Any) -> None:
    async for _ in saga.follow(stream_id):
        pass


DOORS: list[tuple[str, Callable[[Any, Thread], Awaitable[Any]], str]] = [
    ("send text", lambda saga, thread: saga.send(thread.id, None), "The message is None; give a text."),
    ("send bytes", lambda saga, thread: saga.send(thread.id, b"hi"), "The message is b'hi' (bytes); give a text."),
    ("send no thread", lambda saga, _: saga.send(None, "hi"), "The thread's id is None; give the id, a text."),
    ("send a thread", lambda saga, thread: saga.send(thread, "hi"), "The thread's id is a Thread; give the id"),
    ("send agent", lambda saga, thread: saga.send(thread.id, "hi", agent=7), "The agent is 7 (int)"),
    ("edit", lambda saga, _: saga.edit(None, "hi"), "The message's id is None"),
    ("regenerate", lambda saga, _: saga.regenerate(3), "The message's id is 3 (int)"),
    ("answer run", lambda saga, _: saga.answer(None, {}), "The run's id is None"),
    ("run", lambda saga, _: saga.run(object()), "The run's id is a object"),
    ("stop", lambda saga, _: saga.stop(1.5), "The run's id is 1.5 (float)"),
    ("resume", lambda saga, _: saga.resume(Thread), "The run's id is the class Thread"),
    ("requests", lambda saga, _: saga.requests(run_id=4), "The run's id is 4 (int)"),
    ("follow", lambda saga, _: follow(saga, None), "The stream's id is None"),
    ("title", lambda saga, thread: saga.threads.rename(thread.id, None), "The title is None"),
    ("new thread", lambda saga, _: saga.threads.create(project_id=None), "The project's id is None"),
    ("record", lambda saga, _: saga.story.documents.list(None), "The project's id is None"),
]


@pytest.mark.parametrize(("door", "words"), [door[1:] for door in DOORS], ids=[door[0] for door in DOORS])
async def test_what_is_no_text_or_id_is_refused_by_name(
    house: House, door: Callable[[Any, Thread], Awaitable[Any]], words: str
) -> None:
    saga, thread = house
    with pytest.raises(TypeError) as caught:
        await door(saga, thread)

    assert isinstance(caught.value, InvalidInput)
    assert str(caught.value).startswith(words)
    assert await saga.runs() == []


@pytest.mark.parametrize(
    ("replies", "words"),
    [([], "The answer is a list"), ({"r": "approve"}, "A reply is 'approve' (str)"), ({"r": None}, "A reply is None")],
    ids=["list", "text", "none"],
)
async def test_what_is_no_reply_is_refused_by_name(house: House, replies: Any, words: str) -> None:
    saga, thread = house
    run = await saga.send(thread.id, "Hello.")
    await run.result()
    with pytest.raises(WrongType) as caught:
        await saga.answer(run.id, replies)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"model": 42}, "The model is 42 (int)"),
        ({"model": OfflineModel}, "The model is the class OfflineModel"),
        ({"database": None}, "database is None"),
        ({"database": MemoryStorage()}, "database is a MemoryStorage"),
        ({"storage": MemoryStorage}, "storage is the class MemoryStorage"),
        ({"storage": "memory://"}, "storage is 'memory://' (str)"),
        ({"tools": []}, "tools is a list"),
        ({"tools": ToolRegistry}, "tools is the class ToolRegistry"),
        ({"policy": Policy}, "policy is the class Policy"),
        ({"policy": {"read": "allow"}}, "policy is a dict"),
        ({"agents": ["draft"]}, "An agent is 'draft' (str)"),
        ({"retrieval": 3}, "retrieval is 3 (int)"),
        ({"turns": {"delegation_depth": 1}}, "turns is a dict"),
        ({"calls": RunSettings()}, "calls is a RunSettings"),
        ({"runs": RunSettings}, "runs is the class RunSettings"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_settings_of_another_type_are_refused_when_the_saga_is_opened(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(WrongType) as caught:
        Saga.open(**{"database": "memory://", **settings})
    assert str(caught.value).startswith(words)


class NoVerbs:
    async def create(self, record: Any) -> Any: ...


@pytest.mark.parametrize(
    ("story", "rest", "words"),
    [
        ({"documents": NoVerbs}, MemoryStorage(), "The port 'documents' is the class NoVerbs; give an instance of it."),
        ({"documents": NoVerbs()}, MemoryStorage(), "The port 'documents', a NoVerbs, has no verb"),
        ({"documents": None}, MemoryStorage(), "The port 'documents', a NoneType, has no verb"),
        ({}, MemoryStorage, "rest is the class MemoryStorage"),
        ({}, SqlStorage, "rest is the class SqlStorage"),
        ([], MemoryStorage(), "story is a list"),
        ({"document": NoVerbs()}, MemoryStorage(), "'document' is no story port"),
    ],
    ids=["class", "verbs", "none", "rest", "sql", "list", "name"],
)
def test_what_is_no_port_or_storage_is_refused_when_it_is_composed(story: Any, rest: Any, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Storage.compose(story=story, rest=rest)
    assert str(caught.value).startswith(words)


async def test_another_event_loop_is_refused_with_what_to_do(house: House) -> None:
    """What `asgiref.sync.async_to_sync(saga.send)` and `asyncio.run` in a thread come to."""
    saga, thread = house

    async def elsewhere(call: Callable[[], Awaitable[Any]]) -> Any:
        return await call()

    for call in (
        lambda: saga.send(thread.id, "hi"),
        lambda: saga.answer("run_1", {}),
        lambda: saga.stop("run_1"),
        lambda: saga.resume("run_1"),
        lambda: saga.edit("msg_1", "hi"),
        lambda: saga.regenerate("msg_1"),
        lambda: follow(saga, "str_1"),
    ):
        with pytest.raises(SagaError, match="opened in another event loop"):
            await asyncio.to_thread(lambda call=call: asyncio.run(elsewhere(call)))
    assert await saga.runs() == []


def test_the_sync_door_takes_calls_only() -> None:
    with Saga.open(database="memory://", model="offline") as saga:
        with pytest.raises(WrongType, match="a method is none"):
            saga.run_sync(saga.send)  # pyright: ignore[reportArgumentType]
        project = saga.run_sync(saga.story.projects.create(name="Crossing"))
        thread = saga.run_sync(saga.threads.create(project_id=project.id))
        run = saga.run_sync(saga.send(thread.id, "Hello."))
        assert saga.run_sync(run.result()).text
