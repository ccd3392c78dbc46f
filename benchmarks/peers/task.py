"""The conversation that all clients hold: the same prompt, the same tool."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

Ask = Callable[[str], AsyncIterator[str]]
"""Asks a question in a conversation of its own; gives the answer's text as it comes."""
Peer = AbstractAsyncContextManager[Ask]

PROMPT = "You help a writer with a novel. Look things up before you answer, and be brief."
QUESTION = "Who keeps the old light at the harbour, and since when?"
TOOL_NAME = "look_up"
TOOL_DESCRIPTION = "Finds what the manuscript says about something."
FOUND = "Chapter 3: Mara Quill kept the light. She had kept it since the thaw, alone, and asked nobody for oil. " * 2


async def look_up(query: str) -> str:
    """Finds what the manuscript says about something.

    Args:
        query: What to look for.
    """
    return FOUND


SCHEMA = {
    "type": "function",
    "function": {
        "name": TOOL_NAME,
        "description": TOOL_DESCRIPTION,
        "parameters": {
            "type": "object",
            "properties": {"query": {"type": "string", "description": "What to look for."}},
            "required": ["query"],
            "additionalProperties": False,
        },
    },
}
