"""Linking and detection keep their quality on twenty real novels."""

from __future__ import annotations

import pytest

from saga_agent.linking import compile_bible, detect, link
from tests.unit.linking.scoring import b_cubed_f1, chapters, data_file, detect_score, link_f1, litbank


@pytest.mark.parametrize(("bible", "floor"), [("bible_full", 0.98), ("bible_lean", 0.975)])
def test_links_names_of_real_novels(bible: str, floor: float) -> None:
    score = link_f1(litbank(), lambda book: link(book["text"], compile_bible(book[bible])))
    assert score >= floor


def test_detects_types_and_groups_names_of_real_novels() -> None:
    score = detect_score(litbank(), detect)
    assert score.span_f1 >= 0.90
    assert score.typed_f1 >= 0.80
    assert score.b_cubed_f1 >= 0.92


def test_the_queen_of_alice_appears_in_six_chapters() -> None:
    text = data_file("11_alices_adventures_in_wonderland.txt").read_text(encoding="utf-8")
    bible = compile_bible([{"id": "queen", "kind": "character", "name": "Queen", "aliases": []}])
    assert [n for n, chapter in enumerate(chapters(text), start=1) if link(chapter, bible)] == [6, 7, 8, 9, 11, 12]


def test_b_cubed_punishes_both_merging_and_splitting() -> None:
    assert b_cubed_f1([("a", "x"), ("a", "x"), ("b", "y")]) == 1
    assert b_cubed_f1([("a", "x"), ("a", "y")]) == pytest.approx(2 / 3)
    assert b_cubed_f1([("a", "x"), ("b", "x")]) == pytest.approx(2 / 3)
