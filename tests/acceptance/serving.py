"""The OpenAI-compatible test server on a thread of its own, for commands in other processes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager

from langchain_core.language_models import BaseChatModel

from tests.servers.openai_server import OpenAIServer
from tests.servers.replies import Reply


@contextmanager
def serving(*replies: Reply, model: BaseChatModel | None = None) -> Generator[OpenAIServer]:
    """A server that plays these replies, then speaks for the model."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="openai server")
    thread.start()
    server = OpenAIServer(*replies, model=model)
    try:
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
        yield server
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
