"""OpenAI clients, one for each event loop that uses the model.

A connection pool belongs to the loop it was opened in: a model that a notebook, a test and `run_sync` use in turn would
find its kept connections dead ("Event loop is closed"), where the stock client keeps one pool for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import openai


class LoopClients:
    """Stands for an `openai.AsyncOpenAI` and hands every use to the client of the running loop."""

    def __init__(self, build: Callable[[], openai.AsyncOpenAI]) -> None:
        self._build = build
        self._clients: dict[asyncio.AbstractEventLoop, openai.AsyncOpenAI] = {}

    def current(self) -> openai.AsyncOpenAI:
        """The client of the running loop, made at first use."""
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            # Clients of closed loops cannot be closed any more; letting go of them is all that is left.
            self._clients = {known: client for known, client in self._clients.items() if not known.is_closed()}
            self._clients[loop] = self._build()
        return self._clients[loop]

    async def aclose(self) -> None:
        """Closes the running loop's connections; a later use opens new ones."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.current(), name)


class LoopCompletions:
    """Stands for `client.chat.completions` of the running loop's client."""

    def __init__(self, clients: LoopClients) -> None:
        self._clients = clients

    def __getattr__(self, name: str) -> Any:
        return getattr(self._clients.current().chat.completions, name)
