"""The thread's past as a model reads it: whole turns, calls beside their results."""

from __future__ import annotations

import json
from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolCall, ToolMessage
from pydantic import JsonValue

from saga_agent.domain.journal import Message
from saga_agent.domain.record import JsonObject

_UNANSWERED = "(This turn ended before it was answered.)"
_MAX_OUTPUT = 2_000
"""Characters of an old tool result that the model still sees."""


def to_prompt(messages: Sequence[Message]) -> list[BaseMessage]:
    """The messages for a model, oldest first; a call and its result always come together."""
    prompt: list[BaseMessage] = []
    for message in messages:
        if message.role == "user":
            prompt.append(HumanMessage(message.text))
        elif message.role == "assistant":
            prompt += _answer(message)
    return prompt


def alternating(prompt: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The messages with a short answer where a turn ended without one: strict templates refuse two users in a row."""
    whole: list[BaseMessage] = []
    for message in prompt:
        if isinstance(message, HumanMessage) and whole and isinstance(whole[-1], HumanMessage | ToolMessage):
            whole.append(AIMessage(_UNANSWERED))
        whole.append(message)
    return whole


def _answer(message: Message) -> list[BaseMessage]:
    steps: list[list[JsonObject]] = [[]]
    for part in message.parts:
        if part["type"] == "step-start":
            steps.append([])
        else:
            steps[-1].append(part)
    return [each for step in steps for each in _step(step)]


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
