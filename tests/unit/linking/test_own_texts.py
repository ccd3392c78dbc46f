"""How well factions and items are linked and detected in texts of our own; LitBank has next to none."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from saga_agent.linking import Mention, compile_bible, detect, link
from tests.unit.linking.bibles import entry, linked
from tests.unit.linking.own_texts import OWN_TEXTS, OwnText
from tests.unit.linking.scoring import f1

Span = tuple[int, int, str]


def without_article(text: str, start: int, end: int) -> tuple[int, int]:
    return (start + 4, end) if text[start : start + 4].lower() in ("the ", "the\n") else (start, end)


def gold(own: OwnText, *, kind: str | None = None, by_id: bool = False) -> set[Span]:
    return {
        (*without_article(own.text, each.start, each.end), each.id if by_id else each.kind)
        for each in own.gold
        if kind in (None, each.kind)
    }


def found(own: OwnText, mentions: Iterable[Mention], *, kind: str | None = None, by_id: bool = False) -> set[Span]:
    return {
        (*without_article(own.text, each.start, each.end), (each.entity_id if by_id else each.kind) or "")
        for each in mentions
        if kind in (None, each.kind)
    }


def test_every_faction_and_item_of_a_bible_is_linked_and_nothing_else() -> None:
    wrong = {
        own.name: found(own, link(own.text, compile_bible(own.bible)), by_id=True) ^ gold(own, by_id=True)
        for own in OWN_TEXTS
    }
    assert not any(wrong.values()), wrong


@pytest.mark.parametrize(("kind", "floor"), [("faction", 0.69), ("item", 0.89)])
def test_factions_and_items_are_detected_without_a_bible(kind: str, floor: float) -> None:
    right = predicted = wanted = 0
    for own in OWN_TEXTS:
        told, meant = found(own, detect(own.text), kind=kind), gold(own, kind=kind)
        right, predicted, wanted = right + len(told & meant), predicted + len(told), wanted + len(meant)
    assert wanted >= 20
    assert f1(right, predicted, wanted) >= floor


def test_what_is_called_a_faction_or_an_item_is_seldom_anything_else() -> None:
    for kind in ("faction", "item"):
        told = [(own, span) for own in OWN_TEXTS for span in found(own, detect(own.text), kind=kind)]
        assert sum(span in gold(own) for own, span in told) >= 0.85 * len(told)


def test_the_longer_of_two_names_that_overlap_is_read() -> None:
    league = entry("League of Quiet Stars", "the League", id="league", kind="faction")
    assert linked("He left the League of Quiet Stars.", league) == [("League of Quiet Stars", "league")]
    assert linked("He left the League.", league) == [("the League", "league")]


@pytest.mark.parametrize(
    "text",
    [
        "He bought a cup of Tallow tea.",
        "Anna's Mother came with the sailors' Friend.",
        "We read a book of songs at the Inn.",
        "The lamplighters' guild met.",
    ],
)
def test_near_misses_are_no_items_and_no_factions(text: str) -> None:
    assert [text[each.start : each.end] for each in detect(text) if each.kind in ("faction", "item")] == []
