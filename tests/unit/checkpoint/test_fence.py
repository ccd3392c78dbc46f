"""Two writers of one run: the one that was taken over changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple, empty_checkpoint
from langgraph.graph import START, StateGraph

from saga_agent.checkpoint.saver import StorageCheckpointer
from saga_agent.domain.journal import Message, NewTurn, Run, Stream, Thread
from saga_agent.errors import InvalidInput, StaleEpoch
from saga_agent.storage.adapter import Storage

RUN = "run-1"


@pytest.fixture
async def run(storage: Storage) -> Run:
    """A run that waits to be taken."""
    made = Run(
        id=RUN,
        thread_id="thread-1",
        project_id="project-1",
        user_message_id="user-1",
        message_id="answer-1",
        stream_id="stream-1",
        agent="draft",
        created_at=0.0,
    )
    user = Message(id="user-1", thread_id="thread-1", role="user", created_at=0.0)
    answer = Message(id="answer-1", thread_id="thread-1", role="assistant", state="queued", run_id=RUN, created_at=0.0)
    stream = Stream(id="stream-1", thread_id="thread-1", run_id=RUN, message_id="answer-1")
    await storage.journal.threads.create(
        Thread(id="thread-1", project_id="project-1", chat_id="chat-1", created_at=0.0)
    )
    return await storage.journal.runs.start(NewTurn(run=made, user=user, assistant=answer, stream=stream), now=0.0)


async def take(storage: Storage, runner: str, *, now: float) -> int:
    """Makes that runner the holder for ten seconds and gives its epoch."""
    return (await storage.journal.runs.take(RUN, runner=runner, lease_until=now + 10.0, now=now)).epoch


def config(epoch: object, **options: object) -> RunnableConfig:
    return {"configurable": {"thread_id": RUN, "checkpoint_ns": "", "saga_epoch": epoch, **options}}


async def everything(saver: StorageCheckpointer) -> list[CheckpointTuple]:
    return [found async for found in saver.alist(None)]


async def test_the_holder_writes(run: Run, storage: Storage, saver: StorageCheckpointer) -> None:
    epoch = await take(storage, "first", now=0.0)

    stored = await saver.aput(config(epoch), empty_checkpoint(), {"step": 0}, {})
    await saver.aput_writes({"configurable": {**stored["configurable"], "saga_epoch": epoch}}, [("c", "x")], "task")

    [found] = await everything(saver)
    assert found.pending_writes == [("task", "c", "x")]


async def test_a_runner_that_was_taken_over_is_refused_and_changes_nothing(
    run: Run, storage: Storage, saver: StorageCheckpointer
) -> None:
    old = await take(storage, "first", now=0.0)
    mine = empty_checkpoint()
    await saver.aput(config(old), mine, {"step": 0}, {})
    new = await take(storage, "second", now=60.0)
    before = await everything(saver)

    with pytest.raises(StaleEpoch):
        await saver.aput(config(old, checkpoint_id=mine["id"]), empty_checkpoint(), {"step": 1}, {})
    with pytest.raises(StaleEpoch):
        await saver.aput_writes(config(old, checkpoint_id=mine["id"]), [("c", "late")], "task")

    assert await everything(saver) == before
    await saver.aput(config(new, checkpoint_id=mine["id"]), empty_checkpoint(), {"step": 1}, {})
    assert len(await everything(saver)) == 2


class State(TypedDict):
    steps: int


def three_steps(saver: StorageCheckpointer, after_first: Callable[[], Any]) -> Any:
    async def first(state: State) -> State:
        await after_first()
        return {"steps": 1}

    async def later(state: State) -> State:
        return {"steps": state["steps"] + 1}

    builder = StateGraph(State).add_sequence([("first", first), ("second", later), ("third", later)])
    return builder.add_edge(START, "first").compile(checkpointer=saver)


async def test_a_graph_that_is_taken_over_stops_at_its_next_checkpoint(
    run: Run, storage: Storage, saver: StorageCheckpointer
) -> None:
    """The new runner goes on from what was stored before, with nothing of the old one's later steps."""
    old = await take(storage, "first", now=0.0)

    async def lose_the_run() -> None:
        await take(storage, "second", now=60.0)

    with pytest.raises(StaleEpoch):
        await three_steps(saver, lose_the_run).ainvoke({"steps": 0}, config(old), durability="sync")

    [newest, *_] = await everything(saver)
    assert newest.checkpoint["channel_values"].get("steps") == 0

    async def nothing() -> None:
        return None

    result = await three_steps(saver, nothing).ainvoke(None, config(old + 1), durability="sync")
    assert result == {"steps": 3}


async def test_subgraphs_are_fenced_too(run: Run, storage: Storage, saver: StorageCheckpointer) -> None:
    old = await take(storage, "first", now=0.0)

    async def lose_the_run() -> None:
        await take(storage, "second", now=60.0)

    nested = three_steps(None, lose_the_run)  # pyright: ignore[reportArgumentType]
    graph = StateGraph(State).add_node("nested", nested).add_edge(START, "nested").compile(checkpointer=saver)

    with pytest.raises(StaleEpoch):
        await graph.ainvoke({"steps": 0}, config(old), durability="sync")

    assert all(found.checkpoint["channel_values"].get("steps", 0) == 0 for found in await everything(saver))


async def test_graphs_of_a_host_are_not_fenced(saver: StorageCheckpointer) -> None:
    """Their thread ids are no runs of ours."""
    host: RunnableConfig = {"configurable": {"thread_id": "a host's own", "checkpoint_ns": ""}}

    await saver.aput(host, empty_checkpoint(), {"step": 0}, {})

    assert len(await everything(saver)) == 1


@pytest.mark.parametrize("epoch", ["1", None, 1.0, True])
async def test_an_epoch_that_is_no_number_is_refused_rather_than_ignored(
    saver: StorageCheckpointer, epoch: object
) -> None:
    with pytest.raises(InvalidInput, match="saga_epoch"):
        await saver.aput(config(epoch), empty_checkpoint(), {"step": 0}, {})

    assert await everything(saver) == []
