"""The writer of the chaos, who answers whatever is asked, from any process."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress

from saga_agent.actor import Actor
from saga_agent.domain.requests import Approval, Approve, Deny, Reply, Request
from saga_agent.errors import InvalidInput, NotFound, RunError, StorageError
from saga_agent.storage.ports.journal import Journal

_BROKEN_OFF = "it was started before and did not finish"
_RUNS_LOOKED_AT = 1_000


async def answer_all(actor: Actor, journal: Journal) -> None:
    """Answers what the owner's runs wait for, however old they are, a moment after; never ends by itself."""
    while True:
        await asyncio.sleep(random.uniform(0.1, 0.6))
        with suppress(StorageError):
            waiting = await journal.runs.list(owner_id=actor.owner_id, states=("waiting",), limit=_RUNS_LOOKED_AT)
            for run in reversed(waiting):
                await answer(actor, run.id)


async def answer(actor: Actor, run_id: str) -> None:
    """Answers what that run waits for now; somebody else may be faster."""
    with suppress(RunError, InvalidInput, NotFound, StorageError):
        if replies := replies_to(await actor.requests(run_id=run_id)):
            await actor.answer(run_id, replies)


def replies_to(requests: Sequence[Request]) -> Mapping[str, Reply]:
    """Yes to what was not begun, no to a call whose process died in its middle: that one must not run twice."""
    return {request.id: Deny() if _was_begun(request) else Approve() for request in requests}


def _was_begun(request: Request) -> bool:
    return isinstance(request, Approval) and request.rule == _BROKEN_OFF
