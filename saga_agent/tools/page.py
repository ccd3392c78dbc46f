"""Calls that run on the writer's page: the server finds what they are about, the page says what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from saga_agent.clock import Clock
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import ClientCall, ClientResult, StopRun
from saga_agent.domain.run_rules import is_over
from saga_agent.errors import NotFound
from saga_agent.ids import derived_id
from saga_agent.storage.ports.journal import Journal
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import Tool
from saga_agent.tools.result import Parked, ToolFailure, ToolResult

_LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What came of a call on the page."""

    result: ToolResult
    stops: bool = False
    """The writer stopped the run instead."""


class BrowserTools:
    """The page, as one runner's epoch sees it."""

    def __init__(self, journal: Journal, clock: Clock, *, epoch: int, ttl_seconds: float | None) -> None:
        self._journal, self._clock, self._epoch, self._ttl_seconds = journal, clock, epoch, ttl_seconds

    async def run(self, tool: Tool, arguments: JsonObject, context: ToolContext) -> PageOutcome:
        """What came of the call; a target the server cannot find never reaches the page.

        Raises: `Parked` while the page has not answered.
        """
        request = await self._find(context)
        if request is None:
            found = await tool.run(context, arguments)
            if not found.ok:
                return PageOutcome(found)
            if await self._shows(tool, found.data, context):
                return PageOutcome(ToolResult(data={**found.data, "changed": False}))
            request = await self._ask(tool, arguments, found.data, context)
        if request.state == "pending" and not is_over(request, now=self._clock.now()):
            raise Parked([request])
        return await self._read(request, context)

    async def _find(self, context: ToolContext) -> ClientCall | None:
        try:
            request = await self._journal.requests.get(_id(context))
        except NotFound:
            return None
        return request if isinstance(request, ClientCall) else None

    async def _shows(self, tool: Tool, payload: JsonObject, context: ToolContext) -> bool:
        """Whether this is what the tool's last call of this run brought to the page already."""
        requests = await self._journal.requests.list(run_id=context.run_id, states=("consumed",))
        earlier = [each for each in requests if isinstance(each, ClientCall) and each.tool == tool.name]
        if not earlier or earlier[-1].payload != payload:
            return False
        return isinstance(earlier[-1].reply, ClientResult) and earlier[-1].reply.error is None

    async def _ask(self, tool: Tool, arguments: JsonObject, payload: JsonObject, context: ToolContext) -> ClientCall:
        now = self._clock.now()
        request = ClientCall(
            id=_id(context),
            run_id=context.run_id,
            thread_id=context.thread_id,
            call_id=context.call_id,
            agent=context.agent,
            root_run_id=context.root_run_id,
            agent_path=context.path,
            created_at=now,
            expires_at=None if self._ttl_seconds is None else now + self._ttl_seconds,
            tool=tool.name,
            arguments=arguments,
            payload=payload,
        )
        stored = await self._journal.requests.open(request, epoch=self._epoch)
        return stored if isinstance(stored, ClientCall) else request

    async def _read(self, request: ClientCall, context: ToolContext) -> PageOutcome:
        match request.reply:
            case ClientResult() as reply if request.state in ("answered", "consumed"):
                call = await self._journal.calls.find(context.run_id, context.call_id)
                if call is not None:  # it is: the gate journalled it before
                    await self._journal.calls.start(call, epoch=self._epoch, consume=request.id)
                return PageOutcome(_result(reply, request.payload))
            case StopRun():
                await self._journal.runs.request_stop(context.root_id)
                failure = ToolFailure("cancelled", "The writer stopped the run.")
                return PageOutcome(failure.to_result(), stops=True)
            case _:
                if request.state == "pending":
                    await self._journal.requests.close(request.id, state="expired", epoch=self._epoch)
                return PageOutcome(ToolFailure("unavailable", "The page did not answer.").to_result())


def _result(reply: ClientResult, payload: JsonObject) -> ToolResult:
    if reply.error is not None:
        return ToolFailure("unavailable", f"The page says: {reply.error[:_LONGEST_ERROR]}").to_result()
    data: JsonObject = {**payload, "changed": True}
    return ToolResult(data=data if reply.output is None else {**data, "output": reply.output})


def _id(context: ToolContext) -> str:
    return derived_id("req", context.run_id, context.call_id, "page")
