"""The routes of approvals and questions, for pages and programs that answer them outside of a chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, cast

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field, ValidationError
from pydantic.alias_generators import to_snake

from saga_agent.actor import Actor
from saga_agent.domain.misfits import misfit
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import REPLY, Reply, RequestState
from saga_agent.domain.requests import Request as Asked
from saga_agent.errors import InvalidInput, RequestClosed
from saga_agent.server.border import Border, named
from saga_agent.server.callers import caller_of
from saga_agent.server.page_outcomes import ANSWERED, meant_alike
from saga_agent.server.problems import problem_responses

_MOST_REPLIES = 200


class RequestList(BaseModel):
    """The approvals and questions of a run, oldest first, and how the run stands."""

    run_id: str
    state: str
    requests: tuple[Asked, ...]


class Replies(BaseModel):
    """Answers by request id: `approve`, `deny`, `edit`, `answer`, `dismiss` or `stop`."""

    replies: dict[str, JsonObject] = Field(
        min_length=1,
        max_length=_MOST_REPLIES,
        examples=[{"req_1": {"kind": "approve"}, "req_2": {"kind": "answer", "option_ids": ["b"]}}],
    )


def request_routes(border: Border) -> APIRouter:
    """The routes under `/runs/{run_id}/requests`."""
    router = APIRouter(
        prefix="/runs/{run_id}/requests",
        tags=["requests"],
        route_class=border.data_route("turn"),
        responses=problem_responses(400, 404, 409),
    )
    router.add_api_route(
        "", _list, methods=["GET"], response_model=RequestList, **named("listRequests", "List a run's requests")
    )
    router.add_api_route(
        "", _answer, methods=["POST"], response_model=RequestList, **named("answerRequests", "Answer requests of a run")
    )
    return router


async def _list(
    request: Request, run_id: str, state: Annotated[list[RequestState] | None, Query()] = None
) -> RequestList:
    """What the run asks; the pending requests unless `state` says otherwise."""
    return await _requests(request, run_id, tuple(state or ("pending",)))


async def _answer(request: Request, run_id: str, body: Replies) -> RequestList:
    """Answer some or all requests of the run, which goes on then; 409 for one that has another answer."""
    replies = {request_id: _reply(request_id, reply) for request_id, reply in body.replies.items()}
    caller = caller_of(request)
    async with caller.turn():
        await _answer_once(caller.actor, run_id, replies)
    return await _requests(request, run_id, ("pending",))


async def _answer_once(actor: Actor, run_id: str, replies: Mapping[str, Reply]) -> None:
    """Gives the replies; those that their requests have already need not be given."""
    while replies:
        try:
            return await actor.answer(run_id, replies)
        except RequestClosed:
            stored = {request.id: request.reply for request in await actor.requests(run_id=run_id, states=ANSWERED)}
            new = {key: reply for key, reply in replies.items() if not meant_alike(stored.get(key), reply)}
            if len(new) == len(replies):
                raise
            replies = new


async def _requests(request: Request, run_id: str, states: tuple[RequestState, ...]) -> RequestList:
    actor = caller_of(request).actor
    found = tuple(await actor.requests(run_id=run_id, states=states))
    run = await (await actor.run(run_id)).state()
    return RequestList(run_id=run_id, state=run.state, requests=found)


def _reply(request_id: str, fields: Mapping[str, Any]) -> Reply:
    try:
        named = {to_snake(name): value for name, value in fields.items() if value is not None}
        if isinstance(grant := named.get("grant"), dict):
            named["grant"] = {to_snake(name): value for name, value in cast(JsonObject, grant).items()}
        return REPLY.validate_python(named)
    except ValidationError as error:
        raise InvalidInput(f"The reply to {request_id!r} does not fit: {misfit(error, within='it')}.") from None
