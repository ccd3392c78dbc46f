"""A process whose agent asks for three things and puts one question, until it is killed.

`python -m tests.acceptance.permissions.asker URL MARKS_FILE [RUN_ID REQUEST_ID ...]` prints the run's id, as JSON, once
the run waits. With a run's id it approves these requests of it, or answers the questions among them, and goes on.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from saga_agent.agents.agent import Agent
from saga_agent.app import Saga, build_storage
from saga_agent.domain.requests import Answer, Approve, Question
from saga_agent.models.script import Call, Say, Turn
from saga_agent.models.scripted import ScriptedModel
from saga_agent.runs.settings import RunSettings
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.story import questions
from tests.acceptance.streams.cast import marking_tools

AGENT = Agent(name="draft", description="Asks.", prompt="Ask.", tools=("mark", "write_mark", "ask_question"))
CALLS = [
    Call("mark", {"name": "read"}, id="read"),
    *(Call("write_mark", {"name": name}, id=name) for name in "abc"),
    Call("ask_question", {"question": "Who did it?"}, id="q"),
]
LAST_WORD = "All is settled."


def asking_tools(marks: Path) -> ToolRegistry:
    """The marking tools, and questions."""
    registry = marking_tools(marks)
    questions.register(registry)
    return registry


async def main(url: str, marks: Path, run_id: str | None, request_ids: list[str]) -> None:
    script = [Turn(calls=CALLS), Say(LAST_WORD)] if run_id is None else [Say(LAST_WORD)]
    async with Saga.open(
        storage=build_storage(url),
        model=ScriptedModel(script),
        tools=asking_tools(marks),
        agents=[AGENT],
        runs=RunSettings(works=False),
    ) as saga:
        if run_id is None:
            project = await saga.story.projects.create(name="A book")
            run = await saga.send((await saga.threads.create(project_id=project.id)).id, "Go")
        else:
            run = await saga.run(run_id)
            asked = {request.id: request for request in await run.requests()}
            await saga.answer(
                run_id,
                {id: Answer(text="Mara") if isinstance(asked[id], Question) else Approve() for id in request_ids},
            )
        async for _ in run.chunks():
            pass
        await saga._engine.runner.wait(run.id)
        print(json.dumps({"run": run.id, "state": (await run.state()).state}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None, sys.argv[4:]))
