from __future__ import annotations

import asyncio

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool

from saga_agent.errors import ModelUnavailable, ScriptDrift
from saga_agent.models.script import Call, Fail, Say, Think, Turn, Wait
from saga_agent.models.scripted import ScriptedModel
from saga_agent.models.strict import finish_reason, parse_tool_calls
from tests.unit.models.asking import ask, ask_in_vain

SCHEMA = {"type": "function", "function": {"name": "book", "description": "", "parameters": {"type": "object"}}}


@tool
def look_up(word: str) -> str:
    """Looks a word up."""
    return word


async def test_it_streams_its_text_in_pieces_with_finish_reason_and_usage() -> None:
    model = ScriptedModel([Say("Hello there", chunk_chars=4)])

    chunks = [chunk async for chunk in model.astream("Hi, what is up?")]

    assert [str(chunk.text) for chunk in chunks[:-1]] == ["Hell", "o th", "ere"]
    assert finish_reason(chunks[-1]) == "stop"
    assert chunks[-1].usage_metadata == {"input_tokens": 5, "output_tokens": 4, "total_tokens": 9}
    model.assert_complete()


async def test_a_turn_has_text_and_parallel_calls_in_small_pieces() -> None:
    model = ScriptedModel(
        [Turn(text="I add both.", calls=[Call("book", {"days": 12}, id="mine"), Call("book", {"days": 3})])]
    )

    answer = await ask(model)

    first, second = parse_tool_calls(answer)
    assert answer.text == "I add both."
    assert (first.id, first.arguments, second.arguments) == ("mine", {"days": 12}, {"days": 3})
    assert second.id not in ("", "mine")
    assert finish_reason(answer) == "tool_calls"


async def test_raw_arguments_are_sent_as_they_are() -> None:
    answer = await ask(ScriptedModel([Call("book", '{"days":')]))

    assert parse_tool_calls(answer)[0].raw == '{"days":'


async def test_reasoning_comes_apart_from_the_text() -> None:
    answer = await ask(ScriptedModel([Turn(Think("Hm."), Say("Yes."))]))

    assert answer.additional_kwargs["reasoning_content"] == "Hm."
    assert answer.text == "Yes."


async def test_a_finish_reason_can_be_set_or_left_out() -> None:
    model = ScriptedModel([Turn(text="a", finish_reason="length"), Turn(text="b", finish_reason="")])

    assert [finish_reason(await ask(model)), finish_reason(await ask(model))] == ["length", None]


async def test_it_fails_where_the_script_says_so() -> None:
    model = ScriptedModel([Turn(Say("Half"), Fail(ModelUnavailable("gone", partial="Half")))])

    shown, error = await ask_in_vain(model)

    assert shown == "Half"
    assert isinstance(error, ModelUnavailable)


async def test_it_waits_in_the_middle_until_the_test_lets_it_go_on() -> None:
    go_on, reached = asyncio.Event(), asyncio.Event()
    model = ScriptedModel([Turn(Say("Half "), Wait(go_on, reached=reached), Say("whole"))])

    asking = asyncio.create_task(ask(model))
    await reached.wait()
    assert not asking.done()
    go_on.set()

    assert (await asking).text == "Half whole"


async def test_steps_are_played_in_order_and_prompts_kept() -> None:
    model = ScriptedModel([Say("One"), Say("Two")])
    offered = model.bind_tools([SCHEMA, look_up])

    texts = [str((await offered.ainvoke(question)).text) for question in ("first", "second")]

    assert texts == ["One", "Two"]
    assert [str(prompt.messages[-1].text) for prompt in model.prompts] == ["first", "second"]
    assert model.prompts[0].tools == ("book", "look_up")


async def test_a_call_beyond_the_script_is_drift() -> None:
    model = ScriptedModel([])

    with pytest.raises(ScriptDrift, match=r"0 step\(s\), but the model is called again with human: 'more'"):
        await model.ainvoke("more")


async def test_steps_left_over_are_drift() -> None:
    model = ScriptedModel([Say("One"), Say("Two")])
    await model.ainvoke("x")

    with pytest.raises(ScriptDrift, match=r"1 step\(s\) left"):
        model.assert_complete()


async def test_another_last_message_than_expected_is_drift() -> None:
    model = ScriptedModel([Say("One", expect="Old Tam")])

    with pytest.raises(ScriptDrift, match="expects 'Old Tam' in the last message, but met human: 'Mara'"):
        await model.ainvoke("Mara")


async def test_messages_that_fail_the_scripts_test_are_drift() -> None:
    model = ScriptedModel([Turn(text="One", expect=lambda messages: len(messages) == 2)])

    with pytest.raises(ScriptDrift, match="does not expect these messages"):
        await model.ainvoke("alone")


async def test_expectations_that_hold_let_the_step_pass_and_a_drift_consumes_nothing() -> None:
    model = ScriptedModel([Call("book", expect="book it", tools=["book"])]).bind_tools([SCHEMA])

    with pytest.raises(ScriptDrift):
        await model.ainvoke("no")

    assert parse_tool_calls(await model.ainvoke("please book it"))[0].name == "book"


async def test_other_tools_on_offer_than_expected_are_drift() -> None:
    model = ScriptedModel([Say("One", tools=["search_story"])]).bind_tools([SCHEMA])

    with pytest.raises(ScriptDrift, match=r"expects the tools \['search_story'\], but is offered \['book'\]"):
        await model.ainvoke("x")


async def test_concurrent_callers_each_get_a_step() -> None:
    model = ScriptedModel([Say("One"), Say("Two")])

    answers = await asyncio.gather(model.ainvoke("a"), model.ainvoke("b"))

    assert {str(answer.text) for answer in answers} == {"One", "Two"}
    model.assert_complete()


def test_it_refuses_to_run_synchronously_with_one_clear_sentence() -> None:
    with pytest.raises(NotImplementedError, match="ainvoke"):
        ScriptedModel([Say("One")]).invoke([HumanMessage("x")])
