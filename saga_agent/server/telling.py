"""Telling a message to one client: all of it, or what follows the calls its page has decided."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence

from saga_agent.clock import Clock
from saga_agent.domain import chunks as c
from saga_agent.domain.data_parts import UsagePart
from saga_agent.domain.journal import END_STATES, Run, Usage
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Approval, Request
from saga_agent.runs.handle import RunHandle
from saga_agent.runs.owner import is_dead
from saga_agent.server.encoder import Encoder
from saga_agent.server.settings import SdkVersion
from saga_agent.streams.replay import Replay

_LOOK_SECONDS = 0.2


async def tell(
    handle: RunHandle, version: SdkVersion, clock: Clock, *, approvals: Sequence[Approval],
    decided: Sequence[Request] = (), recovery_wait_seconds: float = 25.0,
) -> AsyncGenerator[JsonObject]:  # fmt: skip
    """The events of one response: the message from its first chunk, or from after the calls just decided.

    The terminal event comes when the message is stored, so that a page finds it in the history at once.

    Raises: `Rewound` when what was told is void; what the storage raises.
    """
    run, replay = await _settled(handle, clock, patience_seconds=recovery_wait_seconds)
    encoder = Encoder(version, metadata={"runId": run.id, "agent": run.agent})
    known, written = await _parted(run, replay, decided)
    for chunk in known:
        encoder.feed(chunk)
    encoder.learn(approvals)
    if decided:
        yield encoder.start(handle.message_id)
    for request in decided:
        for event in encoder.decided(request) if isinstance(request, Approval) else ():
            yield event
    last: c.Chunk | None = None
    async for chunk in _all(written, replay.coming):
        if isinstance(chunk, c.TERMINAL):
            last = chunk
            continue
        for event in encoder.feed(chunk):
            yield event
    if last is not None and (usage := await handle.usage()):
        yield usage_event(usage)
    for event in encoder.feed(last) if last is not None else encoder.pause():
        yield event


def usage_event(usage: Sequence[Usage]) -> JsonObject:
    """What a run's model calls took, as the page is told."""
    costs = [row.cost_usd for row in usage]
    part = UsagePart(
        model_calls=len(usage), input_tokens=sum(row.input_tokens for row in usage),
        output_tokens=sum(row.output_tokens for row in usage), estimated=any(row.estimated for row in usage),
        cost_usd=None if None in costs else sum(cost for cost in costs if cost is not None),
    )  # fmt: skip
    return c.Data(type="data-usage", data=part.model_dump(by_alias=True, mode="json"), transient=True).to_dict()


async def _parted(run: Run, replay: Replay, decided: Sequence[Request]) -> tuple[Sequence[c.Chunk], Sequence[c.Chunk]]:
    """What the page has of the message, and what of its log it has not."""
    written: Sequence[c.Chunk] = replay.written
    if not decided:
        return (), written
    if not written and run.state in END_STATES:  # its log was trimmed: the message tells it
        written = [chunk async for chunk in replay.coming]
    place = _place_after(written, {request.call_id for request in decided})
    return written[:place], written[place:]


async def _all(written: Sequence[c.Chunk], coming: AsyncIterator[c.Chunk]) -> AsyncIterator[c.Chunk]:
    for chunk in written:
        yield chunk
    async for chunk in coming:
        yield chunk


async def _settled(handle: RunHandle, clock: Clock, *, patience_seconds: float) -> tuple[Run, Replay]:
    """The message, once no runner is about to void what its predecessor wrote of a step.

    Whoever takes up the run of a dead process begins its last step again. A reader who comes in between is better kept
    waiting than told words that are taken back.
    """
    until = clock.now() + patience_seconds
    while True:
        run = await handle.state()
        replay = await handle.replay()
        if not (replay.in_step and _changes_hands(run, replay, clock)) or clock.now() >= until:
            return run, replay
        await asyncio.sleep(_LOOK_SECONDS)


def _changes_hands(run: Run, replay: Replay, clock: Clock) -> bool:
    if run.state == "queued":
        return True
    if run.state != "running":
        return False
    return replay.epoch < run.epoch or run.lease_until <= clock.now() or is_dead(run.runner)


def _place_after(written: Sequence[c.Chunk], call_ids: Iterable[str]) -> int:
    """How many chunks the page has, which decided these calls: up to the end of the first step that holds one."""
    wanted, found = set(call_ids), False
    for place, chunk in enumerate(written):
        found |= isinstance(chunk, c.ToolInputAvailable) and chunk.tool_call_id in wanted
        if found and isinstance(chunk, c.FinishStep):
            return place + 1
    return len(written)
