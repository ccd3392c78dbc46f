from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.tool import tool_call_chunk

from saga_agent.models.strict import ParsedCall, finish_reason, parse_tool_calls


def _message(*raws: str, reason: str | None = "tool_calls") -> AIMessageChunk:
    chunks = [tool_call_chunk(name="book", args=raw, id=f"call_{at}", index=at) for at, raw in enumerate(raws)]
    metadata = {"finish_reason": reason} if reason else {}
    return AIMessageChunk(content="", tool_call_chunks=chunks, response_metadata=metadata)


def test_calls_come_in_order_with_their_raw_text() -> None:
    first, second = parse_tool_calls(_message('{"a": 1}', '{"b": [true, null]}'))

    assert first == ParsedCall("call_0", "book", {"a": 1}, '{"a": 1}')
    assert second.arguments == {"b": [True, None]}


@pytest.mark.parametrize("raw", ["", "  "])
def test_no_arguments_at_all_are_an_empty_object(raw: str) -> None:
    (call,) = parse_tool_calls(_message(raw))

    assert call.arguments == {}
    assert call.error is None


@pytest.mark.parametrize(
    "raw",
    [
        '{"a": 1',
        '{"a"',
        "days=1",
        "[1]",
        "3",
        "null",
        '"a"',
        "{} {}",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 1e999}',
        "[" * 100_000,
    ],
)
def test_what_is_no_json_object_is_an_error(raw: str) -> None:
    (call,) = parse_tool_calls(_message(raw))

    assert call.arguments is None
    assert call.error
    assert call.raw == raw


@given(
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=8) | st.lists(st.booleans()), min_size=1),
    st.data(),
)
def test_arguments_cut_anywhere_never_parse(arguments: dict[str, object], data: st.DataObject) -> None:
    raw = json.dumps(arguments)
    cut = raw[: data.draw(st.integers(1, len(raw) - 1))]

    (whole,), (part,) = parse_tool_calls(_message(raw)), parse_tool_calls(_message(cut))

    assert whole.arguments == arguments
    assert part.arguments is None


@pytest.mark.parametrize("reason", [None, "length"])
def test_the_last_call_of_an_answer_that_was_cut_off_must_not_run(reason: str | None) -> None:
    first, last = parse_tool_calls(_message('{"days":12}', '{"days":1}', reason=reason))

    assert first.arguments == {"days": 12}
    assert last.arguments is None
    assert "cut off" in (last.error or "")


def test_a_call_without_a_name_is_an_error() -> None:
    chunk = tool_call_chunk(name=None, args="{}", id="call_0", index=0)
    message = AIMessageChunk(content="", tool_call_chunks=[chunk], response_metadata={"finish_reason": "stop"})

    (call,) = parse_tool_calls(message)

    assert call.error == "The call names no tool."


def test_an_answer_in_one_piece_is_read_from_its_parsed_calls() -> None:
    message = AIMessage(
        "",
        tool_calls=[{"name": "book", "args": {"a": 1}, "id": "x"}],
        invalid_tool_calls=[{"name": "book", "args": "{oops", "id": "y", "error": "bad"}],
        response_metadata={"stop_reason": "tool_use"},
    )

    good, bad = parse_tool_calls(message)

    assert (good.id, good.arguments, good.raw) == ("x", {"a": 1}, '{"a": 1}')
    assert (bad.id, bad.arguments) == ("y", None)


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"finish_reason": "stop"}, "stop"),
        ({"finish_reason": "length"}, "length"),
        ({"stop_reason": "max_tokens"}, "length"),
        ({"finish_reason": "MAX_TOKENS"}, "length"),
        ({"stop_reason": "tool_use"}, "tool_use"),
        ({"finish_reason": None}, None),
        ({}, None),
    ],
)
def test_the_finish_reason_is_read_as_the_providers_name_it(metadata: dict[str, str], reason: str | None) -> None:
    assert finish_reason(AIMessage("", response_metadata=metadata)) == reason


def test_a_message_without_calls_has_none_even_when_cut_off() -> None:
    assert parse_tool_calls(AIMessageChunk(content="Half", response_metadata={"finish_reason": "length"})) == []


def test_half_a_character_in_an_argument_is_mended() -> None:
    (call,) = parse_tool_calls(_message('{"a": "\\ud83d"}'))

    assert call.arguments == {"a": "\ufffd"}
