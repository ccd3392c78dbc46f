"""An edit of arguments that the tool would not take is refused when it is given; the request stays open."""

from dataclasses import replace

import pytest

from saga_agent.agents.agent import Agent, Subagent
from saga_agent.domain.requests import Edit
from saga_agent.domain.rules import Rule
from saga_agent.errors import InvalidInput
from saga_agent.models.script import Call, Say, Turn
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from tests.unit.runs.opening import Open

DID: list[str] = []


def tools() -> ToolRegistry:
    registry = ToolRegistry()

    @registry.tool(effect="write")
    async def rename(ctx: ToolContext, name: str, times: int = 1) -> None:
        """Rename it."""
        DID.append(name * times)

    return registry


AGENT = Agent(name="draft", description="Drafts.", prompt="Draft.", tools=("rename",), subagents=("helper",))
HELPER = Subagent(name="helper", description="Helps.", prompt="Help.", tools=("rename",))
CALL = Turn(calls=[Call("rename", {"name": "Tam"})])
BAD = [{}, {"nmae": "Tom"}, {"name": 7}, {"name": "Tom", "times": "often"}, {"name": "Tom", "more": 1}, {"name": None}]


@pytest.mark.parametrize("subagent", [False, True], ids=["own", "subagent's"])
async def test_an_edit_that_does_not_fit_is_refused_and_the_request_stays_open(open_saga: Open, subagent: bool) -> None:
    DID.clear()
    delegate = Turn(calls=[Call("delegate", {"agent": "helper", "task": "Rename him."})])
    script = [delegate, CALL, Say("Done."), Say("All done.")] if subagent else [CALL, Say("All done.")]
    saga, thread = await open_saga(*script, tools=tools(), agents=[AGENT, HELPER])
    run = await saga.send(thread.id, "Rename him.")
    async for _ in run.chunks():
        pass
    (request,) = await run.requests()

    for arguments in BAD:
        with pytest.raises(InvalidInput, match="These arguments cannot be used: rename: '"):
            await saga.answer(run.id, {request.id: Edit(arguments=arguments)})
        (still,) = await run.requests()
        assert still == request

    await saga.answer(run.id, {request.id: Edit(arguments={"name": "To\ud83dm", "times": 2})})
    assert (await run.result()).text == "All done."
    assert DID == ["To\ufffdm" * 2]


async def test_an_edit_of_a_delegation_that_does_not_fit_is_refused(open_saga: Open) -> None:
    saga, thread = await open_saga(
        Turn(calls=[Call("delegate", {"agent": "helper", "task": "Rename him."})]),
        Say("Helped."),
        Say("Done."),
        tools=tools(),
        agents=[replace(AGENT, rules=(Rule("delegate", "ask"),)), HELPER],
    )
    run = await saga.send(thread.id, "Rename him.")
    async for _ in run.chunks():
        pass
    (request,) = await run.requests()

    with pytest.raises(InvalidInput, match="delegate: 'agent'"):
        await saga.answer(run.id, {request.id: Edit(arguments={"agent": "nobody", "task": "x"})})
    await saga.answer(run.id, {request.id: Edit(arguments={"agent": "helper", "task": "Wait."})})
    assert (await run.result()).text == "Done."
