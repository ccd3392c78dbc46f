"""Merging runs of deltas, so that a flush writes few rows and loses nothing.

Law: for any batching, building the merged chunks gives what building the single ones gives.
"""

from __future__ import annotations

from collections.abc import Iterable

from saga_agent.domain import chunks as c

_Delta = c.TextDelta | c.ReasoningDelta | c.ToolInputDelta


def merge_chunks(chunks: Iterable[c.Chunk]) -> list[c.Chunk]:
    """The same chunks with the deltas of one part glued together; the input is left as it is.

    Deltas of different parts may stand between each other (parallel tool calls); any other chunk is a barrier that
    nothing moves across, so the order of everything but deltas of different parts is kept.
    """
    merged: list[c.Chunk] = []
    open_runs: dict[tuple[str, str], tuple[int, list[_Delta]]] = {}
    for chunk in chunks:
        if not isinstance(chunk, _Delta):
            _glue(merged, open_runs)
            merged.append(chunk)
            continue
        key = (chunk.type, chunk.tool_call_id if isinstance(chunk, c.ToolInputDelta) else chunk.id)
        if key in open_runs:
            open_runs[key][1].append(chunk)
        else:
            open_runs[key] = (len(merged), [chunk])
            merged.append(chunk)
    _glue(merged, open_runs)
    return merged


def _glue(merged: list[c.Chunk], open_runs: dict[tuple[str, str], tuple[int, list[_Delta]]]) -> None:
    for index, deltas in open_runs.values():
        if len(deltas) > 1:
            merged[index] = _joined(deltas)
    open_runs.clear()


def _joined(deltas: list[_Delta]) -> _Delta:
    # The last word on each extra field (provider metadata) wins, unless it is null.
    update: dict[str, object] = {
        name: value for delta in deltas for name, value in (delta.model_extra or {}).items() if value is not None
    }
    if isinstance(deltas[0], c.ToolInputDelta):
        update["input_text_delta"] = "".join(d.input_text_delta for d in deltas if isinstance(d, c.ToolInputDelta))
    else:
        update["delta"] = "".join(d.delta for d in deltas if not isinstance(d, c.ToolInputDelta))
    return deltas[0].model_copy(update=update)
