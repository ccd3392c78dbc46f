"""How far one answer of a model has come: what a failure must keep, and whether it was whole."""

from __future__ import annotations

from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk


class Progress:
    """Watches the chunks of one answer."""

    def __init__(self) -> None:
        self.partial = ""
        """The text that was passed on."""
        self.emitted = False
        """Whether text, reasoning or a piece of a tool call was passed on, so that a silent retry is no longer safe."""
        self.finish_reason: str | None = None

    def note(self, chunk: ChatGenerationChunk) -> bool:
        """Whether the chunk carries anything and is worth passing on."""
        message = chunk.message
        reason: str | None = (chunk.generation_info or {}).get("finish_reason")
        self.finish_reason = reason or self.finish_reason
        if not isinstance(message, AIMessageChunk):
            return True
        shown = bool(message.content or message.tool_call_chunks or message.additional_kwargs)
        if shown:
            self.emitted = True
            self.partial += str(message.text)
        return shown or bool(message.usage_metadata or reason)
