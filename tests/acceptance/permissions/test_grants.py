"""Scenario 10: what a grant covers, and what it never does."""

from __future__ import annotations

import pytest

from saga_agent.domain.requests import Approve, Deny, GrantTerms
from saga_agent.domain.rules import Decision, Rule
from saga_agent.errors import InvalidInput, NotFound
from saga_agent.journal.permissions import GrantService
from saga_agent.tools.hooks import HookCall
from saga_agent.tools.outcome import Done, Waiting
from saga_agent.tools.policy import Policy
from tests.acceptance.permissions.desk import ALWAYS, Desk


async def grant(desk: Desk, terms: GrantTerms, tool: str = "replace_text", **arguments: object) -> None:
    await desk.answer((await desk.ask(tool, id="granted", **arguments), Approve(grant=terms)))
    await desk.done(tool, id="granted", **arguments)
    desk.did.clear()


def service(desk: Desk, owner_id: str = "local") -> GrantService:
    return GrantService(desk.storage.journal, desk.clock, owner_id)


async def test_scenario_10_a_grant_of_exact_arguments_covers_these_alone(desk: Desk) -> None:
    await grant(desk, GrantTerms(), book=1, find="a*")

    assert isinstance(await desk.call("replace_text", id="same", find="a*", book=1), Done)
    assert isinstance(await desk.call("replace_text", id="book", book=2, find="a*"), Waiting)
    assert isinstance(await desk.call("replace_text", id="star", book=1, find="abc"), Waiting), "`*` is a character"
    assert isinstance(await desk.call("rename", id="tool", name="1"), Waiting)
    assert desk.did == ["replace 1 a*"]


async def test_scenario_10_a_grant_of_a_pattern_covers_what_fits(desk: Desk) -> None:
    await grant(desk, GrantTerms(patterns={"book": "1"}), book=1)

    assert isinstance(await desk.call("replace_text", id="fits", book=1, find="anything"), Done)
    assert isinstance(await desk.call("replace_text", id="other", book=2), Waiting)
    assert isinstance(await desk.call("replace_text", id="longer", book=11), Waiting)


async def test_scenario_10_a_grant_serves_its_agent_alone(desk: Desk) -> None:
    await grant(desk, ALWAYS, "rename", name="Tam")
    desk.agent = "editor"

    assert isinstance(await desk.call("rename", id="other", name="Tam"), Waiting)


async def test_scenario_10_a_grant_never_beats_a_deny(desk: Desk) -> None:
    await grant(desk, ALWAYS, "rename", name="Tam")
    desk.policy = Policy().with_layer("project", [Rule("rename", "deny")])

    assert "not allowed" in await desk.error("rename", name="Tam")


async def test_scenario_10_a_grant_never_beats_a_hook_that_asks(desk: Desk) -> None:
    await grant(desk, ALWAYS, "rename", name="Tam")

    async def careful(_: HookCall) -> Decision:
        return "ask"

    desk.hooks = (careful,)
    assert not (await desk.ask("rename", name="Tam")).grantable


async def test_scenario_10_another_version_of_the_tool_is_not_covered(desk: Desk) -> None:
    await grant(desk, ALWAYS, "rename", name="Tam")
    desk.version = 2

    assert isinstance(await desk.call("rename", name="Tam"), Waiting)


@pytest.mark.parametrize("tool", ["publish", "mystery", "delete_chapter"])
async def test_scenario_10_what_asks_each_time_takes_no_grant(desk: Desk, tool: str) -> None:
    arguments = {"chapter": "1"} if tool == "delete_chapter" else {}
    request = await desk.ask(tool, **arguments)

    assert not request.grantable
    with pytest.raises(InvalidInput, match="asks each time"):
        await desk.answer((request, Approve(grant=ALWAYS)))
    assert await desk.pending() == ["c"]


async def test_scenario_10_an_each_time_tool_asks_also_where_everything_is_allowed(desk: Desk) -> None:
    desk.policy = Policy([Rule("*", "allow")])

    for id in ("a", "b"):
        await desk.answer((await desk.ask("publish", id=id), Approve()))
        await desk.done("publish", id=id)
    assert desk.did == ["publish", "publish"]


async def test_scenario_10_an_each_time_tool_is_denied_where_it_is_denied(desk: Desk) -> None:
    desk.policy = Policy([Rule("publish", "deny")])

    assert "not allowed" in await desk.error("publish")


async def test_scenario_10_taking_a_grant_back_counts_for_calls_that_are_queued(desk: Desk) -> None:
    await grant(desk, ALWAYS, "rename", name="Tam")
    assert isinstance(await desk.call("rename", id="before", name="Tam"), Done)
    (held,) = await service(desk).list()

    for _ in range(2):
        await service(desk).revoke(held.id, actor="Mara")
    assert isinstance(await desk.call("rename", id="after", name="Tam"), Waiting)
    assert await service(desk).list() == []
    (ended,) = await service(desk).list(all=True)
    assert (ended.revoked_by, ended.text) == ("Mara", held.text)
    assert [entry.actor for entry in await desk.audit() if entry.event == "revoked"] == ["Mara"]


async def test_a_grant_ends_by_itself(desk: Desk) -> None:
    await grant(desk, GrantTerms(expires_in_seconds=60, patterns={}), "rename", name="Tam")
    assert isinstance(await desk.call("rename", id="a", name="Tom"), Done)
    await desk.clock.advance(60)

    assert isinstance(await desk.call("rename", id="b", name="Tom"), Waiting)


@pytest.mark.parametrize(("scope", "reach"), [("run", []), ("thread", ["turn"]), ("project", ["turn", "thread"])])
async def test_a_grant_reaches_as_far_as_its_scope(desk: Desk, scope: str, reach: list[str]) -> None:
    await grant(desk, GrantTerms(scope=scope, patterns={}), "rename", name="Tam")  # pyright: ignore[reportArgumentType]

    reached: list[str] = []
    await desk.new_turn()
    if isinstance(await desk.call("rename", name="Tom"), Done):
        reached.append("turn")
    await desk.new_thread()
    if isinstance(await desk.call("rename", name="Tom"), Done):
        reached.append("thread")
    assert reached == reach


async def test_calls_that_wait_already_are_covered_by_a_grant_but_not_those_refused(desk: Desk) -> None:
    one, two, _ = [await desk.ask("rename", id=id, name=id) for id in ("one", "two", "three")]
    await desk.answer((one, Approve(grant=ALWAYS)), (two, Deny(feedback="not this one")))
    await desk.restart()
    outcomes = {id: await desk.call("rename", id=id, name=id) for id in ("one", "two", "three")}

    assert desk.did == ["rename one", "rename three"]
    assert "not this one" in str(outcomes["two"])
    assert await desk.pending() == []


async def test_the_writer_is_shown_the_words_that_are_stored_and_audited(desk: Desk) -> None:
    await grant(desk, GrantTerms(patterns={"book": "1"}, expires_in_seconds=7_200), book=1)
    (held,) = await service(desk).list()

    assert held.text == (
        "draft may call replace_text with book like '1', other arguments free, in this thread, for 2 hours, "
        "without asking."
    )
    assert [entry.detail for entry in await desk.audit() if entry.event == "granted"] == [held.text]
    await desk.call("replace_text", id="next", book=1)
    (used,) = [entry for entry in await desk.audit(call_id="next") if entry.event == "allowed"]
    assert used.rule == f"grant {held.id}: {held.text}"


async def test_a_pattern_for_an_argument_that_does_not_exist_is_refused(desk: Desk) -> None:
    request = await desk.ask("replace_text", book=1)

    with pytest.raises(InvalidInput, match="no argument 'bok'; its arguments are book, find, put"):
        await desk.answer((request, Approve(grant=GrantTerms(patterns={"bok": "1"}))))


async def test_grants_of_others_are_not_found(desk: Desk) -> None:
    await grant(desk, ALWAYS, "rename", name="Tam")
    (held,) = await service(desk).list()

    assert await service(desk, "somebody").list(all=True) == []
    with pytest.raises(NotFound):
        await service(desk, "somebody").revoke(held.id)
    assert len(await service(desk).list()) == 1
