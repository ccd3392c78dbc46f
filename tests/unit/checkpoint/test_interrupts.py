"""Parallel tasks that park on an interrupt and are taken up again by running the graph with no input."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.types import GraphOutput, Send, interrupt

from saga_agent.checkpoint.saver import StorageCheckpointer
from saga_agent.domain.checkpoint import WriteRow
from saga_agent.storage.ports.journal import Checkpoints
from saga_agent.storage.sql.adapter import SqlStorage

CONFIG: RunnableConfig = {"configurable": {"thread_id": "run-1"}}


class State(TypedDict):
    results: Annotated[list[str], operator.add]


@dataclass
class Desk:
    """Where approvals lie, outside of the graph; and what the tasks did."""

    ask: set[str]
    answers: dict[str, str] = field(default_factory=dict[str, str])
    log: list[str] = field(default_factory=list[str])

    async def tool(self, call: dict[str, str]) -> State:
        name = call["id"]
        self.log.append(f"start {name}")
        if name in self.ask and name not in self.answers:
            interrupt({"request": name})
        self.log.append(f"effect {name}")
        return {"results": [f"{name}:{self.answers.get(name, 'free')}"]}

    async def run(self, saver: StorageCheckpointer, given: State | None) -> GraphOutput[Any]:
        self.log.clear()
        graph = (
            StateGraph(State)
            .add_node("model", lambda state: {})
            .add_node("tool", self.tool)
            .add_edge(START, "model")
            .add_conditional_edges("model", self.route, ["tool", END])
            .add_edge("tool", "model")
            .compile(checkpointer=saver)
        )
        return await graph.ainvoke(given, CONFIG, version="v2", durability="sync")

    def route(self, state: State) -> list[Send] | str:
        return END if state["results"] else [Send("tool", {"id": name}) for name in "abcd"]


def asked(output: GraphOutput[Any]) -> list[str]:
    return [each.value["request"] for each in output.interrupts]


async def test_tasks_that_wait_run_again_and_finished_ones_do_not(saver: StorageCheckpointer) -> None:
    desk = Desk(ask={"a", "b", "c"})

    output = await desk.run(saver, {"results": []})
    assert asked(output) == ["a", "b", "c"]
    assert desk.log == ["start a", "start b", "start c", "start d", "effect d"]

    desk.answers["b"] = "yes"
    output = await desk.run(saver, None)
    assert asked(output) == ["a", "c"]
    assert desk.log == ["start a", "start b", "effect b", "start c"]

    desk.answers |= {"a": "no", "c": "yes"}
    output = await desk.run(saver, None)
    assert output.interrupts == ()
    assert output.value == {"results": ["a:no", "b:yes", "c:yes", "d:free"]}
    assert desk.log == ["start a", "effect a", "start c", "effect c"]


async def test_running_on_without_an_answer_changes_nothing(saver: StorageCheckpointer) -> None:
    desk = Desk(ask={"a"})
    first = await desk.run(saver, {"results": []})
    before = [found.checkpoint["id"] async for found in saver.alist(None)]

    again = await desk.run(saver, None)

    assert asked(again) == asked(first) == ["a"]
    assert [found.checkpoint["id"] async for found in saver.alist(None)] == before


async def test_a_finished_run_is_not_run_again(saver: StorageCheckpointer) -> None:
    desk = Desk(ask=set())
    finished = await desk.run(saver, {"results": []})

    again = await desk.run(saver, None)

    assert again.value == finished.value
    assert desk.log == []


class Watched:
    """The same port, with an event for the moment when so many writes of a channel are stored."""

    def __init__(self, port: Checkpoints, channel: str, count: int) -> None:
        self._port, self._channel, self._missing = port, channel, count
        self.stored = asyncio.Event()

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._port, verb)

    async def put_writes(
        self, thread_id: str, ns: str, checkpoint_id: str, writes: Sequence[WriteRow], *, fence: tuple[str, int] | None
    ) -> None:
        await self._port.put_writes(thread_id, ns, checkpoint_id, writes, fence=fence)
        self._missing -= sum(write.channel == self._channel for write in writes)
        if self._missing == 0:
            self.stored.set()


async def test_a_finished_task_is_kept_though_its_sibling_is_cancelled(checkpoints: Checkpoints) -> None:
    class SlowDesk(Desk):
        async def tool(self, call: dict[str, str]) -> State:
            if call["id"] == "d" and not self.answers:
                await asyncio.Event().wait()
            return await super().tool(call)

    desk = SlowDesk(ask=set())
    watched = Watched(checkpoints, "results", count=4)  # the input and three tools
    attempt = asyncio.create_task(desk.run(StorageCheckpointer(watched), {"results": []}))  # pyright: ignore
    await watched.stored.wait()
    attempt.cancel()
    await asyncio.wait([attempt])
    assert attempt.cancelled()

    desk.answers["d"] = "late"
    output = await desk.run(StorageCheckpointer(checkpoints), None)

    assert desk.log == ["start d", "effect d"]
    assert output.value == {"results": ["a:free", "b:free", "c:free", "d:late"]}


async def test_a_pause_outlives_the_process(tmp_path: Path) -> None:
    """Three parallel tasks park; a storage opened anew takes them up one after the other."""
    url = f"sqlite:///{tmp_path / 'saga.db'}"
    desk = Desk(ask={"a", "b", "c"})

    async def reopened(given: State | None) -> GraphOutput[Any]:
        async with SqlStorage(url) as storage:
            return await desk.run(StorageCheckpointer(storage.journal.checkpoints), given)

    assert asked(await reopened({"results": []})) == ["a", "b", "c"]
    assert desk.log == ["start a", "start b", "start c", "start d", "effect d"]

    desk.answers["c"] = "yes"
    assert asked(await reopened(None)) == ["a", "b"]
    assert desk.log == ["start a", "start b", "start c", "effect c"]

    desk.answers |= {"a": "yes", "b": "no"}
    output = await reopened(None)
    assert output.interrupts == ()
    assert output.value == {"results": ["a:yes", "b:no", "c:yes", "d:free"]}
    assert desk.log == ["start a", "effect a", "start b", "effect b"]
