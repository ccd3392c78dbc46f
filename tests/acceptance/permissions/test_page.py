"""Calls that run on the page: the server finds what is meant, the page answers, nobody else does."""

from __future__ import annotations

import pytest

from saga_agent.domain.requests import Approve, ClientCall, ClientResult, StopRun
from saga_agent.domain.rules import Rule
from saga_agent.errors import InvalidInput
from saga_agent.tools.outcome import Done, Waiting
from saga_agent.tools.policy import Policy
from tests.acceptance.permissions.desk import Desk


async def test_the_page_is_given_what_the_server_found_and_its_word_is_the_result(desk: Desk) -> None:
    request = await desk.on_page("show", chapter="chapter 2")
    assert request.payload == {"opened": desk.chapters[1].id}
    await desk.answer((request, ClientResult(output={"scroll": 3})))
    await desk.restart()

    told = await desk.done("show", chapter="chapter 2")
    assert told["data"] == {"opened": desk.chapters[1].id, "changed": True, "output": {"scroll": 3}}
    assert await desk.done("show", chapter="chapter 2") == told
    assert (await desk.storage.journal.requests.get(request.id)).state == "consumed"


async def test_what_the_server_cannot_find_never_reaches_the_page(desk: Desk) -> None:
    assert "not_found" in await desk.error("show", chapter="chapter 9")
    assert await desk.pending() == []


async def test_what_the_page_shows_already_is_not_asked_for_again(desk: Desk) -> None:
    for id, chapter in (("a", "1"), ("b", "2")):
        await desk.clock.advance(1)
        await desk.answer((await desk.on_page("show", id=id, chapter=chapter), ClientResult()))
        await desk.done("show", id=id, chapter=chapter)

    same = await desk.done("show", id="c", chapter="chapter 2")
    assert same["data"] == {"opened": desk.chapters[1].id, "changed": False}
    assert isinstance(await desk.call("show", id="d", chapter="1"), Waiting), "it shows chapter 2 now"
    await desk.new_turn()
    assert isinstance(await desk.call("show", id="c", chapter="2"), Waiting), "the next turn knows nothing of it"


async def test_an_error_of_the_page_is_a_failure_and_shows_nothing(desk: Desk) -> None:
    await desk.answer((await desk.on_page("show", id="a", chapter="1"), ClientResult(error="no such panel" * 99)))

    error = await desk.error("show", id="a", chapter="1")
    assert error.startswith("unavailable: The page says: no such panel")
    assert len(error) < 600
    assert isinstance(await desk.call("show", id="b", chapter="1"), Waiting)


async def test_a_page_that_is_silent_for_too_long_gave_no_answer(desk: Desk) -> None:
    desk.ttl_seconds = 60
    await desk.on_page("show", chapter="1")
    await desk.clock.advance(60)

    assert "did not answer" in await desk.error("show", chapter="1")


async def test_an_approval_is_no_answer_of_the_page_and_the_page_approves_nothing(desk: Desk) -> None:
    shown = await desk.on_page("show", id="a", chapter="1")
    asked = await desk.ask("rename", id="b", name="Tam")

    with pytest.raises(InvalidInput, match="runs on the page"):
        await desk.answer((shown, Approve()))
    with pytest.raises(InvalidInput, match="is an approval"):
        await desk.answer((asked, ClientResult(output=True)))
    assert await desk.pending() == ["a", "b"]


async def test_a_call_on_the_page_may_need_an_approval_first(desk: Desk) -> None:
    desk.policy = Policy([Rule("show", "ask")])
    await desk.answer((await desk.ask("show", chapter="1"), Approve()))
    request = await desk.request("show", chapter="1")
    assert isinstance(request, ClientCall)
    await desk.answer((request, ClientResult()))

    assert (await desk.done("show", chapter="1"))["ok"]


async def test_the_writer_may_stop_the_run_there(desk: Desk) -> None:
    await desk.answer((await desk.on_page("show", chapter="1"), StopRun()))
    outcome = await desk.call("show", chapter="1")

    assert isinstance(outcome, Done)
    assert (outcome.ok, outcome.stop_run, outcome.stop_code) == (False, True, "writer")


async def test_a_result_that_was_cut_is_read_on_by_its_call(desk: Desk) -> None:
    cut = await desk.done("look", id="a", at="long")
    assert cut["truncated"]
    assert "read_result with call_id 'a' and start 200" in str(cut["warnings"])

    rest = (await desk.done("read_result", id="b", call_id="a", start=200))["data"]
    assert isinstance(rest, dict)
    start = (await desk.done("read_result", id="c", call_id="a"))["data"]
    assert isinstance(start, dict)
    assert str(start["text"])[200:] == rest["text"]
    assert '"text":"' + "x" * 300 in str(start["text"])
    await desk.call("look", id="short")
    for id, call in (("d", "short"), ("e", "nobody")):
        assert "not_found" in await desk.error("read_result", id=id, call_id=call)


async def test_a_result_of_another_run_is_not_read(desk: Desk) -> None:
    await desk.done("look", id="a", at="long")
    await desk.new_thread()

    assert "not_found" in await desk.error("read_result", call_id="a")
