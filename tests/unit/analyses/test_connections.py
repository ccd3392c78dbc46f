"""Who might belong together."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.analyses.connections import adamic_adar, npmi, suggest
from saga_agent.analyses.goals import crossing_goals
from tests.unit.analyses.canons import entity, tie

EDGES = [("A", "C"), ("B", "C"), ("A", "D"), ("B", "D"), ("C", "E")]


def test_shared_neighbours_count_by_how_few_they_have_themselves() -> None:
    scores = {pair: round(score, 3) for pair, score in adamic_adar(EDGES).items()}

    assert scores == {("C", "D"): 2.885, ("A", "B"): 2.353, ("A", "E"): 0.91, ("B", "E"): 0.91}


def test_together_in_eight_of_nine_scenes_is_a_perfect_score() -> None:
    scenes = [{"A", "B"}] * 8 + [set[str]()]

    assert npmi(scenes) == {("A", "B"): (pytest.approx(1.0), 8)}


def test_together_in_five_with_six_each_of_nine_is_little() -> None:
    scenes = [{"A", "B"}] * 5 + [{"A"}, {"B"}, set[str](), set[str]()]

    assert round(npmi(scenes)["A", "B"][0], 2) == 0.38


def test_two_walk_ons_met_twice_say_nothing() -> None:
    assert npmi([{"A", "B"}] * 2 + [set[str]()] * 7) == {}
    assert npmi([{"A", "B"}] * 3)["A", "B"] == (1.0, 3), "always together"


def test_suggestions_come_best_first_and_leave_related_pairs_out() -> None:
    people = [entity(name, id=name) for name in "ABCDE"]
    ties = [tie(one, "knows", other) for one, other in EDGES]

    found = suggest(people, ties, {})

    assert [(each.a, each.b) for each in found] == [("C", "D"), ("A", "B"), ("A", "E"), ("B", "E")]
    assert found[0].reasons[0].data == {"shared": ["A", "B"]}
    assert suggest(people[:1], [], {"s": {"A"}}) == []


@pytest.mark.parametrize(
    ("one", "other", "crosses"),
    [
        ("get the crown", "get the crown", True),
        ("guard the gate", "cross the gate", True),
        ("guard the gate", "mend the net", False),
        ("guard the gate", "protect the gate", False),
        ("to have chosen already", "to be asked", False),
    ],
)
def test_goals_cross_over_one_thing(one: str, other: str, crosses: bool) -> None:
    people = [entity("A", fields={"want": one}), entity("B", fields={"goal": other})]

    assert bool(list(crossing_goals(people))) == crosses


@given(st.lists(st.sets(st.sampled_from("ABCDE")), max_size=30))
def test_co_presence_lies_between_minus_one_and_one(scenes: list[set[str]]) -> None:
    for score, count in npmi(scenes).values():
        assert count >= 3
        assert -1 - 1e-9 <= score <= 1 + 1e-9
        assert not math.isnan(score)
