"""Requests to the writer - approvals and questions - and the answers they take."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, TypeAdapter

from saga_agent.domain.permissions import GrantScope
from saga_agent.domain.record import JsonObject, Model
from saga_agent.errors import InvalidInput

Effect = Literal["read", "ui", "write", "destructive", "external"]
RequestState = Literal["pending", "answered", "consumed", "superseded", "expired"]


class GrantTerms(Model):
    """What else a writer allows with an approval: for how long, and which arguments."""

    scope: GrantScope = "thread"
    patterns: dict[str, str] | None = None
    """By argument, a pattern in which `*` stands for anything; None for these exact arguments only."""
    expires_in_seconds: float | None = Field(default=None, gt=0)


class Approve(Model):
    """Yes, this call with these arguments, once; with `grant`, also like calls of the same agent later."""

    kind: Literal["approve"] = "approve"
    grant: GrantTerms | None = None


class Deny(Model):
    """No; the feedback goes to the model as the call's outcome."""

    kind: Literal["deny"] = "deny"
    feedback: str = ""


class Edit(Model):
    """Yes, but with these arguments; they are validated and gated again."""

    kind: Literal["edit"] = "edit"
    arguments: JsonObject


class Answer(Model):
    """An answer to a question: chosen options, or text, and perhaps a note."""

    kind: Literal["answer"] = "answer"
    option_ids: tuple[str, ...] = ()
    text: str | None = None
    note: str | None = None
    output: JsonValue = None
    """The same in the words of a page that gave it as a tool's output; pages are shown it so again."""


class Dismiss(Model):
    """The question is put aside without an answer; never read as consent."""

    kind: Literal["dismiss"] = "dismiss"
    error: str | None = None
    """What a page gave as the reason; pages are shown it again."""


class StopRun(Model):
    """No, and stop the whole run."""

    kind: Literal["stop"] = "stop"


class ClientResult(Model):
    """What the page gives back for a call that runs there: an output, or why it failed."""

    kind: Literal["client_result"] = "client_result"
    output: JsonValue = None
    error: str | None = None


Reply = Annotated[Approve | Deny | Edit | Answer | Dismiss | StopRun | ClientResult, Field(discriminator="kind")]


class RequestBase(Model):
    """What approvals and questions share."""

    id: str
    run_id: str
    thread_id: str
    call_id: str
    agent: str
    root_run_id: str = ""
    """The run the writer sees: its own run, or the root of the tree when a subagent asks."""
    agent_path: tuple[str, ...] = ()
    """From the agent the writer talks to down to the one that asks."""
    state: RequestState = "pending"
    reply: Reply | None = None
    actor: str | None = None
    """Who answered."""
    created_at: float
    answered_at: float | None = None
    expires_at: float | None = None
    """From then on it takes no answer, and counts as none."""


class Approval(RequestBase):
    """A tool call that waits for the writer's word; the arguments are frozen by their hash."""

    kind: Literal["approval"] = "approval"
    tool: str
    effect: Effect
    arguments: JsonObject
    arguments_hash: str
    preview: JsonObject = Field(default_factory=dict)
    """What will change, for people: `title`, `lines`, and what the tool adds."""
    rule: str = ""
    """Why it asks: the deciding rule, in words."""
    tool_version: int = 1
    resources: dict[str, int] = Field(default_factory=dict)
    """The revisions, by record id, that the preview was made for; when they change it is asked anew."""
    grantable: bool = False
    """Whether `Approve(grant=...)` is taken: not for what destroys or leaves the app."""


class Option(Model):
    """One choice of a question."""

    id: str = Field(min_length=1)
    label: str = Field(min_length=1)
    description: str = ""


class Question(RequestBase):
    """A question of an agent; without options it takes text."""

    kind: Literal["question"] = "question"
    question: str
    options: tuple[Option, ...] = ()
    multiple: bool = False
    min: int = 1
    max: int | None = None
    allow_note: bool = True
    context: str = ""


class ClientCall(RequestBase):
    """A call that runs on the writer's page, which sends back what came of it."""

    kind: Literal["client"] = "client"
    tool: str
    arguments: JsonObject
    payload: JsonObject = Field(default_factory=dict)
    """What the server found for the arguments, e.g. the id of the entity they name."""


Request = Approval | Question | ClientCall
"""Everything a run may wait for."""
REQUEST: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="kind")])
REPLY: TypeAdapter[Reply] = TypeAdapter(Reply)
JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def check_reply(request: Request, reply: Reply) -> None:
    """Raises `InvalidInput` when the reply does not fit the request; the request stays open then."""
    if isinstance(reply, StopRun):
        return
    if isinstance(request, Approval):
        if not isinstance(reply, Approve | Deny | Edit):
            raise InvalidInput(f"Request {request.id!r} is an approval; answer with Approve, Deny, Edit or StopRun.")
        if isinstance(reply, Approve) and reply.grant is not None:
            check_terms(request, reply.grant)
        return
    if isinstance(request, ClientCall):
        if not isinstance(reply, ClientResult):
            raise InvalidInput(f"Request {request.id!r} runs on the page; answer with ClientResult or StopRun.")
        return
    if isinstance(reply, Answer):
        _check_answer(request, reply)
    elif not isinstance(reply, Dismiss):
        raise InvalidInput(f"Request {request.id!r} is a question; answer with Answer, Dismiss or StopRun.")


def check_terms(approval: Approval, terms: GrantTerms) -> None:
    """Raises `InvalidInput` for a grant on a call that asks each time, or on an argument it does not have."""
    if not approval.grantable:
        raise InvalidInput(f"{approval.tool} asks each time; approve this call without a grant.")
    if unknown := [name for name in terms.patterns or {} if name not in approval.arguments]:
        known = ", ".join(approval.arguments) or "none"
        raise InvalidInput(f"{approval.tool} has no argument {unknown[0]!r}; its arguments are {known}.")


def _check_answer(question: Question, answer: Answer) -> None:
    if answer.note and not question.allow_note:
        raise InvalidInput("This question takes no note.")
    if not question.options:
        if answer.option_ids or not (answer.text or "").strip():
            raise InvalidInput("This question has no options; answer with a text that is not empty.")
        return
    known = [option.id for option in question.options]
    if unknown := [option_id for option_id in answer.option_ids if option_id not in known]:
        raise InvalidInput(f"{unknown[0]!r} is no option of this question; the options are {', '.join(known)}.")
    if answer.text is not None:
        raise InvalidInput("This question is answered by its options; put words into the note.")
    low = question.min if question.multiple else 1
    high = (question.max or len(known)) if question.multiple else 1
    chosen = answer.option_ids
    if len(set(chosen)) != len(chosen) or not low <= len(chosen) <= high:
        wanted = "one option" if low == high == 1 else f"{low} to {high} different options"
        raise InvalidInput(f"This question takes {wanted}, not {len(chosen)}.")
