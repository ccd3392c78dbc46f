"""One model call: its chunks go to the message as they come, its whole becomes the turn's next message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import ToolCallChunk

from saga_agent.domain import chunks as c
from saga_agent.errors import ModelCutOff, ModelError
from saga_agent.models.strict import finish_reason, parse_tool_calls
from saga_agent.streams.message import MessageStream
from saga_agent.tools.outcome import RequestedCall


@dataclass(slots=True)
class _OpenCall:
    id: str
    name: str
    raw: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What a model said: text, calls, why it stopped, and what it cost if the provider told."""

    text: str
    calls: tuple[RequestedCall, ...]
    finish_reason: str | None
    usage: UsageMetadata | None


class Listener:
    """Turns one model stream into chunks of the message."""

    def __init__(self, stream: MessageStream, *, step: int) -> None:
        self._stream, self._step = stream, step
        self._text: list[str] = []
        self._open_part: tuple[str, str] | None = None
        self._parts = 0
        self._calls: dict[int, _OpenCall] = {}
        self._metadata: dict[str, object] = {}
        self._usage: UsageMetadata | None = None

    @property
    def text(self) -> str:
        """The text heard so far."""
        return "".join(self._text)

    async def hear(self, answer: AsyncIterator[BaseMessage]) -> Speech:
        """Streams the answer to its end.

        Raises: `ModelError`; what was heard before stays in the message.
        """
        try:
            async for chunk in answer:
                await self._take(chunk)
        except ModelError as error:
            error.partial = error.partial or self.text
            raise
        finally:
            await self._close_part()
        return await self._conclude()

    async def _take(self, chunk: BaseMessage) -> None:
        if not isinstance(chunk, AIMessageChunk):
            raise ModelCutOff(f"The model streamed a {type(chunk).__name__}, not a part of an answer.")
        if reasoning := chunk.additional_kwargs.get("reasoning_content"):
            await self._say("reasoning", str(reasoning))
        if text := _text(chunk):
            self._text.append(text)
            await self._say("text", text)
        for part in chunk.tool_call_chunks:
            await self._take_call(part)
        self._metadata |= chunk.response_metadata
        self._usage = chunk.usage_metadata or self._usage

    async def _say(self, kind: str, words: str) -> None:
        if self._open_part is None or self._open_part[0] != kind:
            await self._close_part()
            self._parts += 1
            self._open_part = (kind, f"{kind}-{self._step}-{self._parts}")
            start = c.TextStart if kind == "text" else c.ReasoningStart
            await self._stream.emit(start(id=self._open_part[1]))
        delta = c.TextDelta if kind == "text" else c.ReasoningDelta
        await self._stream.emit(delta(id=self._open_part[1], delta=words))

    async def _close_part(self) -> None:
        if self._open_part is not None:
            (kind, part_id), self._open_part = self._open_part, None
            await self._stream.emit((c.TextEnd if kind == "text" else c.ReasoningEnd)(id=part_id))

    async def _take_call(self, part: ToolCallChunk) -> None:
        await self._close_part()
        index = part["index"] if part["index"] is not None else len(self._calls)
        if index not in self._calls:
            self._calls[index] = call = _OpenCall(self._unique_id(part["id"], index), part["name"] or "")
            await self._stream.emit(c.ToolInputStart(tool_call_id=call.id, tool_name=call.name or "unknown"))
        call = self._calls[index]
        if part["args"]:
            call.raw.append(part["args"])
            await self._stream.emit(c.ToolInputDelta(tool_call_id=call.id, input_text_delta=part["args"]))

    def _unique_id(self, given: str | None, index: int) -> str:
        """The model's id, unless it gave none or gave one twice in this message."""
        if given and not self._stream.call_state(given):
            return given
        return f"{given or 'call'}-{self._step}-{index}"

    async def _conclude(self) -> Speech:
        message = AIMessageChunk(
            content="",
            tool_call_chunks=[
                ToolCallChunk(name=call.name, args="".join(call.raw), id=call.id, index=index, type="tool_call_chunk")
                for index, call in self._calls.items()
            ],
            response_metadata=self._metadata,
        )
        calls = tuple(
            RequestedCall(id=call.id, name=call.name, arguments=call.arguments, problem=call.error or "")
            for call in parse_tool_calls(message)
        )
        for call in calls:
            await self._announce(call)
        text, reason = self.text, finish_reason(message)
        if reason is None and not calls:
            raise ModelCutOff("The model's answer ended without saying that it was complete.", partial=text)
        return Speech(text=text, calls=calls, finish_reason=reason, usage=self._usage)

    async def _announce(self, call: RequestedCall) -> None:
        if call.arguments is not None:
            ready = c.ToolInputAvailable(tool_call_id=call.id, tool_name=call.name, input=call.arguments)
            await self._stream.emit(ready)
            return
        raw = "".join(next(each.raw for each in self._calls.values() if each.id == call.id))
        error = c.ToolInputError(
            tool_call_id=call.id, tool_name=call.name or "unknown", input={"raw": raw}, error_text=call.problem
        )
        await self._stream.emit(error)


def _text(chunk: AIMessageChunk) -> str:
    return chunk.content if isinstance(chunk.content, str) else chunk.text
