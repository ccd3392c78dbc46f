"""A turn for programs: one JSON object per line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from saga_agent.cli.rendering.console import print_json_line
from saga_agent.domain.journal import Message, Run, Usage
from saga_agent.domain.requests import Request
from saga_agent.streams.rows import StreamEvent


def print_event(event: StreamEvent) -> None:
    """`{"type": "chunk", "seq": 7, "chunk": {...}}`: a row of the stream, as `saga streams show` has it."""
    print_json_line({"type": "chunk", "seq": event.seq, "chunk": event.chunk.to_dict()})


def print_requests(requests: Iterable[Request]) -> None:
    """`{"type": "request", "request": {...}}` for each."""
    for request in requests:
        print_json_line({"type": "request", "request": request.model_dump(mode="json")})


def print_result(run: Run, message: Message, usage: Sequence[Usage]) -> None:
    """`{"type": "result", ...}`: always the last line."""
    print_json_line(
        {
            "type": "result",
            "run_id": run.id,
            "thread_id": run.thread_id,
            "state": run.state,
            "reason": run.reason,
            "text": message.text,
            "usage": {
                "input_tokens": sum(each.input_tokens for each in usage),
                "output_tokens": sum(each.output_tokens for each in usage),
                "model_calls": len(usage),
                "estimated": any(each.estimated for each in usage),
            },
        }
    )
