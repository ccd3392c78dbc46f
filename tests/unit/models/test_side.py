"""Calls of a model beside the talk: counted, and read strictly."""

from __future__ import annotations

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from pydantic import TypeAdapter

from saga_agent.errors import ModelCutOff, ModelUnavailable
from saga_agent.models.side import SideCall, SideModel

_NUMBERS = TypeAdapter(list[int])


async def test_an_answer_is_counted_by_estimate_where_the_model_does_not_say() -> None:
    counted: list[SideCall] = []
    side = SideModel(FakeListChatModel(responses=["three little words"]), counted.append)

    assert await side.ask("Be brief.", "Say three words.") == "three little words"

    (call,) = counted
    assert call.estimated
    assert call.input_tokens > call.output_tokens > 0


@pytest.mark.parametrize("answer", ["[1, 2]", "Here you are:\n```json\n[1, 2]\n```", " [1, 2] and that is all."])
async def test_json_is_found_in_what_stands_around_it(answer: str) -> None:
    assert await SideModel(FakeListChatModel(responses=[answer])).ask_for(_NUMBERS, "Numbers.", "two") == [1, 2]


@pytest.mark.parametrize("answer", ["", "none", "[1, 2", '["one"]', "{}"])
async def test_another_form_is_an_error_that_keeps_the_words(answer: str) -> None:
    with pytest.raises(ModelCutOff) as raised:
        await SideModel(FakeListChatModel(responses=[answer])).ask_for(_NUMBERS, "Numbers.", "two")

    assert raised.value.partial == answer


async def test_whatever_a_model_raises_is_a_model_error() -> None:
    with pytest.raises(ModelUnavailable, match="IndexError"):
        await SideModel(FakeListChatModel(responses=[])).ask("Be brief.", "Say three words.")
