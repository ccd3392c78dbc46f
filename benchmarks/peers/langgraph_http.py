"""Raw langgraph over HTTP: FastAPI's StreamingResponse over `astream`, and nothing else."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from benchmarks.peers.raw_langgraph import raw_langgraph
from benchmarks.peers.task import Ask


def build_app(ask: Ask) -> FastAPI:
    """One route: a new conversation each time, no users, nothing kept but what the saver keeps."""
    app = FastAPI()

    async def events(question: str) -> AsyncIterator[str]:
        yield _event("start")
        async for piece in ask(question):
            yield _event("text-delta", delta=piece)
        yield _event("finish")
        yield "data: [DONE]\n\n"

    @app.post("/ai/saga")
    async def chat(body: dict[str, Any]) -> StreamingResponse:  # pyright: ignore[reportUnusedFunction]
        question = body["messages"][-1]["parts"][0]["text"]
        return StreamingResponse(events(question), media_type="text/event-stream")

    return app


def _event(kind: str, **fields: str) -> str:
    return f"data: {json.dumps({'type': kind, **fields})}\n\n"


async def _main(url: str, model: str, database: str) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    async with raw_langgraph(url, model, database=Path(database)) as ask:
        # The same HTTP implementation as `saga serve` has.
        config = uvicorn.Config(
            build_app(ask), http="h11", ws="none", lifespan="off", log_config=None, access_log=False
        )
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201 - the parent reads it
        gc.collect()
        gc.freeze()  # as `saga serve` does
        await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
