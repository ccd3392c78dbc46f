"""The `revise` agent for LangGraph's dev server: `cd graphs && langgraph dev --allow-blocking`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from langgraph.graph.state import CompiledStateGraph

from saga_agent.app import DEFAULT_DATABASE, Saga
from saga_agent.studio import build_chat_graph


@asynccontextmanager
async def graph() -> AsyncIterator[CompiledStateGraph[Any, Any, Any, Any]]:
    """The agent over SAGA_DATABASE (`./saga.db` by default) and SAGA_MODEL (`offline` by default)."""
    database, model = os.environ.get("SAGA_DATABASE", DEFAULT_DATABASE), os.environ.get("SAGA_MODEL", "offline")
    async with Saga.open(database=database, model=model) as saga:
        yield build_chat_graph(saga, agent="revise").compile(checkpointer=saga.checkpointer, name="revise")
