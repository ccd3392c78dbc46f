"""The mutants of a module: each a copy of it that is wrong in one place."""

from __future__ import annotations

import ast
import difflib
import random
import tomllib
import warnings
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.ast.ast_query import ASTQuery
from cosmic_ray.mutating import mutate_code

from tests.mutants.operators import Span, all_operators

EQUIVALENT = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module that is wrong in one place."""

    module: str
    """Its path from the root of the repository."""
    operator: str
    line: int
    within: str
    """The function or class around the place."""
    code: str
    """The whole module."""
    was: str
    """The lines that are not as they were, without their indentation."""
    now: str


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A mutant that changes nothing that can be told, and why."""

    module: str
    was: str
    now: str
    why: str


def read_equivalents(file: Path = EQUIVALENT) -> list[Equivalent]:
    """Those that are known."""
    return [Equivalent(**each) for each in tomllib.loads(file.read_text(encoding="utf-8")).get("mutant", [])]


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a module, with the ways in which it can be wrong: the operator and which of its occurrences."""

    module: str
    source: str
    span: Span
    within: str
    ways: Sequence[tuple[str, int]]

    def mutant(self, way: tuple[str, int]) -> Mutant | None:
        """The module with this place wrong in that way; None when it is no Python, or nothing can notice."""
        name, occurrence = way
        code = mutate_code(self.source, all_operators()[name], occurrence)
        if code is None or _behaviour(code) in (None, _behaviour(self.source)):
            return None
        was, now = _differing(self.source, code)
        return Mutant(self.module, name, self.span[0][0], self.within, code, was, now)


def places_of(module: str, source: str) -> list[Place]:
    """The places of the module that can be wrong, from its top to its end."""
    ways: defaultdict[Span, list[tuple[str, int]]] = defaultdict(list)
    around: dict[Span, str] = {}
    nodes = list(ast_nodes(get_ast(source)))
    for name, operator in all_operators().items():
        spans = [(node, span) for node in nodes for span in operator.mutation_positions(node)]
        for occurrence, (node, span) in enumerate(spans):
            if _is_told(node, name):
                ways[span].append((name, occurrence))
                around[span] = str(ASTQuery(node).get_definition_name())
    return [Place(module, source, span, around[span], ways[span]) for span in sorted(ways)]


def draw(
    places: Mapping[str, Sequence[Place]], *, count: int, seed: int, known: Collection[Equivalent] = ()
) -> list[Mutant]:
    """So many mutants, no two in one place, spread evenly over the modules; the same ones for the same seed.

    Those that are known to change nothing are passed over.
    """
    rng = random.Random(seed)
    passed_over = {(each.module, each.was, each.now) for each in known}
    piles = [list(places[module]) for module in sorted(places)]
    for pile in piles:
        rng.shuffle(pile)
    drawn: list[Mutant] = []
    while len(drawn) < count and any(piles):
        for pile in piles:
            if len(drawn) < count and (found := _first(pile, rng, passed_over)):
                drawn.append(found)
    return drawn


def _first(pile: list[Place], rng: random.Random, passed_over: Collection[tuple[str, str, str]]) -> Mutant | None:
    while pile:
        place = pile.pop()
        for way in rng.sample(place.ways, len(place.ways)):
            mutant = place.mutant(way)
            if mutant is not None and (mutant.module, mutant.was, mutant.now) not in passed_over:
                return mutant
    return None


def _is_told(node: Any, operator: str) -> bool:
    """Whether a test is to tell of it: neither a star among parameters, which is no product, nor a setting's value."""
    if operator.startswith(("ReplaceBinary", "ReplaceUnary")) and node.parent.type in (
        "parameters",
        "param",
        "argument",
    ):
        return False
    if operator == "NumberReplacer":
        return bool(node.search_ancestor("funcdef", "lambdef"))
    return operator == "RemoveDecorator" or not node.search_ancestor("decorator")


def _differing(before: str, after: str) -> tuple[str, str]:
    was: list[str] = []
    now: list[str] = []
    for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0):
        if line[0] in "-+" and not line.startswith(("---", "+++")):
            (was if line[0] == "-" else now).append(line[1:].strip())
    return "\n".join(was), "\n".join(now)


@lru_cache(maxsize=64)
def _behaviour(code: str) -> str | None:
    """What of the code can be noticed when it runs, as text; None of what is no Python."""
    with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
        try:
            tree = ast.parse(code)
            compile(code, "a mutant", "exec")
        except SyntaxError:
            return None
    return ast.dump(_Unnoticed().visit(tree))


class _Unnoticed(ast.NodeTransformer):
    """Takes away annotations, which nobody evaluates, and what is told to the log."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        logs = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "_log"
        return ast.Constant(None) if logs else self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        self.generic_visit(node)
        return ast.Pass() if isinstance(node.value, ast.Constant) and node.value.value is None else node
