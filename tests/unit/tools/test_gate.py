"""The gate: nothing runs but through it, and nothing runs twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from saga_agent.clock import SystemClock
from saga_agent.domain.journal import ToolCall
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Approval, Approve, Deny, Edit, Reply, Request
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.ports.journal import Journal
from saga_agent.tools.context import ToolContext
from saga_agent.tools.gate import Gate
from saga_agent.tools.outcome import Done, RequestedCall, Waiting
from saga_agent.tools.policy import Policy, Rule
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import Parked, ToolFailure, ToolResult
from tests.turns import begin_turn


@dataclass
class House:
    """A journal with one taken run, and tools that count what they did."""

    journal: Journal
    did: list[str] = field(default_factory=list[str])
    policy: Policy = field(default_factory=Policy)
    hangs: bool = False
    hung: asyncio.Event = field(default_factory=asyncio.Event)

    def gate(self, *, epoch: int = 1) -> Gate:
        registry = ToolRegistry()

        async def rename(ctx: ToolContext, name: str) -> ToolResult:
            """Rename it."""
            self.did.append(name)
            if self.hangs:
                self.hung.set()
                await asyncio.Event().wait()
            return ToolResult(data={"name": name})

        async def put(ctx: ToolContext, name: str) -> ToolResult:
            """Set it; may be repeated."""
            return await rename(ctx, name)

        async def look(ctx: ToolContext) -> ToolResult:
            """Look."""
            self.did.append("looked")
            return ToolResult(data={"text": "x" * 300})

        async def ask_question(ctx: ToolContext, question: str, options: list[JsonObject] = []) -> ToolResult:  # noqa: B006
            """Ask."""
            raise ToolFailure("unavailable", "asked by the gate")

        registry.tool(effect="write")(rename)
        registry.tool(effect="write", idempotent=True)(put)
        registry.tool(effect="read", output_limit=200)(look)
        registry.tool(effect="ui", question=True)(ask_question)
        return Gate(registry, self.policy, self.journal, SystemClock(), epoch=epoch)

    async def handle(self, call: RequestedCall, *, epoch: int = 1) -> Done | Waiting:
        context = ToolContext(story=None, project_id="p", thread_id="thr", run_id="run", agent="draft")  # pyright: ignore
        return await self.gate(epoch=epoch).handle(call, context)

    async def kill(self, call: RequestedCall) -> None:
        """Hands the call in and kills its runner after the effect: nothing that would follow happens."""
        self.hangs = True
        self.hung.clear()
        task = asyncio.create_task(self.handle(call))
        await self.hung.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        self.hangs = False

    async def request(self, call: RequestedCall) -> Request:
        outcome = await self.handle(call)
        assert isinstance(outcome, Waiting)
        return outcome.requests[0]

    async def reply(self, request: Request, reply: Reply) -> None:
        await self.journal.requests.answer("run", {request.id: reply}, actor="writer", now=0)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with MemoryStorage() as storage:
        await begin_turn(storage, lease_until=1e12)
        yield House(storage.journal)


RENAME = RequestedCall(id="c1", name="rename", arguments={"name": "Tam"})


async def test_reading_runs_at_once_and_a_long_result_is_cut_and_says_so(house: House) -> None:
    outcome = await house.handle(RequestedCall(id="c", name="look", arguments={}))

    assert isinstance(outcome, Done)
    assert outcome.ok
    assert '"truncated":true' in outcome.result
    assert house.did == ["looked"]


async def test_writing_waits_and_runs_once_approved_and_only_once(house: House) -> None:
    request = await house.request(RENAME)
    assert house.did == []
    assert (await house.request(RENAME)).id == request.id

    await house.reply(request, Approve())
    first = await house.handle(RENAME)
    again = await house.handle(RENAME)

    assert first == again
    assert house.did == ["Tam"]
    assert (await house.journal.requests.get(request.id)).state == "consumed"


async def test_a_refusal_reaches_the_model_with_the_feedback_and_nothing_runs(house: House) -> None:
    await house.reply(await house.request(RENAME), Deny(feedback="his name is Tom"))

    outcome = await house.handle(RENAME)

    assert isinstance(outcome, Done)
    assert not outcome.ok
    assert "his name is Tom" in outcome.result
    assert await house.handle(RENAME) == outcome
    assert house.did == []


async def test_edited_arguments_are_checked_and_run_instead(house: House) -> None:
    await house.reply(await house.request(RENAME), Edit(arguments={"name": "Tom"}))

    assert isinstance(await house.handle(RENAME), Done)
    assert house.did == ["Tom"]


async def test_edited_arguments_that_do_not_fit_or_are_denied_do_not_run(house: House) -> None:
    """Scenario 6: an edit is gated again as the call it now is."""
    house.policy = Policy([Rule("rename", "deny", arguments={"name": "God"})])
    await house.reply(await house.request(RENAME), Edit(arguments={"name": "God"}))
    other = RequestedCall(id="c2", name="rename", arguments={"name": "Tam"})
    await house.reply(await house.request(other), Edit(arguments={"nmae": "Tom"}))

    for call in (RENAME, other):
        outcome = await house.handle(call)
        assert isinstance(outcome, Done)
        assert not outcome.ok
    assert house.did == []


async def test_arguments_that_changed_after_the_ask_are_asked_for_anew(house: House) -> None:
    """Scenario 5: the approval is for the arguments that were shown."""
    shown = await house.request(RENAME)
    await house.reply(shown, Approve())

    request = await house.request(RequestedCall(id="c1", name="rename", arguments={"name": "Mallory"}))

    assert (request.id, request.state) != (shown.id, "answered")
    assert house.did == []


async def test_one_approval_frees_one_of_two_like_calls(house: House) -> None:
    """Scenario 3: parallel calls, answered in any order, each by its own id."""
    other = RequestedCall(id="c2", name="rename", arguments={"name": "Tam"})
    await house.request(RENAME)
    second = await house.request(other)
    await house.reply(second, Approve())

    assert isinstance(await house.handle(RENAME), Waiting)
    assert isinstance(await house.handle(other), Done)
    assert house.did == ["Tam"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (RequestedCall(id="c", name="rename", arguments=None, problem="it reached its length limit"), "length limit"),
        (RequestedCall(id="c", name="rename", arguments={}), "'name' is missing"),
        (RequestedCall(id="c", name="renmae", arguments={}), "no tool 'renmae'"),
    ],
)
async def test_a_call_that_cannot_be_read_strictly_never_runs(house: House, call: RequestedCall, words: str) -> None:
    outcome = await house.handle(call)

    assert isinstance(outcome, Done)
    assert not outcome.ok
    assert words in outcome.result
    assert house.did == []
    (stored,) = await house.journal.calls.list("run")
    assert (stored.state, stored.refused, stored.tool) == ("finished", True, call.name)


async def test_a_denied_tool_does_not_run_and_does_not_ask(house: House) -> None:
    house.policy = Policy().with_layer("project", [Rule("*", "deny", effect="write", reason="locked")])

    outcome = await house.handle(RENAME)

    assert isinstance(outcome, Done)
    assert "locked" in outcome.result
    assert await house.journal.requests.list(run_id="run") == []


async def test_a_killed_call_that_may_not_be_repeated_asks_again_each_time(house: House) -> None:
    """Started, not finished: only the writer can say whether it may run again."""
    await house.reply(await house.request(RENAME), Approve())
    await house.kill(RENAME)

    for _ in range(2):  # it dies once more after the second approval
        request = await house.request(RENAME)
        assert isinstance(request, Approval)
        assert "did not finish" in request.rule
        await house.reply(request, Approve())
        await house.kill(RENAME)
    assert house.did == ["Tam"] * 3


async def test_a_killed_call_that_may_be_repeated_simply_runs_again_with_what_was_approved(house: House) -> None:
    put = RequestedCall(id="c1", name="put", arguments={"name": "Tam"})
    await house.reply(await house.request(put), Edit(arguments={"name": "Tom"}))
    await house.kill(put)

    outcome = await house.handle(put)

    assert isinstance(outcome, Done)
    assert outcome.ok
    assert house.did == ["Tom", "Tom"]


async def test_a_call_that_another_runner_finished_is_not_run(house: House) -> None:
    call = ToolCall(run_id="run", call_id="c1", tool="rename", arguments={}, arguments_hash="", started_at=0)
    await house.journal.calls.start(call, epoch=1)
    await house.journal.calls.finish("run", "c1", epoch=1, ok=True, result='{"ok":true}', now=0)

    assert await house.handle(RENAME) == Done('{"ok":true}', ok=True)
    assert house.did == []


@pytest.mark.parametrize(
    "options",
    [
        [{"id": "a", "label": "A"}],
        [{"id": str(n), "label": str(n)} for n in range(9)],
        [{"id": "a", "label": "A"}, {"id": "a", "label": "B"}],
        [{"id": "a", "label": "Yes"}, {"id": "b", "label": "yes"}],
        [{"id": "", "label": "A"}, {"id": "b", "label": "B"}],
    ],
)
async def test_a_question_that_cannot_be_answered_is_not_put(house: House, options: list[JsonObject]) -> None:
    call = RequestedCall(id="q", name="ask_question", arguments={"question": "Who?", "options": options})  # pyright: ignore

    outcome = await house.handle(call)

    assert isinstance(outcome, Done)
    assert '"invalid_argument"' in outcome.result
    assert await house.journal.requests.list(run_id="run") == []


async def test_a_tool_that_waits_for_others_parks_the_call_and_runs_again_after(house: House) -> None:
    """What a subagent asks, the call that called it waits for."""
    asked = await house.request(RequestedCall(id="c9", name="rename", arguments={"name": "Tam"}))
    registry, came = ToolRegistry(), []

    async def wait(ctx: ToolContext) -> ToolResult:
        """Wait."""
        came.append(1)
        if len(came) == 1:
            raise Parked([asked])
        return ToolResult()

    registry.tool(effect="read", idempotent=True, timeout_seconds=None)(wait)
    registry.tool(effect="read", name="wait_once")(wait)
    gate = Gate(registry, Policy(), house.journal, SystemClock(), epoch=1)
    context = ToolContext(story=None, project_id="p", thread_id="thr", run_id="run", agent="draft")  # pyright: ignore
    call = RequestedCall(id="c1", name="wait", arguments={})

    assert await gate.handle(call, context) == Waiting((asked,))
    stored = await house.journal.calls.find("run", "c1")
    assert stored is not None
    assert stored.state == "started"
    assert await gate.handle(call, context) == Done('{"ok":true}', ok=True)

    came.clear()
    outcome = await gate.handle(RequestedCall(id="c2", name="wait_once", arguments={}), context)
    assert isinstance(outcome, Done)
    assert "not declared idempotent" in outcome.result


async def test_a_run_that_is_cancelled_twice_still_stops_its_call_and_waits_for_it(house: House) -> None:
    """Its lease is lost, and the process closes meanwhile: no tool may go on behind the back of both."""
    house.hangs, house.policy = True, Policy([Rule("put", "allow")])
    task = asyncio.create_task(house.handle(RequestedCall(id="c1", name="put", arguments={"name": "Tam"})))
    await house.hung.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task

    assert [each.get_name() for each in asyncio.all_tasks() if each is not asyncio.current_task()] == []
