"""Rankings that become one."""

from __future__ import annotations

import pytest

from saga_agent.domain.journal import Passage
from saga_agent.retrieval.fusion import fuse


def passage(name: str) -> Passage:
    return Passage(document_id=name, document_rev=1, start=0, end=1, title="", text=name)


def names(*rankings: str, limit: int = 10) -> list[str]:
    return [hit.text for hit in fuse(*([passage(name) for name in ranking] for ranking in rankings), limit=limit)]


def test_what_both_rank_well_comes_before_what_one_ranks_first() -> None:
    assert names("abc", "dbe") == ["b", "a", "d", "c", "e"]


def test_each_passage_is_given_once_and_no_more_than_asked_for() -> None:
    assert names("abcd", "abcd") == ["a", "b", "c", "d"]
    assert names("abcd", "dcba", limit=2) == ["a", "d"]


def test_one_ranking_keeps_its_order() -> None:
    assert names("cab", "") == ["c", "a", "b"]
    assert names("", "") == []


def test_a_score_is_the_sum_over_the_ranks() -> None:
    hits = fuse([passage("a"), passage("b")], [passage("b")], limit=2)

    assert [(hit.text, hit.score) for hit in hits] == [
        ("b", pytest.approx(1 / 62 + 1 / 61)),
        ("a", pytest.approx(1 / 61)),
    ]


def test_passages_of_two_revisions_are_two() -> None:
    old, new = passage("a"), passage("a").model_copy(update={"document_rev": 2})

    assert len(fuse([old], [new], limit=9)) == 2
