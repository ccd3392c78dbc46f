"""What the strict mode says of calls: outcomes, diffs and scores."""

from __future__ import annotations

import json
from typing import Any

import pytest

from saga_agent.errors import EvalError
from saga_agent.evals import Verdict, check_calls

TOOLS: list[dict[str, Any]] = [
    {
        "name": "travel",
        "parameters": {
            "type": "dict",
            "properties": {
                "to": {"type": "string", "pattern": "^[A-Z]"},
                "days": {"type": "integer"},
                "loads": {"type": "array", "items": {"type": "float"}},
            },
            "required": ["to"],
        },
    },
    {"name": "look", "parameters": {"type": "dict", "properties": {}, "required": []}},
    {"name": "rest", "parameters": {"type": "dict", "properties": {}, "required": []}},
]


def call(tool: str, **arguments: Any) -> dict[str, Any]:
    return {"name": tool, "arguments": arguments}


def outcomes(verdict: Verdict) -> list[str]:
    return [diff.outcome for diff in verdict.diffs]


TRAVEL = {"travel": {"to": ["Ys"], "days": ["", 3]}}


@pytest.mark.parametrize(
    ("expected", "calls", "outcome", "score"),
    [
        ([], [], "right", 1.0),
        ([], [call("look")], "extra", 0.0),
        ([{"look": {}}], [], "missing", 0.0),
        ([{"look": {}}], [call("rest")], "wrong_tool", 0.0),
        ([{"look": {}}], [call("nowhere")], "wrong_tool", 0.0),
        ([{"look": {}}], [call("look", far=True)], "wrong_argument", 0.5),
        ([TRAVEL], [call("travel", to="Ys")], "right", 1.0),
        ([TRAVEL], [call("travel", to="Ys", days=3)], "right", 1.0),
        ([TRAVEL], [call("travel", to="Ys", days=3.0)], "right", 1.0),
        ([TRAVEL], [call("travel", to="Ys", days="3")], "wrong_argument", 2 / 3),
        ([TRAVEL], [call("travel", to="Ys", days=True)], "wrong_argument", 2 / 3),
        ([TRAVEL], [call("travel", days=3)], "wrong_argument", 2 / 3),
        ([TRAVEL], [call("travel", to="Ys", loads=[])], "wrong_argument", 3 / 4),
        ([TRAVEL, {"look": {}}], [call("look"), call("travel", to="Ys")], "right", 1.0),
        ([TRAVEL, {"look": {}}], [call("travel", to="Ys")], "missing", 2 / 3),
        ([{"look": {}}], [call("look"), call("look")], "duplicate", 2 / 3),
        ([{"look": {}}, {"look": {}}], [call("look"), call("look")], "right", 1.0),
        ([{"look": {}}, {"rest": {}}], [call("look"), call("look")], "missing", 0.5),
        ([TRAVEL], [call("travel", to="Ys"), call("travel", to="Ker")], "extra", 2 / 3),
        ([TRAVEL], [{"name": "travel", "arguments": '{"to": "Ys"'}], "unparsed", 0.0),
        ([], ["look()"], "unparsed", 0.0),
    ],
)
def test_each_way_to_be_wrong_has_its_outcome(expected: Any, calls: Any, outcome: str, score: float) -> None:
    verdict = check_calls(TOOLS, expected, calls)

    assert (verdict.passed, verdict.outcome) == (outcome == "right", outcome)
    assert verdict.score == pytest.approx(score)
    assert bool(verdict.diffs) is not verdict.passed


def test_a_verdict_tells_what_differs_and_is_json() -> None:
    verdict = check_calls(TOOLS, [TRAVEL], [call("travel", to="Ker", days=4)])

    (diff,) = verdict.diffs
    assert diff.text == "travel: to is 'Ker', which is not 'Ys'. days is 4, which is not '' and is not 3."
    assert [(each.name, each.expected, each.got) for each in diff.arguments] == [
        ("to", ["Ys"], "Ker"),
        ("days", ["", 3], 4),
    ]
    assert diff.expected == TRAVEL
    assert Verdict.model_validate(json.loads(verdict.model_dump_json())) == verdict


def test_the_matching_is_the_best_one_and_not_the_first() -> None:
    gold = [{"travel": {"to": ["Ys", "Ker"]}}, {"travel": {"to": ["Ys"]}}]

    assert check_calls(TOOLS, gold, [call("travel", to="Ys"), call("travel", to="Ker")]).passed


def test_whole_numbers_stand_for_floats_inside_lists() -> None:
    gold = [{"travel": {"to": ["Ys"], "loads": [[1.0, 2.5]]}}]

    assert check_calls(TOOLS, gold, [call("travel", to="Ys", loads=[1, 2.5])]).passed
    assert not check_calls(TOOLS, gold, [call("travel", to="Ys", loads=[True, 2.5])]).passed


def test_the_schema_is_asked_where_a_matcher_decides() -> None:
    gold = [{"travel": {"to": {"$ignore": True}, "loads": [{"$superset": [1]}]}}]

    (diff,) = check_calls(TOOLS, gold, [call("travel", to="ker", loads=[1.0, "2"])]).diffs
    assert [each.name for each in diff.arguments] == ["to", "loads"]
    assert check_calls(TOOLS, gold, [call("travel", to="Ker", loads=[1.0, 2])]).passed


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ({"look": {}}, "The expected calls are"),
        ([{"fly": {}}], "there is no such tool"),
        ([{"travel": {"speed": [1]}}], "has no argument 'speed'"),
        ([{"travel": {"to": "Ys"}}], "give a list of what is allowed"),
        ([{"travel": {"to": []}}], "Nothing is allowed"),
        ([{"travel": {"to": [{"$like": "Ys"}]}}], "is no matcher"),
        ([{"travel": ["Ys"]}], "The expected arguments of 'travel'"),
        ([{"travel": {}, "look": {}}], "one tool each"),
    ],
)
def test_gold_that_cannot_be_judged_by_is_an_error(expected: Any, words: str) -> None:
    with pytest.raises(EvalError) as caught:
        check_calls(TOOLS, expected, [call("look")])
    assert words in str(caught.value)
