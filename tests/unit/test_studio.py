"""The chat graphs: an agent behind a `messages` channel, with requests as interrupts."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

import saga_agent.app
from saga_agent.domain.entity import Entity
from saga_agent.errors import InvalidInput
from saga_agent.studio import build_chat_graph
from saga_agent.testing import Call, Say, ScriptedModel, Turn

CONFIG: RunnableConfig = {"configurable": {"thread_id": "chat-1"}}
ADD_ASA = Call("create_entity", {"type": "character", "name": "Asa"})


def open_saga(*steps: Turn | Say | Call) -> saga_agent.app.Saga:
    return saga_agent.app.Saga.open(database="memory://", model=ScriptedModel(steps))


def chat_graph(saga: saga_agent.app.Saga) -> CompiledStateGraph[Any, Any, Any, Any]:
    return build_chat_graph(saga).compile(checkpointer=saga.checkpointer)


def user(text: str) -> dict[str, Any]:
    return {"messages": [("user", text)]}


async def characters(saga: saga_agent.app.Saga) -> list[Entity]:
    project = (await saga.story.projects.list()).items[0]
    return list((await saga.story.entities.list(project.id)).items)


async def test_an_agent_answers_in_the_thread_that_the_config_names():
    async with open_saga(Say("At the Kennels."), Say("Nobody else.")) as saga:
        graph = chat_graph(saga)

        await graph.ainvoke(user("Where is Asa?"), CONFIG)
        state = await graph.ainvoke(user("Who is with her?"), CONFIG)

        thread = await saga.threads.find("chat-1")
        assert thread is not None
        stored = [message.text for message in await saga.threads.messages(thread.id)]
    texts = ["Where is Asa?", "At the Kennels.", "Who is with her?", "Nobody else."]
    assert [message.text for message in state["messages"]] == texts
    assert stored == texts


async def test_a_call_that_asks_interrupts_with_its_request_and_runs_when_approved():
    async with open_saga(ADD_ASA, Say("She is in the bible.")) as saga:
        graph = chat_graph(saga)

        paused = await graph.ainvoke(user("Add Asa."), CONFIG)
        (request,) = paused["__interrupt__"][0].value
        before = await characters(saga)
        state = await graph.ainvoke(Command(resume={request["id"]: {"kind": "approve"}}), CONFIG)

        assert (request["kind"], request["tool"]) == ("approval", "create_entity")
        assert before == []
        assert [entity.name for entity in await characters(saga)] == ["Asa"]
        assert state["messages"][-1].text == "She is in the bible."


async def test_each_pause_of_a_run_takes_its_own_replies():
    add_bo = Call("create_entity", {"type": "character", "name": "Bodil"})
    async with open_saga(ADD_ASA, add_bo, Say("Only Bodil, then.")) as saga:
        graph = chat_graph(saga)

        first = await graph.ainvoke(user("Add both."), CONFIG)
        first_id = first["__interrupt__"][0].value[0]["id"]
        second = await graph.ainvoke(Command(resume={first_id: {"kind": "deny", "feedback": "Not her."}}), CONFIG)
        second_id = second["__interrupt__"][0].value[0]["id"]
        state = await graph.ainvoke(Command(resume={second_id: {"kind": "approve"}}), CONFIG)

        assert [entity.name for entity in await characters(saga)] == ["Bodil"]
        assert state["messages"][-1].text == "Only Bodil, then."


@pytest.mark.parametrize("replies", ["approve", {"req_1": {"kind": "perhaps"}}])
async def test_a_resume_that_holds_no_replies_is_refused_with_the_shape_that_is_wanted(replies: object):
    async with open_saga(ADD_ASA) as saga:
        graph = chat_graph(saga)
        await graph.ainvoke(user("Add Asa."), CONFIG)

        with pytest.raises(InvalidInput, match=r"by the requests' ids|cannot be used"):
            await graph.ainvoke(Command(resume=replies), CONFIG)

        assert await characters(saga) == []


async def test_the_config_may_name_the_project():
    async with open_saga(Say("Yes.")) as saga:
        await saga.story.projects.create(name="First")
        second = await saga.story.projects.create(name="Second")
        config: RunnableConfig = {"configurable": {"thread_id": "chat-1", "project_id": second.id}}

        await chat_graph(saga).ainvoke(user("Are you there?"), config)

        thread = await saga.threads.find("chat-1")
        assert thread is not None
        assert thread.project_id == second.id
