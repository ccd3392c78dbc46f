"""One model call: its chunks go to the message as they come, its whole becomes the turn's next message."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.base import merge_content
from langchain_core.messages.tool import ToolCallChunk

from saga_agent.domain import chunks as c
from saga_agent.domain.plain import TextJoiner, mended, mended_json
from saga_agent.domain.record import JsonObject
from saga_agent.errors import ModelCutOff, ModelError
from saga_agent.models.call_deltas import CallDeltas, OpenCall
from saga_agent.models.strict import finish_reason, parse_tool_calls
from saga_agent.models.thoughts import Said, ThoughtSplitter
from saga_agent.streams.message import MessageStream
from saga_agent.tools.outcome import RequestedCall

_THOUGHTS = ("thinking", "redacted_thinking", "reasoning", "reasoning_content")
Content = str | list[Any]


@dataclass(slots=True)
class _Shown:
    """A call as the message shows it."""

    call: OpenCall
    id: str
    joiner: TextJoiner
    is_begun: bool = False
    told: int = 0
    """How many pieces of its arguments were told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What a model said: text, calls, why it stopped, and what it cost if the provider told."""

    text: str
    calls: tuple[RequestedCall, ...]
    finish_reason: str | None
    usage: UsageMetadata | None
    reasoning: str = ""
    """Thoughts that the provider sent beside the text, and may want to have back with the results of the calls."""
    content: Content = ""
    """The text as the provider gave it: in blocks, where it signs its thoughts."""


class Listener:
    """Turns one model stream into chunks of the message; `tools` are the names on offer.

    This is where a model's words enter: halves of characters are mended, and thoughts told from the answer.
    """

    def __init__(self, stream: MessageStream, *, step: int, tools: Collection[str] = ()) -> None:
        self._stream, self._step = stream, step
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._blocks: list[Any] = []
        self._open_part: tuple[str, str] | None = None
        self._parts = 0
        self._thoughts = ThoughtSplitter()
        self._joiners: defaultdict[str, TextJoiner] = defaultdict(TextJoiner)
        self._deltas = CallDeltas(tools)
        self._calls: list[_Shown] = []
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
                await self._take(_as_chunk(chunk))
        except ModelError as error:
            error.partial = mended(error.partial) or self.text
            raise
        finally:
            await self._take_rest()
            await self._close_part()
        return await self._conclude()

    async def _take(self, chunk: AIMessageChunk) -> None:
        if reasoning := self._joiners["reasoning"].feed(_reasoning(chunk)):
            self._reasoning.append(reasoning)
            await self._say("reasoning", reasoning)
        if isinstance(chunk.content, list):
            self._blocks = _merged(self._blocks, chunk.content)
        if text := self._joiners["text"].feed(_text(chunk)):
            await self._take_text(self._thoughts.feed(text))
        for part in chunk.tool_call_chunks:
            await self._take_call(part)
        self._metadata |= chunk.response_metadata
        self._usage = chunk.usage_metadata or self._usage

    async def _take_text(self, said: Iterable[Said]) -> None:
        for kind, words in said:
            if not words:
                continue
            if kind == "text":
                self._text.append(words)
            await self._say(kind, words)

    async def _take_rest(self) -> None:
        """What was held back of the text: half a character, or what could have become the mark of a thought."""
        if half := self._joiners["text"].rest():
            await self._take_text(self._thoughts.feed(half))
        await self._take_text(self._thoughts.rest())

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
        await self._take_rest()
        await self._close_part()
        placed = self._deltas.place(
            index=part["index"],
            call_id=mended(part["id"] or ""),
            name=mended(part["name"] or ""),
            arguments=part["args"] or "",
        )
        if placed.is_new:
            for each in self._calls:
                await self._begin_call(each)
            call_id = self._unique_id(placed.call.given_id, placed.call.slot)
            self._calls.append(_Shown(placed.call, call_id, TextJoiner()))
        shown = self._calls[placed.call.slot]
        if shown.call.raw or not self._deltas.could_grow(shown.call.name):
            await self._begin_call(shown)

    async def _begin_call(self, shown: _Shown) -> None:
        """Shows the call, once its name is whole, and what has come of its arguments."""
        if not shown.is_begun:
            shown.is_begun = True
            await self._stream.emit(c.ToolInputStart(tool_call_id=shown.id, tool_name=shown.call.name or "unknown"))
        fresh, shown.told = shown.call.raw[shown.told :], len(shown.call.raw)
        if piece := shown.joiner.feed("".join(fresh)):
            await self._stream.emit(c.ToolInputDelta(tool_call_id=shown.id, input_text_delta=piece))

    def _unique_id(self, given: str | None, index: int) -> str:
        """The model's id, unless it gave none or gave one twice in this message."""
        if given and not self._stream.call_state(given):
            return given
        return f"{given or 'call'}-{self._step}-{index}"

    async def _conclude(self) -> Speech:
        for shown in self._calls:
            await self._begin_call(shown)
        message = AIMessageChunk(
            content="",
            tool_call_chunks=[
                ToolCallChunk(
                    name=shown.call.name, args="".join(shown.call.raw), id=shown.id, index=index, type="tool_call_chunk"
                )
                for index, shown in enumerate(self._calls)
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
        return Speech(
            text=text,
            calls=calls,
            finish_reason=reason,
            usage=self._usage,
            reasoning="".join(self._reasoning),
            content=mended_json(self._blocks) if _has_thoughts(self._blocks) else text,
        )

    async def _announce(self, call: RequestedCall) -> None:
        if call.arguments is not None:
            ready = c.ToolInputAvailable(tool_call_id=call.id, tool_name=call.name, input=call.arguments)
            await self._stream.emit(ready)
            return
        raw = mended("".join(next(each.call.raw for each in self._calls if each.id == call.id)))
        error = c.ToolInputError(
            tool_call_id=call.id, tool_name=call.name or "unknown", input={"raw": raw}, error_text=call.problem
        )
        await self._stream.emit(error)


def _as_chunk(message: BaseMessage) -> AIMessageChunk:
    """What a model streams; one that does not stream gives its answer in one message, which is whole."""
    if isinstance(message, AIMessageChunk):
        return message
    if not isinstance(message, AIMessage):
        raise ModelCutOff(f"The model streamed a {type(message).__name__}, not a part of an answer.")
    calls = [
        ToolCallChunk(name=call["name"], args=_raw(call["args"]), id=call["id"], index=index, type="tool_call_chunk")
        for index, call in enumerate([*message.tool_calls, *message.invalid_tool_calls])
    ]
    return AIMessageChunk(
        content=message.content,
        additional_kwargs=message.additional_kwargs,
        tool_call_chunks=calls,
        response_metadata={"finish_reason": finish_reason(message) or "stop"},
        usage_metadata=message.usage_metadata,
    )


def _raw(arguments: object) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments or {}, default=str)


def _text(chunk: AIMessageChunk) -> str:
    return chunk.content if isinstance(chunk.content, str) else str(chunk.text)


def _reasoning(chunk: AIMessageChunk) -> str:
    """Thoughts beside the text: a field of their own, or blocks among those of the text."""
    beside = chunk.additional_kwargs.get("reasoning_content")
    if beside or isinstance(chunk.content, str):
        return beside if isinstance(beside, str) else ""
    return "".join(_thought_in(block) for block in chunk.content if isinstance(block, dict))


def _thought_in(block: Mapping[str, object]) -> str:
    if block.get("type") not in _THOUGHTS:
        return ""
    said = next((block[name] for name in ("thinking", "reasoning", "text") if block.get(name)), "")
    return said if isinstance(said, str) else ""


def _has_thoughts(blocks: Sequence[object]) -> bool:
    return any(isinstance(block, dict) and cast(JsonObject, block).get("type") in _THOUGHTS for block in blocks)


def _merged(before: list[Any], blocks: Sequence[Any]) -> list[Any]:
    """The blocks so far with those of a chunk; calls are kept apart, in the message's own list of them."""
    return cast("list[Any]", merge_content(before, [block for block in blocks if not _is_call(block)]))


def _is_call(block: object) -> bool:
    return isinstance(block, dict) and cast(JsonObject, block).get("type") in (
        "tool_use",
        "tool_call",
        "tool_call_chunk",
        "input_json_delta",
        "function_call",
    )
