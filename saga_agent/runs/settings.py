"""What a saga can be told beside its parts: what turns see and take, what is asked of calls, how runs are worked on.

Each group may come from the environment, too: `SAGA_` and the field's name in capitals. What is code (hooks, prices, a
clock, a checkpointer) or is tuned together with it (the limits of loops, the times of leases) is set in Python alone.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Literal, TypedDict, TypeVar, cast, get_args

from langgraph.checkpoint.base import BaseCheckpointSaver

from saga_agent.agents.budget import Budget
from saga_agent.clock import SYSTEM_CLOCK, Clock
from saga_agent.domain.given import given, given_choice, given_count, given_number
from saga_agent.domain.journal import Keep
from saga_agent.environment import read_choice, read_count, read_number, read_switch
from saga_agent.errors import InvalidInput, WrongType
from saga_agent.models.prices import Price
from saga_agent.runs.lease import LeaseTimes
from saga_agent.tools.gate import APPROVAL_SECONDS
from saga_agent.tools.hooks import Hook
from saga_agent.tools.loops import LoopLimits
from saga_agent.tools.questions import Unattended

Recovery = Literal["resume", "interrupt"]
"""What becomes of a run whose process died: it goes on from its last step, or what it wrote is kept and it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSettings:
    """What a turn sees, and what it may take."""

    history_budget_tokens: int = 8_000
    """How much of the thread a turn sees."""
    summarizes: bool | None = None
    """Whether the model sums up what a thread's turns no longer see; None: unless it is the offline model."""
    assists: bool | None = None
    """Whether tools ask the model, too: for claims in prose, and the words of new worlds; None: unless it is the
    offline model or a scripted one."""
    budget: Budget | None = None
    """What any turn may take, its subagents included; an agent's own budget holds as well."""
    prices: Mapping[str, Price] = field(default_factory=lambda: MappingProxyType({}))
    """What models cost that the price table does not know, by name; `*` and `?` are wildcards."""
    delegation_depth: int = 2
    """How many levels of subagents there may be below the agent that the writer talks to."""

    def __post_init__(self) -> None:
        given_count(self.history_budget_tokens, "history_budget_tokens", least=0)
        given_count(self.delegation_depth, "delegation_depth", least=0)
        for name in ("summarizes", "assists"):
            if getattr(self, name) is not None:
                given(getattr(self, name), bool, name, wanted="True, False or None")
        if self.budget is not None:
            given(self.budget, Budget, "budget", wanted="a Budget, as in Budget(tokens=...)")
        given(self.prices, Mapping, "prices", wanted="a dict of a model's name to its Price")
        for model, price in self.prices.items():
            given(price, Price, f"The price of {model!r}", wanted="a Price")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> TurnSettings:
        """The settings those variables give; `InvalidInput` names the variable that cannot be used."""
        default = cls()
        budget = Budget(
            steps=read_count(environment, "SAGA_BUDGET_STEPS", None),
            tokens=read_count(environment, "SAGA_BUDGET_TOKENS", None),
            tool_calls=read_count(environment, "SAGA_BUDGET_TOOL_CALLS", None),
            cost_usd=read_number(environment, "SAGA_BUDGET_COST_USD", None),
            seconds=read_number(environment, "SAGA_BUDGET_SECONDS", None),
        )
        return cls(
            history_budget_tokens=read_count(
                environment, "SAGA_HISTORY_BUDGET_TOKENS", default.history_budget_tokens, least=0
            ),
            summarizes=read_switch(environment, "SAGA_SUMMARIZES", None),
            assists=read_switch(environment, "SAGA_ASSISTS", None),
            budget=budget if budget != Budget() else None,
            delegation_depth=read_count(environment, "SAGA_DELEGATION_DEPTH", default.delegation_depth, least=0),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSettings:
    """What is asked of each call of a tool, beside the policy."""

    hooks: Sequence[Hook] = ()
    """Functions that see each call before it is decided on, and may make it ask or deny it."""
    loop_limits: LoopLimits = field(default_factory=LoopLimits)
    """How often one call may be repeated before the run is stopped."""
    approval_ttl_seconds: float | None = APPROVAL_SECONDS
    """How long a request takes an answer, 30 days by default; None for ever."""
    unattended: Unattended = "park"
    """What becomes of a call that asks: it waits (`park`), or is refused at once (`deny`)."""

    def __post_init__(self) -> None:
        given(self.hooks, Sequence, "hooks", wanted="a list of async functions")
        for hook in cast("Sequence[object]", self.hooks):
            if not callable(hook):
                raise WrongType(f"{hook!r:.60} is no hook; give async functions.")
        object.__setattr__(self, "hooks", tuple(self.hooks))
        given(self.loop_limits, LoopLimits, "loop_limits", wanted="LoopLimits(refused=..., in_turn=...)")
        if self.approval_ttl_seconds is not None:
            given_number(self.approval_ttl_seconds, "approval_ttl_seconds")
        given_choice(self.unattended, get_args(Unattended), "unattended")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> CallSettings:
        """The settings those variables give; `InvalidInput` names the variable that cannot be used."""
        default = cls()
        return cls(
            approval_ttl_seconds=read_number(environment, "SAGA_APPROVAL_TTL_SECONDS", default.approval_ttl_seconds),
            unattended=read_choice(environment, "SAGA_UNATTENDED", default.unattended, get_args(Unattended)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """How this process works on runs, and what it keeps of them."""

    works: bool = True
    """Whether this process takes up runs that another one left."""
    recovery: Recovery = "resume"
    """What becomes of a run whose process died: `resume` goes on with it, `interrupt` ends it."""
    times: LeaseTimes = field(default_factory=LeaseTimes)
    """How long a runner holds a run without a sign of life; the same for all processes on a database."""
    live_turns: int = 250
    """How many turns this process works on at once; more wait in line, and readers are told where."""
    keep_deltas: Keep = "last"
    """Which runs' stream rows outlive them, as `keep_checkpoints` says it: `none`, the thread's `last` run, or `all`; a
    stream without rows is replayed from its message."""
    clock: Clock = SYSTEM_CLOCK
    """Time, for tests."""
    checkpointer: BaseCheckpointSaver[str] | None = None
    """A stock LangGraph saver for the turns, instead of this saga's own."""

    def __post_init__(self) -> None:
        given(self.works, bool, "works", wanted="True or False")
        given_choice(self.recovery, get_args(Recovery), "recovery")
        given(self.times, LeaseTimes, "times", wanted="LeaseTimes(lease_seconds=..., ...)")
        given_count(self.live_turns, "live_turns", least=1)
        given_choice(self.keep_deltas, get_args(Keep), "keep_deltas")
        given(self.clock, Clock, "clock", wanted="something with now() and sleep()")
        if self.checkpointer is not None:
            given(self.checkpointer, BaseCheckpointSaver, "checkpointer", wanted="a LangGraph saver, made")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> RunSettings:
        """The settings those variables give; `InvalidInput` names the variable that cannot be used."""
        default = cls()
        return cls(
            works=read_switch(environment, "SAGA_WORKS", default.works),
            recovery=read_choice(environment, "SAGA_RECOVERY", default.recovery, get_args(Recovery)),
            live_turns=read_count(environment, "SAGA_LIVE_TURNS", default.live_turns),
            keep_deltas=read_choice(environment, "SAGA_KEEP_DELTAS", default.keep_deltas, get_args(Keep)),
        )


class OldKeywords(TypedDict, total=False):
    """Keywords of `Saga.open` from before there were groups; each is now a field of one."""

    history_budget_tokens: int
    summarizes: bool | None
    assists: bool | None
    budget: Budget | None
    prices: Mapping[str, Price] | None
    delegation_depth: int
    hooks: Sequence[Hook]
    loop_limits: LoopLimits | None
    approval_ttl_seconds: float | None
    unattended: Unattended
    works: bool
    recovery: Recovery
    times: LeaseTimes | None
    live_turns: int
    keep_deltas: Keep
    clock: Clock | None
    checkpointer: BaseCheckpointSaver[str] | None


G = TypeVar("G", TurnSettings, CallSettings, RunSettings)
_NONE_MEANT_THE_DEFAULT = ("prices", "loop_limits", "times", "clock")


def gather_settings(
    *, turns: TurnSettings | None, calls: CallSettings | None, runs: RunSettings | None, old: OldKeywords
) -> tuple[TurnSettings, CallSettings, RunSettings]:
    """The groups as `Saga.open` was given them; one that was not is read from the environment and the old keywords.

    Raises: `TypeError` for a keyword that there never was, `WrongType` for a group of another type, `InvalidInput` for
    an old keyword beside its group or a variable that cannot be used.
    """
    for name in old:
        if name not in OldKeywords.__annotations__:
            raise TypeError(f"Saga.open() got an unexpected keyword argument {name!r}")
    return (
        _gather(TurnSettings, "turns", turns, old),
        _gather(CallSettings, "calls", calls, old),
        _gather(RunSettings, "runs", runs, old),
    )


def _gather(kind: type[G], keyword: str, group: G | None, old: Mapping[str, object]) -> G:
    said = {each.name: old[each.name] for each in fields(kind) if each.name in old}
    if group is not None:
        given(group, kind, keyword, wanted=f"{kind.__name__}(...)")
        if said:
            name = next(iter(said))
            raise InvalidInput(f"{name}= is given beside {keyword}=; give it in {kind.__name__}(...) alone.")
        return group
    for name in said:
        warnings.warn(
            f"Saga.open({name}=...) is deprecated; give {keyword}=saga_agent.{kind.__name__}({name}=...).",
            DeprecationWarning,
            stacklevel=4,  # whoever called Saga.open
        )
    changes = {name: each for name, each in said.items() if each is not None or name not in _NONE_MEANT_THE_DEFAULT}
    return replace(kind.from_environment(), **changes)
