"""The route that tells load balancers and people whether the server can do its work."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from saga_agent.app import Saga
from saga_agent.audiences import public_name
from saga_agent.errors import StorageError
from saga_agent.retrieval.protocol import Retriever
from saga_agent.server.border import named

_TIMEOUT_SECONDS = 3.0


class Health(BaseModel):
    """How the server is; it is ready when the database answers and a model is set."""

    live: Literal[True] = True
    ready: bool
    database: Literal["ok", "unreachable"]
    model: str | None
    """The name of the model that answers, without its address; None when none is set."""
    retrieval: bool
    """Whether the manuscript is searched for each turn."""
    search: Literal["ok", "degraded"]
    """`degraded` while search by meaning fails, and passages are found by their words alone."""


def health_routes(saga: Saga) -> APIRouter:
    """The route `GET /health`, open to everybody."""

    async def health(response: Response) -> Health:
        """Whether the server is live and ready; 503 when it is not ready."""
        reachable, finds_all = await asyncio.gather(_is_reachable(saga), _is_well(saga.retriever))
        ready = reachable and saga.model_name is not None
        response.status_code = 200 if ready else 503
        model = None if saga.model_name is None else public_name(saga.model_name)
        return Health(
            ready=ready,
            database="ok" if reachable else "unreachable",
            model=model,
            retrieval=saga.retrieves,
            search="ok" if finds_all else "degraded",
        )

    router = APIRouter(tags=["health"])
    router.add_api_route(
        "/health",
        health,
        methods=["GET"],
        response_model=Health,
        responses={503: {"model": Health}},
        **named("getHealth", "Whether the server can do its work"),
    )
    return router


async def _is_well(retriever: Retriever) -> bool:
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            return await retriever.is_well()
    except TimeoutError:
        return False


async def _is_reachable(saga: Saga) -> bool:
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            await saga.storage.journal.runs.list(limit=1)
    except (StorageError, TimeoutError):
        return False
    return True
