"""The writer's word in a client's history, matched against what the server asked.

A client's history is the client's word: whatever it says of calls and inputs, only stored requests of the same chat
are answered, by the id they were asked with, and the stored input is what runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue, ValidationError

from saga_agent.domain.misfits import misfit
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import (
    Answer,
    Approval,
    Approve,
    ClientCall,
    ClientResult,
    Deny,
    Dismiss,
    Edit,
    Question,
    Reply,
    Request,
)
from saga_agent.errors import InvalidInput, NotFound, RequestClosed
from saga_agent.server.page_outcomes import meant_alike
from saga_agent.server.turn_body import ApprovalDecision, TurnBody, tool_parts

_NO_LONGER = ("superseded", "expired")
_ANSWERED = ("output-available", "output-error")


@dataclass(slots=True)
class Decided:
    """What a request body decides."""

    replies: dict[str, Reply] = field(default_factory=dict[str, Reply])
    """Request id -> reply, of pending requests."""
    fresh: list[Request] = field(default_factory=list[Request])
    """The requests those replies are for."""
    repeated: list[Request] = field(default_factory=list[Request])
    """Requests that are answered already, with this answer or, by another page, with the output of its own call."""
    given: set[str] = field(default_factory=set[str])
    """The calls whose outcome is the page's own, as the page has it."""


def read_decisions(body: TurnBody, requests: Sequence[Request]) -> Decided:
    """What the body decides of the chat's requests.

    Raises: `InvalidInput` for a malformed decision, `NotFound` for an approval this chat never asked for,
        `RequestClosed` for one that has another answer.
    """
    answers = [message for message in body.history if message.get("role") == "assistant"]
    parts = [(part, message is body.last) for message in answers for part in tool_parts(message)]
    decisions = [_decision(part) for part, _ in parts if part.get("state") == "approval-responded"]
    approvals = {request.id: request for request in requests if isinstance(request, Approval)}
    calls = {request.call_id: request for request in requests if not isinstance(request, Approval)}
    decided = Decided()
    for decision in (*decisions, *(body.approvals or ())):
        _take(decided, decision, approvals)
    for part, is_newest in parts:
        _take_output(decided, part, calls, is_newest=is_newest)
    return decided


def _decision(part: JsonObject) -> ApprovalDecision:
    approval = part.get("approval")
    fields: JsonObject = {**approval, "toolCallId": part.get("toolCallId")} if isinstance(approval, dict) else {}
    try:
        return ApprovalDecision.model_validate({**fields, "approvalId": fields.get("id")})
    except ValidationError as error:
        raise InvalidInput(f"The approval of a call is malformed: {misfit(error)}.") from None


def _take(decided: Decided, decision: ApprovalDecision, approvals: dict[str, Approval]) -> None:
    request = approvals.get(decision.approval_id)
    if request is None:
        raise NotFound("approval", decision.approval_id)
    if request.call_id != decision.tool_call_id:
        raise InvalidInput(f"Approval {request.id!r} is not for the call {decision.tool_call_id!r}.")
    if request.state in _NO_LONGER:
        return
    if request.reply is not None:
        if isinstance(request.reply, Approve | Edit) is not decision.approved:
            raise RequestClosed(request.id, request.state)
        decided.repeated.append(request)
        return
    reply = Approve() if decision.approved else Deny(feedback=decision.reason or "")
    known = decided.replies.get(request.id)
    if known is None:
        _add(decided, request, reply)
    elif known != reply:
        raise InvalidInput(f"Approval {request.id!r} is answered twice, and differently.")


def _add(decided: Decided, request: Request, reply: Reply) -> None:
    if request.id not in decided.replies:
        decided.fresh.append(request)
    decided.replies[request.id] = reply


def _take_output(
    decided: Decided, part: JsonObject, calls: dict[str, Question | ClientCall], *, is_newest: bool
) -> None:
    request = calls.get(str(part.get("toolCallId")))
    if request is None or request.state in _NO_LONGER or part.get("state") not in _ANSWERED:
        return
    if request.reply is None:
        _add(decided, request, _output(part, request))
    elif _is_repeated(part, request):
        decided.repeated.append(request)
    elif not is_newest:
        return
    elif isinstance(request, Question):
        raise RequestClosed(request.id, request.state)
    else:  # two pages ran the call: what the first one gave stands, and is told to the other
        decided.repeated.append(request)
        return
    decided.given.add(request.call_id)


def _is_repeated(part: JsonObject, request: Question | ClientCall) -> bool:
    try:
        return meant_alike(_output(part, request), request.reply)
    except InvalidInput:
        return False


def _output(part: JsonObject, request: Question | ClientCall) -> Reply:
    failed = part["state"] == "output-error"
    if isinstance(request, ClientCall):
        error = str(part.get("errorText") or "It failed on the page.") if failed else None
        return ClientResult(output=part.get("output"), error=error)
    if failed:
        return Dismiss(error=str(part["errorText"]) if part.get("errorText") else None)
    return _answer(part.get("output"), request).model_copy(update={"output": part.get("output")})


def _answer(output: JsonValue, question: Question) -> Answer:
    """The answer in a tool output: an object with `option_ids`, `text`, `note`, or a text or option id alone."""
    if isinstance(output, str):
        is_option = output in {option.id for option in question.options}
        return Answer(option_ids=(output,)) if is_option else Answer(text=output)
    fields = output if isinstance(output, dict) else {}
    given = fields.get("option_ids", fields.get("optionIds"))
    return Answer(option_ids=_ids(given), text=_text(fields.get("text")), note=_text(fields.get("note")))


def _ids(value: JsonValue) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(str(each) for each in value)
    raise InvalidInput("An answer's 'option_ids' are a list of option ids.")


def _text(value: JsonValue) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    raise InvalidInput("An answer's 'text' and 'note' are texts.")
