"""DeltaChannels: values that are rebuilt from their writes."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.channels import DeltaChannel
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, interrupt

from saga_agent.checkpoint.saver import StorageCheckpointer
from saga_agent.storage.ports.journal import Checkpoints

Graph = CompiledStateGraph[Any, Any, Any, Any]
CONFIG: RunnableConfig = {"configurable": {"thread_id": "t"}}


def extend(lines: list[str], writes: Sequence[list[str]]) -> list[str]:
    return [*lines, *(line for write in writes for line in write)]


class Lines(TypedDict):
    """Never snapshotted within a test."""

    lines: Annotated[list[str], DeltaChannel(extend, snapshot_frequency=1000)]


class OftenSnapshotted(TypedDict):
    lines: Annotated[list[str], DeltaChannel(extend, snapshot_frequency=3)]


class AlwaysSnapshotted(TypedDict):
    lines: Annotated[list[str], DeltaChannel(extend, snapshot_frequency=1)]


class Plain(TypedDict):
    lines: Annotated[list[str], operator.add]


def echo(state: dict[str, list[str]]) -> dict[str, list[str]]:
    return {"lines": [f"re: {state['lines'][-1]}"]}


def build(saver: StorageCheckpointer, schema: type = Lines) -> Graph:
    return StateGraph(schema).add_node("echo", echo).add_edge(START, "echo").compile(checkpointer=saver)


def turns(*names: str) -> list[str]:
    return [line for name in names for line in (name, f"re: {name}")]


async def say(graph: Graph, *names: str, config: RunnableConfig = CONFIG) -> list[RunnableConfig]:
    """Runs a turn for each name; gives the configs of their last checkpoints."""
    ends: list[RunnableConfig] = []
    for name in names:
        await graph.ainvoke({"lines": [name]}, config)
        ends.append(
            (await graph.aget_state({"configurable": {"thread_id": config["configurable"]["thread_id"]}})).config
        )
    return ends


async def lines(graph: Graph, config: RunnableConfig = CONFIG) -> list[str]:
    return (await graph.aget_state(config)).values["lines"]


both_schemas = pytest.mark.parametrize("schema", [Lines, OftenSnapshotted])


# The five faults of LangGraph's summer of 2026, each once wrong in some saver or in LangGraph itself.


@both_schemas
async def test_a_fork_does_not_replay_the_abandoned_branch(saver: StorageCheckpointer, schema: type) -> None:
    graph = build(saver, schema)
    _, second, abandoned = await say(graph, "one", "two", "three")

    [fork] = await say(graph, "other", config=second)

    assert await lines(graph, fork) == turns("one", "two", "other")
    assert await lines(graph, abandoned) == turns("one", "two", "three")
    await say(graph, "more")
    assert await lines(graph) == turns("one", "two", "other", "more")


@both_schemas
async def test_an_update_of_an_old_checkpoint_starts_from_what_was_true_then(
    saver: StorageCheckpointer, schema: type
) -> None:
    graph = build(saver, schema)
    first, _, newest = await say(graph, "one", "two", "three")

    updated = await graph.aupdate_state(first, {"lines": ["edit"]}, as_node="echo")

    assert await lines(graph, updated) == [*turns("one"), "edit"]
    assert await lines(graph, newest) == turns("one", "two", "three")
    await say(graph, "more")
    assert await lines(graph) == [*turns("one"), "edit", *turns("more")]


@both_schemas
async def test_a_nested_graph_that_pauses_keeps_what_it_had(saver: StorageCheckpointer, schema: type) -> None:
    def ask(state: dict[str, list[str]]) -> dict[str, list[str]]:
        return {"lines": [interrupt("go on?")]}

    nested = (
        StateGraph(schema)
        .add_sequence([("first", echo), ("ask", ask), ("last", echo)])
        .add_edge(START, "first")
        .compile()
    )
    graph = StateGraph(schema).add_node("nested", nested).add_edge(START, "nested").compile(checkpointer=saver)

    await graph.ainvoke({"lines": ["one"]}, CONFIG)

    paused = await graph.aget_state(CONFIG, subgraphs=True)
    assert paused.tasks[0].state.values["lines"] == turns("one")  # pyright: ignore
    await graph.ainvoke(Command(resume="yes"), CONFIG)
    assert (await lines(graph))[-4:] == ["one", "re: one", "yes", "re: yes"]


@both_schemas
async def test_a_plain_channel_that_becomes_a_delta_channel_loses_no_write(
    saver: StorageCheckpointer, schema: type
) -> None:
    await say(build(saver, Plain), "one", "two")

    graph = build(saver, schema)
    assert await lines(graph) == turns("one", "two")
    for count, name in enumerate(["three", "four", "five"], start=3):
        await say(graph, name)
        assert await lines(graph) == turns("one", "two", "three", "four", "five")[: 2 * count]


@both_schemas
async def test_an_update_of_a_fresh_thread_is_kept(saver: StorageCheckpointer, schema: type) -> None:
    graph = build(saver, schema)

    await graph.aupdate_state(CONFIG, {"lines": ["zero"]}, as_node="echo")

    assert await lines(graph) == ["zero"]
    await say(graph, "one")
    assert await lines(graph) == ["zero", *turns("one")]


# Reading the history.


class Counted:
    """The same port, with its calls counted."""

    def __init__(self, port: Checkpoints) -> None:
        self.port = port
        self.calls: Counter[str] = Counter()

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        self.calls[verb] += 1
        return getattr(self.port, verb)


async def test_a_long_history_is_one_range_read(checkpoints: Checkpoints) -> None:
    counted = Counted(checkpoints)
    graph = build(StorageCheckpointer(counted))  # pyright: ignore[reportArgumentType]
    names = [str(turn) for turn in range(20)]
    await say(graph, *names)
    counted.calls.clear()

    assert await lines(graph) == turns(*names)

    assert counted.calls == {"get": 1, "history": 1}


async def test_a_channel_snapshotted_just_now_needs_no_history(checkpoints: Checkpoints) -> None:
    counted = Counted(checkpoints)
    graph = build(StorageCheckpointer(counted), AlwaysSnapshotted)  # pyright: ignore[reportArgumentType]
    await say(graph, "one", "two")
    counted.calls.clear()

    assert await lines(graph) == turns("one", "two")

    assert counted.calls == {"get": 1}


@both_schemas
async def test_the_range_read_gives_what_langgraphs_own_walk_gives(saver: StorageCheckpointer, schema: type) -> None:
    """On every checkpoint of a thread with a fork, for channels that are there and one that is not."""
    graph = build(saver, schema)
    first, *_ = await say(graph, "one", "two", "three", "four")
    await say(graph, "other", config=first)
    channels = ["lines", "branch:to:echo", "nothing"]

    seen = 0
    async for found in saver.alist(None):
        ours = await saver.aget_delta_channel_history(config=found.config, channels=channels)
        walked = await BaseCheckpointSaver.aget_delta_channel_history(saver, config=found.config, channels=channels)
        assert ours == walked
        seen += 1
    assert seen >= 15


async def test_the_history_without_a_checkpoint_id_is_that_of_the_newest(saver: StorageCheckpointer) -> None:
    graph = build(saver)
    _, newest = await say(graph, "one", "two")

    open_ended = await saver.aget_delta_channel_history(config=CONFIG, channels=["lines"])

    assert open_ended == await saver.aget_delta_channel_history(config=newest, channels=["lines"])
    assert len(open_ended["lines"]["writes"]) == 4


async def test_an_unknown_thread_has_an_empty_history(saver: StorageCheckpointer) -> None:
    assert await saver.aget_delta_channel_history(config=CONFIG, channels=["lines"]) == {"lines": {"writes": []}}
    assert await saver.aget_delta_channel_history(config=CONFIG, channels=[]) == {}


# Pruning and copying.


async def count(saver: StorageCheckpointer) -> int:
    return len([found async for found in saver.alist(CONFIG)])


@pytest.mark.parametrize("length", range(1, 8))
@both_schemas
async def test_pruning_leaves_what_the_newest_checkpoint_is_rebuilt_from(
    saver: StorageCheckpointer, schema: type, length: int
) -> None:
    graph = build(saver, schema)
    names = [str(turn) for turn in range(length)]
    await say(graph, *names)

    await saver.aprune(["t"])

    assert await lines(graph) == turns(*names)
    await say(graph, "more")
    assert await lines(graph) == turns(*names, "more")


async def test_pruning_removes_what_lies_before_the_last_snapshot(saver: StorageCheckpointer) -> None:
    graph = build(saver, OftenSnapshotted)
    await say(graph, *(str(turn) for turn in range(10)))
    before = await count(saver)

    await saver.aprune(["t"])

    assert before >= 30
    assert await count(saver) <= 6


@pytest.mark.parametrize("schema", [Plain, AlwaysSnapshotted])
async def test_pruning_leaves_one_checkpoint_if_it_holds_all_values(saver: StorageCheckpointer, schema: type) -> None:
    graph = build(saver, schema)
    await say(graph, "one", "two")

    await saver.aprune(["t"])

    assert await count(saver) == 1
    assert await lines(graph) == turns("one", "two")


async def test_pruning_a_thread_whose_plain_channel_became_a_delta_channel_keeps_all(
    saver: StorageCheckpointer,
) -> None:
    await say(build(saver, Plain), "one")
    graph = build(saver, Lines)
    await say(graph, "two")

    await saver.aprune(["t"])

    assert await lines(graph) == turns("one", "two")


async def test_pruning_after_a_delta_channel_became_a_plain_one_keeps_its_writes(saver: StorageCheckpointer) -> None:
    """The newest checkpoint then bears no mark of the DeltaChannel, and still no value of it."""

    class PlainWithTitle(TypedDict):
        lines: Annotated[list[str], operator.add]
        title: str

    await say(build(saver, Lines), "one", "two")
    graph = build(saver, PlainWithTitle)
    await graph.aupdate_state(CONFIG, {"title": "Kennels"}, as_node="echo")

    await saver.aprune(["t"])

    assert await lines(graph) == turns("one", "two")


async def test_pruning_drops_the_abandoned_branch(saver: StorageCheckpointer) -> None:
    graph = build(saver)
    first, abandoned = await say(graph, "one", "two")
    await say(graph, "other", config=first)

    await saver.aprune(["t"])

    assert await saver.aget_tuple(abandoned) is None
    assert await lines(graph) == turns("one", "other")


async def test_a_copied_thread_goes_its_own_way(saver: StorageCheckpointer) -> None:
    graph = build(saver)
    copy: RunnableConfig = {"configurable": {"thread_id": "copy"}}
    await say(graph, "one", "two")

    await saver.acopy_thread("t", "copy")
    await say(graph, "here")
    await say(graph, "there", config=copy)
    await saver.adelete_thread("t")

    assert await lines(graph, copy) == turns("one", "two", "there")
