"""A server for the users of a service: an owner with a story and a run that waits, and people with other papers."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

from saga_agent.app import Saga
from saga_agent.domain.requests import Approve
from saga_agent.models.script import Call, Say, Turn
from saga_agent.models.scripted import ScriptedModel
from saga_agent.server import Access, AuthSettings, ServerSettings, TrialSettings, create_app
from saga_agent.server.auth.secrets import hash_of_key
from saga_agent.testing.storage import turns
from tests.unit.server.auth.issuer import JwksServer, ec_key, jwk, rsa_key

ADA, TAM, GUEST = (str(uuid.UUID(int=number)) for number in (0xADA, 0x7A3, 0x6E57))
SERVICE_KEY = "saga-service-key-of-forty-random-letters"
GUEST_SECRET = "a secret that signs the ids of guests"
ADD_TOVE = Turn(text="I add her.", calls=[Call("create_entity", {"type": "character", "name": "Tove"})])
Headers = dict[str, str]


@dataclass
class Town:
    """The server's app, its issuer, and what its owner named Ada has there."""

    app: FastAPI
    access: Access
    issuer: JwksServer
    stack: AsyncExitStack
    saga: Saga
    held: dict[str, str] = field(default_factory=dict[str, str])
    """Ada's ids by the name of the parameter that takes them."""

    def papers(self, user_id: str, **claims: Any) -> Headers:
        """The headers of a user's request; each user has one session."""
        session = str(uuid.uuid5(uuid.NAMESPACE_OID, user_id))
        return bearer(self.issuer.token(sub=user_id, **{"session_id": session, **claims}))

    def service(self, owner_id: str) -> Headers:
        """The headers of the host's service, which acts for that owner."""
        return {"x-saga-service-key": SERVICE_KEY, "x-saga-owner": owner_id}

    def guest(self) -> Headers:
        """The headers of a guest without any sign-in."""
        assert self.access.guests is not None
        return {"x-saga-guest": self.access.guests.issue()}

    async def client(self, headers: Mapping[str, str], *, address: str = "203.0.113.7") -> httpx.AsyncClient:
        """A client that calls with those headers, from that address."""
        transport = httpx.ASGITransport(self.app, client=(address, 1))
        client = httpx.AsyncClient(transport=transport, base_url="https://app.example", headers=headers, timeout=30)
        return await self.stack.enter_async_context(client)


def bearer(token: str) -> Headers:
    return {"authorization": f"Bearer {token}"}


def said(text: str, chat_id: str = "chat-1", **more: object) -> dict[str, object]:
    """The body of a message."""
    message = {"id": f"m-{uuid.uuid4().hex}", "role": "user", "parts": [{"type": "text", "text": text}]}
    return {"id": chat_id, "message": message, **more}


@asynccontextmanager
async def a_town(
    *steps: object, database: str = "memory://", server: ServerSettings | None = None, **settings: Any
) -> AsyncIterator[Town]:
    """A server whose model plays the steps, by default one that asks Ada for an approval."""
    async with AsyncExitStack() as stack:
        listed = [jwk("ec", ec_key()), jwk("rsa", rsa_key())]
        issuer = await stack.enter_async_context(JwksServer(listed, now=time.time()))
        model = ScriptedModel(steps or (ADD_TOVE, Say("She is in.")))  # pyright: ignore
        saga = await stack.enter_async_context(Saga.open(database=database, model=model))
        given: dict[str, Any] = {
            "supabase_url": issuer.url,
            "service_key_hashes": (hash_of_key(SERVICE_KEY),),
            "guest_secret": GUEST_SECRET,
            "trial": TrialSettings(),
            "request_burst": 100_000,
            **settings,
        }
        access = Access(saga.storage, AuthSettings(**given))
        yield Town(create_app(saga, identity=access, settings=server), access, issuer, stack, saga)


async def settle_ada(town: Town) -> httpx.AsyncClient:
    """Gives Ada a project with a record of every kind, a grant, and a run that waits for her word."""
    ada = await town.client(town.papers(ADA))

    async def made(path: str, **fields: object) -> str:
        response = await ada.post(path, json=fields)
        assert response.status_code == 201, response.text
        return response.json()["id"]

    project = await made("/projects", name="The Hidden Crown")
    mara, tam = [await made("/entities", projectId=project, type="character", name=name) for name in ("Mara", "Tam")]
    town.held = {
        "project_id": project,
        "chat_id": "chat-1",
        "entities": mara,
        "documents": await made("/documents", projectId=project, number=1, title="Low Water", text="Mara waits."),
        "relationships": await made(
            "/relationships", projectId=project, type="sister_of", source_id=mara, target_id=tam
        ),
        "captures": await made("/captures", projectId=project, kind="note", text="Fog on the quay."),
    }
    asked = await ada.post("/ai/saga", json=said("Add Tove.", projectId=project))
    assert asked.status_code == 200, asked.text
    (message,) = [m for m in (await ada.get("/ai/saga/chat-1/messages")).json()["messages"] if m["role"] == "assistant"]
    (approval,) = [part["approval"]["id"] for part in message["parts"] if "approval" in part]
    town.held |= {"grant_id": await give_grant(town.saga, project)}
    town.held |= {"run_id": message["metadata"]["runId"], "request_id": approval, "message_id": message["id"]}
    return ada


async def give_grant(saga: Saga, project_id: str) -> str:
    """Stores a grant of Ada's, given for a turn that has ended; gives its id."""
    journal, thread = saga.storage.journal, turns.thread(9, owner_id=ADA, project_id=project_id)
    await journal.threads.create(thread)
    run = await journal.runs.start(turns.turn(9, of=thread), now=turns.START)
    run = await turns.take(saga.storage, run)
    asked = await journal.requests.open(turns.approval(1, of=run), epoch=run.epoch)
    grant = turns.grant(1, of=run)
    await journal.requests.answer(run.id, {asked.id: Approve()}, actor=ADA, now=turns.START, grants=[grant])
    await turns.finish(saga.storage, run)
    return grant.id
