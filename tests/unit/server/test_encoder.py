"""What each major of the AI SDK is told, and that none of it is fatal to a strict client."""

from __future__ import annotations

import pytest

from saga_agent.domain import chunks as c
from saga_agent.domain.requests import Approval, Approve, Deny, Reply
from saga_agent.server.encoder import Encoder
from saga_agent.server.settings import SDK_VERSIONS, SdkVersion
from tests.unit.server.strict_client import Fatal, Json, StrictClient

every_sdk = pytest.mark.parametrize("version", SDK_VERSIONS)
OPENING = [
    c.Start(message_id="msg_1"),
    c.StartStep(),
    c.ToolInputStart(tool_call_id="call_1", tool_name="create_entity"),
    c.ToolInputDelta(tool_call_id="call_1", input_text_delta='{"name": "Tove"}'),
    c.ToolInputAvailable(tool_call_id="call_1", tool_name="create_entity", input={"name": "Tove"}),
]
ASKED = [*OPENING, c.ToolApprovalRequest(approval_id="req_1", tool_call_id="call_1"), c.FinishStep()]
CREATED = c.ToolOutputAvailable(tool_call_id="call_1", output={"ok": True})
ANSWER = [
    c.StartStep(),
    c.TextStart(id="t"),
    c.TextDelta(id="t", delta="Done."),
    c.TextEnd(id="t"),
    c.FinishStep(),
    c.Finish(finish_reason="stop"),
]


def approval(reply: Reply | None) -> Approval:
    return Approval(
        id="req_1",
        run_id="run_1",
        thread_id="thr_1",
        call_id="call_1",
        agent="draft",
        tool="create_entity",
        effect="write",
        arguments={"name": "Tove"},
        arguments_hash="",
        created_at=0.0,
        reply=reply,
        state="answered" if reply else "pending",
    )


def encode(version: SdkVersion, chunks: list[c.Chunk], *approvals: Approval) -> list[Json]:
    encoder = Encoder(version, metadata={"runId": "run_1"})
    encoder.learn(approvals)
    return [event for chunk in chunks for event in encoder.feed(chunk)]


def kinds(events: list[Json]) -> list[str]:
    return [event["type"] for event in events]


@every_sdk
def test_an_answer_with_a_call_is_told_whole(version: SdkVersion):
    thought = [c.ReasoningStart(id="r"), c.ReasoningDelta(id="r", delta="Hm."), c.ReasoningEnd(id="r")]
    client = StrictClient(version)

    client.read(encode(version, [*OPENING, *thought, CREATED, c.FinishStep(), *ANSWER]))

    assert client.text == "Done."
    assert client.call("create_entity")["output"] == {"ok": True}
    assert client.message is not None
    assert client.message["metadata"] == {"runId": "run_1"}


@every_sdk
def test_fields_that_strict_releases_do_not_know_are_left_out(version: SdkVersion):
    extra = c.CHUNK.validate_python({"type": "text-start", "id": "t", "providerMetadata": None, "title": "x"})

    (event,) = encode(version, [extra])

    assert event == {"type": "text-start", "id": "t"}


@every_sdk
def test_absent_fields_are_not_sent_as_null_but_an_output_of_null_is(version: SdkVersion):
    events = encode(version, [*OPENING, c.ToolOutputAvailable(tool_call_id="call_1", output=None)])
    finish = encode(version, [c.Finish(finish_reason=None, message_metadata=None)])
    data = encode(version, [c.Data(type="data-note", id=None, data=None, transient=None)])

    assert events[-1] == {"type": "tool-output-available", "toolCallId": "call_1", "output": None}
    assert finish == [{"type": "finish"}]
    assert data == [{"type": "data-note", "data": None}]


@every_sdk
def test_data_parts_pass_through_unchanged(version: SdkVersion):
    chunk = c.Data(type="data-finding", id="f1", data={"code": "age", "where": [1, 2]}, transient=True)

    assert encode(version, [chunk]) == [
        {"type": "data-finding", "id": "f1", "data": {"code": "age", "where": [1, 2]}, "transient": True}
    ]


def test_the_reason_to_finish_is_told_where_every_release_takes_it():
    ends = {version: encode(version, [c.Finish(finish_reason="length")])[0] for version in SDK_VERSIONS}

    assert ends == {
        5: {"type": "finish"},
        6: {"type": "finish", "finishReason": "length"},
        7: {"type": "finish", "finishReason": "length"},
    }


@every_sdk
def test_what_lost_its_beginning_to_a_damaged_row_is_left_out(version: SdkVersion):
    orphans = [
        c.TextDelta(id="gone", delta="x"),
        c.TextEnd(id="gone"),
        c.ToolInputDelta(tool_call_id="gone", input_text_delta="{"),
        c.ToolApprovalRequest(approval_id="req_9", tool_call_id="gone"),
        c.ToolOutputAvailable(tool_call_id="gone", output=1),
    ]

    assert encode(version, orphans) == []


def test_a_rewind_never_reaches_a_client():
    with pytest.raises(ValueError, match="never sent"):
        encode(6, [c.Rewind(to_seq=3)])


@every_sdk
def test_broken_arguments_become_an_error_of_the_call(version: SdkVersion):
    broken = c.ToolInputError(tool_call_id="call_2", tool_name="read", input={"raw": "{"}, error_text="no JSON")
    client = StrictClient(version)

    client.read(encode(version, [c.Start(message_id="msg_1"), c.StartStep(), broken, c.FinishStep(), *ANSWER]))

    assert client.call("read")["state"] == "output-error"
    assert client.call("read")["errorText"] == "no JSON"


def test_an_approval_is_asked_for_as_each_sdk_understands():
    asked = {version: encode(version, ASKED)[-2] for version in SDK_VERSIONS}

    request = {"type": "tool-approval-request", "approvalId": "req_1", "toolCallId": "call_1"}
    assert asked[6] == asked[7] == request
    assert asked[5]["type"] == "data-approval"
    assert asked[5]["id"] == "req_1"
    assert asked[5]["data"] == {
        "approvalId": "req_1",
        "toolCallId": "call_1",
        "toolName": "create_entity",
        "state": "requested",
    }


def test_a_replay_tells_an_approved_call_as_each_sdk_validates_it():
    chunks = [*ASKED, CREATED, *ANSWER]
    told = {version: encode(version, chunks, approval(Approve())) for version in SDK_VERSIONS}

    assert "tool-approval-request" not in kinds(told[6]), "6 refuses an output with an approval that was not given"
    at = kinds(told[7]).index("tool-approval-request")
    assert told[7][at + 1] == {"type": "tool-approval-response", "approvalId": "req_1", "approved": True}
    (data,) = [event for event in told[5] if event["type"] == "data-approval"]
    assert data["data"]["state"] == "approved"
    for version, events in told.items():
        assert StrictClient(version).read(events)["parts"]


def test_a_replay_shows_no_answered_request_as_open_while_its_tool_runs():
    told = {version: encode(version, ASKED, approval(Approve())) for version in SDK_VERSIONS}

    assert "tool-approval-request" not in kinds(told[6])
    assert kinds(told[7])[-2] == "tool-approval-response"


def test_a_refused_call_is_told_with_its_reason():
    chunks = [*ASKED, c.ToolOutputDenied(tool_call_id="call_1"), *ANSWER]
    told = {version: encode(version, chunks, approval(Deny(feedback="Not yet."))) for version in SDK_VERSIONS}

    states = {}
    for version, events in told.items():
        client = StrictClient(version)
        client.read(events)
        states[version] = client.call("create_entity")["state"]
    assert states == {5: "output-error", 6: "output-denied", 7: "output-denied"}
    assert {"type": "tool-approval-response", "approvalId": "req_1", "approved": False, "reason": "Not yet."} in told[7]


def test_an_approval_that_was_given_while_the_stream_was_open_is_told_before_its_outcome():
    encoder = Encoder(7, metadata={})
    for chunk in ASKED:
        encoder.feed(chunk)

    assert kinds(encoder.feed(CREATED)) == ["tool-approval-response", "tool-output-available"]


@every_sdk
def test_a_pause_ends_with_the_reason_of_calls(version: SdkVersion):
    encoder = Encoder(version, metadata={})
    client = StrictClient(version)

    client.read([event for chunk in ASKED for event in encoder.feed(chunk)] + encoder.pause())

    assert client.finish_reason == (None if version == 5 else "tool-calls")
    assert not client.sends_by_itself()


@every_sdk
def test_a_stopped_answer_leaves_no_call_open_and_makes_no_page_post_again(version: SdkVersion):
    client = StrictClient(version)

    client.read(encode(version, [*OPENING, c.FinishStep(), c.Abort()]))

    assert client.call("create_entity")["state"] == "output-error"
    assert not client.sends_by_itself()


@every_sdk
def test_an_answer_that_ends_right_after_its_outcomes_makes_no_page_post_again(version: SdkVersion):
    client = StrictClient(version)

    client.read(encode(version, [*OPENING, CREATED, c.FinishStep(), c.Finish(finish_reason="stop")]))

    assert not client.sends_by_itself()


@every_sdk
def test_a_failure_is_an_error_that_keeps_what_was_said(version: SdkVersion):
    client = StrictClient(version)

    client.read(encode(version, [c.Start(message_id="msg_1"), *ANSWER[:-1], c.Error(error_text="The model is gone.")]))

    assert (client.error, client.text) == ("The model is gone.", "Done.")


def test_the_strict_client_is_strict():
    start = {"type": "start", "messageId": "msg_1"}
    faults: list[list[Json]] = [
        [{"type": "finish"}],
        [start, {"type": "rewind", "toSeq": 1}, {"type": "finish"}],
        [start, {"type": "text-delta", "id": "t", "delta": "x"}, {"type": "finish"}],
        [start, {"type": "text-start", "id": "t", "title": "x"}, {"type": "finish"}],
        [start, {"type": "tool-output-available", "toolCallId": "c", "output": 1}, {"type": "finish"}],
        [start, {"type": "finish", "finishReason": None}],
        [start],
    ]

    for events in faults:
        with pytest.raises(Fatal):
            StrictClient(6).read(events)


@every_sdk
def test_the_words_of_a_page_stand_in_place_of_the_servers_outcome(version: SdkVersion):
    for given in ({"state": "output-available", "output": None}, {"state": "output-error", "errorText": "No map."}):
        encoder = Encoder(version, metadata={})
        encoder.learn([], {"call_1": given})
        client = StrictClient(version)

        client.read([event for chunk in [*OPENING, CREATED, c.FinishStep(), *ANSWER] for event in encoder.feed(chunk)])

        assert {**client.call("create_entity"), **given} == client.call("create_entity")


@every_sdk
def test_a_page_is_not_told_of_an_outcome_it_gave_and_posts_no_more(version: SdkVersion):
    encoder = Encoder(version, metadata={}, given={"call_1"})
    for chunk in [*OPENING, c.FinishStep()]:
        encoder.feed(chunk)

    told = [event for chunk in [CREATED, c.Finish(finish_reason="stop")] for event in encoder.feed(chunk)]

    assert kinds(told) == ["start-step", "finish-step", "finish"]
