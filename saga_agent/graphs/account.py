"""What a turn takes: its model calls, its tool calls, and those of the subagents it called; held against a budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from saga_agent.agents.budget import (
    Budget,
    Reached,
    Spending,
    before_model_call,
    before_tool_calls,
    share_of,
    spending_of,
    what_is_left,
    with_promised,
)
from saga_agent.clock import Clock
from saga_agent.domain.journal import ReasonCode, Run, Usage
from saga_agent.journal.run_tree import descendants
from saga_agent.models.prices import PriceTable
from saga_agent.models.side import SideCall
from saga_agent.storage.ports.journal import Journal

STOPPED_BY_WRITER = "stopped by the writer"


class TurnStopped(Exception):
    """Ends the turn, and the run as `stopped`, from within the graph."""

    def __init__(self, code: ReasonCode, reason: str) -> None:
        self.code: ReasonCode = code
        self.reason = reason
        super().__init__(reason)


@dataclass(slots=True)
class RunAccount:
    """The account of one run."""

    run: Run
    journal: Journal
    clock: Clock
    budget: Budget
    earlier: Sequence[Usage] = ()
    """What earlier attempts at the run took."""
    delegates: Sequence[str] = ()
    """The ids of the calls by which subagents are called together, who share what is left."""
    _rows: list[Usage] = field(default_factory=list[Usage])
    _begun_at: float = 0.0

    def __post_init__(self) -> None:
        self._begun_at = self.clock.now()

    @property
    def usage(self) -> list[Usage]:
        """The run's model calls, those of killed and broken-off attempts too."""
        return list({(row.step, row.epoch): row for row in (*self.earlier, *self._rows)}.values())

    def add(self, usage: Usage) -> None:
        """Counts a model call."""
        self._rows.append(usage)

    def add_side(self, call: SideCall, *, model: str, prices: PriceTable) -> None:
        """Counts a model call beside the talk; its step is negative."""
        tokens = {"input_tokens": call.input_tokens, "output_tokens": call.output_tokens}
        usage = Usage(
            run_id=self.run.id,
            epoch=self.run.epoch,
            step=-1 - sum(row.step < 0 for row in self._rows),
            model=model,
            **tokens,
            cost_usd=prices.cost_usd(model, **tokens),
            estimated=call.estimated,
            created_at=self.clock.now(),
        )
        self.add(usage)

    async def is_run_stopped(self) -> bool:
        """Whether somebody wants the run stopped."""
        return (await self.journal.runs.get(self.run.id)).stop_requested

    async def check_model_call(self, *, is_priced: bool) -> None:
        """Raises `TurnStopped` when the budget leaves no call of a model whose price is known, or is not."""
        if self.budget != Budget():
            _stop(before_model_call(self.budget, await self.spending(), is_priced=is_priced))

    async def check_tool_calls(self, count: int) -> None:
        """Raises `TurnStopped` when the budget does not leave that many tool calls."""
        if self.budget != Budget():
            _stop(before_tool_calls(self.budget, await self.spending(), count=count))

    async def share(self, promised: Mapping[str, Budget], *, among: int) -> Budget | None:
        """What a subagent that is called now may take; None when nothing is left.

        Args:
            promised: What each subagent at work was given, by its run's id: all of it counts as taken.
            among: How many are called now, this one included; those to come are left their part.
        """
        if self.budget == Budget():
            return self.budget
        spent = with_promised(await self.spending(but=promised), promised.values())
        left = what_is_left(self.budget, spent)
        return left and share_of(left, among)

    async def spending(self, *, but: Iterable[str] = ()) -> Spending:
        """What has been taken so far; of a subagent that is at work, what it took before its last pause.

        `but` names children's runs that are left out, with all below them.
        """
        usage, calls = self.usage, 0
        below = await descendants(self.journal, self.run.id)
        left_out = set(but)
        for child_id in but:
            left_out |= {run.id for run in await descendants(self.journal, child_id)}
        for run in [self.run, *(run for run in below if run.id not in left_out)]:
            calls += len(await self.journal.calls.list(run.id))
            if run.id != self.run.id:
                usage += await self.journal.runs.usage(run.id)
        return spending_of(usage, tool_calls=calls, seconds=self.clock.now() - self._begun_at)


def _stop(reached: Reached | None) -> None:
    if reached is not None:
        raise TurnStopped(reached.limit, reached.reason)
