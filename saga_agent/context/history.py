"""The thread's past as a model reads it: whole turns, calls beside their results."""

from __future__ import annotations

import json
from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolCall, ToolMessage
from pydantic import JsonValue

from saga_agent.context.manifest import MessageRef
from saga_agent.domain.journal import Message
from saga_agent.domain.record import JsonObject
from saga_agent.models.tokens import count_tokens

_CUT = "[The beginning of this message is left out.]\n"
_MARK_TOKENS = 16
_QUESTION_SHARE = 4
_UNANSWERED = "(This turn ended before it was answered.)"
_MAX_OUTPUT = 2_000
"""Characters of an old tool result that the model still sees."""


def to_prompt(messages: Sequence[Message]) -> list[BaseMessage]:
    """The messages for a model, oldest first; a call and its result always come together."""
    return [shown for message in messages for shown in _shown(message)]


def shown_tokens(message: Message) -> int:
    """The tokens of what a model is shown of the message."""
    return sum(map(_tokens, _shown(message)))


def end_of(message: Message, *, tokens: int) -> list[BaseMessage]:
    """The end of a message that is too long, in about that many tokens, with a mark where it was cut.

    A step's calls and their results are shown together or not at all; text is shown from its end.
    """
    steps = _steps(message)
    shown: list[BaseMessage] = []
    left = tokens - _MARK_TOKENS
    while steps:
        size = sum(map(_tokens, steps[-1]))
        if size > left:
            break
        shown[:0] = steps.pop()
        left -= size
    if not steps:
        return shown
    rest = _end_of_text(str(steps[-1][0].text), max(left, 0))
    mark = f"{_CUT}{rest}"
    if isinstance(steps[-1][0], HumanMessage):
        return [HumanMessage(mark)]
    if shown and isinstance(shown[0], AIMessage) and not rest:
        first = shown[0]
        return [first.model_copy(update={"content": f"{mark}{first.text}"}), *shown[1:]]
    return [AIMessage(mark), *shown]


def shown_of(message: Message, ref: MessageRef) -> list[BaseMessage]:
    """What a manifest's reference says to show of the message."""
    return end_of(message, tokens=ref.tokens) if ref.is_cut else to_prompt([message])


class Past:
    """What is shown of a thread's past: the newest messages that fit, and the end of one that is too long by itself."""

    def __init__(self, budget_tokens: int) -> None:
        self._budget = self._left = budget_tokens
        self._chosen: list[tuple[Message, MessageRef]] = []

    def take(self, message: Message) -> bool:
        """Takes the next older message; false when it and all before it are out of sight."""
        tokens = shown_tokens(message)
        is_cut = tokens > self._left
        if is_cut and not self._may_cut(message, tokens):
            return False
        if is_cut:  # room is left for the question of an answer that is shown in part
            tokens = self._left if message.role == "user" else self._left - self._left // _QUESTION_SHARE
        self._left -= tokens
        self._chosen.append((message, MessageRef(id=message.id, tokens=tokens, is_cut=is_cut)))
        return True

    def refs(self) -> list[MessageRef]:
        """The references, oldest first; the first is to a user's message."""
        while self._chosen and self._chosen[-1][0].role != "user":
            self._chosen.pop()
        return [ref for _, ref in reversed(self._chosen)]

    def left_out(self) -> list[str]:
        """What of the messages that are shown is not, in words."""
        return ["the beginning of a long message"] if any(ref.is_cut for _, ref in self._chosen) else []

    def _may_cut(self, message: Message, tokens: int) -> bool:
        """Whether the message is shown in part: it never fits whole, or it is the question of an answer in part."""
        if self._left <= 0:
            return False
        is_first = not any(each.role == message.role for each, _ in self._chosen)
        return is_first and (tokens > self._budget or any(ref.is_cut for _, ref in self._chosen))


def alternating(prompt: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The messages with a short answer where a turn ended without one: strict templates refuse two users in a row."""
    whole: list[BaseMessage] = []
    for message in prompt:
        if isinstance(message, HumanMessage) and whole and isinstance(whole[-1], HumanMessage | ToolMessage):
            whole.append(AIMessage(_UNANSWERED))
        whole.append(message)
    return whole


def _shown(message: Message) -> list[BaseMessage]:
    return [each for step in _steps(message) for each in step]


def _steps(message: Message) -> list[list[BaseMessage]]:
    """What is shown of the message: for each step its words with their calls, and the results of these."""
    if message.role == "user":
        return [[HumanMessage(message.text)]]
    if message.role != "assistant":
        return []
    steps: list[list[JsonObject]] = [[]]
    for part in message.parts:
        if part["type"] == "step-start":
            steps.append([])
        else:
            steps[-1].append(part)
    return [shown for step in steps if (shown := _step(step))]


def _tokens(message: BaseMessage) -> int:
    calls = message.tool_calls if isinstance(message, AIMessage) else []
    return count_tokens(str(message.text)) + sum(count_tokens(f"{call['name']} {call['args']}") for call in calls)


def _end_of_text(text: str, tokens: int) -> str:
    """As much of the text's end as fits, found by halving."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count_tokens(text[-middle:]) <= tokens else (low, middle - 1)
    return text[len(text) - low :]


def _step(parts: list[JsonObject]) -> list[BaseMessage]:
    text = "".join(str(part["text"]) for part in parts if part["type"] == "text")
    tools = [part for part in parts if str(part["type"]).startswith("tool-")]
    if not text and not tools:
        return []
    calls = [
        ToolCall(name=str(part["type"])[5:], args=_arguments(part.get("input")), id=str(part["toolCallId"]))
        for part in tools
    ]
    results = [ToolMessage(_output(part), tool_call_id=str(part["toolCallId"])) for part in tools]
    return [AIMessage(text, tool_calls=calls), *results]


def _arguments(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _output(part: JsonObject) -> str:
    if part["state"] == "output-available":
        text = json.dumps(part.get("output"), ensure_ascii=False)
    elif part["state"] == "output-denied":
        text = "The writer declined this call."
    else:
        text = str(part.get("errorText") or "There is no result.")
    return text if len(text) <= _MAX_OUTPUT else text[:_MAX_OUTPUT] + " ... (shortened)"
