"""What happens between the gate's look at a request and its act: the writer's word, a close, another runner."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from saga_agent.clock import SystemClock
from saga_agent.domain.journal import Run
from saga_agent.domain.permissions import Grant
from saga_agent.domain.requests import Approval, Approve, Deny, Edit, Reply, StopRun
from saga_agent.domain.rules import Rule
from saga_agent.errors import StaleEpoch
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.ports.journal import Journal
from saga_agent.tools.context import ToolContext
from saga_agent.tools.gate import Gate
from saga_agent.tools.outcome import Done, RequestedCall, Waiting
from saga_agent.tools.policy import Policy
from saga_agent.tools.registry import ToolRegistry
from tests.turns import begin_turn

Meanwhile = Callable[[], Awaitable[Any]]


class Interrupted:
    """A noun of the journal before one of whose verbs something else happens, once."""

    def __init__(self, noun: object, verb: str, meanwhile: Meanwhile) -> None:
        self._noun, self._verb, self._meanwhile = noun, verb, meanwhile
        self._happened = False

    def __getattr__(self, verb: str) -> Any:
        inner = getattr(self._noun, verb)
        if verb != self._verb:
            return inner

        async def after(*args: Any, **kwargs: Any) -> Any:
            if not self._happened:
                self._happened = True
                await self._meanwhile()
            return await inner(*args, **kwargs)

        return after


@dataclass
class House:
    """A journal with one run that was taken, and a tool that counts what it did."""

    journal: Journal
    did: list[str] = field(default_factory=list[str])
    policy: Policy = field(default_factory=Policy)

    async def handle(
        self, *, call_id: str = "c1", before: str = "", meanwhile: Meanwhile | None = None, epoch: int = 1
    ) -> Done | Waiting:
        """Hands the call in; right before the journal's verb `before` is called, `meanwhile` happens."""
        registry, journal = ToolRegistry(), self.journal
        if meanwhile is not None:
            noun, _, verb = before.partition(".")
            changed: dict[str, Any] = {noun: Interrupted(getattr(journal, noun), verb, meanwhile)}
            journal = replace(journal, **changed)

        @registry.tool(effect="write")
        async def rename(ctx: ToolContext, name: str) -> None:
            """Rename it."""
            self.did.append(name)

        context = ToolContext(story=None, project_id="p", thread_id="thr", run_id="run", agent="draft")  # pyright: ignore
        call = RequestedCall(id=call_id, name="rename", arguments={"name": "Tam"})
        return await Gate(registry, self.policy, journal, SystemClock(), epoch=epoch).handle(call, context)

    async def ask(self, call_id: str = "c1") -> Approval:
        outcome = await self.handle(call_id=call_id)
        assert isinstance(outcome, Waiting)
        (request,) = outcome.requests
        assert isinstance(request, Approval)
        return request

    def answer(self, request: Approval, reply: Reply) -> Meanwhile:
        return lambda: self.journal.requests.answer("run", {request.id: reply}, actor="writer", now=0)

    async def allow(self, how: str) -> int:
        """From now on the call may run without asking, by a rule or a grant; the epoch in which it is looked at."""
        if how == "grant":
            other = await self.ask("c2")
            grant = Grant(
                id="g",
                owner_id="local",
                agent="draft",
                tool="rename",
                tool_version=1,
                scope="thread",
                scope_id="thr",
                request_id=other.id,
                text="may",
                created_by="writer",
                created_at=0,
            )
            await self.journal.requests.answer("run", {other.id: Approve()}, actor="w", now=0, grants=[grant])
            return 1
        self.policy = Policy([Rule("rename", "allow")])
        await self.journal.runs.renew("run", epoch=1, lease_until=0.0)
        return (await self.journal.runs.take("run", runner="s", lease_until=1e12, now=1)).epoch


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with MemoryStorage() as storage:
        run: Run = await begin_turn(storage, lease_until=1e12)
        assert run.epoch == 1
        yield House(storage.journal)


@pytest.mark.parametrize("how", ["rule", "grant"])
@pytest.mark.parametrize("reply", [Deny(feedback="his name is Tom"), StopRun()], ids=["no", "stop"])
async def test_the_writers_no_counts_in_the_moment_in_which_a_rule_or_grant_allows(
    house: House, how: str, reply: Reply
) -> None:
    request = await house.ask()
    epoch = await house.allow(how)

    outcome = await house.handle(before="requests.close", meanwhile=house.answer(request, reply), epoch=epoch)

    assert isinstance(outcome, Done)
    assert not outcome.ok
    assert house.did == []
    assert outcome.stop_run is isinstance(reply, StopRun)
    assert ("his name is Tom" in outcome.result) is isinstance(reply, Deny)
    assert await house.handle(epoch=epoch) == outcome


@pytest.mark.parametrize("how", ["rule", "grant"])
@pytest.mark.parametrize("reply", [Approve(), Edit(arguments={"name": "Tom"})], ids=["yes", "edit"])
async def test_the_writers_yes_in_that_moment_runs_the_call_once(house: House, how: str, reply: Reply) -> None:
    request = await house.ask()
    epoch = await house.allow(how)

    outcome = await house.handle(before="requests.close", meanwhile=house.answer(request, reply), epoch=epoch)

    assert isinstance(outcome, Done)
    assert outcome.ok
    assert len(house.did) == 1
    assert await house.handle(epoch=epoch) == outcome
    assert len(house.did) == 1


@pytest.mark.parametrize("state", ["superseded", "expired"])
async def test_an_approval_closed_between_look_and_start_runs_nothing_and_is_told_as_a_failure(
    house: House, state: Any
) -> None:
    request = await house.ask()
    await house.answer(request, Approve())()

    outcome = await house.handle(
        before="calls.start", meanwhile=lambda: house.journal.requests.close(request.id, state=state, epoch=1)
    )

    assert isinstance(outcome, Done)
    assert not outcome.ok
    assert '"cancelled"' in outcome.result
    assert house.did == []


async def test_a_run_that_is_taken_between_look_and_start_runs_nothing_here(house: House) -> None:
    request = await house.ask()
    await house.answer(request, Approve())()

    async def take() -> None:
        await house.journal.runs.renew("run", epoch=1, lease_until=0.0)
        await house.journal.runs.take("run", runner="s", lease_until=1e12, now=1)

    with pytest.raises(StaleEpoch):
        await house.handle(before="calls.start", meanwhile=take)
    assert house.did == []
    assert isinstance(await house.handle(epoch=2), Done)
    assert house.did == ["Tam"]


async def test_an_answer_in_the_moment_of_asking_is_taken_up_when_the_call_is_handed_in_again(house: House) -> None:
    request = await house.ask()

    outcome = await house.handle(before="grants.in_force", meanwhile=house.answer(request, Approve()))

    assert isinstance(outcome, Waiting)
    assert house.did == []
    assert isinstance(await house.handle(), Done)
    assert house.did == ["Tam"]
