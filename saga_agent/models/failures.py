"""Turns what goes wrong on the way to an OpenAI-compatible server into the library's model errors."""

from __future__ import annotations

import dataclasses
import json
from urllib.parse import urlsplit

import openai
from langchain_core.exceptions import ContextOverflowError

from saga_agent.errors import ModelCutOff, ModelError, ModelRejected, ModelUnavailable
from saga_agent.models.events import BrokenStream
from saga_agent.models.progress import Progress

TRANSPORT_FAILURES = (openai.OpenAIError, BrokenStream, TimeoutError, json.JSONDecodeError)
"""What langchain-openai, the SDK and `EventStream` raise when a call fails."""

_EXCERPT_CHARS = 300
_TEMPORARY_STATUS = frozenset({408, 409, 425, 429})


@dataclasses.dataclass(frozen=True, slots=True)
class Endpoint:
    """The model and server that an error names; the key is known only to be left out."""

    model: str
    base_url: str
    secret: str = dataclasses.field(default="", repr=False)

    def __str__(self) -> str:
        url = urlsplit(self.base_url)
        return f"Model {self.model!r} at {url.scheme}://{url.netloc.rpartition('@')[2]}{url.path}"

    def quote(self, message: str) -> str:
        """The provider's words, shortened and without the key."""
        if self.secret:
            message = message.replace(self.secret, "***")
        return message if len(message) <= _EXCERPT_CHARS else f"{message[:_EXCERPT_CHARS]}..."


def model_failure(error: Exception, *, endpoint: Endpoint, progress: Progress) -> ModelError:
    """The library's error for that failure, with the text that had arrived."""
    if isinstance(error, BrokenStream):
        failure = _broken(error, endpoint, progress)
    elif isinstance(error, openai.APIStatusError):
        failure = _refused(error, endpoint)
    elif isinstance(error, openai.APIResponseValidationError):
        failure = ModelRejected(f"{endpoint} is no chat completion stream: {error.message}")
    elif isinstance(error, TimeoutError | openai.APITimeoutError):
        failure = ModelUnavailable(f"{endpoint} did not answer in time; try again, or raise the timeout.")
    elif isinstance(error, openai.APIConnectionError):
        failure = _lost(endpoint, progress)
    elif isinstance(error, openai.APIError):
        failure = _stated(error, endpoint)
    else:
        failure = ModelCutOff(f"{endpoint} sent something that cannot be read ({type(error).__name__}).")
    failure.partial = progress.partial
    return failure


def cut_off(endpoint: Endpoint, *, progress: Progress) -> ModelCutOff:
    """The error for a stream that ended properly, but too early."""
    return ModelCutOff(
        f"{endpoint} stopped in the middle of its answer: the stream ended without a finish reason.",
        partial=progress.partial,
    )


def _broken(error: BrokenStream, endpoint: Endpoint, progress: Progress) -> ModelError:
    if error.how == "silent":
        return ModelUnavailable(f"{endpoint} fell silent in the middle of its answer: {error.detail}.")
    if error.how == "cut":
        return _lost(endpoint, progress)
    return ModelCutOff(f"{endpoint} broke its answer off: {error.detail}.")


def _lost(endpoint: Endpoint, progress: Progress) -> ModelError:
    if progress.emitted:
        return ModelCutOff(f"{endpoint} stopped in the middle of its answer: the connection was lost.")
    return ModelUnavailable(f"{endpoint} cannot be reached, or hangs up; check the base URL and the network.")


def _refused(error: openai.APIStatusError, endpoint: Endpoint) -> ModelError:
    status, said = error.status_code, endpoint.quote(error.message)
    if error.code == "insufficient_quota":
        return ModelRejected(f"{endpoint} refused the request: the account's quota is used up.")
    if status in _TEMPORARY_STATUS or status >= 500:
        why = "is overloaded or limits requests" if status == 429 else "has trouble"
        return ModelUnavailable(f"{endpoint} {why} (HTTP {status}, tried again in vain): {said}")
    if status == 401:  # the provider's text repeats parts of the key
        return ModelRejected(f"{endpoint} refused the API key (HTTP 401); check the key in the environment.")
    if status == 403:
        return ModelRejected(f"{endpoint} does not allow this key to use it (HTTP 403): {said}")
    if status == 404:
        return ModelRejected(f"{endpoint} does not exist (HTTP 404); check the model's name and the base URL.")
    if isinstance(error, ContextOverflowError) or error.code == "context_length_exceeded":
        return ModelRejected(f"{endpoint} refused the request: the prompt is too long for it. {said}")
    return ModelRejected(f"{endpoint} refused the request (HTTP {status}): {said}")


def _stated(error: openai.APIError, endpoint: Endpoint) -> ModelError:
    """An error that the server stated as an event of its stream."""
    code = error.code or ""
    said = endpoint.quote(error.message)
    if isinstance(error, ContextOverflowError) or (
        code.startswith("4") and code.isdecimal() and int(code) not in _TEMPORARY_STATUS
    ):
        return ModelRejected(f"{endpoint} refused the request: {said}")
    return ModelUnavailable(f"{endpoint} reported an error in its answer: {said}")
