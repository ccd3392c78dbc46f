"""Turns of `useChat` pages of three majors, against `saga serve`."""

from __future__ import annotations

from tests.clients.conftest import Play
from tests.clients.judging import assert_shown_is_remembered, assert_well, states, text_of
from tests.clients.playing import Driver
from tests.clients.serving import Server

WORDS = "What can you do?"


def test_an_answer_is_shown_and_remembered(page: Play):
    seen = page("send")

    assert_well(seen, posts=1)
    assert seen["shown"] == [WORDS, f"I find nothing about {WORDS!r} in the manuscript."]


def test_two_turns(page: Play):
    seen = page("two_turns")

    assert_well(seen, posts=2)
    assert [each["role"] for each in seen["messages"]] == ["user", "assistant"] * 2


def test_another_answer_takes_the_place_of_the_old_one(page: Play):
    seen = page("regenerate")

    assert_well(seen, posts=3)
    assert len({seen["first"], seen["second"], seen["messages"][-1]["id"]}) == 3


def test_an_edited_message_takes_the_place_of_the_old_one_and_keeps_its_id(page: Play):
    seen = page("edit")

    assert_well(seen, posts=3)
    assert [each["role"] for each in seen["messages"]] == ["user", "assistant"]
    assert seen["messages"][0]["id"] == seen["edited"]
    assert states(seen, "list_documents") == ["output-available"]


def test_a_message_is_edited_again_after_a_reload(page: Play):
    seen = page("edit_again_after_reload")

    assert_well(seen, posts=2)
    assert seen["messages"][0]["id"] == seen["edited"]
    assert states(seen, "list_documents") == ["output-available"]


def test_a_page_may_send_the_last_message_alone(page: Play):
    assert_well(page("last_message_only"), posts=2)


def test_a_page_that_sends_by_itself_does_not_do_so_for_ever(page: Play):
    assert_well(page("automatic_sending"), posts=3)


def test_a_message_that_cannot_be_taken_is_told_in_a_sentence_and_the_chat_goes_on(page: Play):
    seen = page("refused")

    assert seen["refused"] == "error"
    assert seen["sentence"].endswith(".")
    assert "{" not in seen["sentence"]
    assert (seen["status"], seen["posts"], seen["statuses"]) == ("ready", 2, [400, 200])
    assert_shown_is_remembered(seen)


def test_a_model_that_fails_is_an_error_and_what_it_said_stays(sdk: Driver, failing: Server):
    seen = sdk.play("failing_model", failing.url)

    assert seen["status"] == "error"
    assert len(seen["errors"]) == 1
    assert text_of(seen["messages"][-1]).startswith("Half a ")
    assert seen["posts"] == 1
    assert_shown_is_remembered(seen)
