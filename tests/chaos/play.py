"""What the agents of the chaos do: text that says where it belongs, and tools whose every run leaves a line."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGenerationChunk

from saga_agent.agents.agent import Agent
from saga_agent.models.streamed import StreamedChatModel, call_chunks, last_chunk, new_call_id, text_chunk
from saga_agent.runs.lease import LeaseTimes
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult

STEPS, WORDS, CALLS = 3, 30, 2
TIMES = LeaseTimes(lease_seconds=3.0, renew_seconds=1.0, watch_seconds=0.3)
AGENTS = [Agent(name="draft", description="Talks and marks.", prompt="Talk and mark.", tools=("mark", "sign"))]


def word(tag: str, step: int, number: int) -> str:
    """The word at that place of the answer to the message `tag`."""
    return f"{tag}.{step}.{number} "


def whole_text(tag: str) -> str:
    """All that the answer to the message `tag` says when nothing cuts it short."""
    return "".join(word(tag, step, number) for step in range(STEPS) for number in range(WORDS))


def is_at_a_pause(tag: str, text: str) -> bool:
    """Whether the answer may have come so far when it waits for the writer: a step is told whole before it asks."""
    words = len(text.split())
    return whole_text(tag).startswith(text) and words > 0 and words % WORDS == 0


class Chatter(StreamedChatModel):
    """Says the words of each step at a random pace; every step but the last makes two calls, the second step asks."""

    @property
    def _llm_type(self) -> str:
        return "chatter"

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        *,
        tools: Sequence[dict[str, Any]] = (),
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        asked = max(place for place, message in enumerate(messages) if isinstance(message, HumanMessage))
        tag = str(messages[asked].text)
        step = sum(isinstance(message, ToolMessage) for message in messages[asked:]) // CALLS
        for number in range(WORDS):
            yield text_chunk(word(tag, step, number))
            await asyncio.sleep(random.random() * 0.01)
        for index in range(CALLS) if step < STEPS - 1 else ():
            raw = f'{{"name": "{tag}.{step}.{index}"}}'
            tool = "sign" if (step, index) == (1, 1) else "mark"
            for chunk in call_chunks(tool, raw, call_id=new_call_id(), index=index, piece_chars=5):
                yield chunk
        yield last_chunk("tool_calls" if step < STEPS - 1 else "stop", messages=messages, answer="")


def marking_tools(marks: Path) -> ToolRegistry:
    """`mark` and `sign`, which may not be repeated and add their name to the file; `sign` asks the writer before."""
    registry = ToolRegistry()

    async def mark(context: ToolContext, name: str) -> ToolResult:
        """Leave a mark."""
        add_line(marks, name)
        await asyncio.sleep(random.random() * 0.1)
        return ToolResult(data={"marked": name})

    async def sign(context: ToolContext, name: str) -> ToolResult:
        """Leave a mark, when the writer agrees."""
        return await mark(context, name)

    registry.tool(effect="read")(mark)
    registry.tool(effect="write")(sign)
    return registry


def add_line(path: Path, line: str) -> None:
    """Appends the line in one write, which a SIGKILL leaves whole or undone."""
    descriptor = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    try:
        os.write(descriptor, f"{line}\n".encode())
    finally:
        os.close(descriptor)


def lines_of(path: Path) -> list[str]:
    """The file's lines, none if there is no file."""
    return path.read_text().splitlines() if path.exists() else []
