"""A stream's log, row by row, as `saga streams show` prints it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.text import Text

from saga_agent.cli.rendering.words import short_value
from saga_agent.domain import chunks as c
from saga_agent.domain.effective_rows import EffectiveRows
from saga_agent.domain.journal import Delta
from saga_agent.domain.record import JsonObject
from saga_agent.streams.rows import to_event

_ROOM = 88


@dataclass(frozen=True, slots=True)
class LogRow:
    """A row with what became of it: `is_void` when a later rewind took it back."""

    seq: int
    epoch: int
    chunk: c.Chunk
    is_void: bool

    def to_dict(self) -> JsonObject:
        """The row as JSON."""
        return {"seq": self.seq, "epoch": self.epoch, "void": self.is_void, "chunk": self.chunk.to_dict()}


def mark_void(stream_id: str, rows: Iterable[Delta]) -> list[LogRow]:
    """The rows with those marked that a rewind voids; the rewinds themselves count, damaged rows are left out."""
    parsed = [(row, event.chunk) for row in rows if (event := to_event(stream_id, row)) is not None]
    counting = EffectiveRows[int]()
    for row, chunk in parsed:
        if isinstance(chunk, c.Rewind):
            counting.rewind(chunk.to_seq)
        else:
            counting.add(row.seq, row.seq)
    counted = set(counting.to_list())
    return [
        LogRow(row.seq, row.epoch, chunk, row.seq not in counted and not isinstance(chunk, c.Rewind))
        for row, chunk in parsed
    ]


def row_lines(rows: Sequence[LogRow]) -> Iterable[Text]:
    """A line for each row: number, epoch, kind, what it says."""
    for row in rows:
        style = "void" if row.is_void else "warn" if isinstance(row.chunk, c.Rewind) else ""
        mark = "✗" if row.is_void else "↶" if isinstance(row.chunk, c.Rewind) else " "
        head = f"{row.seq:>5}  e{row.epoch} {mark} "
        yield Text.assemble((head, "note"), (f"{row.chunk.type:<22} ", style or "tool"), (_content(row.chunk), style))


def _content(chunk: c.Chunk) -> str:
    match chunk:
        case c.TextDelta() | c.ReasoningDelta():
            return short_value(chunk.delta, chars=_ROOM)
        case c.ToolInputDelta():
            return short_value(chunk.input_text_delta, chars=_ROOM)
        case c.ToolInputStart():
            return chunk.tool_name
        case c.ToolInputAvailable():
            return f"{chunk.tool_name} {short_value(chunk.input, chars=_ROOM - len(chunk.tool_name))}"
        case c.ToolOutputAvailable():
            return short_value(chunk.output, chars=_ROOM)
        case c.ToolOutputError() | c.ToolInputError() | c.Error():
            return chunk.error_text
        case c.ToolApprovalRequest():
            return chunk.approval_id
        case c.Rewind():
            return f"to {chunk.to_seq}: the rows marked ✗ are void, a new runner goes on from there"
        case c.Start():
            return chunk.message_id
        case c.Finish():
            return chunk.finish_reason or ""
        case _:
            return ""
