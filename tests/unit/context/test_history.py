"""The memory of a talk counts what is shown, tells the end of what is too long, and keeps calls by their results."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from saga_agent.context.history import Past, shown_of, shown_tokens
from saga_agent.domain.journal import Message
from saga_agent.domain.record import JsonObject


def message(order: int, role: str, *parts: JsonObject) -> Message:
    fields: dict[str, Any] = {
        "id": f"{role}{order}",
        "thread_id": "t",
        "order": order,
        "role": role,
        "created_at": 0,
        "parts": parts,
    }
    return Message.model_validate({**fields, "step_order": int(role == "assistant")})


def text(words: int) -> JsonObject:
    return {"type": "text", "text": "".join(f"word{number} " for number in range(words))}


def call(call_id: str, characters: int) -> JsonObject:
    return {
        "type": "tool-read",
        "toolCallId": call_id,
        "state": "output-available",
        "input": {"chapter": 1},
        "output": {"text": "x" * characters},
    }


def shown(past: Past, messages: list[Message]) -> list[BaseMessage]:
    by_id = {each.id: each for each in messages}
    return [each for ref in past.refs() for each in shown_of(by_id[ref.id], ref)]


def remember(messages: list[Message], budget: int) -> Past:
    past = Past(budget)
    for each in reversed(messages):
        if not past.take(each):
            break
    return past


def test_long_tool_outputs_are_counted_as_they_are_shown() -> None:
    chapters = [call(f"c{number}", 20_000) for number in range(4)]
    talk = [message(1, "user", text(10)), message(1, "assistant", *chapters, text(50))]

    assert len(remember(talk, 8_000).refs()) == 2


def test_a_message_that_alone_exceeds_the_budget_is_shown_by_its_end_with_its_question() -> None:
    talk = [message(1, "user", text(10)), message(1, "assistant", text(20_000))]
    past = remember(talk, 1_000)

    question, answer = shown(past, talk)
    assert str(question.text).startswith("word0")
    assert str(answer.text).startswith("[The beginning of this message is left out.]")
    assert str(answer.text).endswith("word19999 ")
    assert past.left_out() == ["the beginning of a long message"]


STEPS: Any = st.lists(
    st.one_of(
        st.builds(text, st.integers(0, 3_000)),
        st.builds(call, st.uuids().map(str), st.integers(0, 5_000)),
        st.just({"type": "step-start"}),
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4_000), STEPS), min_size=1, max_size=6), st.integers(200, 5_000))
def test_what_is_shown_fits_is_never_nothing_and_cuts_no_call_from_its_result(
    turns: list[tuple[int, list[JsonObject]]], budget: int
) -> None:
    talk = [
        each
        for order, (words, parts) in enumerate(turns)
        for each in (message(order, "user", text(words)), message(order, "assistant", *parts))
    ]
    past = remember(talk, budget)
    prompt = shown(past, talk)

    assert sum(ref.tokens for ref in past.refs()) <= budget
    assert sum(shown_tokens(each) for each in talk) > budget or len(past.refs()) == len(talk)
    calls = [one["id"] for each in prompt if isinstance(each, AIMessage) for one in each.tool_calls]
    assert calls == [each.tool_call_id for each in prompt if isinstance(each, ToolMessage)]
    last_fits = shown_tokens(talk[-1]) + shown_tokens(talk[-2]) <= budget
    assert past.refs() or not (last_fits or shown_tokens(talk[-1]) > budget)
