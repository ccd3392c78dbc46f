"""LangGraph as its documentation shows it: a model node and a ToolNode, stock ChatOpenAI, stock saver."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.tools import BaseTool, tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.prebuilt import ToolNode, tools_condition

from benchmarks.peers.task import PROMPT, Ask, look_up


def build_graph(
    model: BaseChatModel, look_up_tool: BaseTool, saver: AsyncSqliteSaver | None
) -> CompiledStateGraph[Any]:
    """The graph with that model, tool and saver."""
    bound = model.bind_tools([look_up_tool])

    async def call_model(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await bound.ainvoke([SystemMessage(PROMPT), *state["messages"]])]}

    graph = StateGraph(MessagesState)
    graph.add_node("model", call_model)
    graph.add_node("tools", ToolNode([look_up_tool]))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", tools_condition)
    graph.add_edge("tools", "model")
    return graph.compile(checkpointer=saver)


@asynccontextmanager
async def raw_langgraph(url: str, model: str, *, database: Path | None = None) -> AsyncIterator[Ask]:
    """The graph behind that server; with `database`, on the stock SQLite saver."""
    answers = ChatOpenAI(model=model, base_url=url, api_key="none", streaming=True, stream_usage=True)  # pyright: ignore
    look_up_tool = tool(look_up)
    if database is None:
        yield _asker(build_graph(answers, look_up_tool, None))
        return
    async with AsyncSqliteSaver.from_conn_string(str(database)) as saver:
        yield _asker(build_graph(answers, look_up_tool, saver))


def _asker(graph: CompiledStateGraph[Any]) -> Ask:
    async def ask(question: str) -> AsyncIterator[str]:
        config: Any = {"configurable": {"thread_id": uuid4().hex}}
        state: Any = {"messages": [HumanMessage(question)]}
        async for chunk, _ in graph.astream(state, config, stream_mode="messages"):
            if isinstance(chunk, AIMessageChunk) and isinstance(chunk.content, str) and chunk.content:
                yield chunk.content

    return ask
