"""Budgets: what a turn may take, its subagents included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Literal, TypeVar

from saga_agent.domain.journal import Usage
from saga_agent.errors import PolicyError

N = TypeVar("N", int, float)
Limit = Literal["steps", "tokens", "tool_calls", "cost", "time"]
"""Which limit was reached; one of the reason codes of a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Limits of one turn; None sets no limit. What subagents take counts as the turn's own."""

    steps: int | None = None
    """Model calls."""
    tokens: int | None = None
    """Read and written together."""
    tool_calls: int | None = None
    cost_usd: float | None = None
    """By the price table; a model whose price is not known is not called under such a budget."""
    seconds: float | None = None
    """Time at work since the run was last taken up; waiting for the writer costs none."""

    def __post_init__(self) -> None:
        for limit in fields(self):
            if (value := getattr(self, limit.name)) is not None and value <= 0:
                raise PolicyError(f"The budget's {limit.name} is {value:g}; give a number above 0, or leave it out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a turn and its subagents have taken so far."""

    steps: int = 0
    tokens: int = 0
    tool_calls: int = 0
    cost_usd: float | None = 0.0
    """None when the price of a model that was called is not known."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Reached:
    """A limit that leaves nothing for what comes next."""

    limit: Limit
    reason: str


def spending_of(usage: Iterable[Usage], *, tool_calls: int, seconds: float) -> Spending:
    """What these model calls and that many tool calls took."""
    rows = list(usage)
    costs = [row.cost_usd for row in rows]
    return Spending(
        steps=len(rows),
        tokens=sum(row.input_tokens + row.output_tokens for row in rows),
        tool_calls=tool_calls,
        cost_usd=None if None in costs else sum(cost for cost in costs if cost is not None),
        seconds=seconds,
    )


def strictest(*budgets: Budget | None) -> Budget:
    """The budget that keeps all of these."""
    given = [budget for budget in budgets if budget is not None]
    return Budget(
        steps=_least(each.steps for each in given),
        tokens=_least(each.tokens for each in given),
        tool_calls=_least(each.tool_calls for each in given),
        cost_usd=_least(each.cost_usd for each in given),
        seconds=_least(each.seconds for each in given),
    )


def before_model_call(budget: Budget, spent: Spending, *, is_priced: bool) -> Reached | None:
    """The limit that leaves no call of a model, whose price is known or not; None when there is none."""
    if budget.cost_usd is not None and (spent.cost_usd is None or not is_priced):
        return Reached("cost", "the price of a model is not known, so its cost cannot be limited; limit tokens instead")
    return _reached(budget, spent, ("steps", "tokens", "cost_usd", "seconds"))


def before_tool_calls(budget: Budget, spent: Spending, *, count: int) -> Reached | None:
    """The limit that does not leave that many tool calls, if there is one."""
    if budget.tool_calls is not None and spent.tool_calls + count > budget.tool_calls:
        return Reached("tool_calls", _sentence("tool_calls", budget.tool_calls))
    return _reached(budget, spent, ("tokens", "cost_usd", "seconds"))


def what_is_left(budget: Budget, spent: Spending) -> Budget | None:
    """The budget of a subagent that is started now; None when nothing is left of some limit."""
    try:
        return Budget(
            steps=_left(budget.steps, spent.steps),
            tokens=_left(budget.tokens, spent.tokens),
            tool_calls=_left(budget.tool_calls, spent.tool_calls),
            cost_usd=_left(budget.cost_usd, spent.cost_usd or 0.0),
            seconds=_left(budget.seconds, spent.seconds),
        )
    except PolicyError:
        return None


def with_promised(spent: Spending, promised: Iterable[Budget]) -> Spending:
    """What was taken, and what subagents at work may still take; time passes for all of them alike."""
    budgets = list(promised)
    return Spending(
        steps=spent.steps + sum(each.steps or 0 for each in budgets),
        tokens=spent.tokens + sum(each.tokens or 0 for each in budgets),
        tool_calls=spent.tool_calls + sum(each.tool_calls or 0 for each in budgets),
        cost_usd=None if spent.cost_usd is None else spent.cost_usd + sum(each.cost_usd or 0.0 for each in budgets),
        seconds=spent.seconds,
    )


def share_of(budget: Budget, among: int) -> Budget:
    """What the first of that many takes; of what cannot be divided it takes the larger part."""
    return Budget(
        steps=_part(budget.steps, among),
        tokens=_part(budget.tokens, among),
        tool_calls=_part(budget.tool_calls, among),
        cost_usd=None if budget.cost_usd is None else budget.cost_usd / among,
        seconds=budget.seconds,
    )


def _part(amount: int | None, among: int) -> int | None:
    return None if amount is None else -(-amount // among)


def _least(limits: Iterable[N | None]) -> N | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _left(allowed: N | None, taken: N) -> N | None:
    return None if allowed is None else allowed - taken


def _reached(budget: Budget, spent: Spending, names: Iterable[str]) -> Reached | None:
    for name in names:
        allowed, taken = getattr(budget, name), getattr(spent, name)
        if allowed is not None and taken is not None and taken >= allowed:
            return Reached(_LIMITS[name], _sentence(name, allowed))
    return None


def _sentence(name: str, allowed: float) -> str:
    return f"the budget of {_WORDS[name].format(f'{allowed:,g}')} is used up"


_LIMITS: dict[str, Limit] = {"steps": "steps", "tokens": "tokens", "cost_usd": "cost", "seconds": "time"}
_WORDS = {
    "steps": "{} model calls",
    "tokens": "{} tokens",
    "tool_calls": "{} tool calls",
    "cost_usd": "${}",
    "seconds": "{} seconds",
}
