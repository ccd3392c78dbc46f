"""Scenarios 15, 16 and 17: questions, and nobody there to answer."""

from __future__ import annotations

import pytest

from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Answer, Approve, Dismiss, Reply, StopRun
from saga_agent.domain.rules import Rule
from saga_agent.errors import InvalidInput
from saga_agent.tools.outcome import Done, Waiting
from saga_agent.tools.policy import Policy
from tests.acceptance.permissions.desk import Desk

TWO = [{"id": "a", "label": "Mara"}, {"id": "b", "label": "Tam"}]
THREE = [*TWO, {"id": "c", "label": "Tove"}]
WHO = {"question": "Who did it?"}


async def test_scenario_15_with_nobody_there_what_asks_is_refused_by_name(desk: Desk) -> None:
    desk.unattended = "deny"

    assert (
        await desk.error("rename", name="Tam") == "needs_approval: rename needs the writer's word, and nobody is there."
    )
    assert (await desk.done("ask_question", id="q", **WHO))["data"]["outcome"] == "unattended"  # pyright: ignore
    assert (desk.did, await desk.pending()) == ([], [])
    assert [(entry.event, entry.rule) for entry in await desk.audit(call_id="c")] == [("refused", "unattended")]


async def test_scenario_15_the_twin_that_asks_for_nothing_runs(desk: Desk) -> None:
    desk.unattended = "deny"

    assert (await desk.done("look", at="it"))["ok"]


async def test_scenario_15_time_never_approves(desk: Desk) -> None:
    desk.ttl_seconds = 1
    await desk.ask("rename", name="Tam")
    await desk.clock.advance(1)
    await desk.storage.journal.requests.expire(now=desk.clock.now())
    await desk.restart()

    assert "in time" in await desk.error("rename", name="Tam")
    assert desk.did == []


@pytest.mark.parametrize(
    ("asked", "wrong", "right"),
    [
        ({}, [Answer(), Answer(text=""), Answer(text=" \n"), Answer(option_ids=("a",))], Answer(text="Mara did.")),
        (
            {"options": TWO},
            [
                Answer(),
                Answer(option_ids=("a", "b")),
                Answer(option_ids=("x",)),
                Answer(text="Mara"),
                Answer(option_ids=("a", "a")),
                Answer(option_ids=("Mara",)),
                Answer(note="only a note"),
            ],
            Answer(option_ids=("b",), note="I think"),
        ),
        (
            {"options": THREE, "multiple": True, "min": 2},
            [Answer(option_ids=("a",)), Answer(option_ids=("a", "a")), Answer(option_ids=("a", "z"))],
            Answer(option_ids=("c", "a")),
        ),
        (
            {"options": THREE, "multiple": True, "max": 2, "allow_note": False},
            [Answer(option_ids=("a", "b", "c")), Answer(option_ids=("a",), note="why")],
            Answer(option_ids=("a",)),
        ),
    ],
)
async def test_scenario_16_an_answer_must_fit_or_the_question_stays_open(
    desk: Desk, asked: JsonObject, wrong: list[Answer], right: Answer
) -> None:
    question = await desk.question(**WHO, **asked, context="It decides chapter 3.")
    assert question.context == "It decides chapter 3."
    for answer in wrong:
        with pytest.raises(InvalidInput):
            await desk.answer((question, answer))
        assert await desk.pending() == ["q"]
    await desk.answer((question, right), actor="Mara")

    told = await desk.done("ask_question", id="q", **WHO, **asked, context="It decides chapter 3.")
    expected = {"outcome": "answered", "option_ids": [*right.option_ids], "answered_by": "Mara"}
    expected |= {name: text for name, text in (("text", right.text), ("note", right.note)) if text is not None}
    assert told["data"] == expected


@pytest.mark.parametrize(
    "asked",
    [
        {"question": "  "},
        {"options": TWO[:1]},
        {"options": [{"id": str(n), "label": str(n)} for n in range(9)]},
        {"options": [TWO[0], {"id": "a", "label": "Tam"}]},
        {"options": [TWO[0], {"id": "b", "label": " MARA "}]},
        {"options": TWO, "multiple": True, "min": 3},
        {"options": THREE, "multiple": True, "min": 3, "max": 2},
        {"options": TWO, "multiple": True, "max": 3},
    ],
)
async def test_scenario_16_a_question_that_nobody_could_answer_is_not_put(desk: Desk, asked: JsonObject) -> None:
    assert "invalid_argument" in await desk.error("ask_question", id="q", **{**WHO, **asked})
    assert await desk.pending() == []


@pytest.mark.parametrize("rules", [[], [Rule("*", "allow")], [Rule("*", "ask")]])
@pytest.mark.parametrize("reply", [Dismiss(), None])
async def test_scenario_17_no_answer_is_never_an_answer(desk: Desk, rules: list[Rule], reply: Reply | None) -> None:
    desk.policy, desk.ttl_seconds = Policy(rules), 60
    question = await desk.question(**WHO, options=TWO)
    if reply is not None:
        await desk.answer((question, reply))
    else:
        await desk.clock.advance(60)
    await desk.restart()

    data = (await desk.done("ask_question", id="q", **WHO, options=TWO))["data"]
    assert isinstance(data, dict)
    assert data["outcome"] == ("dismissed" if reply else "expired")
    assert "option_ids" not in data
    assert "neither a yes nor a no" in str(data["note"])


async def test_scenario_17_yes_delete_it_authorizes_nothing(desk: Desk) -> None:
    question = await desk.question(question="May I delete chapter 1?")
    await desk.answer((question, Answer(text="yes, delete it")))
    await desk.done("ask_question", id="q", question="May I delete chapter 1?")

    assert isinstance(await desk.call("delete_chapter", chapter="1"), Waiting)
    assert desk.did == []


async def test_scenario_17_the_twin_that_is_approved_runs(desk: Desk) -> None:
    await desk.answer((await desk.ask("delete_chapter", chapter="1"), Approve()))

    await desk.done("delete_chapter", chapter="1")
    assert desk.did == ["delete 1"]


async def test_a_question_may_be_answered_with_stop(desk: Desk) -> None:
    await desk.answer((await desk.question(**WHO), StopRun()))
    outcome = await desk.call("ask_question", id="q", **WHO)

    assert isinstance(outcome, Done)
    assert (outcome.stop_run, outcome.stop_code) == (True, "writer")


async def test_a_denied_question_is_not_put(desk: Desk) -> None:
    desk.policy = Policy([Rule("ask_question", "deny")])

    assert "not allowed" in await desk.error("ask_question", id="q", **WHO)
