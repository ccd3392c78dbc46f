"""A process that plays a tree of agents until it is killed.

`python -m tests.acceptance.permissions.tree_worker URL MARKS SCENE [RUN REQUEST...]` begins a turn, or goes on with one
by approving these requests, and prints one JSON line when it has come as far as the scene goes. It never ends by
itself.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path

from saga_agent.app import Saga
from saga_agent.domain.chunks import TextDelta
from saga_agent.domain.requests import Approve
from saga_agent.errors import RunPaused
from saga_agent.models.script import Call, Say, Turn, Wait
from saga_agent.runs.handle import RunHandle
from tests.acceptance.permissions.trees import Scripts, children, delegate, open_tree
from tests.acceptance.streams.worlds import World, first, send


def scripts_of(scene: str, reached: asyncio.Event) -> Scripts:
    """Who says what in that scene."""
    match scene:
        case "a grandchild asks":
            return Scripts(
                draft=[Turn(text="I ask.", calls=[delegate("scribe")])],
                scribe=[Turn(calls=[delegate("clerk")])],
                clerk=[Turn(calls=[Call("write_mark", {"name": "x"})])],
            )
        case "two children ask":
            return Scripts(
                draft=[Turn(calls=[delegate("scribe", call_id="a"), delegate("research", call_id="b")])],
                scribe=[Turn(calls=[Call("write_mark", {"name": "one"})])],
                research=[Turn(calls=[Call("write_mark", {"name": "two"})])],
            )
        case "the scribe goes on":
            return Scripts(scribe=[Say("ok")])
        case "a child is in the middle of a sentence":
            silence = Turn(Say("Half a sen"), Wait(asyncio.Event(), reached=reached))
            return Scripts(
                draft=[Turn(text="I ask.", calls=[delegate("research")])],
                research=[Turn(calls=[Call("mark", {"name": "looked"})]), silence],
            )
        case _:
            raise ValueError(scene)


async def begin(saga: Saga, scene: str, run_id: str | None, request_ids: list[str]) -> RunHandle:
    """The turn, begun or gone on with."""
    if run_id is None:
        return await send(saga)
    await saga.answer(run_id, {request_id: Approve() for request_id in request_ids})
    return await saga.run(run_id)


async def main(url: str, marks: Path, scene: str, run_id: str | None = None, *request_ids: str) -> None:
    reached = asyncio.Event()
    saga = await open_tree(World(marks=marks, url=url), scripts_of(scene, reached))
    run = await begin(saga, scene, run_id, list(request_ids))
    if scene.startswith("a child is"):
        await reached.wait()
        (child,) = await children(saga, run)
        await first(saga.follow(child.stream_id), lambda event: isinstance(event.chunk, TextDelta))  # it is in the log
    else:
        with suppress(RunPaused):
            await run.result()
    print(json.dumps({"run": run.id, "state": (await run.state()).state}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]))
