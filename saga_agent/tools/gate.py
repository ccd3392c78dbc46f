"""The gate: the one way from a model's call to an effect.

call -> strict arguments -> policy -> approval row -> (park) -> re-check -> journal `started` -> run -> journal
`finished`. The gate decides from stored rows only, so it may be asked about the same call again and again - after a
pause, in another process, after a crash - and no effect happens twice.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from pydantic import ValidationError

from saga_agent.clock import Clock
from saga_agent.domain.journal import ToolCall
from saga_agent.domain.record import JsonObject, content_hash
from saga_agent.domain.requests import Answer, Approval, Approve, Deny, Edit, Option, Question, Reply, StopRun
from saga_agent.errors import RequestClosed
from saga_agent.ids import derived_id
from saga_agent.storage.journal import Journal
from saga_agent.streams.patience import insist
from saga_agent.tools.context import ToolContext
from saga_agent.tools.policy import Policy
from saga_agent.tools.registry import Tool, ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedCall:
    """A call as the model made it; `arguments` None when its text is no complete JSON object (`problem` says why)."""

    id: str
    name: str
    arguments: JsonObject | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The call is settled; `result` is JSON text for the model."""

    result: str
    ok: bool
    stop_run: bool = False
    """The writer asked to stop the whole run."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The call waits for the writer."""

    request: Approval | Question


class Gate:
    """Runs calls of one agent under one policy and one runner's epoch."""

    def __init__(self, registry: ToolRegistry, policy: Policy, journal: Journal, clock: Clock, *, epoch: int) -> None:
        self._registry, self._policy, self._journal, self._clock = registry, policy, journal, clock
        self._epoch = epoch

    async def handle(self, call: RequestedCall, context: ToolContext) -> Done | Waiting:
        """Takes the call as far as it may go now; the same call may be handed in again.

        Raises: `StaleEpoch`, `StorageError`; never for what the call or the tool does wrong.
        """
        context = replace(context, call_id=call.id)
        stored = await self._journal.calls.find(context.run_id, call.id)
        if stored is not None and stored.state == "finished":
            return Done(stored.result or "", bool(stored.ok))
        try:
            tool, arguments = self._check(call)
            if tool.question:
                return await self._ask(tool, arguments, context)
            return await self._decide(tool, arguments, context, stored)
        except ToolFailure as failure:
            return Done(failure.to_result().to_json(), ok=False)

    def _check(self, call: RequestedCall) -> tuple[Tool, JsonObject]:
        tool = self._registry.find(call.name)
        if tool is None:
            known = ", ".join(sorted(tool.name for tool in self._registry))
            raise ToolFailure("not_found", f"There is no tool {call.name!r}.", hint=f"The tools are {known}.")
        if call.arguments is None:
            raise ToolFailure(
                "invalid_argument", f"{call.name}: {call.problem or 'the arguments are no JSON object'}",
                hint="Call again with complete arguments.",
            )  # fmt: skip
        return tool, tool.validate(call.arguments)

    async def _decide(
        self, tool: Tool, arguments: JsonObject, context: ToolContext, stored: ToolCall | None
    ) -> Done | Waiting:
        verdict = self._policy.explain(tool.name, tool.effect, arguments)
        if verdict.decision == "deny":
            raise ToolFailure("permission_denied", f"{tool.name} is not allowed here ({verdict.why}).")
        if stored is not None:
            # It was started, with these arguments, and nobody knows whether its effect happened: a tool that may be
            # repeated is, for any other only the writer can say.
            arguments = stored.arguments
            if tool.idempotent:
                return await self._run(tool, arguments, context, consume=None)
            return await self._approve(tool, arguments, context, "it was started before and did not finish")
        if verdict.decision == "ask":
            return await self._approve(tool, arguments, context, verdict.why)
        return await self._run(tool, arguments, context, consume=None)

    async def _approve(self, tool: Tool, arguments: JsonObject, context: ToolContext, why: str) -> Done | Waiting:
        request = await self._open_approval(tool, arguments, context, why)
        if request.arguments_hash != content_hash(arguments) or request.tool != tool.name:
            raise ToolFailure("permission_denied", "The arguments changed after they were shown; nothing was run.")
        if request.state == "pending":
            return Waiting(request)
        if request.state != "answered" or request.reply is None:
            raise ToolFailure("cancelled", f"The request for {tool.name} is {request.state}; nothing was run.")
        return await self._take_up(request.reply, request, tool, context)

    async def _open_approval(self, tool: Tool, arguments: JsonObject, context: ToolContext, why: str) -> Approval:
        preview = await tool.build_preview(context, arguments)
        for attempt in itertools.count():  # an approval is used once: a call that runs again needs a new one
            request = await self._journal.requests.open(
                Approval(
                    id=derived_id("req", context.run_id, context.call_id, str(attempt)), run_id=context.run_id,
                    thread_id=context.thread_id, call_id=context.call_id, agent=context.agent, tool=tool.name,
                    effect=tool.effect, arguments=arguments, arguments_hash=content_hash(arguments), preview=preview,
                    rule=why, created_at=self._clock.now(),
                ),
                epoch=self._epoch,
            )  # fmt: skip
            if isinstance(request, Approval) and request.state != "consumed":
                return request
        raise AssertionError("the count of attempts has no end")

    async def _take_up(self, reply: Reply, request: Approval, tool: Tool, context: ToolContext) -> Done | Waiting:
        match reply:
            case Approve():
                return await self._run(tool, request.arguments, context, consume=request.id)
            case Edit():
                # The writer's own arguments are checked and gated like the model's; a deny still stands.
                arguments = tool.validate(reply.arguments)
                verdict = self._policy.explain(tool.name, tool.effect, arguments)
                if verdict.decision == "deny":
                    raise ToolFailure("permission_denied", f"{tool.name} is not allowed like this ({verdict.why}).")
                return await self._run(tool, arguments, context, consume=request.id)
            case _:
                return await self._settle(_refusal(reply, tool), tool, request, context)

    async def _run(self, tool: Tool, arguments: JsonObject, context: ToolContext, *, consume: str | None) -> Done:
        call = ToolCall(
            run_id=context.run_id, call_id=context.call_id, tool=tool.name, arguments=arguments,
            arguments_hash=content_hash(arguments), started_at=self._clock.now(),
        )  # fmt: skip
        try:
            await self._journal.calls.start(call, epoch=self._epoch, consume=consume)
        except RequestClosed as error:
            raise ToolFailure("cancelled", str(error)) from None
        result = await tool.run(context, arguments)
        # The effect has happened: a storage that is away for a moment must not leave it without its outcome.
        finished = await insist(lambda: self._finish(call, result, tool))
        return Done(finished.result or "", bool(finished.ok))

    async def _finish(self, call: ToolCall, result: ToolResult, tool: Tool) -> ToolCall:
        return await self._journal.calls.finish(
            call.run_id, call.call_id, epoch=self._epoch, ok=result.ok, result=_limited(result, tool),
            now=self._clock.now(),
        )  # fmt: skip

    async def _ask(self, tool: Tool, arguments: JsonObject, context: ToolContext) -> Done | Waiting:
        verdict = self._policy.explain(tool.name, tool.effect, arguments)
        if verdict.decision == "deny":
            raise ToolFailure("permission_denied", f"{tool.name} is not allowed here ({verdict.why}).")
        stored = await self._journal.requests.open(
            build_question(
                arguments, request_id=derived_id("req", context.run_id, context.call_id), context=context,
                now=self._clock.now(),
            ),
            epoch=self._epoch,
        )  # fmt: skip
        if stored.state == "pending":
            return Waiting(stored)
        if stored.state != "answered" or stored.reply is None:
            raise ToolFailure("cancelled", f"The question is {stored.state}; there is no answer.")
        if isinstance(stored.reply, StopRun):
            return await self._settle(_refusal(stored.reply, tool), tool, stored, context)
        return await self._settle(question_result(stored.reply, stored.actor), tool, stored, context)

    async def _settle(self, result: ToolResult, tool: Tool, request: Approval | Question, context: ToolContext) -> Done:
        """Journals a call that is settled by the writer's word alone, and uses the word up."""
        now = self._clock.now()
        arguments = request.arguments if isinstance(request, Approval) else {}
        call = ToolCall(
            run_id=context.run_id, call_id=context.call_id, tool=tool.name, arguments=arguments,
            arguments_hash=content_hash(arguments), state="finished", ok=result.ok, result=result.to_json(),
            started_at=now, ended_at=now,
        )  # fmt: skip
        stops = isinstance(request.reply, StopRun)
        if stops:
            await self._journal.runs.request_stop(context.run_id)
        await self._journal.calls.start(call, epoch=self._epoch, consume=request.id)
        return Done(call.result or "", result.ok, stop_run=stops)


def build_question(arguments: JsonObject, *, request_id: str, context: ToolContext, now: float) -> Question:
    """The question of a call of `ask_question`; `ToolFailure` for one that cannot be put."""
    try:
        question = Question.model_validate(
            {
                **arguments, "kind": "question", "id": request_id, "run_id": context.run_id,
                "thread_id": context.thread_id, "call_id": context.call_id, "agent": context.agent, "created_at": now,
            }
        )  # fmt: skip
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ToolFailure("invalid_argument", f"{first['loc'][0]}: {first['msg']}") from None
    _check_options(question.options)
    return question


def _check_options(options: tuple[Option, ...]) -> None:
    if len(options) == 1 or len(options) > 8:
        raise ToolFailure("invalid_argument", "Give no options for free text, or two to eight.")
    for values, what in (([o.id for o in options], "ids"), ([o.label.casefold() for o in options], "labels")):
        if len(set(values)) != len(values):
            raise ToolFailure("invalid_argument", f"Two options have the same {what[:-1]}; make them differ.")


def question_result(reply: Reply, actor: str | None) -> ToolResult:
    """What the model reads of an answer; only the outcome `answered` is one."""
    if not isinstance(reply, Answer):
        note = "The writer put the question aside. This is neither a yes nor a no."
        return ToolResult(data={"outcome": "dismissed", "note": note})
    data: JsonObject = {"outcome": "answered", "option_ids": list(reply.option_ids), "answered_by": actor}
    data |= {name: value for name, value in (("text", reply.text), ("note", reply.note)) if value is not None}
    return ToolResult(data=data)


def _refusal(reply: Reply, tool: Tool) -> ToolResult:
    if isinstance(reply, StopRun):
        return ToolFailure("cancelled", "The writer stopped the run.").to_result()
    words = reply.feedback if isinstance(reply, Deny) else ""
    message = f"The writer declined {tool.name}" + (f": {words}" if words else ".")
    hint = "Do not repeat the call; take up what was said."
    return ToolFailure("permission_denied", message, hint=hint).to_result()


def _limited(result: ToolResult, tool: Tool) -> str:
    text = result.to_json()
    if len(text) <= tool.output_limit:
        return text
    note = f"The result has {len(text):,} characters; the first {tool.output_limit:,} are here."
    cut = ToolResult(ok=result.ok, data={"text": text[: tool.output_limit]}, warnings=(note,), truncated=True)
    return cut.to_json()
