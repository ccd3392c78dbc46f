"""A process that is killed in the middle of an answer; it prints what it knows to be stored.

Lines on its output: `run ID STREAM` once; `row SEQ HASH` for each row that was flushed; `said CHARACTERS` for each
piece of text that a reader saw. With `wait` as last argument it only takes up what others leave behind.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys

from benchmarks.peers.ours import open_saga
from benchmarks.peers.task import QUESTION
from saga_agent import Saga
from saga_agent.domain.chunks import Chunk, TextDelta
from saga_agent.runs.handle import RunHandle


def _tell(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def row_hash(chunk: Chunk) -> str:
    """The row's content, in short."""
    return hashlib.sha256(chunk.to_json().encode()).hexdigest()[:16]


async def _tell_rows(saga: Saga, run: RunHandle) -> None:
    async for event in saga.follow(run.stream_id):
        _tell("row", event.seq, row_hash(event.chunk))


async def _main(database: str, model: str, role: str) -> None:
    async with open_saga(database, model) as saga:
        if role == "wait":
            _tell("ready")
            await asyncio.Event().wait()
        project = await saga.story.projects.create(name="The Old Light")
        thread = await saga.threads.create(project_id=project.id)
        run = await saga.send(thread.id, QUESTION)
        _tell("run", run.id, run.stream_id)
        rows = asyncio.create_task(_tell_rows(saga, run))
        said = 0
        async for chunk in run.chunks():
            if isinstance(chunk, TextDelta):
                said += len(chunk.delta)
                _tell("said", said)
        await rows


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
