"""Two tabs that show one chat."""

from __future__ import annotations

from tests.clients.conftest import Play
from tests.clients.judging import assert_valid, assert_well, states


def test_two_tabs_show_the_same(page: Play):
    seen = page("second_viewer")

    assert_well(seen, posts=0)
    assert seen["first"]["messages"] == seen["messages"]


def test_a_stop_ends_the_answer_in_the_other_tabs(page: Play):
    assert_well(page("stopped_elsewhere"), posts=1)


def test_the_same_yes_from_two_tabs_at_once_counts_once_and_both_see_what_follows(page: Play):
    seen = page("same_yes_at_once")

    assert_well(seen, posts=1)
    assert states(seen, "create_entity") == ["output-available"]
    assert (seen["first"]["status"], seen["first"]["errors"]) == ("ready", [])
    assert seen["first"]["shown"] == seen["shown"]
    assert seen["entities"] == ["Tove"]


def test_the_same_yes_from_a_tab_that_comes_late_shows_it_what_followed(page: Play):
    seen = page("same_yes_later")

    assert_well(seen, posts=1)
    assert seen["first"]["shown"] == seen["shown"]
    assert seen["entities"] == ["Tove"]


def test_a_no_after_a_yes_is_refused_in_a_sentence(page: Play):
    seen = page("no_after_yes")

    assert (seen["status"], seen["posts"], seen["statuses"][-1]) == ("error", 1, 409)
    assert seen["errors"][0].endswith(".")
    assert seen["entities"] == ["Tove"]
    assert_valid(seen)
