"""In which order calls are to come: who before whom, and the best matching that keeps to it."""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Literal, cast

from saga_agent.errors import EvalError

Order = Literal["any", "listed"] | Sequence[tuple[int, int] | tuple[str, str]]
"""Any order, that of the gold, or pairs (before, after): places in the gold from 0, or names of tools."""
_MOST_STEPS = 100_000


def read_order(order: Order, names: Sequence[str]) -> list[list[int]]:
    """For each expected call, by its place, those that must come before it; `names` are the tools expected.

    Raises:
        EvalError: The order has another shape, names a call that is not expected, or goes in a circle.
    """
    before: list[list[int]] = [[] for _ in names]
    if order == "any":
        return before
    if order == "listed":
        return [[place - 1] if place else [] for place in range(len(names))]
    if isinstance(order, str) or not isinstance(cast("object", order), Sequence):
        raise EvalError(f"The order is {order!r}; give 'any', 'listed' or pairs (before, after).")
    for pair in cast("Sequence[object]", order):
        if isinstance(pair, str) or not isinstance(pair, Sequence) or len(cast("Sequence[object]", pair)) != 2:
            raise EvalError(f"The order holds {pair!r}; give pairs (before, after) of places or tools.")
        earlier, later = cast("Sequence[object]", pair)
        for place in _places(later, names):
            before[place] += _places(earlier, names)
    try:
        list(TopologicalSorter(dict(enumerate(before))).static_order())
    except CycleError:
        raise EvalError(f"The order {order!r} goes in a circle; nothing could keep to it.") from None
    return before


def _places(named: object, names: Sequence[str]) -> list[int]:
    if isinstance(named, str):
        return [place for place, name in enumerate(names) if name == named]
    if isinstance(named, int) and not isinstance(named, bool) and 0 <= named < len(names):
        return [named]
    raise EvalError(f"The order names {named!r}, and {len(names)} calls are expected; give places from 0, or tools.")


def keeps_order(found: Sequence[int | None], before: Sequence[Sequence[int]]) -> bool:
    """Whether what must come before has been called before, as far as it has been called."""
    return all(
        earlier is None or later is None or earlier < later
        for place, later in enumerate(found)
        for earlier in (found[each] for each in before[place])
    )


def best_in_order(
    weights: Sequence[Sequence[float]], before: Sequence[Sequence[int]], enough: float
) -> list[int | None]:
    """The best assignment that keeps the order: for each expected call the call that serves it.

    Branch and bound, as the problem is hard in general: expected calls in their order, the heaviest call first. It
    ends at the first assignment that weighs `enough`.

    Raises:
        EvalError: It would take too long; that needs dozens of calls of one tool that differ little.
    """
    turns = list(TopologicalSorter(dict(enumerate(before))).static_order())
    search = _Search(weights, _all_before(before, turns), turns, enough)
    search.go(0, 0.0)
    return search.best


def _all_before(before: Sequence[Sequence[int]], turns: Sequence[int]) -> list[set[int]]:
    """With those before the ones before: what is not called must not hide who comes first."""
    every: list[set[int]] = [set() for _ in before]
    for place in turns:
        for earlier in before[place]:
            every[place] |= {earlier, *every[earlier]}
    return every


class _Search:
    def __init__(
        self, weights: Sequence[Sequence[float]], before: Sequence[set[int]], turns: Sequence[int], enough: float
    ) -> None:
        self.weights, self.before, self.turns, self.enough = weights, before, turns, enough
        self.best: list[int | None] = [None] * len(weights)
        self.best_weight = -1.0
        self._now: list[int | None] = [None] * len(weights)
        self._taken: set[int] = set()
        self._steps = 0
        self._to_come = [0.0] * (len(turns) + 1)
        for turn in reversed(range(len(turns))):
            self._to_come[turn] = self._to_come[turn + 1] + max(weights[turns[turn]], default=0.0)

    def go(self, turn: int, weight: float) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise EvalError("Too many calls look alike to be put in order; expect them in 'any' or in 'listed' order.")
        if weight + self._to_come[turn] <= self.best_weight or self.best_weight >= self.enough:
            return
        if turn == len(self.turns):
            self.best, self.best_weight = list(self._now), weight
            return
        place = self.turns[turn]
        after = max((call for each in self.before[place] if (call := self._now[each]) is not None), default=-1)
        row = self.weights[place]
        free = [call for call in range(after + 1, len(row)) if row[call] > 0 and call not in self._taken]
        for call in sorted(free, key=lambda call: -row[call]):
            self._now[place] = call
            self._taken.add(call)
            self.go(turn + 1, weight + row[call])
            self._taken.remove(call)
        self._now[place] = None
        self.go(turn + 1, weight)


def best_in_line(weights: Sequence[Sequence[float]]) -> list[int | None]:
    """The best assignment in which both lists keep their order, as a longest common subsequence finds it."""
    rows, columns = len(weights), len(weights[0]) if weights else 0
    total = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in reversed(range(rows)):
        for column in reversed(range(columns)):
            pair = weights[row][column]
            paired = pair + total[row + 1][column + 1] if pair else 0.0
            total[row][column] = max(paired, total[row + 1][column], total[row][column + 1])
    found: list[int | None] = [None] * rows
    row = column = 0
    while row < rows and column < columns:
        pair = weights[row][column]
        if pair and total[row][column] == pair + total[row + 1][column + 1]:
            found[row] = column
            row, column = row + 1, column + 1
        elif total[row][column] == total[row][column + 1]:
            column += 1
        else:
            row += 1
    return found
