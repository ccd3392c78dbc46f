"""Scenarios 19 and 20: agents that go round in circles, and the host's own say."""

from __future__ import annotations

import asyncio

import pytest

from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Approve, Deny
from saga_agent.domain.rules import Decision, Rule
from saga_agent.errors import PolicyError
from saga_agent.tools.hooks import Hook, HookCall
from saga_agent.tools.loops import LoopLimits
from saga_agent.tools.outcome import Done, RequestedCall, Waiting
from saga_agent.tools.policy import Policy
from tests.acceptance.permissions.desk import Desk


def stopped(outcome: Done | Waiting) -> bool:
    return isinstance(outcome, Done) and (outcome.stop_run, outcome.stop_code) == (True, "loop")


async def refused(desk: Desk, id: str, arguments: JsonObject) -> Done | Waiting:
    """A call that the writer refuses when it is asked for."""
    call = RequestedCall(id=id, name="replace_text", arguments=arguments)
    outcome = await desk.hand_in(call)
    if isinstance(outcome, Waiting):
        await desk.answer((outcome.requests[0], Deny()))
        outcome = await desk.hand_in(call)
    return outcome


async def test_scenario_19_the_third_refused_call_stops_the_run_also_across_turns(desk: Desk) -> None:
    """With its keys in another order, and defaults left out or spelt out."""
    assert not stopped(await refused(desk, "1", {"book": 1, "find": "x"}))
    assert not stopped(await refused(desk, "between", {"book": 2, "find": "x"}))
    await desk.new_turn()
    assert not stopped(await refused(desk, "2", {"find": "x", "book": 1, "put": ""}))
    await desk.new_turn()
    third = await refused(desk, "3", {"find": "x", "book": 1})

    assert stopped(third)
    assert "3 times although it was refused" in third.result  # pyright: ignore
    assert await refused(desk, "3", {"find": "x", "book": 1}) == third, "the same when it is read again"
    assert [entry.event for entry in await desk.audit(call_id="3")] == ["stopped"]
    assert desk.did == []


async def test_scenario_19_what_is_no_tool_or_never_fits_counts_as_refused(desk: Desk) -> None:
    for tool, arguments in (("renmae", {"name": "x"}), ("rename", {"nmae": "x"}), ("rename", None)):
        calls = [RequestedCall(id=f"{tool}{arguments}{n}", name=tool, arguments=arguments) for n in range(3)]  # pyright: ignore
        assert [stopped(await desk.hand_in(call)) for call in calls] == [False, False, True]


async def test_scenario_19_alternating_calls_are_a_loop_too(desk: Desk) -> None:
    outcomes = [await desk.call("look", id=str(n), at="AB"[n % 2]) for n in range(10)]

    assert [stopped(outcome) for outcome in outcomes] == [False] * 8 + [True] * 2
    assert len(desk.did) == 8


async def test_scenario_19_the_twin_with_other_arguments_goes_on(desk: Desk) -> None:
    outcomes = [await desk.call("look", id=str(n), at=str(n)) for n in range(20)]

    assert not any(map(stopped, outcomes))


async def test_scenario_19_reading_again_in_the_next_turn_is_no_loop(desk: Desk) -> None:
    for _ in range(3):
        assert not any([stopped(await desk.call("look", id=str(n), at="A")) for n in range(4)])
        await desk.new_turn()


async def test_calls_the_writer_has_seen_side_by_side_all_count_with_their_answers(desk: Desk) -> None:
    requests = [await desk.ask("rename", id=str(n), name="x") for n in range(6)]
    await desk.answer(*((request, Approve()) for request in requests))
    await desk.restart()

    assert not any([stopped(await desk.call("rename", id=str(n), name="x")) for n in range(6)])
    assert len(desk.did) == 6


async def test_the_limits_are_the_hosts(desk: Desk) -> None:
    desk.loops = LoopLimits(in_turn=2)
    await desk.call("look", id="1")

    assert stopped(await desk.call("look", id="2"))
    with pytest.raises(PolicyError, match="2 at the least"):
        LoopLimits(refused=1)


async def say_allow(_: HookCall) -> Decision:
    return "allow"


async def say_ask(_: HookCall) -> Decision:
    return "ask"


async def say_deny(_: HookCall) -> Decision:
    return "deny"


async def say_nonsense(_: HookCall) -> Decision:
    return "alow"  # pyright: ignore[reportReturnType]


async def fail(_: HookCall) -> Decision:
    raise RuntimeError("broken")


async def give_up(_: HookCall) -> Decision:
    raise asyncio.CancelledError


async def dawdle(_: HookCall) -> Decision:
    await asyncio.Event().wait()
    return "allow"


async def cling(_: HookCall) -> Decision:
    """It does not even end when it is cancelled at first."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await asyncio.sleep(0.01)
    return "allow"


def say_at_once(_: HookCall) -> Decision:
    return "allow"


async def test_scenario_20_an_allow_lifts_nothing(desk: Desk) -> None:
    desk.hooks = (say_allow,)
    assert isinstance(await desk.call("rename", name="Tam"), Waiting)

    desk.policy = Policy([Rule("rename", "deny")])
    assert "not allowed" in await desk.error("rename", id="d", name="Tam")
    assert desk.did == []


@pytest.mark.parametrize(
    ("hook", "words"),
    [
        (say_deny, "hook say_deny: deny look"),
        (fail, "hook fail: deny look (it failed with RuntimeError)"),
        (give_up, "it was cancelled"),
        (dawdle, "it took longer than 0.05 seconds"),
        (cling, "it took longer"),
        (say_nonsense, "it said 'alow', which is no decision"),
        (say_at_once, "it failed with TypeError"),
    ],
)
async def test_scenario_20_a_hook_that_denies_raises_dawdles_or_babbles_is_a_deny(
    desk: Desk, hook: Hook, words: str
) -> None:
    desk.hooks, desk.policy = (say_allow, hook, say_allow), Policy([Rule("*", "allow")])

    assert words in await desk.error("look")
    assert desk.did == []


async def test_scenario_20_the_twin_whose_hooks_are_content_runs(desk: Desk) -> None:
    desk.hooks = (say_allow,)

    await desk.done("look")
    assert desk.did == ["look"]


async def test_scenario_20_a_hook_makes_a_reading_call_ask(desk: Desk) -> None:
    desk.hooks = (say_ask,)
    request = await desk.ask("look")
    assert request.rule == "hook say_ask: ask look"
    await desk.answer((request, Approve()))

    await desk.done("look")
    assert desk.did == ["look"]


async def test_scenario_20_hooks_are_asked_again_when_an_approved_call_goes_on(desk: Desk) -> None:
    await desk.answer((await desk.ask("rename", name="Tam"), Approve()))
    await desk.restart()
    desk.hooks = (say_deny,)

    assert "hook say_deny" in await desk.error("rename", name="Tam")
    assert desk.did == []


async def test_scenario_20_hooks_see_who_calls_what(desk: Desk) -> None:
    seen: list[HookCall] = []

    async def watch(call: HookCall) -> None:
        seen.append(call)

    desk.hooks = (watch,)
    await desk.call("look", at="it")

    (call,) = seen
    assert (call.tool, call.effect, call.arguments) == ("look", "read", {"at": "it"})
    assert (call.agent_path, call.run_id, call.call_id) == (("draft",), desk.run.id, "c")
