"""Which values of a predicate hold where a story time or a place in the reading is known."""

from __future__ import annotations

import pytest

from saga_agent.analyses.consistency.facts import StoryPosition, values_at
from tests.unit.analyses.canons import fact


@pytest.mark.parametrize(
    ("order", "held"), [(0, ["grey"]), (2, ["grey"]), (3, ["blue"]), (6, ["blue"]), (7, ["green"]), (9, ["green"])]
)
def test_in_the_reading_the_value_told_last_holds_from_its_own_place_on(order: int, held: list[str]) -> None:
    facts = [
        fact("mira", "eyes", "grey"),
        fact("mira", "eyes", "blue", revealed_at=3),
        fact("mira", "eyes", "green", revealed_at=7),
    ]

    assert [each.value for each in values_at(facts, StoryPosition(reading_order=order))] == held


def test_what_is_added_stays_and_what_is_retired_goes_at_its_place() -> None:
    facts = [
        fact("mira", "carries", "oar", mode="add", retired_at=5),
        fact("mira", "carries", "lamp", mode="add", revealed_at=4),
    ]

    assert [each.value for each in values_at(facts, StoryPosition(reading_order=4))] == ["oar", "lamp"]
    assert [each.value for each in values_at(facts, StoryPosition(reading_order=5))] == ["lamp"]
