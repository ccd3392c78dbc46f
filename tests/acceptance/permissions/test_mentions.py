"""`@name`: what a writer types calls a subagent, deterministically; nothing else does. Scenario 18."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from langchain_core.messages import BaseMessage

from saga_agent.agents.agent import Agent
from saga_agent.domain.requests import Approval, Approve
from saga_agent.domain.rules import Rule
from saga_agent.errors import RunPaused
from saga_agent.models.script import Call, Say, Turn
from saga_agent.models.scripted import ScriptedModel
from saga_agent.tools.policy import Policy
from tests.acceptance.permissions.trees import Scripts, children, delegate, open_tree, report, shown, tree_tools
from tests.acceptance.streams.cast import marks_in
from tests.acceptance.streams.conftest import open_world
from tests.acceptance.streams.worlds import World, new_thread, send

WRITE = Call("write_mark", {"name": "x"}, id="w")


@pytest.fixture(params=["memory", "sqlite"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async for world in open_world(request.param, request, tmp_path):
        yield world


async def test_scenario_18_a_typed_mention_is_dispatched_once_before_the_model_speaks(world: World) -> None:
    saga = await open_tree(
        world,
        Scripts(
            draft=[
                Turn(text="I have read it.", expect=lambda said: [each.type for each in said[2:]] == ["ai", "tool"])
            ],
            research=[Turn(text="Tam is.", expect="Who is at the Kennels?")],
        ),
    )
    run = await send(saga, "Who is at the Kennels? @research @research")
    message = await run.result()

    (child,) = await children(saga, run)
    assert (await run.state()).mentions == ("research",)
    assert (child.agent, child.parent_call_id) == ("research", "mention-1")
    kinds = [part["type"] for part in message.parts]
    assert kinds == ["step-start", "tool-delegate", "data-subagent", "step-start", "text"]
    assert (await report(saga, run.id, "mention-1"))["data"]["text"] == "Tam is."  # pyright: ignore
    assert [row.step for row in await run.usage()] == [0], "calling whom the writer named is no model call"


@pytest.mark.parametrize(
    "text", ["Look at `@research`.", "```\n@research\n```", "Mail research@research.org", r"\@research is a name"]
)
async def test_scenario_18_code_addresses_and_escapes_dispatch_nobody(world: World, text: str) -> None:
    saga = await open_tree(world, Scripts(draft=[Say("Yes.")]))
    run = await send(saga, text)
    await run.result()

    assert await children(saga, run) == []


async def test_scenario_18_no_mention_in_documents_tool_output_or_a_models_words_dispatches(world: World) -> None:
    """The model says it, a tool's arguments and results say it, a chapter says it, the task of a child says it."""
    saga = await open_tree(
        world,
        Scripts(
            draft=[
                Turn(
                    text="@scribe should. ",
                    calls=[Call("mark", {"name": "@scribe"}, id="m"), delegate("research", "Ask @clerk and @scribe.")],
                ),
                Say("@scribe, over to you."),
            ],
            research=[Turn(text="@scribe @clerk @research")],
        ),
    )
    thread = await new_thread(saga)
    await saga.story.documents.create(thread.project_id, title="One", number=1, text="Then @scribe wrote. @scribe!")
    run = await saga.send(thread.id, "Then wrote?")
    await run.result()
    second = await saga.runs()

    assert [child.agent for child in await children(saga, run)] == ["research"]
    assert len(second) == 2


async def test_a_mention_grants_nothing(world: World) -> None:
    """The called subagent's write asks as ever, and so does another's in the same turn."""
    saga = await open_tree(
        world,
        Scripts(
            draft=[Turn(calls=[delegate("research")]), Say("Done.")],
            scribe=[Turn(calls=[WRITE]), Say("ok")],
            research=[Turn(calls=[WRITE]), Say("ok")],
        ),
    )
    run = await send(saga, "Write it. @scribe")
    for agent in ("scribe", "research"):
        with pytest.raises(RunPaused) as paused:
            await run.result()
        (request,) = paused.value.requests
        assert isinstance(request, Approval)
        assert request.agent == agent
        await saga.answer(run.id, {request.id: Approve()})
    await run.result()

    assert marks_in(world.marks) == ["x", "x"]


async def test_a_mention_of_a_denied_subagent_is_denied(world: World) -> None:
    deny = Rule("delegate", "deny", arguments={"agent": "research"})
    saga = await open_tree(world, Scripts(draft=[Say("I may not ask.")]), policy=Policy([deny]))
    run = await send(saga, "Look. @research")
    message = await run.result()

    assert await children(saga, run) == []
    assert message.text == "I may not ask."
    assert (await report(saga, run.id, "mention-1"))["error"]["code"] == "permission_denied"  # pyright: ignore


async def test_an_unknown_mention_is_told_to_the_writer(world: World) -> None:
    saga = await open_tree(world, Scripts(draft=[Say("Yes?")]))
    run = await send(saga, "Look at this, @reserch.")
    message = await run.result()

    assert shown(message.parts, "data-notice") == [
        {"text": "There is no subagent @reserch here; there are @scribe, @research."}
    ]
    assert message.parts[0]["type"] == "data-notice"
    assert await children(saga, run) == []


async def test_two_mentions_work_side_by_side_and_an_edit_calls_anew(world: World) -> None:
    saga = await open_tree(
        world, Scripts(draft=[Say("Both."), Say("One.")], scribe=[Say("ok")], research=[Say("ok"), Say("again")])
    )
    run = await send(saga, "@scribe @research look")
    await run.result()
    assert sorted(child.agent for child in await children(saga, run)) == ["research", "scribe"]

    question = (await saga.threads.messages(run.thread_id))[0]
    second = await saga.edit(question.id, "Only @research, look")
    await second.result()

    assert [child.agent for child in await children(saga, second)] == ["research"]


async def test_turning_to_another_agent_is_told_to_it_and_shown(world: World) -> None:
    """No tool switches agents: the writer does, by sending to another one."""

    def takes_over(prompt: Sequence[BaseMessage]) -> bool:
        return "turned from the agent 'draft' to you, 'revise'" in str(prompt[0].content)

    revise = Agent(
        name="revise",
        description="R.",
        prompt="Revise.",
        tools=(),
        model=ScriptedModel([Turn(text="I see.", expect=takes_over), Say("Still me.")]),
    )
    saga = await world.open(agents=[*Scripts(draft=[Say("A draft.")]).agents(), revise], tools=tree_tools(world.marks))
    first = await send(saga, "Write")
    draft = await first.result()
    second = await saga.send(first.thread_id, "Read it", agent="revise")
    message = await second.result()
    third = await (await saga.send(first.thread_id, "And?", agent="revise")).result()

    assert shown(message.parts, "data-handover") == [{"fromAgent": "draft", "toAgent": "revise", "messageId": draft.id}]
    assert shown(draft.parts, "data-handover") == shown(third.parts, "data-handover") == []
    assert not any("switch" in tool.name or "agent" in tool.name for tool in saga.tools)
