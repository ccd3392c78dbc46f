"""Scenarios 1 and 2: who decides, and what becomes of tools and rules that are not understood."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saga_agent.domain.requests import Approve
from saga_agent.domain.rules import Decision, Rule, build_rules
from saga_agent.errors import PolicyError
from saga_agent.tools.hooks import HookCall
from saga_agent.tools.outcome import Done, Waiting
from saga_agent.tools.policy import Policy
from tests.acceptance.permissions.desk import ALWAYS, Desk

decisions: st.SearchStrategy[Decision] = st.sampled_from(["allow", "ask", "deny"])
rules = st.builds(Rule, tool=st.sampled_from(["*", "rename", "re*", "look"]), decision=decisions)
layers = st.lists(st.tuples(st.sampled_from(["project", "parent", "agent"]), st.lists(rules, max_size=3)), max_size=4)


async def allow(_: HookCall) -> Decision:
    return "allow"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(layers, st.integers(0, 4))
async def test_scenario_01_a_deny_in_any_layer_beats_allows_grants_and_hooks(
    desk: Desk, over: list[tuple[str, list[Rule]]], place: int
) -> None:
    """Whatever the other layers say, in whatever order."""
    desk.hooks, desk.policy = (allow,), Policy()
    await desk.new_thread()
    if isinstance(outcome := await desk.call("rename", id="granted", name="Tam"), Waiting):  # in the first example
        await desk.answer((outcome.requests[0], Approve(grant=ALWAYS)))
        assert isinstance(await desk.call("rename", id="granted", name="Tam"), Done)
    before = list(desk.did)
    everything = [("inner", [Rule("*", "allow")]), *over]
    everything.insert(min(place, len(everything)), ("outer", [Rule("rename", "deny", reason="locked")]))
    for name, each in everything:
        desk.policy = desk.policy.with_layer(name, each)

    assert "not allowed here" in await desk.error("rename", name="Tom")
    assert desk.did == before


async def test_scenario_01_the_twin_without_the_deny_runs(desk: Desk) -> None:
    desk.policy = Policy([Rule("*", "deny"), Rule("rename", "allow")])

    assert (await desk.done("rename", name="Tom"))["ok"]
    assert desk.did == ["rename Tom"], "inside a layer the last match decides"


async def test_scenario_02_a_tool_that_declares_nothing_never_runs_unasked(desk: Desk) -> None:
    """Alone, in parallel, and again and again."""
    desk.loops = type(desk.loops)(in_turn=99)
    outcomes = await asyncio.gather(*(desk.call("mystery", id=f"c{number}") for number in range(5)))
    outcomes += await asyncio.gather(*(desk.call("mystery", id=f"c{number}") for number in range(5)))

    assert all(isinstance(outcome, Waiting) for outcome in outcomes)
    assert desk.did == []


async def test_scenario_02_the_twin_runs_once_it_is_approved(desk: Desk) -> None:
    request = await desk.ask("mystery")
    assert (request.effect, request.grantable) == ("destructive", False)
    await desk.answer((request, Approve()))

    await desk.done("mystery")
    assert desk.did == ["mystery"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([{"tool": "x", "decison": "deny"}], "Rule 1: 'decison' is no key"),
        ([{"tool": "x", "decision": "alow"}], "Rule 1: 'alow' is no decision"),
        ([{"tool": "x", "decision": "deny"}, {"tool": "x", "decision": "deny", "effect": "wirte"}], "Rule 2: 'wirte'"),
        ([{"tool": "x"}], "Rule 1: 'decision' is missing"),
        ([{"tool": "x", "decision": ""}], "is no decision"),
        ([{"tool": "x", "decision": []}], "'decision' is no string"),
        ([{"tool": "x", "decision": "ask", "arguments": {"n": 1}}], "patterns, which are strings"),
        (["deny"], "Rule 1 is no mapping"),
        ({"tool": "x", "decision": "deny"}, "list of mappings"),
        ("deny", "list of mappings"),
        (None, "list of mappings"),
    ],
)
def test_scenario_02_rules_that_are_misspelt_are_errors(data: object, words: str) -> None:
    with pytest.raises(PolicyError, match=words.replace("[", r"\[")):
        build_rules(data)  # pyright: ignore[reportArgumentType]


def test_scenario_02_a_rule_for_a_tool_that_does_not_exist_is_an_error(desk_tools: Desk) -> None:
    tools = desk_tools.tools()
    Policy([Rule("rename", "deny"), Rule("web_*", "deny")]).check(tools)

    with pytest.raises(PolicyError, match="'deny renmae' names no tool"):
        Policy([Rule("renmae", "deny")]).check(tools)


@pytest.fixture
def desk_tools() -> Desk:
    return Desk(storage=None)  # pyright: ignore[reportArgumentType]
