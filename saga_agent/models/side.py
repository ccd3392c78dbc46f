"""Calls of a model beside the talk - minutes, claims, worlds - which are counted like those of the talk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from pydantic import TypeAdapter, ValidationError

from saga_agent.domain.plain import mended
from saga_agent.errors import ModelCutOff, ModelError, ModelUnavailable
from saga_agent.models.thoughts import without_thoughts
from saga_agent.models.tokens import count_tokens

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SideCall:
    """What one such call took; `estimated` when the provider did not say."""

    input_tokens: int
    output_tokens: int
    estimated: bool


def _uncounted(call: SideCall) -> None:
    """Keeps no account."""


@dataclass(frozen=True, slots=True)
class SideModel:
    """A chat model that is asked one thing at a time."""

    model: BaseChatModel
    count: Callable[[SideCall], None] = _uncounted
    """Told of every answer that came."""

    async def ask(self, instructions: str, material: str) -> str:
        """The answer's text; `ModelError` when there is none."""
        try:
            answer = await self.model.ainvoke([SystemMessage(instructions), HumanMessage(material)])
        except ModelError:
            raise
        except Exception as error:  # a chat model of the app's own may raise anything
            raise ModelUnavailable(f"The model failed ({type(error).__name__}).") from error
        text = without_thoughts(mended(str(answer.text)))
        self.count(_took(answer, instructions + material, text))
        return text

    async def ask_for(self, answer: TypeAdapter[T], instructions: str, material: str) -> T:
        """The answer as JSON of that type, whatever stands around it; `ModelError` when there is none in it."""
        text = await self.ask(instructions, material)
        try:
            return answer.validate_json(_json_in(text))
        except ValidationError:
            raise ModelCutOff("The model did not answer in the form it was asked for.", partial=text) from None


def _took(answer: AIMessage, asked: str, text: str) -> SideCall:
    if told := answer.usage_metadata:
        return SideCall(told["input_tokens"], told["output_tokens"], estimated=False)
    return SideCall(count_tokens(asked), count_tokens(text), estimated=True)


def _json_in(text: str) -> str:
    """From the first bracket to its counterpart at the end; all of it when there is none."""
    start = min((at for at in (text.find("["), text.find("{")) if at >= 0), default=0)
    end = text.rfind("]" if text[start : start + 1] == "[" else "}")
    return text[start : end + 1] if end > start else text
