"""Budgets as such: which is the strictest, what is left, which limit is reached."""

from __future__ import annotations

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from saga_agent.agents.budget import (
    Budget,
    Spending,
    before_model_call,
    before_tool_calls,
    share_of,
    spending_of,
    strictest,
    what_is_left,
    with_promised,
)
from saga_agent.domain.journal import Usage
from saga_agent.errors import PolicyError


def usage(step: int, *, cost_usd: float | None) -> Usage:
    return Usage(run_id="r", step=step, model="m", input_tokens=10, output_tokens=5, cost_usd=cost_usd, created_at=0)


def test_the_strictest_takes_each_limit_from_whoever_sets_it_lowest() -> None:
    both = strictest(Budget(steps=3, tokens=100), None, Budget(steps=5, seconds=2.0))

    assert both == Budget(steps=3, tokens=100, seconds=2.0)
    assert strictest() == Budget()


@pytest.mark.parametrize("limit", ["steps", "tokens", "tool_calls", "cost_usd", "seconds"])
def test_a_limit_of_nothing_is_refused(limit: str) -> None:
    with pytest.raises(PolicyError, match=limit):
        Budget(**{limit: 0})


@drawn(
    budget=st.builds(Budget, steps=st.integers(1, 50), tokens=st.none() | st.integers(1, 9_999)),
    among=st.integers(1, 9),
)
def test_shares_never_come_to_more_than_what_there_is(budget: Budget, among: int) -> None:
    given: list[Budget] = []
    for waiting in range(among, 0, -1):
        left = what_is_left(budget, with_promised(Spending(), given))
        if left is not None:
            given.append(share_of(left, waiting))

    assert given
    assert sum(each.steps or 0 for each in given) <= (budget.steps or 0)
    assert sum(each.tokens or 0 for each in given) <= (budget.tokens or 0)


def test_what_is_left_is_the_budget_less_what_was_taken() -> None:
    spent = Spending(steps=2, tokens=40, tool_calls=1, cost_usd=0.5, seconds=1.0)

    assert what_is_left(Budget(steps=3, cost_usd=2.0), spent) == Budget(steps=1, cost_usd=1.5)
    assert what_is_left(Budget(steps=2), spent) is None


def test_limits_are_reached_when_nothing_is_left() -> None:
    budget, spent = Budget(tool_calls=3), Spending(tool_calls=2)

    assert before_tool_calls(budget, spent, count=1) is None
    reached = before_tool_calls(budget, spent, count=2)
    assert reached is not None
    assert (reached.limit, reached.reason) == ("tool_calls", "the budget of 3 tool calls is used up")
    assert before_model_call(budget, spent, is_priced=False) is None, "without a limit on cost, prices do not matter"


def test_one_unknown_price_makes_the_whole_cost_unknown() -> None:
    known, unknown = usage(0, cost_usd=0.1), usage(1, cost_usd=None)

    assert spending_of([known], tool_calls=0, seconds=0).cost_usd == 0.1
    assert spending_of([known, unknown], tool_calls=0, seconds=0).cost_usd is None
    assert spending_of([], tool_calls=0, seconds=0).cost_usd == 0
