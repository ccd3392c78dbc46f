"""A process that works on a database until it is killed, and says how far it has come.

`python -m tests.acceptance.streams.worker URL SCENE MARKS_FILE` prints one JSON object a line: `{"run": ...}` first,
then what the scene says. It never ends by itself.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

from saga_agent.app import Saga, build_storage
from saga_agent.models.script import Call, Say, Turn, Wait
from saga_agent.models.scripted import ScriptedModel
from saga_agent.runs.handle import RunHandle
from saga_agent.runs.settings import RunSettings
from saga_agent.storage.ports.journal import Streams
from tests.acceptance.streams.cast import AGENTS, Talker, marking_tools, word


def say(**values: object) -> None:
    """A line for the parent."""
    print(json.dumps(values), flush=True)


class Reporting:
    """A journal's streams that says when an append begins and when it is acknowledged."""

    def __init__(self, streams: Streams, said: list[int]) -> None:
        self._streams, self._said = streams, said

    def __getattr__(self, name: str) -> Any:
        return getattr(self._streams, name)

    async def append(self, stream_id: str, *, epoch: int, first_seq: int, chunks: Sequence[str]) -> None:
        handed_over = len(self._said)
        await self._streams.append(stream_id, epoch=epoch, first_seq=first_seq, chunks=chunks)
        say(acknowledged=handed_over)


async def main(url: str, scene: str, marks: Path) -> None:
    said: list[int] = []
    storage = build_storage(url)
    storage.journal = replace(storage.journal, streams=Reporting(storage.journal.streams, said))  # pyright: ignore
    tools = marking_tools(marks, reached=lambda: say(reached="tool"))
    async with Saga.open(
        storage=storage, model=model_of(scene, said), tools=tools, agents=AGENTS, runs=RunSettings(works=False)
    ) as saga:
        project = await saga.story.projects.create(name="A book")
        thread = await saga.threads.create(project_id=project.id)
        run = await saga.send(thread.id, "Go")
        say(run=run.id, stream=run.stream_id)
        await report(saga, run)
        await asyncio.Event().wait()


def model_of(scene: str, said: list[int]) -> BaseChatModel:
    """What the agent does in that scene."""
    never = asyncio.Event()
    match scene:
        case "talk":
            return Talker(word, 10**9, said=said.append, seconds_each=0.002)
        case "tool then half a sentence":
            look = Turn(text="First I look. ", calls=[Call("mark", {"name": "looked"}, id="look")])
            return ScriptedModel([look, Turn(Say("Half a sen"), Wait(never))])
        case "approvals":
            calls = [Call("write_mark", {"name": f"m{number}"}, id=f"c{number}") for number in range(56)]
            return ScriptedModel([Turn(calls=calls)])
        case "silence":
            return ScriptedModel([Turn(Say("Let me think"), Wait(never))])
        case "quiet tool":
            return ScriptedModel([Turn(text="I sleep.", calls=[Call("sleep")])])
        case _:
            raise ValueError(scene)


async def report(saga: Saga, run: RunHandle) -> None:
    """Tells what can be read back from the database, until the run ends or waits."""
    text = ""
    async for event in saga.follow(run.stream_id):
        text += getattr(event.chunk, "delta", "")
        say(durable=event.seq, kind=event.chunk.type, text=text)
    say(state=(await run.state()).state)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
