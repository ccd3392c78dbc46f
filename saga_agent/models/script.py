"""What a `ScriptedModel` plays: turns, and the parts they are made of.

A part alone is a turn too: `Say("Hello.")`. Every part and turn may say what prompt and which tools it expects.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage

Expectation = str | Callable[[Sequence[BaseMessage]], bool]
"""What the prompt must be: a part of its last message's text, or a test of all its messages."""


@dataclasses.dataclass(frozen=True, slots=True)
class Say:
    """Text, in pieces of `chunk_chars` characters."""

    text: str
    _: dataclasses.KW_ONLY
    chunk_chars: int = 8
    expect: Expectation | None = None
    tools: Collection[str] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Think:
    """Reasoning, before or between the text."""

    text: str
    _: dataclasses.KW_ONLY
    expect: Expectation | None = None
    tools: Collection[str] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """A tool call; `arguments` as a text are sent as they are, be they broken. Without `id` it gets a fresh one."""

    tool: str
    arguments: Mapping[str, Any] | str = dataclasses.field(default_factory=dict[str, Any])
    _: dataclasses.KW_ONLY
    id: str | None = None
    chunk_chars: int = 8
    expect: Expectation | None = None
    tools: Collection[str] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Fail:
    """Raises the error where it stands."""

    error: Exception
    _: dataclasses.KW_ONLY
    expect: Expectation | None = None
    tools: Collection[str] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Wait:
    """Pauses until the event is set; `reached` is set when the model gets here."""

    event: asyncio.Event
    _: dataclasses.KW_ONLY
    reached: asyncio.Event | None = None
    expect: Expectation | None = None
    tools: Collection[str] | None = None


Part = Say | Think | Call | Fail | Wait


class Turn:
    """One model call: its parts in order, then `text`, then `calls`.

    Args:
        *parts: What the model does.
        text: Text after the parts.
        calls: Tool calls after the text.
        finish_reason: `"tool_calls"` or `"stop"` by default; `""` ends the stream without one.
        expect: What the prompt must be; see `Expectation`.
        tools: The names of exactly the tools that must be on offer.
    """

    def __init__(
        self,
        *parts: Part,
        text: str = "",
        calls: Sequence[Call] = (),
        finish_reason: str | None = None,
        expect: Expectation | None = None,
        tools: Collection[str] | None = None,
    ) -> None:
        self.parts: tuple[Part, ...] = (*parts, *([Say(text)] if text else []), *calls)
        has_calls = any(isinstance(part, Call) for part in self.parts)
        self.finish_reason = ("tool_calls" if has_calls else "stop") if finish_reason is None else finish_reason
        self.expect, self.tools = expect, tools


def as_turn(step: Turn | Part) -> Turn:
    """The step as a turn."""
    return step if isinstance(step, Turn) else Turn(step, expect=step.expect, tools=step.tools)
