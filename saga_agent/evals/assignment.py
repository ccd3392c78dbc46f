"""The best matching of two lists: the Hungarian algorithm with potentials, cubic in the shorter list."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf


def best_assignment(weights: Sequence[Sequence[float]]) -> list[int | None]:
    """For each row its column, so that the sum of the weights is the greatest; each column serves one row.

    Weights are 0 or more; a row whose best place weighs 0 gets None. Of equal sums, always the same one is taken.
    """
    rows = len(weights)
    columns = len(weights[0]) if rows else 0
    if rows > columns:
        turned = best_assignment([[row[column] for row in weights] for column in range(columns)])
        owner = {row: column for column, row in enumerate(turned) if row is not None}
        return [owner.get(row) for row in range(rows)]
    found: list[int | None] = [None] * rows
    for column, row in enumerate(_owners(weights, rows, columns)):
        if row >= 0 and weights[row][column] > 0:
            found[row] = column
    return found


def _owners(weights: Sequence[Sequence[float]], rows: int, columns: int) -> list[int]:
    """For each column its row, or -1: rows are taken in one by one, each by the cheapest chain of moves."""
    row_price, column_price = [0.0] * rows, [0.0] * columns
    owner = [-1] * columns
    for newcomer in range(rows):
        distance, came_from, settled = [inf] * columns, [-1] * columns, [False] * columns
        row, column = newcomer, -1
        while True:
            step, nearest = inf, -1
            for other in range(columns):
                if settled[other]:
                    continue
                slack = -weights[row][other] - row_price[row] - column_price[other]
                if slack < distance[other]:
                    distance[other], came_from[other] = slack, column
                if distance[other] < step:
                    step, nearest = distance[other], other
            row_price[newcomer] += step
            for other in range(columns):
                if settled[other]:
                    row_price[owner[other]] += step
                    column_price[other] -= step
                else:
                    distance[other] -= step
            column = nearest
            settled[column] = True
            if owner[column] < 0:
                break
            row = owner[column]
        while column >= 0:
            before = came_from[column]
            owner[column] = owner[before] if before >= 0 else newcomer
            column = before
    return owner
