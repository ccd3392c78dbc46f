"""Budgets: what a turn may take, its subagents included."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from saga_agent.agents.budget import Budget
from saga_agent.errors import RunFailed
from saga_agent.models.prices import Price
from saga_agent.models.script import Call, Say, Turn, Wait
from saga_agent.runs.settings import TurnSettings
from saga_agent.testing.clock import FakeClock
from tests.acceptance.permissions.trees import Scripts, children, delegate, open_tree, report
from tests.acceptance.streams.cast import marks_in
from tests.acceptance.streams.conftest import open_world
from tests.acceptance.streams.worlds import World, send

MARK = Call("mark", {"name": "x"})
PRICES = {"ScriptedModel": Price(input_usd=1.0, output_usd=1_000_000.0, as_of=date(2026, 1, 1))}


@pytest.fixture(params=["memory", "sqlite"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async for world in open_world(request.param, request, tmp_path):
        yield world


async def stopped(world: World, scripts: Scripts, **options: Any) -> tuple[str, str, list[str]]:
    """The reason code of a turn that is cut short, its text, and what its tools did."""
    saga = await open_tree(world, scripts, **options)
    run = await send(saga)
    with pytest.raises(RunFailed, match=r"budget|price") as failed:
        await run.result()
    state = await run.state()
    assert state.state == "stopped"
    return state.reason_code, failed.value.partial, marks_in(world.marks)


@pytest.mark.parametrize(
    ("budget", "code", "text", "marks"),
    [
        (Budget(steps=1), "steps", "One.", ["x"]),
        (Budget(tokens=1), "tokens", "One.", []),
        (Budget(tool_calls=1), "tool_calls", "One.Two.", ["x"]),
        (Budget(cost_usd=0.5), "cost", "One.", []),
    ],
)
async def test_each_limit_ends_the_turn_and_keeps_what_was_written(
    world: World, budget: Budget, code: str, text: str, marks: list[str]
) -> None:
    scripts = Scripts(draft=[Turn(text="One.", calls=[MARK]), Turn(text="Two.", calls=[MARK]), Say("Three.")])

    assert await stopped(world, scripts, turns=TurnSettings(budget=budget, prices=PRICES)) == (code, text, marks)


async def test_a_turn_within_its_budget_finishes(world: World) -> None:
    budget = Budget(steps=2, tokens=10_000, tool_calls=1, cost_usd=100, seconds=60)
    saga = await open_tree(
        world, Scripts(draft=[Turn(calls=[MARK]), Say("Done.")]), turns=TurnSettings(budget=budget, prices=PRICES)
    )

    assert (await (await send(saga)).result()).text == "Done."


async def test_time_ends_a_turn_in_the_middle_of_a_sentence(world: World) -> None:
    clock, never, reached = FakeClock(), asyncio.Event(), asyncio.Event()
    saga = await open_tree(
        world,
        Scripts(draft=[Turn(Say("Half a sen"), Wait(never, reached=reached))]),
        turns=TurnSettings(budget=Budget(seconds=30)),
        clock=clock,
    )
    run = await send(saga)
    await reached.wait()
    await clock.advance(29)
    assert (await run.state()).state == "running"
    await clock.advance(2)

    with pytest.raises(RunFailed, match="30 seconds") as failed:
        await run.result()
    assert failed.value.partial == "Half a sen"
    assert (await run.state()).reason_code == "time"


async def test_the_strictest_budget_wins(world: World) -> None:
    scripts = Scripts(draft=[Turn(calls=[MARK]), Say("Done.")], changes={"draft": {"budget": Budget(steps=1)}})

    assert (await stopped(world, scripts, turns=TurnSettings(budget=Budget(steps=9))))[0] == "steps"


async def test_an_unknown_price_is_not_a_price_of_nothing(world: World) -> None:
    """Under a limit on cost, a model whose price nobody knows is not called a second time."""
    scripts = Scripts(draft=[Turn(text="One.", calls=[MARK]), Say("Two.")])

    code, text, marks = await stopped(world, scripts, turns=TurnSettings(budget=Budget(cost_usd=100)))

    assert (code, text, marks) == ("cost", "", [])


async def test_what_subagents_take_is_taken_from_the_turn(world: World) -> None:
    """Two model calls of the child, and one of its own: the third of the parent's is the fourth."""
    scripts = Scripts(
        draft=[Turn(text="I ask.", calls=[delegate("research")]), Say("Done.")],
        research=[Turn(calls=[MARK]), Say("It is.")],
    )

    assert await stopped(world, scripts, turns=TurnSettings(budget=Budget(steps=3))) == ("steps", "I ask.", ["x"])


async def test_a_subagent_gets_no_more_than_what_is_left(world: World) -> None:
    saga = await open_tree(
        world,
        Scripts(
            draft=[Turn(calls=[MARK]), Turn(calls=[delegate("research")]), Say("Done.")],
            research=[Turn(calls=[MARK]), Turn(calls=[MARK]), Say("Never.")],
            changes={"research": {"budget": Budget(steps=50)}, "draft": {"budget": Budget(steps=4)}},
        ),
    )
    run = await send(saga)
    with pytest.raises(RunFailed):
        await run.result()

    (child,) = await children(saga, run)
    assert (child.state, child.reason_code) == ("stopped", "steps")
    assert len(await saga.storage.journal.runs.usage(child.id)) == 2
    assert (await report(saga, run.id))["data"]["status"] == "stopped"  # pyright: ignore


@pytest.mark.parametrize("steps", [4, 6, 9])
async def test_subagents_that_are_called_together_share_what_is_left(world: World, steps: int) -> None:
    """Each of three would go on for ever: together, and with their parent, they keep to its budget."""
    calls = [delegate("research", call_id=f"d{n}") for n in range(3)]
    for_ever = [Turn(calls=[Call("mark", {"name": f"m{n}"})]) for n in range(30)]
    saga = await open_tree(
        world,
        Scripts(
            draft=[Turn(calls=calls), Say("Never.")],
            research=for_ever,
            changes={"draft": {"budget": Budget(steps=steps)}},
        ),
    )
    run = await send(saga)
    with pytest.raises(RunFailed):
        await run.result()

    runs = [run.id, *(child.id for child in await children(saga, run))]
    taken = [len(await saga.storage.journal.runs.usage(each)) for each in runs]
    assert sum(taken) == steps
    assert max(taken[1:]) - min(taken[1:]) <= 1, "and nobody takes another one's part"


async def test_what_a_subagent_leaves_is_for_those_who_come_after_it(world: World) -> None:
    saga = await open_tree(
        world,
        Scripts(
            draft=[
                Turn(calls=[delegate("research", call_id="a"), delegate("scribe", call_id="b")]),
                Turn(calls=[delegate("scribe", call_id="c")]),
                Say("Done."),
            ],
            research=[Say("At once.")],
            scribe=[Say("At once, too."), Turn(calls=[MARK]), Turn(calls=[MARK]), Say("Yes.")],
            changes={"draft": {"budget": Budget(steps=9)}},
        ),
    )
    run = await send(saga)

    assert (await run.result()).text == "Done."
    assert (await report(saga, run.id, "c"))["data"]["status"] == "finished"  # pyright: ignore


async def test_the_price_of_a_call_is_kept_with_it(world: World) -> None:
    saga = await open_tree(world, Scripts(draft=[Say("Done.")]), turns=TurnSettings(prices=PRICES))
    run = await send(saga)
    await run.result()

    (row,) = await run.usage()
    assert row.cost_usd == pytest.approx(row.input_tokens / 1e6 + row.output_tokens)
