"""Unmodified AI SDK clients of three majors, against `saga serve`."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Play
from tests.clients.playing import Driver, Json
from tests.clients.serving import Server

WORDS = "What can you do?"


def text_of(message: Json) -> str:
    return "".join(part["text"] for part in message["parts"] if part["type"] == "text")


def outcome(message: Json) -> list[Json]:
    """What a writer sees of a message: its text, and how its calls stand."""
    parts = [part for part in message["parts"] if part["type"] == "text" or part["type"].startswith("tool-")]
    return [{key: part.get(key) for key in ("type", "text", "toolCallId", "state", "output")} for part in parts]


def assert_well(seen: Json, *, posts: int) -> None:
    """The page is at rest without an error, posted so often, and shows what is remembered."""
    assert (seen["status"], seen["errors"]) == ("ready", [])
    assert seen["posts"] == posts
    assert_shown_is_remembered(seen)


def assert_shown_is_remembered(seen: Json) -> None:
    shown, remembered = seen["messages"], seen["history"]
    assert [(each["id"], each["role"]) for each in shown] == [(each["id"], each["role"]) for each in remembered]
    assert [outcome(each) for each in shown] == [outcome(each) for each in remembered]
    assert seen["invalid"] == [], "the client itself refuses the messages"


def calls(seen: Json, tool: str) -> list[Json]:
    return [part for message in seen["messages"] for part in message["parts"] if part["type"] == f"tool-{tool}"]


def states(seen: Json, tool: str) -> list[str]:
    return [part["state"] for part in calls(seen, tool)]


class TestConversations:
    def test_an_answer_is_shown_and_remembered(self, page: Play):
        seen = page("send")

        assert_well(seen, posts=1)
        assert [text_of(each) for each in seen["messages"]] == [
            WORDS,
            f"I find nothing about {WORDS!r} in the manuscript.",
        ]

    def test_two_turns(self, page: Play):
        seen = page("two_turns")

        assert_well(seen, posts=2)
        assert [each["role"] for each in seen["messages"]] == ["user", "assistant"] * 2

    def test_another_answer_takes_the_place_of_the_old_one(self, page: Play):
        seen = page("regenerate")

        assert_well(seen, posts=3)
        assert len({seen["first"], seen["second"], seen["messages"][-1]["id"]}) == 3

    def test_an_edited_message_takes_the_place_of_the_old_one(self, page: Play):
        seen = page("edit")

        assert (seen["status"], seen["errors"], seen["posts"]) == ("ready", [], 3)
        assert [outcome(each) for each in seen["messages"]] == [outcome(each) for each in seen["history"]]
        assert [each["role"] for each in seen["messages"]] == ["user", "assistant"]
        assert states(seen, "list_documents") == ["output-available"]

    def test_a_page_may_send_the_last_message_alone(self, page: Play):
        assert_well(page("last_message_only"), posts=2)

    def test_a_message_that_cannot_be_taken_is_told_in_a_sentence(self, page: Play):
        seen = page("refused")

        assert seen["status"] == "error"
        assert seen["sentence"].endswith(".")
        assert "{" not in seen["sentence"]

    def test_a_model_that_fails_is_an_error_and_what_it_said_stays(self, sdk: Driver, failing: Server):
        seen = sdk.play("failing_model", failing.url)

        assert seen["status"] == "error"
        assert len(seen["errors"]) == 1
        assert text_of(seen["messages"][-1]).startswith("Half a ")
        assert seen["posts"] == 1
        assert_shown_is_remembered(seen)


class TestApprovals:
    def test_an_approved_call_runs(self, page: Play):
        seen = page("approve")

        assert_well(seen, posts=2)
        assert states(seen, "create_entity") == ["output-available"]
        assert len(seen["messages"]) == 2, "the same message goes on"

    def test_a_refused_call_does_not_run(self, page: Play, sdk: Driver):
        seen = page("deny")

        assert_well(seen, posts=2)
        assert states(seen, "create_entity") == ["output-error" if sdk.major == 5 else "output-denied"]

    def test_several_are_decided_in_one_post(self, page: Play, sdk: Driver):
        seen = page("several_approvals")

        assert_well(seen, posts=2)
        denied = "output-error" if sdk.major == 5 else "output-denied"
        assert states(seen, "create_entity") == ["output-available", denied, "output-available"]

    def test_the_writer_may_send_by_hand(self, page: Play):
        seen = page("approve_by_hand")

        assert_well(seen, posts=2)
        assert states(seen, "create_entity") == ["output-available"]

    def test_a_page_loaded_anew_can_approve(self, page: Play):
        seen = page("approve_after_reload")

        assert_well(seen, posts=1)
        assert states(seen, "create_entity") == ["output-available"]

    def test_a_chat_asks_more_than_once(self, page: Play):
        seen = page("approve_twice")

        assert_well(seen, posts=4)
        assert states(seen, "create_entity") == ["output-available"] * 2

    def test_a_writer_may_go_on_without_deciding(self, page: Play):
        seen = page("talk_past_an_approval")

        assert (seen["status"], seen["errors"], seen["posts"]) == ("ready", [], 2)
        assert seen["history"][1]["parts"][1]["state"] == "output-error"
        assert seen["invalid"] == []

    @pytest.mark.slow
    def test_an_approval_outlives_the_server(self, sdk: Driver, mortal: Server):
        seen = sdk.play("approve_after_a_restart", mortal.url, replace=mortal.replaced)

        assert_well(seen, posts=1)
        assert states(seen, "create_entity") == ["output-available"]


class TestThePagesOwnTools:
    def test_a_tool_of_the_page_runs_there(self, page: Play):
        seen = page("client_tool")

        assert_well(seen, posts=2)
        assert seen["opened"] == [{"panel": "map"}]
        (call,) = calls(seen, "open_panel")
        assert call["output"]["data"]["output"] == {"opened": True}

    def test_a_tool_of_the_page_may_fail(self, page: Play, sdk: Driver):
        if sdk.release == "5.0.0":
            pytest.skip("5.0.0 has no way to say so")
        seen = page("client_tool_fails")

        assert_well(seen, posts=2)
        (call,) = calls(seen, "open_panel")
        assert call["errorText"].endswith("There is no map.")

    def test_both_kinds_of_tools_in_one_step(self, page: Play):
        seen = page("both_kinds_of_tools")

        assert_well(seen, posts=2)
        assert states(seen, "list_documents") + states(seen, "open_panel") == ["output-available"] * 2

    def test_a_question_is_answered(self, page: Play):
        seen = page("answer_a_question")

        assert_well(seen, posts=2)
        assert "The new one" in text_of(seen["messages"][-1])

    def test_a_question_is_dismissed(self, page: Play, sdk: Driver):
        if sdk.release == "5.0.0":
            pytest.skip("5.0.0 has no way to say so")
        seen = page("dismiss_a_question")

        assert_well(seen, posts=2)
        assert "stays open" in text_of(seen["messages"][-1])

    def test_a_question_is_answered_after_a_reload(self, page: Play):
        seen = page("answer_after_reload")

        assert_well(seen, posts=1)
        assert "The old one" in text_of(seen["messages"][-1])

    def test_a_page_that_sends_by_itself_does_not_do_so_for_ever(self, page: Play):
        assert_well(page("automatic_sending"), posts=3)


class TestInterruptions:
    def test_a_page_loaded_in_mid_answer_gets_it_whole_and_once(self, page: Play):
        seen = page("reload_in_mid_stream")

        assert_well(seen, posts=0)
        assert seen["loaded"] == ["user"]
        assert text_of(seen["messages"][1]).count("'Tove'") == 1

    def test_a_page_loaded_after_the_end_gets_it_from_the_history(self, page: Play, sdk: Driver):
        seen = page("reload_after_the_end")

        assert_shown_is_remembered(seen)
        assert seen["statuses"] == [204]
        assert seen["status"] == "ready" or sdk.release == "5.0.0"

    def test_two_tabs_show_the_same(self, page: Play):
        seen = page("second_viewer")

        assert_well(seen, posts=0)
        assert seen["first"]["messages"] == seen["messages"]

    def test_a_stop_keeps_what_was_written_and_the_chat_goes_on(self, page: Play):
        seen = page("stop")

        assert seen["status"] == "ready"
        assert seen["stopped"][1]["metadata"]["state"] == "stopped"
        assert len(text_of(seen["stopped"][1])) >= 12
        assert states(seen, "list_documents") == ["output-available"]
        assert seen["invalid"] == []

    def test_a_stop_ends_the_answer_in_the_other_tabs(self, page: Play):
        assert_well(page("stopped_elsewhere"), posts=1)

    def test_a_page_loaded_after_an_approval_gets_the_whole_message(self, page: Play):
        seen = page("reload_after_an_approval")

        assert_well(seen, posts=0)
        assert states(seen, "create_entity") == ["output-available"] * 4

    @pytest.mark.slow
    def test_an_answer_whose_server_was_killed_is_shown_whole_and_once(self, sdk: Driver, mortal: Server):
        seen = sdk.play("killed_in_mid_answer", mortal.url, replace=mortal.replaced)

        assert_well(seen, posts=0)
        assert seen["lost"]["status"] == "error", "half an answer must not pass for a whole one"
        assert seen["loaded"] == ["user"]
        assert [text_of(seen["messages"][1]).count(name) for name in ("'Tove'", "'Runa'")] == [1, 1]
