"""New names: drawn in the sound of given ones, those refused that a reader would take for a known one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from saga_agent.analyses.names import TakenNames, folded, is_mixed_up
from saga_agent.analyses.naming.chain import NameChain
from saga_agent.analyses.naming.grammar import NameKind, build_grammar

FEWEST_TO_LEARN_FROM = 20
_DRAWS_EACH = 60
"""Draws for each name asked for, before the source counts as exhausted."""


@dataclass(frozen=True, slots=True)
class NewName:
    """A name that is free, the known one nearest to it, and what speaks against it."""

    name: str
    nearest: str | None
    score: float
    """How alike the nearest is: Jaro-Winkler, 0 to 1."""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRequest:
    """What is asked for."""

    kind: NameKind
    seed: int
    count: int = 10
    sources: tuple[str, ...] = ()
    """The names whose sound is wanted; none of them is given."""
    known: tuple[str, ...] = ()
    """Names of the story; none is given that would be taken for one of them."""
    starts_with: str = ""
    min_length: int = 3
    max_length: int = 14


@dataclass(frozen=True, slots=True)
class NameList:
    """The names found; fewer than asked for when the source is exhausted."""

    names: tuple[NewName, ...]
    exhausted: bool
    warnings: tuple[str, ...] = ()


def generate_names(request: NameRequest) -> NameList:
    """Names for the request; the same for the same seed."""
    rng = random.Random(request.seed)
    draw, warnings = _source(request)
    known, heard = TakenNames(request.known), TakenNames(request.known)
    refused = {folded(name) for name in request.sources}
    found: list[NewName] = []
    for _ in range(request.count * _DRAWS_EACH):
        if len(found) == request.count:
            break
        name = _capitalised(draw(rng))
        fits = request.min_length <= len(name) <= request.max_length and folded(name) not in refused
        refused.add(folded(name))
        if fits and not known.is_taken_for_one(name):
            found.append(_described(name, heard))
            heard.add(name)
    return NameList(tuple(found), len(found) < request.count, tuple(warnings))


def _source(request: NameRequest) -> tuple[Callable[[random.Random], str], list[str]]:
    """How to draw a name, and what is to be said about it."""
    if len(request.sources) >= FEWEST_TO_LEARN_FROM:
        chain = NameChain(request.sources)
        if chain.can_start(request.starts_with):
            return lambda rng: chain.draw(rng, starts_with=request.starts_with), []
        warnings = [f"No name of the source begins with {request.starts_with!r}; these are put together of syllables."]
    else:
        warnings = []
    grammar = build_grammar(request.kind, request.sources)
    if (
        not warnings
        and request.starts_with
        and not any(first.startswith(request.starts_with.lower()) for first in grammar.firsts)
    ):
        warnings = [f"No known syllable begins with {request.starts_with!r}; it is put before others."]
    return lambda rng: grammar.draw(rng, starts_with=request.starts_with), warnings


def _described(name: str, others: TakenNames) -> NewName:
    nearest, score = others.nearest(name)
    flags = ("look_alike",) if nearest is not None and is_mixed_up(name, nearest) else ()
    return NewName(name, nearest, round(score, 3), flags)


def _capitalised(name: str) -> str:
    return "-".join(" ".join(word[:1].upper() + word[1:] for word in part.split(" ")) for part in name.split("-"))
