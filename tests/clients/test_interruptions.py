"""Pages that are loaded again, left or stopped in mid-answer, or lose their server."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Play
from tests.clients.judging import assert_shown_is_remembered, assert_valid, assert_well, states, text_of
from tests.clients.playing import Driver, Json
from tests.clients.serving import Server


def assert_whole_and_once(seen: Json) -> None:
    """The page, which had the question alone, has the answer from its first word to its last."""
    assert_well(seen, posts=0)
    assert seen["loaded"] == ["user"]
    assert [text_of(seen["messages"][1]).count(name) for name in ("'Tove'", "'Ilse'", "'Runa'")] == [1, 1, 1]


@pytest.mark.parametrize("scenario", ["reload_in_mid_answer", "come_back_in_mid_answer"])
def test_a_page_that_comes_in_mid_answer_gets_it_whole_and_once(page: Play, scenario: str):
    assert_whole_and_once(page(scenario))


def test_a_page_loaded_after_the_end_gets_it_from_the_history(page: Play, sdk: Driver):
    seen = page("reload_after_the_end")

    assert_shown_is_remembered(seen)
    assert seen["statuses"] == [204]
    assert seen["status"] == "ready" or sdk.release == "5.0.0"


def test_a_page_may_ask_for_an_answer_before_the_first_message(page: Play):
    assert_well(page("resume_before_the_first_message"), posts=1)


def test_a_page_loaded_after_an_approval_gets_the_whole_message(page: Play):
    seen = page("reload_after_an_approval")

    assert_well(seen, posts=0)
    assert states(seen, "create_entity") == ["output-available"] * 4
    assert seen["first"]["shown"] == seen["shown"]


def test_a_stop_keeps_what_was_written_and_the_chat_goes_on(page: Play):
    seen = page("stop")

    assert (seen["status"], seen["errors"], seen["posts"]) == ("ready", [], 2)
    assert seen["stopped"][1]["metadata"]["state"] == "stopped"
    assert len(text_of(seen["stopped"][1])) >= 12
    assert states(seen, "list_documents") == ["output-available"]
    assert_valid(seen)


def test_a_page_that_was_loaded_in_mid_answer_can_stop_it(page: Play):
    seen = page("stop_after_reload")

    assert (seen["status"], seen["errors"]) == ("ready", [])
    assert seen["stopped"][1]["metadata"]["state"] == "stopped"
    assert_valid(seen)


def test_an_answer_whose_server_was_killed_is_shown_whole_and_once(sdk: Driver, mortal: Server):
    seen = sdk.play("killed_in_mid_answer", mortal.url, replace=mortal.replaced)

    assert_whole_and_once(seen)
    assert seen["lost"]["status"] == "error", "half an answer must not pass for a whole one"
