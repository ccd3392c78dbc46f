"""A thread whose checkpoints may wait: few are stored, and those that matter before anything is done."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt

from saga_agent.checkpoint.saver import StorageCheckpointer
from saga_agent.errors import StorageUnavailable
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.ports.journal import Checkpoints
from saga_agent.testing.faults import Fault, FaultPlan, FaultyStorage

CONFIG: RunnableConfig = {"configurable": {"thread_id": "run-1"}}


class State(TypedDict):
    said: Annotated[list[str], operator.add]


class Turn:
    """A graph of four nodes, one of which may send tasks; it notes what is stored while each of them runs."""

    def __init__(self, checkpoints: Checkpoints, *, calls: Sequence[str] = (), parks: bool = False) -> None:
        self.saver = StorageCheckpointer(checkpoints)
        self._checkpoints, self._calls, self._parks = checkpoints, calls, parks
        self.seen: dict[str, int] = {}
        graph = (
            StateGraph(State).add_node("context", self.note).add_node("model", self.note).add_node("tool", self.tool)
        )
        graph.add_edge(START, "context").add_edge("context", "model").add_edge("tool", END)
        graph.add_conditional_edges(
            "model", lambda _: [Send("tool", {"id": call}) for call in calls] or END, ["tool", END]
        )
        self._graph = graph.compile(checkpointer=self.saver)

    async def note(self, state: State) -> State:
        name = "model" if state["said"] else "context"
        self.seen[name] = len(await self._checkpoints.list("run-1"))
        return {"said": [name]}

    async def tool(self, call: dict[str, str]) -> State:
        self.seen[call["id"]] = len(await self._checkpoints.list("run-1"))
        if self._parks:
            interrupt(call["id"])
        return {"said": [call["id"]]}

    async def run(self, *, is_new: bool = True, again: bool = False) -> Any:
        given: Any = None if again else {"said": []}
        # On a busy machine a turn takes longer than a checkpoint commonly waits.
        async with self.saver.relaxed("run-1", is_new=is_new, wait_seconds=60):
            return await self._graph.ainvoke(given, CONFIG, version="v2", durability="sync")

    async def said(self) -> list[str]:
        return (await self._graph.aget_state(CONFIG)).values.get("said", [])


async def test_a_plain_turn_is_one_checkpoint_that_holds_everything(checkpoints: Checkpoints) -> None:
    turn = Turn(checkpoints)

    await turn.run()

    assert len(await checkpoints.list("run-1")) == 1
    assert await turn.said() == ["context", "model"]


async def test_tasks_run_only_when_the_checkpoint_that_sends_them_is_stored(checkpoints: Checkpoints) -> None:
    turn = Turn(checkpoints, calls=["a", "b"])

    await turn.run()

    assert turn.seen == {"context": 0, "model": 0, "a": 1, "b": 1}
    assert await turn.said() == ["context", "model", "a", "b"]


async def test_a_parked_turn_is_stored_and_another_process_takes_it_up(checkpoints: Checkpoints) -> None:
    assert (await Turn(checkpoints, calls=["a", "b"], parks=True).run()).interrupts

    later = Turn(checkpoints, calls=["a", "b"])
    await later.run(is_new=False, again=True)

    assert later.seen.keys() == {"a", "b"}
    assert await later.said() == ["context", "model", "a", "b"]


async def test_who_looks_while_the_turn_runs_sees_what_waits(checkpoints: Checkpoints) -> None:
    saver = StorageCheckpointer(checkpoints)
    looks: list[bool] = []

    async def look(state: State) -> State:
        looks.append(await saver.aget_tuple(CONFIG) is not None)
        return {"said": ["looked"]}

    graph = StateGraph(State).add_node("look", look).add_edge(START, "look").compile(checkpointer=saver)
    async with saver.relaxed("run-1", is_new=True):
        await graph.ainvoke({"said": []}, CONFIG, durability="sync")

    assert looks == [True]


async def test_a_checkpoint_left_alone_is_stored_soon_all_the_same(checkpoints: Checkpoints) -> None:
    """The model thinks for minutes: what was chosen before is durable long before it answers."""
    stored: list[int] = []

    async def think(state: State) -> State:
        while not await checkpoints.list("run-1"):  # noqa: ASYNC110 - for what no event tells
            await asyncio.sleep(0.001)
        stored.append(len(await checkpoints.list("run-1")))
        return {"said": ["thought"]}

    saver = StorageCheckpointer(checkpoints)
    graph = StateGraph(State).add_node("think", think).add_edge(START, "think").compile(checkpointer=saver)
    async with saver.relaxed("run-1", is_new=True), asyncio.timeout(10):
        await graph.ainvoke({"said": []}, CONFIG, durability="sync")

    assert stored == [1]


async def test_a_moment_without_storage_costs_no_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saga_agent.storage.patience.RETRY_SECONDS", [0.0])
    plan = FaultPlan()
    async with FaultyStorage(MemoryStorage(), plan) as storage:
        turn = Turn(storage.journal.checkpoints)
        plan.add(Fault("checkpoints.put", on=1))

        await turn.run()

        assert await turn.said() == ["context", "model"]


async def test_a_checkpoint_that_cannot_be_stored_ends_the_turn_before_its_tasks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("saga_agent.storage.patience.RETRY_SECONDS", [0.0])
    plan = FaultPlan()
    async with FaultyStorage(MemoryStorage(), plan) as storage:
        turn = Turn(storage.journal.checkpoints, calls=["a"])
        plan.add(Fault("checkpoints.put"))

        with pytest.raises(StorageUnavailable):
            await turn.run()

        assert "a" not in turn.seen
