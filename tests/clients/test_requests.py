"""What the agent asks of a page and its writer: approvals, questions, tools that run on the page."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Play
from tests.clients.judging import assert_valid, assert_well, calls, states, text_of
from tests.clients.playing import Driver
from tests.clients.serving import Server


@pytest.fixture
def denied(sdk: Driver) -> str:
    """How a refused call stands; 5 knows no such state."""
    return "output-error" if sdk.major == 5 else "output-denied"


@pytest.fixture
def can_fail(sdk: Driver) -> None:
    if sdk.release == "5.0.0":
        pytest.skip("a page of 5.0.0 cannot say that its tool failed")


class TestApprovals:
    def test_an_approved_call_runs(self, page: Play):
        seen = page("approve")

        assert_well(seen, posts=2)
        assert states(seen, "create_entity") == ["output-available"]
        assert len(seen["messages"]) == 2, "the same message goes on"

    def test_a_refused_call_does_not_run(self, page: Play, denied: str):
        seen = page("deny")

        assert_well(seen, posts=2)
        assert states(seen, "create_entity") == [denied]

    def test_several_are_decided_in_one_post(self, page: Play, denied: str):
        seen = page("several_approvals")

        assert_well(seen, posts=2)
        assert states(seen, "create_entity") == ["output-available", denied, "output-available"]

    def test_the_writer_may_send_by_hand(self, page: Play):
        seen = page("approve_by_hand")

        assert_well(seen, posts=2)
        assert states(seen, "create_entity") == ["output-available"]

    def test_a_page_loaded_anew_can_approve(self, page: Play):
        seen = page("approve_after_reload")

        assert_well(seen, posts=1)
        assert states(seen, "create_entity") == ["output-available"]

    def test_a_page_loaded_anew_can_approve_some_and_refuse_others(self, page: Play, denied: str):
        seen = page("several_after_reload")

        assert_well(seen, posts=1)
        assert states(seen, "create_entity") == [denied, "output-available", denied]

    def test_a_chat_asks_more_than_once(self, page: Play):
        seen = page("approve_twice")

        assert_well(seen, posts=4)
        assert states(seen, "create_entity") == ["output-available"] * 2

    def test_a_writer_may_go_on_without_deciding(self, page: Play):
        seen = page("talk_past_an_approval")

        assert (seen["status"], seen["errors"], seen["posts"]) == ("ready", [], 2)
        assert seen["history"][1]["parts"][1]["state"] == "output-error"
        assert_valid(seen)

    def test_an_approval_outlives_the_server(self, sdk: Driver, mortal: Server):
        seen = sdk.play("approve_after_a_restart", mortal.url, replace=mortal.replaced)

        assert_well(seen, posts=1)
        assert states(seen, "create_entity") == ["output-available"]


class TestThePagesOwnTools:
    def test_a_tool_of_the_page_runs_there_and_its_output_is_not_told_back(self, page: Play):
        seen = page("client_tool")

        assert_well(seen, posts=2)
        assert seen["opened"] == [{"panel": "map"}]
        assert [call["output"] for call in calls(seen, "open_panel")] == [{"opened": True}]
        assert seen["told"][1] == []

    @pytest.mark.usefixtures("can_fail")
    def test_a_tool_of_the_page_may_fail(self, page: Play):
        seen = page("client_tool_fails")

        assert_well(seen, posts=2)
        (call,) = calls(seen, "open_panel")
        assert call["errorText"].endswith("There is no map.")

    def test_both_kinds_of_tools_in_one_step(self, page: Play):
        seen = page("both_kinds_of_tools")

        assert_well(seen, posts=2)
        assert states(seen, "list_documents") + states(seen, "open_panel") == ["output-available"] * 2
        assert seen["told"][1] == []


class TestQuestions:
    def test_a_question_is_answered(self, page: Play):
        seen = page("answer_a_question")

        assert_well(seen, posts=2)
        assert "The new one" in text_of(seen["messages"][-1])
        assert seen["told"][1] == []

    @pytest.mark.usefixtures("can_fail")
    def test_a_question_is_dismissed(self, page: Play):
        seen = page("dismiss_a_question")

        assert_well(seen, posts=2)
        assert "stays open" in text_of(seen["messages"][-1])

    def test_a_question_is_answered_after_a_reload(self, page: Play):
        seen = page("answer_after_reload")

        assert_well(seen, posts=1)
        assert "The old one" in text_of(seen["messages"][-1])

    def test_an_answer_is_sent_when_the_pages_tool_beside_it_is_done_too(self, page: Play):
        seen = page("question_and_client_tool")

        assert_well(seen, posts=2)
        assert seen["early"] == 1, "the page has to wait for its tool"
        assert states(seen, "ask_question") + states(seen, "open_panel") == ["output-available"] * 2
