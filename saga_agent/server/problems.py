"""From exceptions to answers: problem details (RFC 9457) for data, a plain sentence for streams.

A chat client shows the body of a failed request to the writer as it is, so streams are refused in plain text.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from saga_agent.audiences import UNEXPECTED, page_words
from saga_agent.domain.misfits import misfit
from saga_agent.domain.record import JsonObject
from saga_agent.errors import (
    AlreadyExists,
    Conflict,
    InvalidInput,
    MessageReplaced,
    ModelError,
    NoModel,
    NotFound,
    PolicyError,
    RequestClosed,
    RunBusy,
    RunError,
    SagaError,
    StorageError,
    StorageFull,
)

_log = logging.getLogger(__name__)
_STATUS: Final[tuple[tuple[type[SagaError], HTTPStatus], ...]] = (
    (NoModel, HTTPStatus.SERVICE_UNAVAILABLE),
    (NotFound, HTTPStatus.NOT_FOUND),
    (AlreadyExists, HTTPStatus.CONFLICT),
    (Conflict, HTTPStatus.CONFLICT),
    (MessageReplaced, HTTPStatus.CONFLICT),
    # Not 507: it is the caller who has to do something, no client should try again, and no operator be called.
    (StorageFull, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (InvalidInput, HTTPStatus.BAD_REQUEST),
    (PolicyError, HTTPStatus.BAD_REQUEST),
    (RunError, HTTPStatus.CONFLICT),
    (StorageError, HTTPStatus.SERVICE_UNAVAILABLE),
    (ModelError, HTTPStatus.BAD_GATEWAY),
)
_FOR_WRITERS: Final[tuple[tuple[type[SagaError], str], ...]] = (
    (RunBusy, "An answer is still being written here; wait for it, or stop it first."),
    (MessageReplaced, "This was changed in another window; load the page again to see what stands."),
    (RequestClosed, "This was answered already; load the page again to see what followed."),
)
_HALF_A_CHARACTER = "The request holds half of a surrogate pair, which is no character; remove it."
_LONGEST = 600
_NO_BODY = "The request has no body; send a JSON object."
_NO_OBJECT = "The body is no JSON object; send one, as content-type application/json."


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

    def __init__(self, status: HTTPStatus, detail: str, *, retry_seconds: int | None = None) -> None:
        self.status, self.retry_seconds = status, retry_seconds
        super().__init__(detail)


def problem_of(error: Exception) -> tuple[Problem, dict[str, str]]:
    """What a caller is told of the error, and the headers that go with it; nothing of an unexpected one."""
    headers: dict[str, str] = {}
    if isinstance(error, Refused):
        status, detail = error.status, str(error)
        if error.retry_seconds is not None:
            headers["retry-after"] = str(error.retry_seconds)
    elif isinstance(error, HTTPException):
        status, headers = HTTPStatus(error.status_code), dict(error.headers or {})
        detail = _of_the_router(status, headers) if error.detail == status.phrase else str(error.detail)
    elif isinstance(error, RequestValidationError):
        status, detail = HTTPStatus.BAD_REQUEST, _first_fault(error)
    elif isinstance(error, ClientDisconnect):
        status, detail = HTTPStatus.BAD_REQUEST, "The request broke off."
    elif isinstance(error, UnicodeEncodeError):
        status, detail = HTTPStatus.BAD_REQUEST, _HALF_A_CHARACTER
    elif isinstance(error, SagaError):
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
        detail = page_words(error)
    else:
        status, detail = HTTPStatus.INTERNAL_SERVER_ERROR, page_words(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("a request failed: %s", error, exc_info=error if detail is UNEXPECTED else None)
    if len(detail) > _LONGEST:  # it repeats what somebody sent
        detail = f"{detail[:_LONGEST]} ... (cut off)."
    return Problem(title=status.phrase, status=status, detail=detail, code=_code_of(error)), headers


def _of_the_router(status: HTTPStatus, headers: Mapping[str, str]) -> str:
    """What the router means that found no route, and told no more than the status."""
    match status:
        case HTTPStatus.NOT_FOUND:
            return "There is nothing at this address; /openapi.json lists the addresses there are."
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = headers.get("allow") or headers.get("Allow")
            return f"This address takes {allowed} only." if allowed else "This address does not take that method."
        case _:
            return f"{status.phrase}."


def _code_of(error: Exception) -> str:
    is_ours = isinstance(error, SagaError | HTTPException | RequestValidationError)
    return type(error).__name__ if is_ours else "Unexpected"


def _first_fault(error: RequestValidationError) -> str:
    found: Sequence[dict[str, Any]] = error.errors()
    if found[0]["loc"] == ("body",):
        return _NO_BODY if found[0]["type"] == "missing" else _NO_OBJECT
    return f"{misfit(found)}."


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
