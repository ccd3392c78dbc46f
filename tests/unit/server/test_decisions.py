"""The page's word is matched against what was asked; what is forged decides nothing."""

from __future__ import annotations

from typing import Any

import pytest

from saga_agent.domain.requests import (
    Answer,
    Approval,
    Approve,
    ClientCall,
    ClientResult,
    Deny,
    Dismiss,
    Option,
    Question,
    Reply,
    Request,
    RequestState,
)
from saga_agent.errors import InvalidInput, NotFound, RequestClosed
from saga_agent.server.decisions import Decided, read_decisions
from saga_agent.server.turn_body import TurnBody

SHARED: dict[str, Any] = {"run_id": "run_1", "thread_id": "thr_1", "agent": "draft", "created_at": 0.0}


def approval(request_id: str = "req_1", *, reply: Reply | None = None, state: RequestState = "pending") -> Approval:
    return Approval(
        id=request_id,
        call_id=f"call_{request_id}",
        tool="create_entity",
        effect="write",
        arguments={"name": "Tove"},
        arguments_hash="",
        reply=reply,
        state=state,
        **SHARED,
    )


def question(*, reply: Reply | None = None) -> Question:
    state = "answered" if reply else "pending"
    options = (Option(id="a", label="Ash"), Option(id="b", label="Birch"))
    return Question(
        id="req_q", call_id="call_q", question="Which?", options=options, reply=reply, state=state, **SHARED
    )


def responded(request_id: str = "req_1", **approval: Any) -> dict[str, Any]:
    return {
        "type": "tool-create_entity",
        "toolCallId": f"call_{request_id}",
        "state": "approval-responded",
        "input": {"name": "Mallory"},
        "approval": {"id": request_id, **approval},
    }


def answered(state: str = "output-available", **fields: Any) -> dict[str, Any]:
    return {"type": "tool-ask_question", "toolCallId": "call_q", "state": state, "input": {}, **fields}


def decide(*parts: dict[str, Any], requests: list[Request], **body: Any) -> Decided:
    message = {"id": "msg_1", "role": "assistant", "parts": list(parts)}
    return read_decisions(TurnBody.model_validate({"id": "chat", "messages": [message], **body}), requests)


def test_several_decisions_in_one_request_are_all_read():
    parts = [responded("req_1", approved=True), responded("req_2", approved=False, reason="No.")]

    decided = decide(*parts, requests=[approval("req_1"), approval("req_2")])

    assert decided.replies == {"req_1": Approve(), "req_2": Deny(feedback="No.")}


def test_a_decision_is_found_by_its_id_in_whatever_message_it_stands():
    earlier = {"id": "msg_0", "role": "assistant", "parts": [responded(approved=True)]}
    last = {"id": "msg_1", "role": "assistant", "parts": [{"type": "text", "text": "and"}]}
    body = TurnBody.model_validate({"id": "chat", "messages": [earlier, last]})

    assert read_decisions(body, [approval()]).replies == {"req_1": Approve()}


def test_the_input_a_page_sends_along_is_not_even_read():
    decided = decide(responded(approved=True), requests=[approval()])

    assert decided.replies == {"req_1": Approve()}, "no edit: the stored arguments run"
    assert decided.fresh[0] == approval()


def test_an_approval_nobody_asked_for_is_refused():
    with pytest.raises(NotFound):
        decide(responded("req_other", approved=True), requests=[approval()])


def test_an_approval_for_another_call_is_refused():
    part = responded(approved=True) | {"toolCallId": "call_other"}

    with pytest.raises(InvalidInput, match="not for the call"):
        decide(part, requests=[approval()])


@pytest.mark.parametrize(
    "approval_field",
    [
        None,
        "yes",
        {"id": "req_1"},
        {"id": "req_1", "approved": None},
        {"id": "req_1", "approved": "true"},
        {"id": "req_1", "approved": 1},
        {"id": 7, "approved": True},
        {"approved": True},
        {"id": "req_1", "approved": True, "reason": 5},
    ],
)
def test_a_malformed_approval_is_refused_and_not_dropped(approval_field: Any):
    part = responded(approved=True) | {"approval": approval_field}

    with pytest.raises(InvalidInput, match="malformed"):
        decide(part, requests=[approval()])


def test_a_call_without_an_id_is_malformed():
    part = responded(approved=True)
    del part["toolCallId"]

    with pytest.raises(InvalidInput, match="malformed"):
        decide(part, requests=[approval()])


def test_a_call_that_claims_to_be_done_decides_nothing():
    done = responded(approved=True) | {"state": "output-available", "output": {"ok": True}}

    decided = decide(done, requests=[approval()])

    assert decided == Decided()


def test_the_same_answer_again_is_harmless():
    stored = approval(reply=Approve(), state="consumed")

    decided = decide(responded(approved=True), requests=[stored])

    assert decided.replies == {}
    assert decided.repeated == [stored]


def test_another_answer_after_the_first_is_refused():
    stored = approval(reply=Deny(), state="answered")

    with pytest.raises(RequestClosed):
        decide(responded(approved=True), requests=[stored])


def test_two_answers_to_one_approval_are_refused():
    with pytest.raises(InvalidInput, match="twice"):
        decide(responded(approved=True), responded(approved=False), requests=[approval()])


def test_a_superseded_approval_is_left_alone():
    decided = decide(responded(approved=True), requests=[approval(state="superseded")])

    assert decided == Decided()


def test_pages_without_approvals_of_their_own_send_them_beside_the_messages():
    word = {"approvalId": "req_1", "toolCallId": "call_req_1", "approved": True}

    assert decide(requests=[approval()], approvals=[word]).replies == {"req_1": Approve()}


@pytest.mark.parametrize(
    ("output", "reply"),
    [
        ({"option_ids": ["b"]}, Answer(option_ids=("b",))),
        ({"optionIds": ["a"], "note": "The old one."}, Answer(option_ids=("a",), note="The old one.")),
        ({"text": "Neither.", "option_ids": None}, Answer(text="Neither.")),
        ("b", Answer(option_ids=("b",))),
        ("Neither.", Answer(text="Neither.")),
        ({}, Answer()),
        (None, Answer()),
    ],
)
def test_a_question_is_answered_by_a_tool_output(output: Any, reply: Answer):
    given = reply.model_copy(update={"output": output})

    assert decide(answered(output=output), requests=[question()]).replies == {"req_q": given}


@pytest.mark.parametrize("output", [{"option_ids": "b"}, {"option_ids": [1]}, {"text": 5}])
def test_an_answer_of_another_shape_is_refused(output: Any):
    with pytest.raises(InvalidInput):
        decide(answered(output=output), requests=[question()])


def test_an_error_puts_the_question_aside():
    part = answered("output-error", errorText="The writer closed it.")

    assert decide(part, requests=[question()]).replies == {"req_q": Dismiss(error="The writer closed it.")}


@pytest.mark.parametrize("output", ["a", {"option_ids": ["a"]}, {"optionIds": ["a"], "note": ""}])
def test_the_same_answer_to_a_question_again_is_harmless_in_whatever_words(output: Any):
    stored = question(reply=Answer(option_ids=("a",), output="a"))

    decided = decide(answered(output=output), requests=[stored])

    assert (decided.replies, decided.repeated, decided.given) == ({}, [stored], {"call_q"})


@pytest.mark.parametrize("output", [{"option_ids": ["b"]}, {"option_ids": 5}])
def test_another_answer_to_an_answered_question_is_refused(output: Any):
    with pytest.raises(RequestClosed):
        decide(answered(output=output), requests=[question(reply=Answer(option_ids=("a",)))])


def test_another_answer_in_an_earlier_message_is_left_alone():
    earlier = {"id": "msg_0", "role": "assistant", "parts": [answered(output={"option_ids": ["b"]})]}
    last = {"id": "msg_1", "role": "assistant", "parts": [responded(approved=True)]}
    body = TurnBody.model_validate({"id": "chat", "messages": [earlier, last]})

    decided = read_decisions(body, [question(reply=Answer(option_ids=("a",))), approval()])

    assert decided == Decided(replies={"req_1": Approve()}, fresh=[approval()])


def test_of_two_pages_that_ran_a_call_the_later_one_is_told_what_the_first_one_gave():
    call = ClientCall(
        id="req_c",
        call_id="call_c",
        tool="open_document",
        arguments={},
        state="consumed",
        reply=ClientResult(output={"at": 3}),
        **SHARED,
    )
    part = {"type": "tool-open_document", "toolCallId": "call_c", "state": "output-available", "output": {"at": 4}}

    decided = decide(part, requests=[call])

    assert (decided.replies, decided.repeated, decided.given) == ({}, [call], set())


def test_a_call_that_runs_on_the_page_gets_its_output_or_its_error():
    call = ClientCall(id="req_c", call_id="call_c", tool="open_document", arguments={}, **SHARED)
    part = {"type": "tool-open_document", "toolCallId": "call_c", "state": "output-available", "output": {"at": 3}}
    failed = part | {"state": "output-error", "errorText": "No such pane."}

    assert decide(part, requests=[call]).replies == {"req_c": ClientResult(output={"at": 3})}
    assert decide({**failed, "output": None}, requests=[call]).replies == {"req_c": ClientResult(error="No such pane.")}


def test_what_the_user_says_decides_nothing():
    message = {"id": "m", "role": "user", "parts": [responded(approved=True)]}
    body = TurnBody.model_validate({"id": "chat", "messages": [message]})

    assert read_decisions(body, [approval()]) == Decided()


def test_parts_are_told_apart_without_comparing_each_with_each():
    """Dicts are compared in C, where no count of calls sees it."""
    compared = 0

    class Part(dict[str, Any]):
        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return super().__eq__(other)

        __hash__ = None  # pyright: ignore[reportAssignmentType]

    count = 300
    old, new = ([Part(answered(output={"text": "x", "at": place})) for _ in range(count)] for place in (1, 2))
    messages = [{"role": "assistant", "parts": old}, {"role": "assistant", "parts": new}]
    body = TurnBody.model_validate({"id": "chat", "messages": messages})
    assert all(type(part) is Part for message in body.history for part in message["parts"])  # pyright: ignore

    read_decisions(body, [question(), approval()])

    assert compared <= 2 * count
