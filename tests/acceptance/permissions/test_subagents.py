"""Subagents: what they may do, what the writer sees of them, and what survives. Scenarios 4, 11, 12, 13 and 14."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saga_agent.agents.ancestry import policy_along
from saga_agent.domain import chunks as c
from saga_agent.domain.requests import Answer, Approval, Approve, Deny, Question, StopRun
from saga_agent.domain.rules import Decision, Rule
from saga_agent.errors import InvalidInput, NotFound, RequestClosed, RunFailed, RunPaused
from saga_agent.models.script import Call, Say, Turn, Wait
from saga_agent.runs.settings import CallSettings
from saga_agent.tools.hooks import HookCall
from saga_agent.tools.policy import Policy
from tests.acceptance.permissions.trees import Scripts, children, delegate, open_tree, report, shown
from tests.acceptance.streams.cast import marks_in
from tests.acceptance.streams.conftest import open_world
from tests.acceptance.streams.worlds import World, first, send, settled

WRITE = Call("write_mark", {"name": "x"}, id="w")
ALLOW = Rule("write_mark", "allow")
DENY = Rule("write_mark", "deny")


def _is_waiting(chunk: c.Chunk, agent: str) -> bool:
    return (
        isinstance(chunk, c.Data)
        and isinstance(chunk.data, dict)
        and (chunk.data.get("agent"), chunk.data.get("state")) == (agent, "waiting")
    )


@pytest.fixture(params=["memory", "sqlite"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async for world in open_world(request.param, request, tmp_path):
        yield world


async def test_a_subagent_works_in_a_thread_of_its_own_and_reports_from_the_journal(world: World) -> None:
    saga = await open_tree(
        world,
        Scripts(
            draft=[Turn(text="I ask. ", calls=[delegate("research", "Look at it.")]), Say("Done.")],
            research=[Turn(calls=[Call("mark", {"name": "seen"})], expect="Look at it."), Say("It is there.")],
        ),
    )
    run = await send(saga)
    message = await run.result()

    (child,) = await children(saga, run)
    assert message.text == "I ask. Done."
    assert (child.path, child.root_id, child.parent_call_id) == (("draft", "research"), run.id, "d")
    assert child.thread_id != run.thread_id
    data = (await report(saga, run.id))["data"]
    assert data == {
        "status": "finished",
        "agent": "research",
        "text": "It is there.",
        "run_id": child.id,
        "thread_id": child.thread_id,
        "calls": [{"tool": "mark", "ok": True, "refused": False}],
        "tokens": sum(row.input_tokens + row.output_tokens for row in await saga.storage.journal.runs.usage(child.id)),
    }
    (part,) = shown(message.parts, "data-subagent")
    assert (part["state"], part["runId"], part["streamId"]) == ("finished", child.id, child.stream_id)
    assert [thread.id for thread in (await saga.threads.list()).items] == [run.thread_id], "children are not talks"


async def test_the_parent_shows_how_its_subagent_stands_while_it_works(world: World) -> None:
    go_on = asyncio.Event()
    saga = await open_tree(
        world,
        Scripts(draft=[Turn(calls=[delegate("research")]), Say("Done.")], research=[Turn(Wait(go_on), Say("It is."))]),
    )
    run = await send(saga)
    states: list[object] = []
    async for chunk in run.chunks():
        if chunk.type == "data-subagent":
            states.append(chunk.data["state"])  # pyright: ignore
            go_on.set()

    assert states == ["running", "finished"]


@pytest.mark.parametrize("who", ["scribe", "clerk"])
async def test_scenario_11_a_parents_deny_binds_child_and_grandchild(world: World, who: str) -> None:
    """Their own rules allow it, which counts for nothing."""
    deep = who == "clerk"
    saga = await open_tree(
        world,
        Scripts(
            draft=[Turn(calls=[delegate("scribe")]), Say("Done.")],
            scribe=[Turn(calls=[delegate("clerk") if deep else WRITE]), Say("I wrote it, the writer approved.")],
            clerk=[Turn(calls=[WRITE]), Say("I wrote it.")],
            changes={"draft": {"rules": (DENY,)}, who: {"rules": (ALLOW,)}},
        ),
        policy=Policy([ALLOW]),
    )
    run = await send(saga)
    await run.result()

    (child,) = await children(saga, run)
    caller = child if deep else run
    assert marks_in(world.marks) == []
    assert (await report(saga, caller.id))["data"]["status"] == "denied"  # pyright: ignore
    (asker,) = await children(saga, caller)
    (call,) = await saga.storage.journal.calls.list(asker.id)
    assert call.rule == "agent draft: deny write_mark"


async def test_scenario_11_without_the_deny_it_writes(world: World) -> None:
    saga = await open_tree(
        world,
        Scripts(
            draft=[Turn(calls=[delegate("scribe")]), Say("Done.")],
            scribe=[Turn(calls=[delegate("clerk")]), Say("ok")],
            clerk=[Turn(calls=[WRITE]), Say("I wrote it.")],
        ),
        policy=Policy([ALLOW]),
    )

    await (await send(saga)).result()

    assert marks_in(world.marks) == ["x"]


async def test_scenario_11_a_tool_the_parent_does_not_hold_is_denied_to_the_child(world: World) -> None:
    saga = await open_tree(
        world,
        Scripts(
            draft=[Turn(calls=[delegate("scribe")]), Say("Done.")],
            scribe=[Turn(calls=[WRITE]), Say("ok")],
            changes={"draft": {"tools": ("mark",)}},
        ),
        policy=Policy([ALLOW]),
    )
    run = await send(saga)
    await run.result()

    (child,) = await children(saga, run)
    (call,) = await saga.storage.journal.calls.list(child.id)
    assert call.refused
    assert "agent draft does not have it" in call.rule
    assert marks_in(world.marks) == []


async def test_scenario_11_a_delegate_right_lets_the_child_do_what_its_parent_cannot(world: World) -> None:
    right = Rule("write_mark", "allow", reason="the scribe writes for us")
    scripts = Scripts(
        draft=[Turn(calls=[delegate("scribe")]), Say("Done.")],
        scribe=[Turn(calls=[WRITE]), Say("ok")],
        changes={"draft": {"tools": ("mark",), "rules": (DENY,), "delegates": (right,)}},
    )
    saga = await open_tree(world, scripts, policy=Policy([ALLOW]))

    await (await send(saga)).result()

    assert marks_in(world.marks) == ["x"]
    policy = policy_along(saga.policy, saga.agents.along(("draft", "scribe")))
    said = {layer.layer: str(layer.rule) for layer in policy.explain("write_mark", "write", {}).layers}
    assert said["agent draft"] == str(right)


@pytest.mark.parametrize(
    "more",
    [{"mode": "auto"}, {"permission": "allow"}, {"tools": ["write_mark"]}, {"session_id": "run_x"}, {"model": "big"}],
)
async def test_scenario_12_a_spawn_takes_an_agent_and_a_task_and_nothing_else(world: World, more: dict[str, object]):
    saga = await open_tree(world, Scripts(draft=[Turn(calls=[delegate("research", **more)]), Say("Then not.")]))
    run = await send(saga)
    await run.result()

    assert await children(saga, run) == []
    assert (await report(saga, run.id))["error"]["code"] == "invalid_argument"  # pyright: ignore


@pytest.mark.parametrize("agent", ["draft", "clerk", "nobody", "scribe "])
async def test_scenario_12_only_its_own_subagents_can_be_called(world: World, agent: str) -> None:
    saga = await open_tree(world, Scripts(draft=[Turn(calls=[delegate(agent)]), Say("Then not.")]))
    run = await send(saga)
    await run.result()

    assert await children(saga, run) == []


async def test_scenario_12_nobody_talks_to_a_subagent_or_in_its_thread(world: World) -> None:
    saga = await open_tree(
        world, Scripts(draft=[Turn(calls=[delegate("research")]), Say("Done.")], research=[Say("It is.")])
    )
    run = await send(saga)
    await run.result()
    (child,) = await children(saga, run)

    with pytest.raises(InvalidInput, match="belongs to a subagent"):
        await saga.send(child.thread_id, "And you may write now.")
    with pytest.raises(ValueError, match="is a subagent"):
        await saga.send(run.thread_id, "Hello", agent="research")


async def test_scenario_13_a_grandchilds_request_reaches_the_root_and_is_answered_from_another_client(
    world: World,
) -> None:
    saga = await open_tree(
        world,
        Scripts(
            draft=[Turn(calls=[delegate("scribe")]), Say("Done.")],
            scribe=[Turn(calls=[delegate("clerk")]), Say("The clerk did.")],
            clerk=[Turn(calls=[WRITE]), Say("I wrote it.")],
        ),
    )
    run = await send(saga)
    with pytest.raises(RunPaused) as paused:
        await run.result()

    (request,) = paused.value.requests
    assert isinstance(request, Approval)
    assert (request.root_run_id, request.agent_path) == (run.id, ("draft", "scribe", "clerk"))
    assert (request.arguments, request.rule) == ({"name": "x"}, "app: ask * [write] (it changes the story)")
    assert [each.id for each in await saga.requests(run_id=run.id)] == [request.id]
    assert (await run.state()).state == "waiting"

    other = await saga.run(run.id)
    await saga.answer(run.id, {request.id: Approve()}, actor="somebody at a phone")
    message = await other.result()

    assert message.text == "Done."
    assert marks_in(world.marks) == ["x"]
    (child,) = await children(saga, run)
    assert [part["state"] for part in shown(message.parts, "data-subagent")] == ["finished"]
    assert (await saga.storage.journal.requests.get(request.id)).actor == "somebody at a phone"
    assert (child.state, child.epoch) == ("finished", 2)
    with pytest.raises(NotFound):
        await saga.acting_as("another owner").requests(run_id=run.id)


async def test_scenario_13_a_denied_childs_status_is_denied_whatever_it_claims(world: World) -> None:
    saga = await open_tree(
        world,
        Scripts(
            draft=[Turn(calls=[delegate("scribe")]), Say("Done.")],
            scribe=[Turn(calls=[WRITE]), Say("I wrote x; the writer approved it.")],
        ),
    )
    run = await send(saga)
    with pytest.raises(RunPaused) as paused:
        await run.result()
    (request,) = paused.value.requests

    await saga.answer(run.id, {request.id: Deny(feedback="not x")})
    await run.result()

    data = (await report(saga, run.id))["data"]
    assert isinstance(data, dict)
    assert (data["status"], data["calls"]) == ("denied", [{"tool": "write_mark", "ok": False, "refused": True}])
    assert marks_in(world.marks) == []


async def test_scenario_04_two_children_ask_at_once_and_each_gets_its_own_answer(world: World) -> None:
    saga = await open_tree(
        world,
        Scripts(
            draft=[Turn(calls=[delegate("scribe", call_id="a"), delegate("research", call_id="b")]), Say("Done.")],
            scribe=[Turn(calls=[Call("write_mark", {"name": "one"}, id="w")]), Say("ok")],
            research=[Turn(calls=[Call("write_mark", {"name": "two"}, id="w")]), Say("ok")],
        ),
    )
    run = await send(saga)
    [chunk async for chunk in run.chunks()]
    requests = {request.agent: request for request in await run.requests()}

    await saga.answer(run.id, {requests["research"].id: Deny(feedback="no")})
    [chunk async for chunk in run.chunks()]
    assert [request.agent for request in await run.requests()] == ["scribe"], "the sibling still waits"
    await saga.answer(run.id, {requests["scribe"].id: Approve()})
    await run.result()

    assert marks_in(world.marks) == ["one"]
    assert [(await report(saga, run.id, call))["data"]["status"] for call in "ab"] == ["finished", "denied"]  # pyright: ignore


async def test_a_childs_question_is_the_roots_and_its_answer_goes_to_the_child(world: World) -> None:
    ask = Call("ask_question", {"question": "Whose view?"}, id="q")
    saga = await open_tree(
        world,
        Scripts(
            draft=[Turn(calls=[delegate("research")]), Say("Done.")],
            research=[Turn(calls=[ask]), Turn(text="Mara's it is.", expect="Mara")],
        ),
    )
    run = await send(saga)
    shown_first = [chunk.type async for chunk in run.chunks()]
    (question,) = await run.requests()
    assert isinstance(question, Question)

    await saga.answer(run.id, {question.id: Answer(text="Mara")})
    rest = [chunk.type async for chunk in run.chunks()]

    assert "finish" not in shown_first
    assert rest[-1] == "finish", "the same chunks go on until the turn is done"
    assert (await report(saga, run.id))["data"]["text"] == "Mara's it is."  # pyright: ignore


async def test_an_answer_that_stops_stops_the_whole_tree(world: World) -> None:
    saga = await open_tree(
        world,
        Scripts(
            draft=[Turn(calls=[delegate("scribe", call_id="a"), delegate("research", call_id="b")])],
            scribe=[Turn(calls=[delegate("clerk")])],
            clerk=[Turn(calls=[WRITE])],
            research=[Turn(calls=[WRITE])],
        ),
    )
    run = await send(saga)
    [chunk async for chunk in run.chunks()]
    request = next(each for each in await run.requests() if each.agent == "clerk")

    await saga.answer(run.id, {request.id: StopRun()})
    with pytest.raises(RunFailed, match="stopped by the writer"):
        await run.result()
    await saga._engine.runner.wait(run.id)

    states = [each.state for each in await saga.runs()]
    assert states == ["stopped"] * 4
    assert [each.state for each in await saga.requests(run_id=run.id, states=())].count("pending") == 0


async def test_stopping_the_root_stops_working_and_waiting_children(world: World) -> None:
    reached, never = asyncio.Event(), asyncio.Event()
    saga = await open_tree(
        world,
        Scripts(
            draft=[Turn(calls=[delegate("scribe", call_id="a"), delegate("research", call_id="b")])],
            scribe=[Turn(calls=[WRITE])],
            research=[Turn(Say("Let me th"), Wait(never, reached=reached))],
        ),
    )
    run = await send(saga)
    await reached.wait()
    await first(saga.follow(run.stream_id), lambda event: _is_waiting(event.chunk, "scribe"))

    async with asyncio.timeout(5):
        await saga.stop(run.id)

    root, _ = await settled(saga, run.id)
    assert (root.state, root.reason_code) == ("stopped", "writer")
    assert {child.agent: child.state for child in await children(saga, run)} == {
        "scribe": "stopped",
        "research": "stopped",
    }
    assert await saga.requests(run_id=run.id) == []


async def test_a_child_that_fails_is_told_to_the_parent_not_thrown_at_it(world: World) -> None:
    saga = await open_tree(world, Scripts(draft=[Turn(calls=[delegate("research")]), Say("It failed.")], research=[]))
    run = await send(saga)
    message = await run.result()

    result = await report(saga, run.id)
    assert message.text == "It failed."
    assert (result["ok"], result["data"]["status"]) == (False, "failed")  # pyright: ignore


async def test_the_depth_limit_offers_no_further_subagents(world: World) -> None:
    saga = await open_tree(
        world,
        Scripts(
            draft=[Turn(calls=[delegate("scribe")]), Say("Done.")],
            scribe=[
                Turn(calls=[delegate("clerk")], tools=("mark", "write_mark", "sleep", "ask_question", "delegate")),
                Say("ok"),
            ],
            clerk=[
                Turn(calls=[delegate("clerk")], tools=("mark", "write_mark", "sleep", "ask_question")),
                Say("Alone."),
            ],
        ),
    )
    run = await send(saga)
    await run.result()

    assert sorted(len(each.path) for each in await saga.runs()) == [1, 2, 3]


async def test_scenario_19_a_refused_call_that_comes_again_through_children_ends_the_turn(world: World) -> None:
    """The parent is refused, then its child with the same call, then another one."""
    saga = await open_tree(
        world,
        Scripts(
            draft=[
                Turn(calls=[WRITE]),
                Turn(calls=[delegate("scribe")]),
                Turn(calls=[delegate("research", call_id="e")]),
            ],
            scribe=[Turn(calls=[WRITE]), Say("no")],
            research=[Turn(calls=[WRITE])],
        ),
        policy=Policy([DENY]),
    )
    run = await send(saga)
    with pytest.raises(RunFailed, match="although it was refused"):
        await run.result()

    (_, last) = await children(saga, run)
    assert (await run.state()).reason_code == "loop"
    assert (last.agent, last.state, last.reason_code) == ("research", "stopped", "loop")
    assert marks_in(world.marks) == []


async def test_scenario_20_hooks_see_the_calls_of_children(world: World) -> None:
    seen: list[tuple[str, tuple[str, ...]]] = []

    async def watch(call: HookCall) -> Decision | None:
        seen.append((call.tool, call.agent_path))
        return "deny" if call.tool == "write_mark" else None

    saga = await open_tree(
        world,
        Scripts(draft=[Turn(calls=[delegate("scribe")]), Say("Done.")], scribe=[Turn(calls=[WRITE]), Say("no")]),
        policy=Policy([ALLOW]),
        calls=CallSettings(hooks=[watch]),
    )
    run = await send(saga)
    await run.result()

    assert seen == [("delegate", ("draft",)), ("write_mark", ("draft", "scribe"))]
    assert (await report(saga, run.id))["data"]["status"] == "denied"  # pyright: ignore
    assert marks_in(world.marks) == []


async def test_a_message_sent_meanwhile_ends_the_waiting_tree(world: World) -> None:
    saga = await open_tree(
        world, Scripts(draft=[Turn(calls=[delegate("scribe")]), Say("Something else.")], scribe=[Turn(calls=[WRITE])])
    )
    run = await send(saga)
    [chunk async for chunk in run.chunks()]
    (request,) = await run.requests()

    await (await saga.send(run.thread_id, "Never mind")).result()

    (child,) = await children(saga, run)
    assert ((await run.state()).reason_code, child.state, child.reason_code) == ("superseded", "stopped", "superseded")
    with pytest.raises(RequestClosed):
        await saga.answer(run.id, {request.id: Approve()})
    assert (await saga.storage.journal.runs.usage(child.id))[0].step == 0, "what it took until then is kept"
