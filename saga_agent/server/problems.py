"""From exceptions to answers: problem details (RFC 9457) for data, a plain sentence for streams.

A chat client shows the body of a failed request to the writer as it is, so streams are refused in plain text.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from saga_agent.domain.record import JsonObject
from saga_agent.errors import (
    AlreadyExists,
    Conflict,
    InvalidInput,
    ModelError,
    NotFound,
    PolicyError,
    RequestClosed,
    RunBusy,
    RunError,
    SagaError,
    StorageError,
)
from saga_agent.server.bodies import limited

_log = logging.getLogger(__name__)
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_STATUS: Final[tuple[tuple[type[SagaError], HTTPStatus], ...]] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (AlreadyExists, HTTPStatus.CONFLICT),
    (Conflict, HTTPStatus.CONFLICT),
    (InvalidInput, HTTPStatus.BAD_REQUEST),
    (PolicyError, HTTPStatus.BAD_REQUEST),
    (RunError, HTTPStatus.CONFLICT),
    (StorageError, HTTPStatus.SERVICE_UNAVAILABLE),
    (ModelError, HTTPStatus.BAD_GATEWAY),
)
_FOR_WRITERS: Final[tuple[tuple[type[SagaError], str], ...]] = (
    (RunBusy, "An answer is still being written here; wait for it, or stop it first."),
    (RequestClosed, "This was answered already; load the page again to see what followed."),
)
_HALF_A_CHARACTER = "The request holds half of a surrogate pair, which is no character; remove it."
_UNEXPECTED = "Something went wrong on the server; its log has the details."


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    """What kind of error, for programs: the name of the library's exception."""


def problem_responses(*statuses: HTTPStatus | int) -> dict[int | str, dict[str, Any]]:
    """What a route's description says of refusals: those statuses by name, and any other."""
    told: dict[str, Any] = {"content": {"application/problem+json": {"schema": Problem.model_json_schema()}}}
    named: dict[int | str, dict[str, Any]] = {
        int(status): {"description": HTTPStatus(status).phrase, **told} for status in statuses
    }
    return {**named, "default": {"description": "Refused, for another reason.", **told}}


class Refused(SagaError):
    """A request that HTTP itself has a status for."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        self.status = status
        super().__init__(detail)


def problem_of(error: Exception) -> tuple[Problem, dict[str, str]]:
    """What a caller is told of the error, and the headers that go with it; nothing of an unexpected one."""
    headers: dict[str, str] = {}
    if isinstance(error, Refused):
        status, detail = error.status, str(error)
    elif isinstance(error, HTTPException):
        status, detail = HTTPStatus(error.status_code), str(error.detail)
        headers = dict(error.headers or {})
    elif isinstance(error, RequestValidationError):
        status, detail = HTTPStatus.BAD_REQUEST, _first_fault(error)
    elif isinstance(error, UnicodeEncodeError):
        status, detail = HTTPStatus.BAD_REQUEST, _HALF_A_CHARACTER
    elif isinstance(error, SagaError):
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
        detail = str(error)
    else:
        status, detail = HTTPStatus.INTERNAL_SERVER_ERROR, _UNEXPECTED
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("a request failed: %s", error, exc_info=error if detail is _UNEXPECTED else None)
    return Problem(title=status.phrase, status=status, detail=detail, code=type(error).__name__), headers


def _first_fault(error: RequestValidationError) -> str:
    first: dict[str, Any] = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}."


def as_json(error: Exception) -> Response:
    """The error as problem details."""
    problem, headers = problem_of(error)
    content: JsonObject = problem.model_dump()
    if isinstance(error, Conflict):
        content["currentRev"] = error.current_rev
    return JSONResponse(content, problem.status, headers=headers, media_type="application/problem+json")


def as_text(error: Exception) -> Response:
    """The error as a sentence, which a page shows to the writer as it is: without the ids of our rows."""
    problem, headers = problem_of(error)
    told = next((words for kind, words in _FOR_WRITERS if isinstance(error, kind)), problem.detail)
    return PlainTextResponse(told, problem.status, headers=headers)


class _GuardedRoute(APIRoute):
    """A route that answers for its errors itself, so that it does so in a host's app, too."""

    to_response: Callable[[Exception], Response] = staticmethod(as_json)
    max_body_bytes = 0

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(limited(request, self.max_body_bytes) if self.max_body_bytes else request)
            except Exception as error:  # whatever it is, the caller gets an answer
                return type(self).to_response(error)

        return guarded


def data_route(max_body_bytes: int) -> type[APIRoute]:
    """Routes that answer with JSON, refuse larger bodies, and tell errors as problem details."""
    return type("DataRoute", (_GuardedRoute,), {"max_body_bytes": max_body_bytes})


def stream_route(max_body_bytes: int) -> type[APIRoute]:
    """Routes that start streams, refuse larger bodies, and tell errors in plain text."""
    attributes = {"max_body_bytes": max_body_bytes, "to_response": staticmethod(as_text)}
    return type("StreamRoute", (_GuardedRoute,), attributes)
