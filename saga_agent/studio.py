"""The agents as LangGraph chat graphs, for LangGraph's dev server and its Studio.

The graph of a turn (`saga_agent.graphs`) wants a run that somebody holds, so nobody but the runner can drive it. This
one stands before it: it takes a chat message, has the runner answer it, and hands requests out as LangGraph
interrupts. Journal, gate and stream are the same as for any other caller.

    send -> listen -> END     `listen` waits for the answer
             |  ^
             v  |
             ask              `ask` interrupts with the open requests, and resumes with the replies by their ids
"""

# LangGraph types its nodes with unions that are partly unknown to checkers.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import Annotated, TypedDict, cast

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import interrupt
from pydantic import ValidationError

from saga_agent.actor import Actor
from saga_agent.domain.journal import Thread
from saga_agent.domain.misfits import misfit
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import REPLY, Reply
from saga_agent.errors import InvalidInput, RunPaused


class ChatState(TypedDict, total=False):
    """The conversation as LangGraph keeps it; the journal has its own, fuller record."""

    messages: Annotated[list[AnyMessage], add_messages]
    run_id: str
    """The run that answers the last message."""
    requests: list[JsonObject]
    """The approvals and questions it waits for."""


ChatGraph = StateGraph[ChatState, None, ChatState, ChatState]


def build_chat_graph(actor: Actor, *, agent: str = "draft") -> ChatGraph:
    """A graph with a `messages` channel in which that agent answers; compile it with a checkpointer.

    The config's `thread_id` is the thread's chat_id; a new one begins a thread in the project named by the config's
    `project_id`, or in the owner's first project, which is made when there is none.
    """

    async def send(state: ChatState, config: RunnableConfig) -> ChatState:
        text = next((str(m.text) for m in reversed(state.get("messages", [])) if isinstance(m, HumanMessage)), "")
        run = await actor.send((await _thread(actor, config)).id, text, agent=agent)
        return {"run_id": run.id, "requests": []}

    async def listen(state: ChatState) -> ChatState:
        run = await actor.run(state.get("run_id", ""))
        try:
            message = await run.result()
        except RunPaused as pause:
            return {"requests": [cast(JsonObject, request.model_dump(mode="json")) for request in pause.requests]}
        return {"messages": [AIMessage(message.text, id=message.id)], "requests": []}

    async def ask(state: ChatState) -> ChatState:
        replies = interrupt(state.get("requests", []))
        await actor.answer(state.get("run_id", ""), _parse(replies))
        return {"requests": []}

    graph: ChatGraph = StateGraph(ChatState)
    graph.add_node("send", send)
    graph.add_node("listen", listen)
    graph.add_node("ask", ask)
    graph.add_edge(START, "send")
    graph.add_edge("send", "listen")
    graph.add_conditional_edges("listen", _after_listening, ["ask", END])
    graph.add_edge("ask", "listen")
    return graph


def _after_listening(state: ChatState) -> str:
    return "ask" if state.get("requests") else END


async def _thread(actor: Actor, config: RunnableConfig) -> Thread:
    settings: JsonObject = config.get("configurable", {})
    chat_id = settings.get("thread_id")
    if not chat_id:
        raise InvalidInput("The chat graph needs a config with a 'thread_id'.")
    if thread := await actor.threads.find(str(chat_id)):
        return thread
    project_id = settings.get("project_id") or await _first_project(actor)
    return await actor.threads.create(project_id=str(project_id), chat_id=str(chat_id))


async def _first_project(actor: Actor) -> str:
    page = await actor.story.projects.list(limit=1)
    return page.items[0].id if page.items else (await actor.story.projects.create(name="My story")).id


def _parse(replies: object) -> dict[str, Reply]:
    if not isinstance(replies, dict):
        raise InvalidInput('Resume with the replies by the requests\' ids, e.g. {"req_...": {"kind": "approve"}}.')
    try:
        return {str(key): REPLY.validate_python(reply) for key, reply in cast(JsonObject, replies).items()}
    except ValidationError as error:
        raise InvalidInput(f"A reply cannot be used: {misfit(error, within='it')}.") from None
