"""Questions: what may be put to the writer, and what the model reads of the answer, or of the lack of one."""

from __future__ import annotations

from typing import Literal

from pydantic import ValidationError

from saga_agent.clock import Clock
from saga_agent.domain.misfits import misfit
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Answer, Option, Question, Reply, Request, StopRun
from saga_agent.ids import derived_id
from saga_agent.storage.ports.journal import Journal
from saga_agent.tools.audit import audit_entry
from saga_agent.tools.context import ToolContext
from saga_agent.tools.judgement import Case
from saga_agent.tools.ledger import Ledger
from saga_agent.tools.outcome import Done, Waiting
from saga_agent.tools.result import ToolFailure, ToolResult

Unattended = Literal["park", "deny"]
"""What becomes of a call that asks when nobody is there: it waits, or it is refused at once."""
NoAnswer = Literal["dismissed", "expired", "unattended"]
_NOTES: dict[NoAnswer, str] = {
    "dismissed": "The writer put the question aside. This is neither a yes nor a no.",
    "expired": "Nobody answered in time. This is neither a yes nor a no.",
    "unattended": "Nobody is there to answer. This is neither a yes nor a no; go on without the answer, or end.",
}


class Questions:
    """The questions of one runner's epoch."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        ledger: Ledger,
        *,
        epoch: int,
        ttl_seconds: float | None,
        unattended: Unattended,
    ) -> None:
        self._journal, self._clock, self._ledger, self._epoch = journal, clock, ledger, epoch
        self._ttl_seconds, self._unattended = ttl_seconds, unattended

    async def ask(self, case: Case, context: ToolContext) -> Done | Waiting:
        """Puts the question of a call, or gives what came of it. `ToolFailure` for one that cannot be put."""
        now, call = self._clock.now(), case.call
        question = build_question(
            case.arguments,
            request_id=derived_id("req", context.run_id, context.call_id),
            context=context,
            now=now,
            expires_at=None if self._ttl_seconds is None else now + self._ttl_seconds,
        )
        if self._unattended == "deny" and not await was_asked(self._journal, context):
            return await self._ledger.settle(no_answer("unattended"), call, context, rule="unattended")
        entry = audit_entry(
            context, "asked", at=now, tool=call.tool, rule=case.verdict.why, arguments_hash=call.arguments_hash
        )
        stored = await self._journal.requests.open(question, epoch=self._epoch, audit=[entry])
        if stored.state == "pending" and stored.expires_at is not None and stored.expires_at <= now:
            stored = await self._journal.requests.close(stored.id, state="expired", epoch=self._epoch)
        if stored.state == "pending":
            return Waiting((stored,))
        return await self._take_up(stored, case, context)

    async def _take_up(self, stored: Request, case: Case, context: ToolContext) -> Done:
        if stored.state == "expired" or stored.reply is None:
            return await self._ledger.settle(no_answer("expired"), case.call, context, rule="expired", event="expired")
        if isinstance(stored.reply, StopRun):
            return await self._ledger.stop(case.call, context, actor=stored.actor or "", consume=stored.id)
        result, rule = question_result(stored.reply, stored.actor), f"answered by {stored.actor}"
        return await self._ledger.settle(result, case.call, context, rule=rule, consume=stored.id)


async def was_asked(journal: Journal, context: ToolContext) -> bool:
    """Whether the writer has seen a request of this very call."""
    return any(each.call_id == context.call_id for each in await journal.requests.list(run_id=context.run_id))


def build_question(
    arguments: JsonObject, *, request_id: str, context: ToolContext, now: float, expires_at: float | None
) -> Question:
    """The question of a call of `ask_question`; `ToolFailure` for one that cannot be put."""
    try:
        question = Question.model_validate(
            {
                **arguments,
                "kind": "question",
                "id": request_id,
                "run_id": context.run_id,
                "thread_id": context.thread_id,
                "call_id": context.call_id,
                "agent": context.agent,
                "root_run_id": context.root_run_id,
                "agent_path": context.path,
                "created_at": now,
                "expires_at": expires_at,
            }
        )
    except ValidationError as error:
        raise ToolFailure("invalid_argument", f"The question cannot be put: {misfit(error, within='it')}.") from None
    _check(question)
    return question


def question_result(reply: Reply, actor: str | None) -> ToolResult:
    """What the model reads of an answer; only the outcome `answered` is one."""
    if not isinstance(reply, Answer):
        return no_answer("dismissed")
    data: JsonObject = {"outcome": "answered", "option_ids": list(reply.option_ids), "answered_by": actor}
    data |= {name: value for name, value in (("text", reply.text), ("note", reply.note)) if value is not None}
    return ToolResult(data=data)


def no_answer(outcome: NoAnswer) -> ToolResult:
    """What the model reads when there is no answer."""
    return ToolResult(data={"outcome": outcome, "note": _NOTES[outcome]})


def _check(question: Question) -> None:
    if not question.question.strip():
        raise ToolFailure("invalid_argument", "question: must not be blank.")
    options = question.options
    if len(options) == 1 or len(options) > 8:
        raise ToolFailure("invalid_argument", "Give no options for free text, or two to eight.")
    for values, what in ((_ids(options), "id"), (_labels(options), "label")):
        if len(set(values)) != len(values):
            raise ToolFailure("invalid_argument", f"Two options have the same {what}; make them differ.")
    if question.multiple and not 1 <= question.min <= (question.max or len(options)) <= len(options):
        raise ToolFailure(
            "invalid_argument", f"min and max must lie between 1 and the {len(options)} options, min not above max."
        )


def _ids(options: tuple[Option, ...]) -> list[str]:
    return [option.id for option in options]


def _labels(options: tuple[Option, ...]) -> list[str]:
    return [" ".join(option.label.casefold().split()) for option in options]
