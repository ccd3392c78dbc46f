"""Host tools that return or raise anything: the run goes on, and the calls beside them have their effect."""

import asyncio
import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from saga_agent.agents.agent import Agent
from saga_agent.domain.journal import Thread
from saga_agent.models.script import Call, Say, Turn
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from tests.unit.runs.opening import Open

AGENT = Agent(name="draft", description="Drafts.", prompt="Draft.", tools=("tide", "ring"))


class Odd:
    pass


class Kind(enum.Enum):
    EBB = "ebb"


@dataclass
class Tide:
    height: float
    kind: Kind


class Table(BaseModel):
    tides: list[Tide]


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def give(value: object) -> Callable[[], Any]:
    return lambda: value


def throw(error: BaseException) -> Callable[[], Any]:
    def act() -> Any:
        raise error

    return act


def cancel_itself() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()


RETURNS = {
    "dict": give({"height": 2}),
    "text": give("high"),
    "none": give(None),
    "list": give([1, 2]),
    "dataclass": give(Tide(1.5, Kind.EBB)),
    "model": give(Table(tides=[Tide(1.5, Kind.EBB)])),
    "half": give("half \ud83d"),
    "nan": give({"height": float("nan")}),
    "nul": give("a\x00b"),
    "big": give(10**30),
    "huge": give("x" * 2_000_000),
}
TROUBLE = {
    "object": give(Odd()),
    "cycle": give((lambda ring: ring.append(ring) or ring)([])),
    "digits": give(10**5000),
    "exit": throw(SystemExit(2)),
    "interrupt": throw(KeyboardInterrupt()),
    "cancelled": throw(asyncio.CancelledError()),
    "cancel": cancel_itself,
    "mute": throw(Mute()),
    "group": throw(BaseExceptionGroup("g", [SystemExit(1)])),
    "nul": throw(ValueError("a\x00b")),
}


def tools(act: Callable[[], Any], rung: list[str]) -> ToolRegistry:
    """`tide` acts so; `ring` begins before it and has its effect after it is through."""
    registry = ToolRegistry()
    acted = asyncio.Event()

    @registry.tool(effect="read")
    async def tide(ctx: ToolContext) -> Any:
        """Read the tide table."""
        acted.set()
        return act()

    @registry.tool(effect="read")
    async def ring(ctx: ToolContext) -> None:
        """Ring the bell."""
        await acted.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        rung.append("ding")

    return registry


CALLS = Turn(calls=[Call("ring", {}, id="b"), Call("tide", {}, id="a")])


async def play(open_saga: Open, act: Callable[[], Any]) -> tuple[dict[str, Any], list[str], Thread]:
    rung: list[str] = []
    saga, thread = await open_saga(CALLS, Say("The tide is in."), tools=tools(act, rung), agents=[AGENT])
    message = await (await saga.send(thread.id, "How is the tide?")).result()
    assert message.text == "The tide is in."
    return {str(part["toolCallId"]): part for part in message.parts if "toolCallId" in part}, rung, thread


@pytest.mark.parametrize("act", RETURNS.values(), ids=RETURNS)
async def test_what_a_host_tool_returns_is_told_and_its_siblings_have_their_effect(
    open_saga: Open, act: Callable[[], Any]
) -> None:
    parts, rung, _ = await play(open_saga, act)

    assert parts["a"]["state"] == parts["b"]["state"] == "output-available"
    assert rung == ["ding"]


@pytest.mark.parametrize("act", TROUBLE.values(), ids=TROUBLE)
async def test_what_a_host_tool_gets_wrong_fails_that_call_alone(open_saga: Open, act: Callable[[], Any]) -> None:
    parts, rung, _ = await play(open_saga, act)

    assert parts["a"]["state"] == "output-error"
    assert "tide" in parts["a"]["errorText"]
    assert parts["b"]["state"] == "output-available"
    assert rung == ["ding"]
