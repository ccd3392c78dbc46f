"""The ways in which code is made wrong: those of cosmic-ray, and one that it lacks, a statement that is left out.

What is left undone - a lease not given back, a task not cancelled, a reader not woken - is what code that runs side by
side is mostly wrong by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.operators.provider import OperatorProvider
from parso.python.tree import Keyword

Span = tuple[tuple[int, int], tuple[int, int]]
"""Where a node begins and ends: line from 1, column from 0."""


class LeaveOut(Operator):
    """Puts `pass` in the place of a call, an assignment to what an object holds, a `del`, `raise` or `return`."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        if node.type == "simple_stmt" and _acts(node.children[0]):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        first = node.children[0].get_first_leaf()
        node.children[0] = Keyword("pass", first.start_pos, first.prefix)
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (
            Example("await self.close()\n", "pass\n"),
            Example("if free:\n    self.held -= 1\n", "if free:\n    pass\n"),
            Example("self.held[name] = 1\n", "pass\n"),
            Example("def f():\n    return 1\n", "def f():\n    pass\n"),
        )


@cache
def all_operators() -> Mapping[str, Operator]:
    """Every operator that needs no settings, by its name; but none that asks for identity in the place of equality."""
    provided = OperatorProvider()
    found: dict[str, Operator] = {LeaveOut.__name__: LeaveOut()}
    for name in provided:
        asks_identity = name.endswith(("_Is", "_IsNot")) and "Operator_Is" not in name
        if not provided[name].arguments() and not asks_identity:
            found[name] = provided[name]()
    return found


def _acts(statement: Any) -> bool:
    match statement.type:
        case "del_stmt" | "raise_stmt" | "atom_expr":
            return True  # an expression that stands by itself is a call
        case "return_stmt":
            return statement.children[1].get_code().strip() not in ("False", "None")  # nothing is as good as these
        case "expr_stmt":
            target, sign = statement.children[0], statement.children[1]
            # Where a plain name is not assigned, what reads it fails by that alone.
            return target.type != "name" or (sign.type == "operator" and sign.value != "=")
        case _:
            return False
