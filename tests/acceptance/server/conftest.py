"""Servers that play a script."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from saga_agent.agents.agent import Agent
from saga_agent.app import Saga
from saga_agent.models.scripted import ScriptedModel
from tests.acceptance.server.serving import Page, serving

Serve = Callable[..., Awaitable[Page]]


@pytest.fixture(params=["memory", "sqlite"])
async def serve(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Serve]:
    """`await serve(*steps)` starts a server whose model plays the steps, and gives a page of it."""
    database = "memory://" if request.param == "memory" else f"sqlite+aiosqlite:///{tmp_path}/saga.db"
    async with AsyncExitStack() as stack:

        async def start(
            *steps: object, version: int = 6, agents: Sequence[Agent] | None = None, **settings: object
        ) -> Page:
            model = ScriptedModel(steps)  # pyright: ignore
            saga = await stack.enter_async_context(Saga.open(database=database, model=model, agents=agents))
            served = await stack.enter_async_context(serving(saga, **settings))
            return Page(served.url, version, cut=served.streams.close)

        yield start
