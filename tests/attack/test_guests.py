"""What a guest has computed is counted, and nobody's body is read before it is known who sends it."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

import pytest

from saga_agent.models.script import Say
from saga_agent.server import ServerSettings, TrialSettings
from tests.acceptance.server.town import ADA, a_town, said

TEXT = {"text": "so Mara ran to Tam. " * 500}


async def test_a_guest_who_has_used_up_the_time_is_told_when_to_come_back(tmp_path: Path):
    limits = ServerSettings(guest_cpu_seconds_per_minute=0.001)
    async with a_town(Say("Well."), server=limits) as town:
        guest = await town.client(town.guest(), address="203.0.113.9")
        assert (await guest.post("/ai/detect", json=TEXT)).status_code == HTTPStatus.OK
        refused = await guest.post("/ai/detect", json=TEXT)
        of_the_same_house = await (await town.client(town.guest(), address="203.0.113.9")).post("/ai/detect", json=TEXT)
        elsewhere = await (await town.client(town.guest(), address="198.51.100.9")).post("/ai/detect", json=TEXT)
        user = await town.client(town.papers("0b0e4c6e-3b0c-4b7e-9f0a-5d7d3f1f9a11"))
        answers = [(await user.post("/ai/detect", json=TEXT)).status_code for _ in range(3)]

    assert refused.status_code == of_the_same_house.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert int(refused.headers["retry-after"]) > 0
    assert "more work than this server does for you" in refused.json()["detail"]
    assert elsewhere.status_code == HTTPStatus.OK
    assert answers == [HTTPStatus.OK] * 3


async def test_a_body_is_not_read_from_somebody_who_may_not_call():
    read = 0

    async def body():
        nonlocal read
        for _ in range(64):
            read += 1
            yield b" " * 65_536

    async with a_town() as town:
        stranger = await town.client({})
        json = {"content-type": "application/json"}
        refused = await stranger.post("/ai/detect", content=body(), headers=json)

    assert refused.status_code == HTTPStatus.UNAUTHORIZED
    assert read == 0, "it is asked who they are first"


async def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read():
    async with a_town() as town:
        ada = await town.client(town.papers("0b0e4c6e-3b0c-4b7e-9f0a-5d7d3f1f9a11"))
        headers = {"content-type": "application/json", "content-length": str(10**9)}
        request = ada.build_request("POST", "/ai/detect", headers=headers, content=b"{}")
        refused = await ada.send(request)

    assert refused.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert refused.json()["detail"] == "The body is larger than 4,194,304 bytes."


@pytest.mark.parametrize("way", ["the project is deleted", "the chats are claimed"])
async def test_a_guest_is_billed_before_the_record_of_the_cost_goes(way: str):
    one_turn = TrialSettings(turn_usd=0.05, guest_usd=0.05, address_usd_per_day=0.05)
    async with a_town(*[Say("Well.")] * 9, trial=one_turn) as town:
        papers = town.guest()
        guest, user = await town.client(papers), await town.client(town.papers(ADA))
        project = (await guest.post("/projects", json={"name": "The Fens"})).json()["id"]
        first = await guest.post("/ai/chat", json=said("Who is Mara?", projectId=project))
        assert first.status_code == HTTPStatus.OK

        if way == "the project is deleted":
            assert (await guest.delete(f"/projects/{project}")).status_code == HTTPStatus.NO_CONTENT
        else:
            claim = {"guest": papers["x-saga-guest"]}
            assert (await user.post("/auth/claim", json=claim)).json() == {"threads": 1, "projects": 1}
        again = await guest.post("/ai/chat", json=said("Who is Mara?", "chat-2"))
        of_the_same_house = await (await town.client(town.guest())).post("/ai/chat", json=said("Who is Mara?"))

    assert again.status_code == of_the_same_house.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert again.text == "Your trial is used up; sign up to go on where you are."


async def test_a_guest_whose_answer_is_being_written_ends_nothing():
    async with a_town() as town:
        papers = town.guest()
        guest, user = await town.client(papers), await town.client(town.papers(ADA))
        project = (await guest.post("/projects", json={"name": "The Fens"})).json()["id"]
        found = town.access.guests and town.access.guests.read(papers["x-saga-guest"])
        assert found
        assert town.access.trial
        await town.access.trial.reserve(found[0], "203.0.113.7")

        refused = await guest.delete(f"/projects/{project}")
        claimed = await user.post("/auth/claim", json={"guest": papers["x-saga-guest"]})
        assert (await guest.get(f"/projects/{project}")).status_code == HTTPStatus.OK

    assert refused.status_code == claimed.status_code == HTTPStatus.CONFLICT
    assert refused.json()["detail"] == "An answer is still being written; stop it, or wait for it, and try again."
