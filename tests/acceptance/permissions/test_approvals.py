"""Scenarios 3 to 8: an approval is for one call, as it was shown, once."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from saga_agent.domain.requests import REPLY, Answer, Approve, Deny, Edit, StopRun
from saga_agent.domain.rules import Rule
from saga_agent.errors import InvalidInput, NotFound, RequestClosed
from saga_agent.tools.hooks import HookCall
from saga_agent.tools.outcome import Done, RequestedCall, Waiting
from saga_agent.tools.policy import Policy
from tests.acceptance.permissions.desk import Desk


async def test_scenario_03_one_approval_frees_one_of_two_parallel_calls(desk: Desk) -> None:
    first = await desk.ask("delete_chapter", id="a", chapter="1")
    second = await desk.ask("delete_chapter", id="b", chapter="1")
    await desk.answer((second, Approve()))
    await desk.restart()

    assert isinstance(await desk.call("delete_chapter", id="a", chapter="1"), Waiting)
    await desk.done("delete_chapter", id="b", chapter="1")
    assert (desk.did, await desk.pending()) == (["delete 1"], ["a"])

    await desk.answer((first, Deny(feedback="keep it")))
    assert "keep it" in await desk.error("delete_chapter", id="a", chapter="1")
    assert desk.did == ["delete 1"]


async def test_scenario_04_each_answer_reaches_its_own_call(desk: Desk) -> None:
    """Approve A, reject B with feedback, leave C."""
    requests = {name: await desk.ask("rename", id=name, name=name) for name in "ABC"}
    await desk.answer((requests["B"], Deny(feedback="B is taken")), (requests["A"], Approve()))
    await desk.restart()
    outcomes = {name: await desk.call("rename", id=name, name=name) for name in "ABC"}

    assert desk.did == ["rename A"]
    assert isinstance(refused := outcomes["B"], Done)
    assert "B is taken" in refused.result
    assert "B is taken" not in str(outcomes["A"])
    assert isinstance(outcomes["C"], Waiting)
    await desk.answer((requests["C"], Approve()))
    await desk.done("rename", id="C", name="C")
    assert desk.did == ["rename A", "rename C"]


async def test_scenario_05_arguments_changed_after_the_ask_do_not_run_and_are_asked_anew(desk: Desk) -> None:
    """As a checkpoint that was tampered with would hand them in."""
    old = await desk.ask("rename", name="Tam")
    await desk.answer((old, Approve()))
    await desk.restart()
    new = await desk.ask("rename", name="Mallory")

    assert desk.did == []
    assert new.id != old.id
    assert (await desk.storage.journal.requests.get(old.id)).state == "superseded"
    (stale,) = [entry for entry in await desk.audit() if entry.event == "stale"]
    assert old.arguments_hash in stale.detail
    assert new.arguments_hash in stale.detail


async def test_scenario_05_the_callers_object_and_the_hooks_may_change_without_effect(desk: Desk) -> None:
    async def meddle(call: HookCall) -> None:
        call.arguments["name"] = "Mallory"

    desk.hooks = (meddle,)
    arguments = {"name": "Tam"}
    call = RequestedCall(id="c", name="rename", arguments=arguments)  # pyright: ignore[reportArgumentType]
    outcome = await desk.hand_in(call)
    assert isinstance(outcome, Waiting)
    arguments["name"] = "Mallory"
    await desk.answer((outcome.requests[0], Approve()))
    await desk.done("rename", name="Tam")

    assert desk.did == ["rename Tam"]


async def test_scenario_05_another_version_of_the_tool_is_asked_anew(desk: Desk) -> None:
    old = await desk.ask("rename", name="Tam")
    await desk.answer((old, Approve()))
    desk.version = 2

    assert (await desk.ask("rename", name="Tam")).tool_version == 2
    assert desk.did == []


async def test_scenario_06_edited_arguments_are_gated_as_the_new_call(desk: Desk) -> None:
    desk.policy = Policy([Rule("rename", "deny", arguments={"name": "God"}, reason="no")])
    denied, wrong, good = [await desk.ask("rename", id=id, name="Tam") for id in ("a", "b", "c")]
    await desk.answer(
        (denied, Edit(arguments={"name": "God"})),
        (wrong, Edit(arguments={"nmae": "Tom"})),
        (good, Edit(arguments={"name": "Tom"})),
    )

    assert "deny rename" in await desk.error("rename", id="a", name="Tam")
    assert "invalid_argument" in await desk.error("rename", id="b", name="Tam")
    await desk.done("rename", id="c", name="Tam")
    assert desk.did == ["rename Tom"]


async def test_scenario_06_hooks_see_the_edited_call(desk: Desk) -> None:
    async def no_gods(call: HookCall) -> str | None:
        return "deny" if call.arguments.get("name") == "God" else None

    desk.hooks = (no_gods,)  # pyright: ignore[reportAttributeAccessIssue]
    await desk.answer((await desk.ask("rename", name="Tam"), Edit(arguments={"name": "God"})))

    assert "hook no_gods" in await desk.error("rename", name="Tam")
    assert desk.did == []


def test_scenario_06_a_reply_cannot_name_another_tool() -> None:
    with pytest.raises(ValidationError, match="tool"):
        REPLY.validate_python({"kind": "edit", "arguments": {}, "tool": "delete_chapter"})


async def test_scenario_06_another_tool_under_the_same_call_is_asked_for_itself(desk: Desk) -> None:
    await desk.answer((await desk.ask("rename", name="1"), Approve()))

    assert (await desk.ask("delete_chapter", chapter="1")).effect == "destructive"
    assert desk.did == []


async def test_scenario_07_an_approval_of_an_older_text_does_not_run(desk: Desk) -> None:
    old = await desk.ask("delete_chapter", chapter="2")
    await desk.answer((old, Approve()))
    await desk.story.documents.update(desk.project.id, desk.chapters[1].id, text="So much more is in it now.")
    await desk.restart()
    new = await desk.ask("delete_chapter", chapter="2")

    assert desk.did == []
    assert [str(each.preview["title"])[-8:] for each in (old, new)] == [" 2 words", " 7 words"]
    assert await desk.events() == ["asked", "answered", "stale", "asked"]

    await desk.answer((new, Approve()))
    await desk.done("delete_chapter", chapter="2")
    assert desk.did == ["delete 2"]


async def test_scenario_07_the_twin_that_did_not_change_runs(desk: Desk) -> None:
    await desk.answer((await desk.ask("delete_chapter", chapter="2"), Approve()))
    await desk.story.documents.update(desk.project.id, desk.chapters[0].id, text="Another chapter changed.")

    await desk.done("delete_chapter", chapter="2")
    assert desk.did == ["delete 2"]


async def test_scenario_07_a_chapter_that_is_gone_is_a_failure_the_model_reads(desk: Desk) -> None:
    await desk.answer((await desk.ask("delete_chapter", chapter="2"), Approve()))
    await desk.story.documents.delete(desk.project.id, desk.chapters[1].id)

    assert "not_found" in await desk.error("delete_chapter", chapter="2")
    assert desk.did == []


async def test_scenario_08_a_reply_counts_once(desk: Desk) -> None:
    request = await desk.ask("rename", name="Tam")
    await desk.answer((request, Approve()))
    await desk.answer((request, Approve()))  # a lost acknowledgement
    await desk.done("rename", name="Tam")

    for reply in (Approve(), Deny()):
        with pytest.raises(RequestClosed):
            await desk.answer((request, reply))
    await desk.done("rename", name="Tam")
    assert desk.did == ["rename Tam"]
    assert await desk.events() == ["asked", "answered", "allowed"]


async def test_scenario_08_a_reply_after_the_time_is_refused_and_the_call_does_not_run(desk: Desk) -> None:
    desk.ttl_seconds = 60
    request = await desk.ask("rename", name="Tam")
    await desk.clock.advance(60)

    with pytest.raises(RequestClosed, match="expired"):
        await desk.answer((request, Approve()))
    assert "Nobody approved rename in time" in await desk.error("rename", name="Tam")
    assert (desk.did, await desk.events()) == ([], ["asked", "expired"])


async def test_scenario_08_a_yes_that_lay_too_long_does_not_run(desk: Desk) -> None:
    desk.ttl_seconds = 60
    await desk.answer((await desk.ask("rename", name="Tam"), Approve()))
    await desk.clock.advance(60)

    assert "needs_approval" in await desk.error("rename", name="Tam")
    assert desk.did == []


async def test_scenario_08_an_id_of_another_run_is_refused(desk: Desk) -> None:
    request = await desk.ask("rename", name="Tam")
    first = desk.run
    await desk.new_thread()

    with pytest.raises(NotFound):
        await desk.answer((request, Approve()))
    desk.run = first
    assert isinstance(await desk.call("rename", name="Tam"), Waiting)


async def test_an_answer_that_does_not_fit_leaves_the_request_open(desk: Desk) -> None:
    request = await desk.ask("rename", name="Tam")

    with pytest.raises(InvalidInput, match="is an approval"):
        await desk.answer((request, Answer(text="yes, delete it")))
    assert await desk.pending() == ["c"]


async def test_stopping_stops_the_run_also_when_the_outcome_is_read_again(desk: Desk) -> None:
    await desk.answer((await desk.ask("rename", name="Tam"), StopRun()))

    for _ in range(2):
        outcome = await desk.call("rename", name="Tam")
        assert isinstance(outcome, Done)
        assert (outcome.ok, outcome.stop_run, outcome.stop_code) == (False, True, "writer")
    assert (await desk.storage.journal.runs.get(desk.run.id)).stop_requested
    assert desk.did == []


async def test_a_no_stands_when_the_rules_allow_the_call_later(desk: Desk) -> None:
    await desk.answer((await desk.ask("rename", name="Tam"), Deny()))
    desk.policy = Policy([Rule("*", "allow")])
    await desk.restart()

    assert "declined" in await desk.error("rename", name="Tam")
    assert desk.did == []


async def test_a_yes_does_not_stand_when_the_rules_deny_the_call_later(desk: Desk) -> None:
    await desk.answer((await desk.ask("rename", name="Tam"), Approve()))
    desk.policy = Policy().with_layer("project", [Rule("rename", "deny", reason="locked")])
    await desk.restart()

    assert "locked" in await desk.error("rename", name="Tam")
    assert desk.did == []


async def test_every_decision_is_in_the_audit_once(desk: Desk) -> None:
    """Also when the call is handed in again, and by another process."""
    await desk.answer((await desk.ask("rename", id="a", name="Tam"), Approve()), actor="Mara")
    await desk.call("look", id="b")
    desk.policy = Policy([Rule("look", "deny")])
    await desk.call("look", id="d")
    for _ in range(2):
        await desk.restart()
        for tool, id, arguments in (("rename", "a", {"name": "Tam"}), ("look", "b", {}), ("look", "d", {})):
            await desk.call(tool, id=id, **arguments)

    told = {(entry.call_id, entry.event): (entry.actor, entry.rule) for entry in await desk.audit()}
    assert len(await desk.audit()) == len(told)
    assert told == {
        ("a", "asked"): ("draft", "app: ask * [write] (it changes the story)"),
        ("a", "answered"): ("Mara", "approve"),
        ("a", "allowed"): ("draft", "approved by Mara"),
        ("b", "allowed"): ("draft", "app: allow * [read] (reading changes nothing)"),
        ("d", "refused"): ("draft", "app: deny look"),
    }
