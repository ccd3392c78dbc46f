"""One process of the flood: `python -m tests.flood.server DATABASE MODEL_URL LIVE_TURNS`; prints its URL."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys

import uvicorn

from saga_agent.agents.agent import Agent
from saga_agent.app import Saga
from saga_agent.runs.settings import RunSettings, TurnSettings
from saga_agent.server import create_app
from tests.acceptance.server.serving import by_header
from tests.flood.files import allow_many_files

AGENTS = [Agent(name="draft", description="Talks.", prompt="Talk.", tools=())]


async def main(database: str, model_url: str, live_turns: int) -> None:
    allow_many_files()
    os.environ["OPENAI_API_KEY"] = "none"
    async with Saga.open(
        database=database,
        model=f"openai:flood@{model_url}",
        agents=AGENTS,
        retrieval=None,
        turns=TurnSettings(summarizes=False, assists=False),
        runs=RunSettings(live_turns=live_turns),
    ) as saga:
        app = create_app(saga, identity=by_header)
        listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, backlog=4096))
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        await server.serve(sockets=[listener])


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
