"""Reading on in a result that was too long for the model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from saga_agent.domain.record import JsonObject
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult

_PIECE = 20_000


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="read", category="manuscript")(read_result)


async def read_result(ctx: ToolContext, call_id: str, start: Annotated[int, Field(ge=0)] = 0) -> ToolResult:
    """Read on in the result of an earlier call of this turn that was cut because it was too long.

    Args:
        call_id: The id of the call, as its warning names it.
        start: The character to begin at, as the warning or the last piece names it.
    """
    # A failure says the same whether the call never was or is another run's: `full_result` sees this run alone.
    text = await ctx.full_result(call_id) if ctx.full_result is not None else None
    if text is None:
        raise ToolFailure("not_found", f"No result of the call {call_id!r} was cut.")
    end = min(start + _PIECE, len(text))
    data: JsonObject = {"text": text[start:end], "length": len(text)}
    return ToolResult(data=data | ({"next_start": end} if end < len(text) else {}))
