"""Asking the writer: the gate puts the question and brings the answer; nothing here runs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from saga_agent.domain.requests import Option
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="ui", category="questions", idempotent=True, question=True)(ask_question)


async def ask_question(
    ctx: ToolContext,
    question: Annotated[str, Field(min_length=1, max_length=1000)],
    options: tuple[Option, ...] = (),
    multiple: bool = False,
    min: Annotated[int, Field(ge=1)] = 1,
    max: Annotated[int, Field(ge=1)] | None = None,
    allow_note: bool = True,
    context: str = "",
) -> ToolResult:
    """Ask the writer something you cannot decide for them, and wait for the answer.

    Args:
        question: One question.
        options: None for a free text, or two to eight choices.
        multiple: Whether several may be chosen.
        min: How many at least, when several may be chosen.
        max: How many at the most, when several may be chosen.
        allow_note: Whether the writer may add a note.
        context: What the answer decides.
    """
    raise ToolFailure("unavailable", "Questions are put by the gate.")
