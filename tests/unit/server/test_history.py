"""What a page gets of a thread's past: UI messages that its SDK accepts."""

from __future__ import annotations

from typing import Any

import pytest

from saga_agent.domain.journal import Message, RunState
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Answer, ClientCall, ClientResult, Dismiss, Question, Reply, StopRun
from saga_agent.server.history import ui_messages
from saga_agent.server.page_outcomes import page_outcomes
from saga_agent.server.settings import SDK_VERSIONS, SdkVersion

CALL: JsonObject = {"type": "tool-create_entity", "toolCallId": "call_1", "input": {"name": "Tove"}}


def answer(*parts: JsonObject, state: RunState = "finished") -> Message:
    return Message(
        id="msg_1",
        thread_id="thr_1",
        role="assistant",
        state=state,
        agent="draft",
        run_id="run_1",
        parts=parts,
        created_at=0.0,
    )


def shown(part: JsonObject, version: SdkVersion) -> list[Any]:
    (message,) = ui_messages([answer(part)], version)
    return list(message["parts"])  # pyright: ignore


def test_a_message_keeps_id_role_and_parts_and_says_whose_run_it_was():
    part: JsonObject = {"type": "text", "text": "Low water.", "state": "done"}

    assert ui_messages([answer(part)], 6) == [
        {
            "id": "msg_1",
            "role": "assistant",
            "parts": [part],
            "metadata": {"runId": "run_1", "agent": "draft", "state": "finished"},
        }
    ]


@pytest.mark.parametrize("state", ["queued", "running"])
def test_the_message_that_is_being_written_is_left_out(state: RunState):
    assert ui_messages([answer({"type": "step-start"}, state=state)], 6) == []


def test_a_waiting_message_is_there():
    assert len(ui_messages([answer({"type": "step-start"}, state="waiting")], 6)) == 1


def test_a_message_without_parts_is_left_out_since_older_clients_refuse_it():
    assert ui_messages([answer(state="failed")], 6) == []


@pytest.mark.parametrize("version", [6, 7])
@pytest.mark.parametrize(
    ("state", "approval"),
    [
        ("approval-requested", {"id": "req_1"}),
        ("output-available", {"id": "req_1", "approved": True}),
        ("output-denied", {"id": "req_1", "approved": False}),
    ],
)
def test_approvals_stand_as_6_and_7_validate_them(version: SdkVersion, state: str, approval: JsonObject):
    part: JsonObject = {**CALL, "state": state, "approval": approval}

    assert shown(part, version) == [part]


@pytest.mark.parametrize("version", SDK_VERSIONS)
def test_an_error_carries_no_approval_that_was_never_given(version: SdkVersion):
    part: JsonObject = {**CALL, "state": "output-error", "errorText": "stopped", "approval": {"id": "req_1"}}

    assert shown(part, version) == [{**CALL, "state": "output-error", "errorText": "stopped"}]


def test_5_gets_no_state_it_does_not_know():
    asked = shown({**CALL, "state": "approval-requested", "approval": {"id": "req_1"}}, 5)
    denied = shown({**CALL, "state": "output-denied", "approval": {"id": "req_1", "approved": False}}, 5)
    done = shown({**CALL, "state": "output-available", "output": 1, "approval": {"id": "req_1", "approved": True}}, 5)

    assert asked[0] == {**CALL, "state": "input-available"}
    assert asked[1]["type"] == "data-approval"
    assert asked[1]["data"]["state"] == "requested"
    assert denied[0]["state"] == "output-error"
    assert done == [{**CALL, "state": "output-available", "output": 1}]


@pytest.mark.parametrize(
    ("reply", "shown_as"),
    [
        (Answer(option_ids=("b",), output="b"), {"state": "output-available", "output": "b"}),
        (
            Answer(option_ids=("b",), note="Yes."),
            {"state": "output-available", "output": {"option_ids": ["b"], "note": "Yes."}},
        ),
        (Dismiss(error="Later."), {"state": "output-error", "errorText": "Later."}),
        (Dismiss(), {"state": "output-error", "errorText": "The writer put the question aside."}),
        (StopRun(), {"state": "output-available", "output": {"ok": True}}),
    ],
)
def test_an_answer_stands_in_the_words_of_the_page(reply: Reply, shown_as: JsonObject):
    asked = Question(
        id="req_1",
        run_id="run_1",
        thread_id="thr_1",
        call_id="call_1",
        agent="draft",
        question="Which?",
        state="consumed",
        reply=reply,
        created_at=0.0,
    )
    part: JsonObject = {"type": "tool-ask_question", "toolCallId": "call_1", "input": {}}
    stored = answer({**part, "state": "output-available", "output": {"ok": True}})

    (message,) = ui_messages([stored], 6, page_outcomes([asked]))

    assert message["parts"] == [part | shown_as]


def test_an_answer_that_was_superseded_stands_for_nothing():
    call = ClientCall(
        id="req_1",
        run_id="run_1",
        thread_id="thr_1",
        call_id="call_1",
        agent="draft",
        tool="open_panel",
        arguments={},
        state="superseded",
        reply=ClientResult(output=1),
        created_at=0.0,
    )

    assert page_outcomes([call]) == {}
