"""What pages gave as the outcome of calls of theirs - questions, and tools that run on the page.

A page keeps what it gave, so it is shown the same again, whatever the model reads of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Answer, ClientResult, Dismiss, Reply, Request, RequestState

ANSWERED: tuple[RequestState, ...] = ("answered", "consumed")
PageOutcomes = Mapping[tuple[str, str], JsonObject]
"""By the ids of run and call, the fields with which the call's part ends: `state`, and `output` or `errorText`."""
_DISMISSED = "The writer put the question aside."


def page_outcomes(requests: Iterable[Request]) -> PageOutcomes:
    """The outcomes that these requests were given."""
    found = {(request.run_id, request.call_id): _outcome(request) for request in requests if request.state in ANSWERED}
    return {key: outcome for key, outcome in found.items() if outcome is not None}


def with_outcome(part: JsonObject, outcome: JsonObject) -> JsonObject:
    """The part of a call with that outcome in place of its own."""
    return {name: value for name, value in part.items() if name not in ("output", "errorText")} | outcome


def meant_alike(one: Reply | None, other: Reply | None) -> bool:
    """Whether two replies say the same, be it in other words."""
    return _meaning(one) == _meaning(other)


def _outcome(request: Request) -> JsonObject | None:
    match request.reply:
        case ClientResult(error=None, output=output):
            return {"state": "output-available", "output": output}
        case ClientResult(error=error):
            return {"state": "output-error", "errorText": error}
        case Answer() as answer:
            fields = answer.model_dump(mode="json", exclude={"kind", "output"}, exclude_none=True)
            return {"state": "output-available", "output": fields if answer.output is None else answer.output}
        case Dismiss(error=error):
            return {"state": "output-error", "errorText": error or _DISMISSED}
        case _:
            return None


def _meaning(reply: Reply | None) -> Reply | None:
    match reply:
        case Answer():
            return reply.model_copy(update={"output": None})
        case Dismiss():
            return Dismiss()
        case _:
            return reply
