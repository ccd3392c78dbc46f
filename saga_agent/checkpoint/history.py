"""Channels that are stored as their writes: what rebuilds them from a checkpoint's ancestors."""

from __future__ import annotations

from collections.abc import Sequence

from langgraph.checkpoint.base import DeltaChannelHistory
from langgraph.checkpoint.serde.base import SerializerProtocol

from saga_agent.checkpoint.rows import in_order, load, to_pending
from saga_agent.domain.checkpoint import StoredCheckpoint


def span(ancestors: Sequence[StoredCheckpoint], channel: str) -> int:
    """How many ancestors, nearest first, rebuild the channel: up to the first that holds its value, or all."""
    for count, stored in enumerate(ancestors, start=1):
        if channel in stored.values:
            return count
    return len(ancestors)


def channel_history(
    serde: SerializerProtocol, ancestors: Sequence[StoredCheckpoint], channel: str
) -> DeltaChannelHistory:
    """The nearest stored value of the channel, if any, and all writes since, oldest first.

    A checkpoint's value is the one before its own writes, so the writes beside the value count too.
    """
    chain = ancestors[: span(ancestors, channel)]
    history = DeltaChannelHistory(
        writes=[
            to_pending(serde, write)
            for stored in reversed(chain)
            for write in in_order(stored.writes)
            if write.channel == channel
        ]
    )
    if chain and (seed := chain[-1].values.get(channel)):
        history["seed"] = load(serde, seed)
    return history
