"""Telling a message to one client: all of it, or what follows the calls its page has decided."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from saga_agent.clock import Clock
from saga_agent.domain import chunks as c
from saga_agent.domain.data_parts import UsagePart
from saga_agent.domain.journal import END_STATES, Run, Usage
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Approval, Request
from saga_agent.runs.handle import RunHandle
from saga_agent.server.encoder import Encoder
from saga_agent.server.page_outcomes import page_outcomes
from saga_agent.server.settings import SdkVersion
from saga_agent.streams.merge import merge_chunks
from saga_agent.streams.replay import Replay

_LOOK_SECONDS = 0.2
_BATCH = 200
"""How many stored chunks are read at once, so that the deltas among them become one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamClient:
    """Who is told: a client, what it has of the message, and where it is looked up what the writer has answered."""

    version: SdkVersion
    answered: Callable[[], Awaitable[Sequence[Request]]]
    """The answered requests of the run and its subagents."""
    is_left: Callable[[Run], bool]
    """Whether nobody is at work on a run, so that somebody is about to take it up."""
    page_tools: Collection[str] = ()
    """The tools whose outcome pages give."""
    decided: Sequence[Request] = ()
    """What the client has just decided: it has the message up to these calls, and is told what follows."""
    given: Collection[str] = ()
    """The calls whose outcome the client has given itself."""


async def tell(
    handle: RunHandle, listener: StreamClient, clock: Clock, *, recovery_wait_seconds: float = 25.0
) -> AsyncGenerator[JsonObject]:
    """The events of one response: the message from its first chunk, or from after the calls just decided.

    The terminal event comes when the message is stored, so that a page finds it in the history at once.

    Raises: `Rewound` when what was told is void; what the storage raises.
    """
    run, replay = await _settled(handle, listener, clock, patience_seconds=recovery_wait_seconds)
    encoder = Encoder(listener.version, metadata={"runId": run.id, "agent": run.agent}, given=listener.given)
    known, written = await _parted(run, replay, listener.decided)
    for chunk in known:
        encoder.feed(chunk)
    if replay.written or run.state in END_STATES:  # else nothing was asked yet
        await _learn(encoder, listener, run)
    if listener.decided:
        yield encoder.start(handle.message_id)
    for request in listener.decided:
        for event in encoder.decided(request) if isinstance(request, Approval) else ():
            yield event
    last: c.Chunk | None = None
    async for chunk in _led(_all(written, replay.coming), handle.message_id):
        if isinstance(chunk, c.TERMINAL):
            last = chunk
            continue
        if encoder.tool_of(chunk) in listener.page_tools:
            await _learn(encoder, listener, run)  # it may have been given since
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
        model_calls=len(usage),
        input_tokens=sum(row.input_tokens for row in usage),
        output_tokens=sum(row.output_tokens for row in usage),
        estimated=any(row.estimated for row in usage),
        cost_usd=None if None in costs else sum(cost for cost in costs if cost is not None),
    )
    return c.Data(type="data-usage", data=part.model_dump(by_alias=True, mode="json"), transient=True).to_dict()


async def _parted(run: Run, replay: Replay, decided: Sequence[Request]) -> tuple[Sequence[c.Chunk], Iterable[c.Chunk]]:
    """What the page has of the message, and what of its log it has not."""
    if not decided:
        return (), replay.written
    written = list(replay.written)
    if not written and run.state in END_STATES:  # its log was trimmed: the message tells it
        written = [chunk async for chunk in replay.coming]
    place = _place_after(written, {request.call_id for request in decided})
    return written[:place], written[place:]


async def _all(written: Iterable[c.Chunk], coming: AsyncIterator[c.Chunk]) -> AsyncIterator[c.Chunk]:
    rest = iter(written)
    while batch := list(islice(rest, _BATCH)):
        for chunk in merge_chunks(batch):
            yield chunk
    async for chunk in coming:
        yield chunk


async def _led(chunks: AsyncIterator[c.Chunk], message_id: str) -> AsyncIterator[c.Chunk]:
    """The chunks, led by a start where the first is a place in the line: the message's own comes with its turn."""
    is_first = True
    async for chunk in chunks:
        if is_first and chunk.type == "data-queue":
            yield c.Start(message_id=message_id)
        is_first = False
        yield chunk


async def _learn(encoder: Encoder, listener: StreamClient, run: Run) -> None:
    answered = await listener.answered()
    given = page_outcomes(request for request in answered if request.run_id == run.id)
    approvals = [request for request in answered if isinstance(request, Approval)]
    encoder.learn(approvals, {call_id: outcome for (_, call_id), outcome in given.items()})


async def _settled(
    handle: RunHandle, listener: StreamClient, clock: Clock, *, patience_seconds: float
) -> tuple[Run, Replay]:
    """The message, once no runner is about to void what its predecessor wrote of a step.

    Whoever takes up the run of a dead process begins its last step again. A reader who comes in between is better kept
    waiting than told words that are taken back.
    """
    until = clock.now() + patience_seconds
    while True:
        run = await handle.state()
        replay = await handle.replay()
        if not (replay.in_step and _changes_hands(run, replay, listener)) or clock.now() >= until:
            return run, replay
        await asyncio.sleep(_LOOK_SECONDS)


def _changes_hands(run: Run, replay: Replay, listener: StreamClient) -> bool:
    if run.state == "queued":
        return True
    return run.state == "running" and (replay.epoch < run.epoch or listener.is_left(run))


def _place_after(written: Sequence[c.Chunk], call_ids: Iterable[str]) -> int:
    """How many chunks the page has, which decided these calls: up to the end of the first step that holds one."""
    wanted, found = set(call_ids), False
    for place, chunk in enumerate(written):
        found |= isinstance(chunk, c.ToolInputAvailable) and chunk.tool_call_id in wanted
        if found and isinstance(chunk, c.FinishStep):
            return place + 1
    return len(written)
