"""Every fault that an OpenAI-compatible server can have: recovered, or a typed error that keeps the partial text."""

from __future__ import annotations

import pytest

from saga_agent.errors import ModelCutOff, ModelRejected, ModelUnavailable
from saga_agent.models.strict import finish_reason, parse_tool_calls
from tests.servers.openai_server import OpenAIServer
from tests.servers.replies import Ending, Reply, delta
from tests.unit.models.asking import ask, ask_in_vain, connect

FIFTY_WORDS = [f"word{number} " for number in range(50)]
AFTER_25_WORDS = 1 + 25
"""Frames: the one with the role, then a word each."""

both_streams = pytest.mark.parametrize("cheap", [True, False], ids=["cheap", "sdk"])


@both_streams
async def test_429_is_tried_again_after_the_delay_that_the_server_names(cheap: bool) -> None:
    limited = Reply.error(429, "Slow down.", headers={"retry-after-ms": "10", "retry-after": "0"})
    async with OpenAIServer(limited, Reply.text("Hello")) as server:
        answer = await ask(connect(server, cheap=cheap))

    assert answer.text == "Hello"
    assert len(server.requests) == 2


@both_streams
async def test_500_is_tried_again(cheap: bool) -> None:
    async with OpenAIServer(Reply.error(500, "Oops.", headers={"retry-after-ms": "1"}), Reply.text("Hello")) as server:
        answer = await ask(connect(server, cheap=cheap))

    assert answer.text == "Hello"


@both_streams
@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_overload_that_lasts_is_unavailable(cheap: bool, status: int) -> None:
    busy = Reply.error(status, "Busy.", headers={"retry-after-ms": "1"})
    async with OpenAIServer(busy, busy, busy) as server:
        shown, error = await ask_in_vain(connect(server, cheap=cheap))

    assert shown == ""
    assert isinstance(error, ModelUnavailable)
    assert error.retryable
    assert f"HTTP {status}" in str(error)
    assert len(server.requests) == 3


@both_streams
async def test_a_connection_cut_after_25_of_50_tokens_keeps_the_25(cheap: bool) -> None:
    async with OpenAIServer(Reply.text(*FIFTY_WORDS).stopped(AFTER_25_WORDS, "cut")) as server:
        shown, error = await ask_in_vain(connect(server, cheap=cheap))

    assert isinstance(error, ModelCutOff)
    assert error.partial == shown == "".join(FIFTY_WORDS[:25])
    assert error.emitted
    assert "'tester'" in str(error)
    assert len(server.requests) == 1


@both_streams
async def test_a_connection_cut_inside_tool_arguments_says_that_something_was_passed_on(cheap: bool) -> None:
    cut = Reply.calls(("book", '{"room": "blue", "days": 12}')).stopped(4, "cut")
    async with OpenAIServer(cut) as server:
        shown, error = await ask_in_vain(connect(server, cheap=cheap))

    assert (shown, error.partial) == ("", "")
    assert isinstance(error, ModelCutOff)
    assert error.emitted


@both_streams
async def test_a_clean_end_without_finish_reason_is_no_whole_answer(cheap: bool) -> None:
    async with OpenAIServer(Reply.text(*FIFTY_WORDS).stopped(AFTER_25_WORDS, "clean")) as server:
        shown, error = await ask_in_vain(connect(server, cheap=cheap))

    assert isinstance(error, ModelCutOff)
    assert error.partial == shown == "".join(FIFTY_WORDS[:25])
    assert "without a finish reason" in str(error)


@both_streams
async def test_done_without_finish_reason_is_no_whole_answer(cheap: bool) -> None:
    async with OpenAIServer(Reply.events(delta(role="assistant", content="Half"))) as server:
        shown, error = await ask_in_vain(connect(server, cheap=cheap))

    assert isinstance(error, ModelCutOff)
    assert error.partial == shown == "Half"


@both_streams
@pytest.mark.parametrize("raw", ['{"room": "blue", "da', '{"room": "blue", "days": 1'], ids=["broken", "open"])
async def test_a_clean_end_inside_arguments_is_no_whole_answer(cheap: bool, raw: str) -> None:
    reply = Reply.calls(("book", raw), argument_chars=len(raw))
    async with OpenAIServer(reply.stopped(3, "clean")) as server:
        _, error = await ask_in_vain(connect(server, cheap=cheap))

    assert isinstance(error, ModelCutOff)
    assert error.emitted


@both_streams
async def test_a_clean_end_that_turns_12_days_into_1_never_becomes_a_call(cheap: bool) -> None:
    """LangChain's lenient parser reads `{"days":1` as a whole object; four of five libraries ran it."""
    reply = Reply.calls(("book", '{"days":12}'), argument_chars=9)
    async with OpenAIServer(reply.stopped(3, "clean")) as server:
        _, error = await ask_in_vain(connect(server, cheap=cheap))

    assert isinstance(error, ModelCutOff)


@both_streams
async def test_arguments_cut_by_the_length_limit_are_marked_as_such(cheap: bool) -> None:
    async with OpenAIServer(Reply.calls(("book", '{"days":1'), finish_reason="length")) as server:
        answer = await ask(connect(server, cheap=cheap))

    (call,) = parse_tool_calls(answer)
    assert finish_reason(answer) == "length"
    assert call.arguments is None
    assert call.error is not None


@both_streams
async def test_arguments_that_are_no_json_reach_the_caller_as_an_error(cheap: bool) -> None:
    async with OpenAIServer(Reply.calls(("book", "days=12"), ("book", '{"days":12}'))) as server:
        answer = await ask(connect(server, cheap=cheap))

    bad, good = parse_tool_calls(answer)
    assert bad.arguments is None
    assert "not valid JSON" in (bad.error or "")
    assert bad.raw == "days=12"
    assert good.arguments == {"days": 12}


@both_streams
async def test_a_call_of_an_unknown_tool_passes_through(cheap: bool) -> None:
    """Which tools exist is the gate's business."""
    async with OpenAIServer(Reply.calls(("no_such_tool", '{"a": 1}'))) as server:
        answer = await ask(connect(server, cheap=cheap))

    assert [(call.name, call.arguments) for call in parse_tool_calls(answer)] == [("no_such_tool", {"a": 1})]


@both_streams
async def test_a_prompt_that_is_too_long_is_rejected_with_a_clear_word(cheap: bool) -> None:
    long = Reply.error(400, "This model's maximum context length is 8192.", code="context_length_exceeded")
    async with OpenAIServer(long) as server:
        _, error = await ask_in_vain(connect(server, cheap=cheap))

    assert isinstance(error, ModelRejected)
    assert "the prompt is too long" in str(error)
    assert len(server.requests) == 1


@both_streams
async def test_silence_in_the_middle_ends_with_the_timeout(cheap: bool) -> None:
    async with OpenAIServer(Reply.text(*FIFTY_WORDS).stopped(AFTER_25_WORDS, "silent")) as server:
        shown, error = await ask_in_vain(connect(server, cheap=cheap, silence_seconds=0.1))
        await server.hung_up.wait()

    assert isinstance(error, ModelUnavailable)
    assert error.partial == shown == "".join(FIFTY_WORDS[:25])


@both_streams
@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "refused the API key"),
        (403, "does not allow this key"),
        (404, "does not exist"),
        (400, "refused the request"),
        (422, "refused the request"),
    ],
)
async def test_a_refusal_names_model_and_server_but_never_the_key(cheap: bool, status: int, words: str) -> None:
    async with OpenAIServer(Reply.error(status, "No: sk-secret-key is wrong.")) as server:
        _, error = await ask_in_vain(connect(server, cheap=cheap))

    assert isinstance(error, ModelRejected)
    assert words in str(error)
    assert "'tester'" in str(error)
    assert server.url in str(error)
    assert "sk-secret-key" not in str(error)
    assert not error.emitted


async def test_a_used_up_quota_is_rejected_not_unavailable() -> None:
    spent = Reply.error(429, "You exceeded your quota.", code="insufficient_quota", headers={"x-should-retry": "false"})
    async with OpenAIServer(spent) as server:
        _, error = await ask_in_vain(connect(server))

    assert isinstance(error, ModelRejected)
    assert "quota is used up" in str(error)


@both_streams
async def test_a_server_that_is_not_there_is_unavailable(cheap: bool) -> None:
    async with OpenAIServer() as server:
        model = connect(server, cheap=cheap, retries=0)
    _, error = await ask_in_vain(model)

    assert isinstance(error, ModelUnavailable)
    assert "cannot be reached" in str(error)


async def test_a_server_that_never_answers_is_unavailable() -> None:
    async with OpenAIServer(Reply((), ending="silent")) as server:
        _, error = await ask_in_vain(connect(server, retries=0, silence_seconds=0.1))

    assert isinstance(error, ModelUnavailable)


@pytest.mark.parametrize("how", ["cut", "clean"])
async def test_an_answer_that_breaks_before_its_first_word_is_asked_for_again(how: Ending) -> None:
    nothing = Reply.text("never sent").stopped(1, how)
    async with OpenAIServer(nothing, nothing, Reply.text("Hello")) as server:
        answer = await ask(connect(server))

    assert answer.text == "Hello"
    assert len(server.requests) == 3


async def test_an_answer_that_always_breaks_before_its_first_word_is_unavailable_in_the_end() -> None:
    nothing = Reply.text("never sent").stopped(1, "cut")
    async with OpenAIServer(nothing, nothing, nothing, Reply.text("too late")) as server:
        _, error = await ask_in_vain(connect(server))

    assert isinstance(error, ModelUnavailable)
    assert not error.emitted
    assert len(server.requests) == 3


@both_streams
async def test_an_error_stated_in_the_stream_keeps_the_partial_text(cheap: bool) -> None:
    stated = Reply.events(delta(content="Half"), {"error": {"message": "Upstream died.", "code": 502}})
    async with OpenAIServer(stated) as server:
        shown, error = await ask_in_vain(connect(server, cheap=cheap))

    assert isinstance(error, ModelUnavailable)
    assert "Upstream died." in str(error)
    assert error.partial == shown == "Half"


async def test_a_refusal_stated_in_the_stream_is_rejected() -> None:
    async with OpenAIServer(Reply.events({"error": {"message": "Not for you.", "code": 403}})) as server:
        _, error = await ask_in_vain(connect(server))

    assert isinstance(error, ModelRejected)
    assert "Not for you." in str(error)


async def test_a_finish_reason_that_says_error_is_no_whole_answer() -> None:
    async with OpenAIServer(Reply.text("Half", finish_reason="error")) as server:
        _, error = await ask_in_vain(connect(server))

    assert isinstance(error, ModelCutOff)


@both_streams
async def test_an_event_that_is_no_json_keeps_the_words_before_it(cheap: bool) -> None:
    reply = Reply.text("Half", " an answer")
    spoiled = Reply((*reply.frames[:2], b"data: {oops\n\n", *reply.frames[2:]))
    async with OpenAIServer(spoiled) as server:
        shown, error = await ask_in_vain(connect(server, cheap=cheap))

    assert isinstance(error, ModelCutOff)
    assert error.partial == shown == "Half"


@pytest.mark.parametrize("event", ["[]", '"text"', '{"choices": [1]}', '{"choices": {"a": 1}}', "null", "[" * 100_000])
async def test_an_event_of_another_shape_is_a_typed_error(event: str) -> None:
    async with OpenAIServer(Reply((f"data: {event}\n\n".encode(),))) as server:
        _, error = await ask_in_vain(connect(server, retries=0))

    assert isinstance(error, ModelCutOff)


async def test_what_comes_behind_done_is_not_read() -> None:
    whole = Reply.text("Hello", usage=(3, 1))
    async with OpenAIServer(Reply((*whole.frames, b"data: [DONE]\n\n", b"data: {oops\n\n"))) as server:
        answer = await ask(connect(server))

    assert answer.text == "Hello"
    assert answer.usage_metadata is not None


async def test_a_web_page_instead_of_a_stream_hints_at_the_base_url() -> None:
    async with OpenAIServer(Reply.document("<html></html>", content_type="text/html; charset=utf-8")) as server:
        _, error = await ask_in_vain(connect(server))

    assert isinstance(error, ModelRejected)
    assert "base URL" in str(error)


@both_streams
async def test_a_connection_that_breaks_behind_the_finish_reason_leaves_the_answer_whole(cheap: bool) -> None:
    whole = Reply.text("Hello", " there")
    async with OpenAIServer(whole.stopped(len(whole.frames) - 2, "cut")) as server:
        answer = await ask(connect(server, cheap=cheap))

    assert answer.text == "Hello there"
    assert finish_reason(answer) == "stop"
