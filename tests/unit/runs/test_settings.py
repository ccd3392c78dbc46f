"""The groups of settings: what they refuse, what the environment says, and the old keywords in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from datetime import date
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from saga_agent.agents.budget import Budget
from saga_agent.app import Saga
from saga_agent.errors import InvalidInput, WrongType
from saga_agent.models.prices import Price
from saga_agent.models.scripted import ScriptedModel
from saga_agent.runs.lease import LeaseTimes
from saga_agent.runs.settings import CallSettings, OldKeywords, RunSettings, TurnSettings
from saga_agent.testing.clock import FakeClock
from saga_agent.tools.hooks import HookCall
from saga_agent.tools.loops import LoopLimits
from tests.architecture.sources import ROOT

Group = TurnSettings | CallSettings | RunSettings
GROUPS: dict[str, type[Group]] = {"turns": TurnSettings, "calls": CallSettings, "runs": RunSettings}
PAGE = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)`.*\|$", re.MULTILINE)
VARIABLE = re.compile(r"`(SAGA_\w+)`")


async def watch(call: HookCall) -> None:
    """Is content with every call."""


OLD: list[tuple[str, OldKeywords]] = [
    ("turns", {"history_budget_tokens": 9}),
    ("turns", {"summarizes": False}),
    ("turns", {"assists": True}),
    ("turns", {"budget": Budget(steps=1)}),
    ("turns", {"prices": {"my-model": Price(input_usd=1, output_usd=2, as_of=date(2026, 1, 1))}}),
    ("turns", {"delegation_depth": 0}),
    ("calls", {"hooks": (watch,)}),
    ("calls", {"loop_limits": LoopLimits(refused=9)}),
    ("calls", {"approval_ttl_seconds": None}),
    ("calls", {"unattended": "deny"}),
    ("runs", {"works": False}),
    ("runs", {"recovery": "interrupt"}),
    ("runs", {"times": LeaseTimes(lease_seconds=99)}),
    ("runs", {"live_turns": 1}),
    ("runs", {"keep_deltas": "all"}),
    ("runs", {"clock": FakeClock()}),
    ("runs", {"checkpointer": InMemorySaver()}),
]


class Opened(Saga):
    """A saga that shows with which settings it is made."""

    def __init__(self, *parts: Any, turns: TurnSettings, calls: CallSettings, runs: RunSettings, **more: Any) -> None:
        super().__init__(*parts, turns=turns, calls=calls, runs=runs, **more)
        self.groups: dict[str, Group] = {"turns": turns, "calls": calls, "runs": runs}


def opened(**settings: Any) -> Mapping[str, Group]:
    """The groups with which a saga is made that is opened so."""
    return Opened.open(database="memory://", model=ScriptedModel([]), **settings).groups


def test_every_old_keyword_is_tried_here():
    assert [name for _, old in OLD for name in old] == list(OldKeywords.__annotations__)


@pytest.mark.parametrize(("group", "old"), OLD, ids=[name for _, old in OLD for name in old])
def test_an_old_keyword_still_works_and_says_its_new_place(group: str, old: OldKeywords):
    ((name, value),) = old.items()
    kind = GROUPS[group].__name__

    with pytest.warns(DeprecationWarning, match=name) as warned:
        found = opened(**old)

    assert getattr(found[group], name) == value
    (warning,) = warned
    assert str(warning.message) == (f"Saga.open({name}=...) is deprecated; give {group}=saga_agent.{kind}({name}=...).")
    assert warning.filename == __file__, "it points at who called"


@pytest.mark.parametrize("name", ["prices", "loop_limits", "times", "clock"])
def test_none_still_means_the_default_where_it_did(name: str):
    (group,) = [group for group, old in OLD if name in old]
    with pytest.warns(DeprecationWarning, match=name):
        found = opened(**{name: None})

    assert getattr(found[group], name) is not None


@pytest.mark.parametrize(("group", "old"), OLD, ids=[name for _, old in OLD for name in old])
def test_an_old_keyword_beside_its_group_is_refused(group: str, old: OldKeywords):
    kind = GROUPS[group]
    with pytest.raises(InvalidInput, match=rf"{next(iter(old))}= is given beside {group}=; .*{kind.__name__}"):
        opened(**old, **{group: kind()})


def test_an_unknown_keyword_is_a_type_error_like_any_functions():
    with pytest.raises(TypeError, match=r"^Saga\.open\(\) got an unexpected keyword argument 'live_truns'$"):
        opened(live_truns=1, works=False)


@pytest.mark.parametrize(
    ("kind", "fields", "error", "words"),
    [
        (TurnSettings, {"history_budget_tokens": -1}, InvalidInput, "history_budget_tokens is -1; give 0 at the least"),
        (TurnSettings, {"history_budget_tokens": "8000"}, WrongType, "history_budget_tokens is '8000' (str)"),
        (TurnSettings, {"summarizes": "off"}, WrongType, "summarizes is 'off' (str); give True, False or None"),
        (TurnSettings, {"assists": 1}, WrongType, "assists is 1 (int)"),
        (TurnSettings, {"budget": 20_000}, WrongType, "budget is 20000 (int); give a Budget"),
        (TurnSettings, {"prices": [1]}, WrongType, "prices is a list"),
        (TurnSettings, {"prices": {"m": 0.2}}, WrongType, "The price of 'm' is 0.2 (float); give a Price"),
        (TurnSettings, {"delegation_depth": True}, WrongType, "delegation_depth is True (bool); give a whole number"),
        (CallSettings, {"hooks": len}, WrongType, "hooks is a builtin_function_or_method"),
        (CallSettings, {"hooks": ["deny"]}, WrongType, "'deny' is no hook"),
        (CallSettings, {"loop_limits": None}, WrongType, "loop_limits is None"),
        (CallSettings, {"approval_ttl_seconds": 0}, InvalidInput, "approval_ttl_seconds is 0; give a number above 0"),
        (CallSettings, {"unattended": "wait"}, InvalidInput, "unattended is 'wait' (str); give 'park' or 'deny'"),
        (RunSettings, {"works": None}, WrongType, "works is None; give True or False"),
        (RunSettings, {"recovery": None}, InvalidInput, "recovery is None; give 'resume' or 'interrupt'"),
        (RunSettings, {"times": 15}, WrongType, "times is 15 (int)"),
        (RunSettings, {"live_turns": 0}, InvalidInput, "live_turns is 0; give 1 at the least"),
        (RunSettings, {"keep_deltas": "few"}, InvalidInput, "keep_deltas is 'few' (str); give 'none', 'last' or 'all'"),
        (RunSettings, {"clock": 12.0}, WrongType, "clock is 12.0 (float)"),
        (RunSettings, {"checkpointer": InMemorySaver}, WrongType, "checkpointer is the class InMemorySaver"),
        (LeaseTimes, {"watch_seconds": 0}, InvalidInput, "watch_seconds is 0; give a number above 0"),
        (LeaseTimes, {"lease_seconds": 5}, InvalidInput, "A lease of 5 seconds that is renewed every 5 runs out"),
    ],
)
def test_what_cannot_be_used_is_named_in_one_sentence(
    kind: type[Any], fields: dict[str, Any], error: type[InvalidInput], words: str
):
    with pytest.raises(error, match=f"^{re.escape(words)}") as caught:
        kind(**fields)
    assert type(caught.value) is error


def test_keep_checkpoints_is_one_of_its_words():
    with pytest.raises(InvalidInput, match="keep_checkpoints is 'some'"):
        opened(keep_checkpoints="some")


def test_a_group_cannot_be_changed_once_it_is_checked():
    settings = RunSettings()
    with pytest.raises(FrozenInstanceError):
        settings.live_turns = 0  # pyright: ignore[reportAttributeAccessIssue]


SAID = {
    "SAGA_HISTORY_BUDGET_TOKENS": "0",
    "SAGA_SUMMARIZES": "on",
    "SAGA_ASSISTS": "off",
    "SAGA_BUDGET_STEPS": "9",
    "SAGA_BUDGET_TOKENS": "90000",
    "SAGA_BUDGET_TOOL_CALLS": "7",
    "SAGA_BUDGET_COST_USD": "0.5",
    "SAGA_BUDGET_SECONDS": "600",
    "SAGA_DELEGATION_DEPTH": "0",
    "SAGA_APPROVAL_TTL_SECONDS": "60.5",
    "SAGA_UNATTENDED": "deny",
    "SAGA_WORKS": "off",
    "SAGA_RECOVERY": "interrupt",
    "SAGA_LIVE_TURNS": "3",
    "SAGA_KEEP_DELTAS": "none",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Without any of these variables."""
    for name in SAID:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_groups_that_are_not_given_are_read_from_the_environment(environment: pytest.MonkeyPatch):
    for name, value in SAID.items():
        environment.setenv(name, value)
    clock = FakeClock()
    with pytest.warns(DeprecationWarning, match="clock"):
        found = opened(clock=clock)

    budget = Budget(steps=9, tokens=90_000, tool_calls=7, cost_usd=0.5, seconds=600)
    assert found == {
        "turns": TurnSettings(
            history_budget_tokens=0, summarizes=True, assists=False, budget=budget, delegation_depth=0
        ),
        "calls": CallSettings(approval_ttl_seconds=60.5, unattended="deny"),
        "runs": RunSettings(works=False, recovery="interrupt", live_turns=3, keep_deltas="none", clock=clock),
    }


def test_a_group_that_is_given_is_not_changed_by_the_environment(environment: pytest.MonkeyPatch):
    environment.setenv("SAGA_LIVE_TURNS", "nonsense")
    given = RunSettings()

    assert opened(runs=given)["runs"] is given


def test_an_empty_environment_gives_the_defaults():
    nothing = dict.fromkeys(SAID, "")

    assert TurnSettings.from_environment(nothing) == TurnSettings()
    assert CallSettings.from_environment(nothing) == CallSettings()
    assert RunSettings.from_environment(nothing) == RunSettings()


@pytest.mark.parametrize("name", SAID)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(environment: pytest.MonkeyPatch, name: str):
    environment.setenv(name, "nonsense-1")

    with pytest.raises(InvalidInput, match=rf"^{name} is .*\.$") as caught:
        opened()
    assert "nonsense" not in str(caught.value)


def test_the_reference_tells_every_field_and_every_variable():
    fields = [name for kind in GROUPS.values() for name in kind.__dataclass_fields__]

    assert sorted(ROW.findall(PAGE)) == sorted(fields)
    assert sorted(set(VARIABLE.findall(PAGE))) == sorted(SAID)
