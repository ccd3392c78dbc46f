"""The routes of coming and going: guests, sign-up, sign-out, and sessions that a service ends."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from saga_agent.errors import InvalidInput
from saga_agent.server.auth.access import Access, check_pace
from saga_agent.server.auth.addresses import address_of
from saga_agent.server.auth.rates import TokenBuckets
from saga_agent.server.bodies import BodyLimits
from saga_agent.server.border import guarded_route, named
from saga_agent.server.problems import as_json, problem_responses
from saga_agent.storage.checked import checked
from saga_agent.storage.ports.story import Projects

_UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_MAX_BODY_BYTES = 4096


class _AuthBody(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, strict=True, alias_generator=to_camel, populate_by_name=True
    )


class GuestPass(_AuthBody):
    """A new guest's token, to be sent as the header `x-saga-guest`."""

    guest: str


class GuestClaim(_AuthBody):
    """The guest whose chats and projects the signed-in user takes over."""

    guest: str = Field(max_length=200, description="The token that `POST /auth/guests` gave.")


class Claimed(_AuthBody):
    """What the user has now that was the guest's."""

    threads: int
    projects: int


class Denial(_AuthBody):
    """A session that has ended, or a user who is gone."""

    session_id: str | None = Field(default=None, pattern=_UUID, examples=["0b0e4c6e-3b0c-4b7e-9f0a-5d7d3f1f9a11"])
    user_id: str | None = Field(default=None, pattern=_UUID)


def auth_routes(access: Access) -> APIRouter:
    """The routes under `/auth`."""
    hourly = access.settings.new_guests_per_hour
    routes = _Routes(access, TokenBuckets(access.clock, per_minute=hourly / 60, burst=hourly))
    router = APIRouter(
        prefix="/auth",
        tags=["auth"],
        route_class=guarded_route(as_json, BodyLimits(max_bytes=_MAX_BODY_BYTES)),
        responses=problem_responses(400, 401, 403, 404, 409, 429, 503),
    )
    router.add_api_route(
        "/guests",
        routes.new_guest,
        methods=["POST"],
        status_code=201,
        response_model=GuestPass,
        **named("createGuest", "Come in as a guest"),
    )
    router.add_api_route(
        "/claim",
        routes.claim,
        methods=["POST"],
        response_model=Claimed,
        **named("claimGuest", "Take over what a guest made"),
    )
    router.add_api_route(
        "/sign-out",
        routes.sign_out,
        methods=["POST"],
        status_code=204,
        response_class=Response,
        **named("signOut", "End the session"),
    )
    router.add_api_route(
        "/denials",
        routes.deny,
        methods=["POST"],
        status_code=204,
        response_class=Response,
        **named("denyAccess", "Let a session or user in no more"),
    )
    return router


@dataclass(frozen=True, slots=True)
class _Routes:
    access: Access
    new_guests: TokenBuckets

    async def new_guest(self, request: Request) -> GuestPass:
        """A token for somebody without an account, who may try the agents within limits."""
        if self.access.guests is None:
            raise _not_here()
        check_pace(self.new_guests, address_of(request))
        return GuestPass(guest=self.access.guests.issue())

    async def claim(self, request: Request, body: GuestClaim) -> Claimed:
        """Take over the chats and projects made as a guest; may be repeated."""
        identity = await self.access(request)
        found = self.access.guests.read(body.guest) if self.access.guests else None
        if identity.kind != "user" or found is None:
            raise _not_here()
        storage, (guest_id, _), trial = self.access.storage, found, self.access.trial
        async with trial.settled(guest_id) if trial else nullcontext():
            threads = await storage.journal.threads.reassign(guest_id, identity.owner_id)
            projects = await _reassign(checked(storage.story).projects, guest_id, identity.owner_id)
            await storage.journal.holdings.reassign(guest_id, identity.owner_id)
        return Claimed(threads=threads, projects=projects)

    async def sign_out(self, request: Request) -> Response:
        """End the session now: its access token is good for nothing more."""
        identity = await self.access(request)
        if identity.session_id is not None:
            await self.access.deny(session_id=identity.session_id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def deny(self, request: Request, body: Denial) -> Response:
        """For services: let a session, or a user who was removed, in no more."""
        if (await self.access(request)).kind != "service":
            raise _not_here()
        if body.session_id is None and body.user_id is None:
            raise InvalidInput("Name the session ('sessionId') or the user ('userId') to let in no more.")
        await self.access.deny(session_id=body.session_id, user_id=body.user_id)
        return Response(status_code=HTTPStatus.NO_CONTENT)


async def _reassign(projects: Projects, owner_id: str, new_owner_id: str) -> int:
    page = await projects.list(owner_id)
    found = [*page.items]
    while page.next is not None:
        page = await projects.list(owner_id, after=page.next)
        found += page.items
    for project in found:
        await projects.update(project.model_copy(update={"owner_id": new_owner_id}), expected_rev=project.rev)
    return len(found)


def _not_here() -> HTTPException:
    return HTTPException(HTTPStatus.NOT_FOUND, "There is nothing here for you.")
