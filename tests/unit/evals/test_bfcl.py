"""The leaderboard's rules, on cases of our own that its own checker has judged."""

from __future__ import annotations

from typing import Any

import pytest

from saga_agent.errors import EvalError
from saga_agent.evals import check_calls
from tests.evals_bfcl.invented import CASES, DOC, POUR


@pytest.mark.parametrize(("case", "verdict"), CASES)
def test_the_bfcl_mode_says_what_the_leaderboard_says(case: dict[str, Any], verdict: bool | None) -> None:
    def judge() -> bool:
        return check_calls(
            case["tools"], case["expected"], case["calls"], mode="bfcl", category=case["category"]
        ).passed

    if verdict is None:
        with pytest.raises(EvalError):
            judge()
    else:
        assert judge() is verdict


POURED = {"name": "pour", "arguments": {"into": "cup"}}
TORN = {"name": "pour", "arguments": '{"into": "cu'}


@pytest.mark.parametrize(
    ("category", "calls", "passed"),
    [
        ("irrelevance", [], True),
        ("live_irrelevance", None, True),
        ("irrelevance", [{}], True),
        ("irrelevance", [TORN], True),
        ("irrelevance", [POURED], False),
        ("live_relevance", [POURED], True),
        ("live_relevance", [{"name": "unheard", "arguments": {}}], True),
        ("live_relevance", [], False),
        ("live_relevance", [TORN], False),
    ],
)
def test_relevance_asks_only_whether_there_is_a_call(category: str, calls: Any, passed: bool) -> None:
    assert check_calls([POUR], [], calls, mode="bfcl", category=category).passed is passed


def test_the_category_is_made_out_from_gold_and_tools() -> None:
    gold = [{"pour": {"into": ["cup"]}}]

    assert check_calls([DOC, POUR], gold, [POURED], mode="bfcl").passed
    assert check_calls([POUR], gold * 2, [POURED, POURED], mode="bfcl").passed
    assert check_calls([POUR], [], [], mode="bfcl").passed


def test_a_call_that_does_not_parse_is_told_as_such() -> None:
    verdict = check_calls([POUR], [{"pour": {"into": ["cup"]}}], [TORN], mode="bfcl")

    assert (verdict.passed, verdict.outcome, verdict.score) == (False, "unparsed", 0.0)


@pytest.mark.parametrize("mode", ["bfcl", "strict"])
def test_names_may_have_lost_their_dots_on_the_way_to_the_model(mode: Any) -> None:
    tools, gold = [{**POUR, "name": "cellar.pour"}], [{"cellar.pour": {"into": ["cup"]}}]
    call = {"name": "cellar_pour", "arguments": {"into": "cup"}}

    assert check_calls(tools, gold, [call], mode=mode, dots_as_underscores=True).passed
    assert not check_calls(tools, gold, [call], mode=mode).passed
