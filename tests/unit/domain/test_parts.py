"""From chunks to message parts."""

import pytest

from saga_agent.domain import chunks as c
from saga_agent.domain.parts import PartsBuilder


def build(*chunks: c.Chunk) -> PartsBuilder:
    builder = PartsBuilder()
    for chunk in chunks:
        builder.add(chunk)
    return builder


def test_text_is_glued_and_done_at_its_end() -> None:
    builder = build(
        c.Start(message_id="m"),
        c.StartStep(),
        c.TextStart(id="t"),
        c.TextDelta(id="t", delta="The "),
        c.TextDelta(id="t", delta="ferry."),
        c.TextEnd(id="t"),
        c.FinishStep(),
    )

    assert builder.parts == ({"type": "step-start"}, {"type": "text", "text": "The ferry.", "state": "done"})
    assert builder.text == "The ferry."


def test_a_call_goes_from_streaming_to_its_output() -> None:
    builder = build(
        c.ToolInputStart(tool_call_id="c1", tool_name="search_story"),
        c.ToolInputDelta(tool_call_id="c1", input_text_delta='{"query":'),
    )
    assert builder.parts[0]["rawInput"] == '{"query":'
    assert builder.call_state("c1") == "input-streaming"

    builder.add(c.ToolInputAvailable(tool_call_id="c1", tool_name="search_story", input={"query": "ferry"}))
    builder.add(c.ToolOutputAvailable(tool_call_id="c1", output={"ok": True}))

    assert builder.parts == (
        {
            "type": "tool-search_story",
            "toolCallId": "c1",
            "state": "output-available",
            "input": {"query": "ferry"},
            "output": {"ok": True},
        },
    )


def test_an_approved_call_keeps_its_approval_and_a_denied_one_says_so() -> None:
    asked = [
        c.ToolInputAvailable(tool_call_id="c1", tool_name="create_entity", input={}),
        c.ToolApprovalRequest(approval_id="r1", tool_call_id="c1"),
    ]

    approved = build(*asked, c.ToolOutputAvailable(tool_call_id="c1", output={})).parts[0]
    denied = build(*asked, c.ToolOutputDenied(tool_call_id="c1")).parts[0]

    assert approved["approval"] == {"id": "r1", "approved": True}
    assert (denied["state"], denied["approval"]) == ("output-denied", {"id": "r1", "approved": False})


def test_sealing_closes_open_text_and_answers_open_calls() -> None:
    """A stopped message is valid for the next turn: no text streams, no call lacks a result."""
    builder = build(
        c.TextStart(id="t"),
        c.TextDelta(id="t", delta="Half a"),
        c.ToolInputStart(tool_call_id="c1", tool_name="create_entity"),
        c.ToolInputDelta(tool_call_id="c1", input_text_delta='{"name": "Ta'),
    )

    text, call = builder.seal("stopped by the writer")

    assert text == {"type": "text", "text": "Half a", "state": "done"}
    assert (call["state"], call["errorText"]) == ("output-error", "stopped by the writer")
    assert call["input"] == {"raw": '{"name": "Ta'}
    assert "rawInput" not in call


def test_data_parts_with_one_id_replace_each_other_and_transient_ones_leave_no_trace() -> None:
    builder = build(
        c.Data(type="data-usage", id="u", data=1),
        c.Data(type="data-usage", id="u", data=2),
        c.Data(type="data-note", data="gone", transient=True),
    )

    assert builder.parts == ({"type": "data-usage", "id": "u", "data": 2},)


def test_parts_can_be_taken_up_again_where_they_were_left() -> None:
    first = build(c.ToolInputAvailable(tool_call_id="c1", tool_name="create_entity", input={"name": "Tam"}))

    again = PartsBuilder(first.parts)
    again.add(c.ToolOutputError(tool_call_id="c1", error_text="no"))

    assert again.parts[0]["state"] == "output-error"
    assert first.parts[0]["state"] == "input-available"


def test_chunks_are_written_without_absent_fields_and_with_their_type() -> None:
    """Clients refuse null for an optional field, but an output may be null."""
    assert c.Finish().to_json() == '{"type":"finish"}'
    assert c.ToolOutputAvailable(tool_call_id="c", output=None).to_dict() == {
        "type": "tool-output-available",
        "toolCallId": "c",
        "output": None,
    }


@pytest.mark.parametrize("text", ['{"type":"text-delta","id":"t"}', '{"type":"sing"}', '{"id":"t"}', "[]"])
def test_a_malformed_chunk_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        c.CHUNK.validate_json(text)


def test_unknown_fields_of_a_chunk_survive() -> None:
    text = '{"type":"text-delta","id":"t","delta":"x","providerMetadata":{"a":{"b":1}}}'
    assert c.CHUNK.validate_json(text).to_json() == text
