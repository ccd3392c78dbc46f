"""What our chat models that need no server share: they stream, take tools, and refuse to run synchronously."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.outputs.chat_generation import merge_chat_generation_chunks
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from saga_agent.models.tokens import approximate_tokens

SYNC_REFUSAL = "This model only works asynchronously: use ainvoke() or astream()."

ToolSchema = dict[str, Any]
"""A tool as OpenAI describes it: `{"type": "function", "function": {"name", "description", "parameters"}}`."""


class StreamedChatModel(BaseChatModel):
    """A chat model that implements `_astream` and nothing else."""

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The model with these tools on offer; schemas in OpenAI's form, or LangChain tools."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    async def _agenerate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        return await collect(self._astream(messages, stop, **kwargs))

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        raise NotImplementedError(SYNC_REFUSAL)


async def collect(chunks: AsyncIterator[ChatGenerationChunk]) -> ChatResult:
    """The whole answer of a stream, as `_agenerate` must return it."""
    merged = merge_chat_generation_chunks([chunk async for chunk in chunks])
    return ChatResult(generations=[merged] if merged else [])


def new_call_id() -> str:
    """A fresh id for a tool call, of the length that providers use."""
    return f"call_{uuid.uuid4().hex[:24]}"


def text_chunk(text: str) -> ChatGenerationChunk:
    """A piece of the answer's text."""
    return ChatGenerationChunk(message=AIMessageChunk(content=text))


def reasoning_chunk(text: str) -> ChatGenerationChunk:
    """A piece of the model's reasoning."""
    return ChatGenerationChunk(message=AIMessageChunk(content="", additional_kwargs={"reasoning_content": text}))


def call_chunks(
    name: str, raw_arguments: str, *, call_id: str, index: int, piece_chars: int
) -> Iterator[ChatGenerationChunk]:
    """A tool call as providers stream it: first its name, then its arguments in pieces."""
    yield _call_chunk(name, "", call_id, index)
    for start in range(0, len(raw_arguments), piece_chars):
        yield _call_chunk(None, raw_arguments[start : start + piece_chars], None, index)


def last_chunk(finish_reason: str | None, *, messages: Sequence[BaseMessage], answer: str) -> ChatGenerationChunk:
    """The end of an answer: why it ended and what it cost, by approximation."""
    metadata: Mapping[str, str] = {"finish_reason": finish_reason} if finish_reason else {}
    message = AIMessageChunk(
        content="", response_metadata=dict(metadata), usage_metadata=_usage(messages, answer), chunk_position="last"
    )
    return ChatGenerationChunk(message=message)


def _call_chunk(name: str | None, args: str, call_id: str | None, index: int) -> ChatGenerationChunk:
    part = tool_call_chunk(name=name, args=args, id=call_id, index=index)
    return ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[part]))


def _usage(messages: Sequence[BaseMessage], answer: str) -> UsageMetadata:
    read = sum(approximate_tokens(str(message.text)) for message in messages)
    written = approximate_tokens(answer)
    return UsageMetadata(input_tokens=read, output_tokens=written, total_tokens=read + written)
