"""The strict mode: an optimal matching of calls and gold, with the reason for all that differs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import fsum
from typing import Any, Literal, NamedTuple

from saga_agent.errors import EvalError
from saga_agent.evals.assignment import best_assignment
from saga_agent.evals.calls import GivenCall
from saga_agent.evals.gold import AllowedArgument, ExpectedCall
from saga_agent.evals.matchers import same, shown, spelled_json
from saga_agent.evals.ordering import Order, best_in_line, best_in_order, keeps_order, read_order
from saga_agent.evals.schemas import schema_faults
from saga_agent.evals.verdict import ArgumentDiff, CallDiff, Outcome, Verdict, gravest

Extra = Literal["forbidden", "allowed"] | Collection[str]
"""Whether calls beyond the gold are allowed: none, all, or those of the tools that are named."""
_RIGHT = 1_000.0
"""What a right call weighs more than any number of half-right ones, so that the most calls are right."""
_MOST_EXPECTED = 100
_MOST_MATCHED = 500
"""Of more calls than these the rest is beyond the gold: a model in a loop must not hold up the checker."""


class _Fault(NamedTuple):
    """An argument that is not as expected; `ArgumentDiff` before it is known whether anybody will read it."""

    name: str
    text: str
    allowed: AllowedArgument | None = None


class _Pair(NamedTuple):
    """A call beside the gold of the same tool."""

    faults: tuple[_Fault, ...]
    score: float
    """1.0 when right; else the share of what is right, in which the tool counts as one more argument."""

    @property
    def weight(self) -> float:
        return self.score if self.faults else _RIGHT + self.score


def judge(
    accepted: Sequence[Sequence[ExpectedCall]], calls: Sequence[GivenCall], order: Order, extra: Extra
) -> Verdict:
    """The best verdict over the accepted lists; of equal ones the first."""
    verdicts = [_Judgment(expected, calls, order, extra).verdict() for expected in accepted]
    return max(verdicts, key=lambda verdict: (verdict.passed, verdict.score))


class _Judgment:
    """The calls beside one list of gold: who serves whom, and what is left over on both sides."""

    def __init__(
        self, expected: Sequence[ExpectedCall], calls: Sequence[GivenCall], order: Order, extra: Extra
    ) -> None:
        if len(expected) > _MOST_EXPECTED:
            raise EvalError(f"{len(expected)} calls are expected; a case may expect {_MOST_EXPECTED}, split it.")
        self.expected, self.calls, self.extra = expected, calls, extra
        self.pairs = {
            (place, number): _compare(gold, call)
            for place, gold in enumerate(expected)
            for number, call in enumerate(calls[:_MOST_MATCHED])
            if call.arguments is not None and call.name == gold.tool.name
        }
        self.found = self._match(order)
        self.open = [place for place, number in enumerate(self.found) if number is None]
        """The gold that no call serves."""
        served = {number for number in self.found if number is not None}
        self.left = [number for number in range(len(calls)) if number not in served]
        """The calls that serve no gold."""
        self.diffs: list[CallDiff] = []
        self.faulty: set[int] = set()
        """The calls that the diffs are about."""

    def _match(self, order: Order) -> list[int | None]:
        width = min(len(self.calls), _MOST_MATCHED)
        weights = [[0.0] * width for _ in self.expected]
        for (place, number), pair in self.pairs.items():
            weights[place][number] = pair.weight
        before = read_order(order, [gold.tool.name for gold in self.expected])
        found = best_assignment(weights)
        if keeps_order(found, before):
            return found
        if order == "listed":
            return best_in_line(weights)
        return best_in_order(weights, before, len(self.expected) * (_RIGHT + 1.0))

    def verdict(self) -> Verdict:
        served = [(place, number) for place, number in enumerate(self.found) if number is not None]
        for place, number in served:
            if faults := self.pairs[place, number].faults:
                text = f"{self.calls[number].name}: {' '.join(fault.text for fault in faults)}"
                self._differs("wrong_argument", place, number, text, faults)
        self._pair_unparsed()
        self._drop_duplicates()
        self._pair_out_of_order()
        self.left = [number for number in self.left if not self._is_allowed(self.calls[number].name)]
        while self.open and self.left:
            place, number = self.open.pop(0), self.left.pop(0)
            name = self.expected[place].tool.name
            self._differs("wrong_tool", place, number, f"{self.calls[number].name} was called, not {name}.")
        for place in self.open:
            self._differs("missing", place, None, f"{self.expected[place].tool.name} was not called.")
        for number in self.left:
            self._differs("extra", None, number, f"{self.calls[number].name} was called, and nobody expects it.")
        outcome = gravest({diff.outcome for diff in self.diffs})
        score = self._score(served) if self.diffs else 1.0
        return Verdict(passed=not self.diffs, outcome=outcome, diffs=tuple(self.diffs), score=score)

    def _score(self, served: Sequence[tuple[int, int]]) -> float:
        """What is right of what was expected and what was called, as F1 weighs the two."""
        counted = len(self.expected) + len({number for _, number in served} | self.faulty)
        return 2 * fsum(self.pairs[each].score for each in served) / counted

    def _pair_unparsed(self) -> None:
        for number in [number for number in self.left if self.calls[number].fault]:
            call = self.calls[number]
            named = [place for place in self.open if self.expected[place].tool.name == call.name]
            place = next(iter(named or self.open), None)
            self._differs("unparsed", place, number, call.fault)
            self.left.remove(number)
            if place is not None:
                self.open.remove(place)

    def _drop_duplicates(self) -> None:
        """Takes out those calls that repeat one which serves, or which came before."""
        first = [number for number in range(len(self.calls)) if number not in self.left]
        for number in list(self.left):
            call = self.calls[number]
            if not any(_repeats(call, self.calls[other]) for other in first):
                first.append(number)
            elif not self._is_allowed(call.name):
                self._differs("duplicate", None, number, f"{call.name} was called again with the same arguments.")
                self.left.remove(number)

    def _pair_out_of_order(self) -> None:
        """What is left of the same tool on both sides could not be matched for its place alone."""
        several = len({gold.tool.name for gold in self.expected}) > 1
        for place in list(self.open):
            number = next((each for each in self.left if (place, each) in self.pairs), None)
            if number is None:
                continue
            text = f"{self.calls[number].name} was called out of order, as call {number + 1} of {len(self.calls)}."
            self._differs("wrong_tool" if several else "wrong_argument", place, number, text)
            self.open.remove(place)
            self.left.remove(number)

    def _is_allowed(self, name: str) -> bool:
        if isinstance(self.extra, str):
            return self.extra == "allowed"
        return name in self.extra

    def _differs(
        self, outcome: Outcome, place: int | None, number: int | None, text: str, faults: Sequence[_Fault] = ()
    ) -> None:
        expected = None if place is None else spelled_json(self.expected[place].spelled)
        call = None if number is None else self.calls[number]
        arguments = tuple(_argument_diff(fault, call.arguments or {}) for fault in faults) if call else ()
        got = call.raw if call else None
        self.diffs.append(CallDiff(outcome=outcome, expected=expected, got=got, arguments=arguments, text=text))
        if number is not None:
            self.faulty.add(number)


def _argument_diff(fault: _Fault, given: Mapping[str, Any]) -> ArgumentDiff:
    expected = None if fault.allowed is None else spelled_json(fault.allowed.spelled)
    return ArgumentDiff(name=fault.name, expected=expected, got=given.get(fault.name), text=fault.text)


def _repeats(call: GivenCall, other: GivenCall) -> bool:
    return call.name == other.name and not other.fault and same(call.arguments, other.arguments)


def _compare(gold: ExpectedCall, call: GivenCall) -> _Pair:
    given: Mapping[str, Any] = call.arguments or {}
    faults = [*_listed(gold, given), *_unlisted(gold, given)]
    faulty = {fault.name for fault in faults}
    matched = {
        name: value for name, value in given.items() if name not in faulty and not _is_of_gold(gold, name, value)
    }
    if matched:
        found = schema_faults(gold.tool, matched)
        faults += [_Fault(name, f"{name} breaks the tool's schema: {text}.") for name, text in found]
    if not faults:
        return _Pair((), 1.0)
    names = {*gold.arguments, *given}
    wrong = {fault.name for fault in faults}
    return _Pair(tuple(faults), (1 + len(names - wrong)) / (1 + len(names | wrong)))


def _listed(gold: ExpectedCall, given: Mapping[str, Any]) -> Iterator[_Fault]:
    for name, allowed in gold.arguments.items():
        if name not in given:
            if not allowed.optional:
                yield _Fault(name, f"{name} was not given.", allowed)
        elif fault := allowed.matcher.fault(given[name]):
            yield _Fault(name, f"{name} is {shown(given[name])}, which {fault}.", allowed)


def _unlisted(gold: ExpectedCall, given: Mapping[str, Any]) -> Iterator[_Fault]:
    for name, value in given.items():
        if name in gold.arguments:
            continue
        if not gold.tool.is_open and name not in gold.tool.properties:
            yield _Fault(name, f"{name} is no argument of {gold.tool.name}.")
        elif gold.rest is None:
            yield _Fault(name, f"{name} was given as {shown(value)}, and should not be.")
        elif fault := gold.rest.matcher.fault(value):
            yield _Fault(name, f"{name} is {shown(value)}, which {fault}.", gold.rest)


def _is_of_gold(gold: ExpectedCall, name: str, value: Any) -> bool:
    """Whether the gold has the value as it is: then it stands, and the schema is not asked."""
    allowed = gold.arguments.get(name)
    return allowed is not None and any(same(value, each) for each in allowed.spelled)
