"""What a scripted OpenAI-compatible server answers: a status and the frames of its body, whole or spoiled."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

Ending = Literal["whole", "cut", "clean", "silent"]
"""After its frames the reply ends properly, by a lost connection, by an early but proper end, or goes silent."""


@dataclasses.dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer; `frames` are written one by one, so that a test can say where it stops."""

    frames: tuple[bytes, ...]
    status: int = 200
    headers: Mapping[str, str] = dataclasses.field(default_factory=lambda: {"content-type": "text/event-stream"})
    ending: Ending = "whole"

    @classmethod
    def events(cls, *events: Mapping[str, Any], done: bool = True) -> Reply:
        """An event stream of these JSON objects, closed by `[DONE]`."""
        tail = (b"data: [DONE]\n\n",) if done else ()
        return cls((*(sse(event) for event in events), *tail))

    @classmethod
    def text(cls, *pieces: str, finish_reason: str = "stop", usage: tuple[int, int] | None = (7, 5)) -> Reply:
        """An answer in these pieces, one event each."""
        return cls.events(
            delta(role="assistant", content=""), *(delta(content=p) for p in pieces), *ending(finish_reason, usage)
        )

    @classmethod
    def calls(
        cls, *calls: tuple[str, str], text: str = "", finish_reason: str = "tool_calls", argument_chars: int = 6
    ) -> Reply:
        """Tool calls `(name, raw arguments)`, the arguments in pieces of `argument_chars`."""
        events = [delta(role="assistant", content=text)]
        for index, (name, raw) in enumerate(calls):
            head = {"index": index, "id": f"call_{index}", "type": "function"}
            events.append(delta(tool_calls=[{**head, "function": {"name": name, "arguments": ""}}]))
            events += [
                delta(tool_calls=[{"index": index, "function": {"arguments": piece}}])
                for piece in chop(raw, argument_chars)
            ]
        return cls.events(*events, *ending(finish_reason, (7, 5)))

    @classmethod
    def error(
        cls, status: int, message: str, *, code: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """An HTTP error with the body that OpenAI sends."""
        body = {"error": {"message": message, "type": "error", "param": None, "code": code}}
        return cls.document(json.dumps(body), status=status, headers=headers)

    @classmethod
    def document(
        cls,
        body: str,
        *,
        status: int = 200,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """A plain body instead of an event stream."""
        return cls((body.encode(),), status=status, headers={"content-type": content_type, **(headers or {})})

    def stopped(self, frames: int, how: Ending) -> Reply:
        """The same reply, ending after that many frames."""
        return dataclasses.replace(self, frames=self.frames[:frames], ending=how)

    def stopped_at_byte(self, count: int, how: Ending) -> Reply:
        """The same reply, ending after that many bytes, wherever that is."""
        return dataclasses.replace(self, frames=(b"".join(self.frames)[:count],), ending=how)


def sse(event: Mapping[str, Any]) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(event).encode() + b"\n\n"


def delta(*, finish_reason: str | None = None, **fields: Any) -> dict[str, Any]:
    """A chat completion chunk with this delta."""
    return {**_HEAD, "choices": [{"index": 0, "delta": fields, "finish_reason": finish_reason}]}


def usage_event(prompt: int, completion: int) -> dict[str, Any]:
    """The chunk without choices that carries the usage."""
    tokens = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {**_HEAD, "choices": [], "usage": tokens}


def ending(finish_reason: str, usage: tuple[int, int] | None) -> list[dict[str, Any]]:
    """The last chunks of a whole answer."""
    return [delta(finish_reason=finish_reason), *([usage_event(*usage)] if usage else [])]


def chop(text: str, size: int) -> Sequence[str]:
    """The text in pieces of that size."""
    return [text[at : at + size] for at in range(0, len(text), size)]


_HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
