"""Who plays in the scenarios: an agent with tools that leave marks in a file, and models that talk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import PrivateAttr

from saga_agent.agents.agent import Agent
from saga_agent.models.streamed import StreamedChatModel, last_chunk, text_chunk
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult

AGENTS = [Agent(name="draft", description="Marks.", prompt="Mark things.", tools=("mark", "write_mark", "sleep"))]


def marking_tools(marks: Path, *, reached: Callable[[], object] | None = None) -> ToolRegistry:
    """`mark` (reads, runs at once) and `write_mark` (asks first) add a line to the file; `sleep` never ends."""
    registry = ToolRegistry()

    async def mark(context: ToolContext, name: str) -> ToolResult:
        """Leave a mark."""
        with marks.open("a") as file:
            file.write(f"{name}\n")
        return ToolResult(data={"marked": name})

    async def write_mark(context: ToolContext, name: str) -> ToolResult:
        """Leave a mark, once the writer agrees."""
        return await mark(context, name)

    async def sleep(context: ToolContext) -> ToolResult:
        """Sleep for ever."""
        if reached is not None:
            reached()
        try:
            await asyncio.Event().wait()
        finally:
            await mark(context, "sleep ended")
        raise AssertionError("nobody wakes it")

    registry.tool(effect="read")(mark)
    registry.tool(effect="write")(write_mark)
    registry.tool(effect="read", timeout_seconds=1e9)(sleep)
    return registry


def marks_in(path: Path) -> list[str]:
    """What the tools did, in order."""
    return path.read_text().splitlines() if path.exists() else []


class Talker(StreamedChatModel):
    """Says `piece(0)`, `piece(1)`, ... up to `count` pieces; `said` hears of each before it is sent on."""

    count: int
    seconds_each: float = 0.0
    _piece: Callable[[int], str] = PrivateAttr()
    _said: Callable[[int], object] = PrivateAttr()

    def __init__(
        self,
        piece: Callable[[int], str],
        count: int,
        *,
        said: Callable[[int], object] = bool,
        seconds_each: float = 0.0,
    ) -> None:
        super().__init__(count=count, seconds_each=seconds_each)  # pyright: ignore[reportCallIssue]
        self._piece, self._said = piece, said

    @property
    def _llm_type(self) -> str:
        return "talker"

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        *,
        tools: Sequence[dict[str, Any]] = (),
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for number in range(self.count):
            self._said(number)
            yield text_chunk(self._piece(number))
            await asyncio.sleep(self.seconds_each)
        yield last_chunk("stop", messages=messages, answer="")


def word(number: int) -> str:
    """A word that says where it stands, so that a prefix can be told from a patchwork."""
    return f"w{number} "


def words(count: int) -> str:
    """The first `count` words."""
    return "".join(map(word, range(count)))
