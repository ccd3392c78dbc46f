"""What a killed attempt had said of a step that is begun again: it was paid for, so it is counted, by estimate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from saga_agent.domain import chunks as c
from saga_agent.domain.effective_rows import EffectiveRows
from saga_agent.storage.ports.journal import Streams
from saga_agent.streams.rows import read_rows, to_event


async def said_of_step(streams: Streams, stream_id: str, step: int) -> Mapping[int, str]:
    """The words that each epoch's writer said of the step with that number, voided ones too; by epoch."""
    said: dict[int, list[str]] = defaultdict(list)
    starts = EffectiveRows[None]()
    async for row in read_rows(streams, stream_id):
        event = to_event(stream_id, row)
        match event.chunk if event else None:
            case c.Rewind(to_seq=to_seq):
                starts.rewind(to_seq)
            case c.StartStep():
                starts.add(row.seq, None)
                if len(starts) == step + 1:
                    said[row.epoch].append("")
            case c.TextDelta(delta=words) | c.ReasoningDelta(delta=words) | c.ToolInputDelta(input_text_delta=words):
                if len(starts) == step + 1:
                    said[row.epoch].append(words)
            case _:
                pass
    return {epoch: "".join(words) for epoch, words in said.items()}
