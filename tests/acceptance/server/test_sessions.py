"""Coming and going: sessions that end, guests who sign up, and what each may use up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from saga_agent.app import Saga
from saga_agent.models.script import Say, Turn, Wait
from saga_agent.server import Access, AuthSettings, ServerSettings, StreamCut, TrialSettings, create_app
from tests.acceptance.server.town import ADA, GUEST, TAM, Headers, Town, a_town, bearer, said, settle_ada

HELLO = said("Hello.")


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with a_town() as town:
        yield town


async def status(town: Town, headers: Headers, path: str = "/projects") -> int:
    return (await (await town.client(headers)).get(path)).status_code


async def test_a_token_is_good_for_nothing_after_sign_out(town: Town):
    ada = await settle_ada(town)
    approve = {"replies": {town.held["request_id"]: {"kind": "approve"}}}

    assert (await ada.post("/auth/sign-out")).status_code == 204

    replayed = [
        await ada.post("/ai/saga", json=said("Go on.")),
        await ada.post(f"/runs/{town.held['run_id']}/requests", json=approve),
        await ada.get("/projects"),
        await ada.post("/auth/sign-out"),
    ]
    assert {each.status_code for each in replayed} == {401}
    again = await town.client(town.papers(ADA, session_id="00000000-0000-0000-0000-00000000000a"))
    shown = (await again.get(f"/runs/{town.held['run_id']}/requests")).json()
    assert shown["state"] == "waiting", "a new session finds all as it was"


async def test_a_user_who_was_removed_is_let_in_no_more(town: Town):
    service = await town.client(town.service(TAM))
    assert await status(town, town.papers(ADA)) == 200

    assert (await service.post("/auth/denials", json={"userId": ADA})).status_code == 204

    assert await status(town, town.papers(ADA)) == 401
    assert await status(town, town.papers(ADA, session_id="00000000-0000-0000-0000-00000000000a")) == 401
    assert await status(town, town.papers(TAM)) == 200


async def test_a_service_names_its_owner_and_nobody_else_does(town: Town):
    key = {"x-saga-service-key": town.service(ADA)["x-saga-service-key"]}

    for headers in (
        key,
        {**key, "x-saga-owner": ""},
        {**key, "x-saga-owner": "a b"},
        {**key, "x-saga-owner": "x" * 200},
    ):
        assert await status(town, headers) == 400
    assert await status(town, {**town.papers(TAM), "x-saga-owner": ADA}) == 400
    assert await status(town, {**town.guest(), "x-saga-owner": ADA}) == 400


async def test_an_anonymous_user_who_signs_up_has_the_same_chats(town: Town):
    """The old token still says anonymous, and stays within the trial's limits."""
    guest = await town.client(town.papers(GUEST, is_anonymous=True))
    assert (await guest.post("/ai/chat", json=HELLO)).status_code == 200
    user = await town.client(town.papers(GUEST))

    shown = (await user.get("/ai/chat/chat-1/messages")).json()["messages"]

    assert shown
    assert shown == (await guest.get("/ai/chat/chat-1/messages")).json()["messages"]
    assert (await guest.post("/ai/saga", json=said("More.", "chat-2"))).status_code == 403
    assert (await user.post("/ai/saga", json=said("More.", "chat-2"))).status_code == 200


async def test_a_guest_who_signs_up_takes_chats_and_projects_along(town: Town):
    stranger = await town.client({})
    token = (await stranger.post("/auth/guests")).json()["guest"]
    guest, ada = await town.client({"x-saga-guest": token}), await town.client(town.papers(ADA))
    assert (await guest.post("/ai/chat", json=HELLO)).status_code == 200
    assert (await guest.post("/captures", json={"kind": "note", "text": "Fog."})).status_code == 201
    written = (await guest.get("/ai/chat/chat-1/messages")).json()

    first, again = [(await ada.post("/auth/claim", json={"guest": token})).json() for _ in range(2)]

    assert first == {"threads": 1, "projects": 1}
    assert again == {"threads": 0, "projects": 0}
    assert (await ada.get("/ai/chat/chat-1/messages")).json() == written
    (project,) = (await ada.get("/projects")).json()["items"]
    notes = (await ada.get("/captures", params={"projectId": project["id"]})).json()["items"]
    assert [each["text"] for each in notes] == ["Fog."]
    assert (await guest.get("/ai/chat/chat-1/messages")).json() == {"messages": []}


async def test_only_a_user_takes_a_guest_over(town: Town):
    token = town.guest()["x-saga-guest"]
    for headers in (town.guest(), town.papers(GUEST, is_anonymous=True), town.service(ADA)):
        client = await town.client(headers)
        assert (await client.post("/auth/claim", json={"guest": token})).status_code == 404


@pytest.mark.parametrize("database", ["memory", "sqlite"])
async def test_of_fifty_starts_of_a_guest_on_the_last_credit_one_begins(database: str, tmp_path: Any):
    trial = TrialSettings(turn_usd=0.05, guest_usd=0.05)
    url = "memory://" if database == "memory" else f"sqlite:///{tmp_path}/saga.db"
    async with a_town(*[Say("Hello.")] * 60, database=url, trial=trial) as town:
        guest = await town.client(town.guest())

        told = await asyncio.gather(*(guest.post("/ai/chat", json=said("Hi", f"c{n}")) for n in range(50)))

    codes = [each.status_code for each in told]
    assert (codes.count(200), codes.count(429)) == (1, 49), [each.text for each in told[:3]]


async def test_a_farm_of_guests_gets_no_further_than_the_day_allows():
    trial = TrialSettings(turn_usd=0.05, address_usd_per_day=0.10, all_usd_per_day=0.20)
    async with a_town(*[Say("Hello.")] * 60, trial=trial) as town:
        codes: dict[str, list[int]] = {}
        for number in range(24):
            address = ("203.0.113.7", "2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "198.51.100.9")[number % 4]
            guest = await town.client(town.guest(), address=address)
            response = await guest.post("/ai/chat", json=said("Hi"))
            codes.setdefault(address, []).append(response.status_code)

    spent = {address: each.count(200) for address, each in codes.items()}
    assert sum(spent.values()) == 4
    assert spent["2001:db8:0:1::1"] + spent["2001:db8:0:1:ffff::2"] <= 2, "one household, one limit"


async def test_a_server_without_a_trial_takes_no_guests():
    async with a_town(trial=None, guest_secret=None) as town:
        assert await status(town, town.papers(GUEST, is_anonymous=True)) == 403
        assert await status(town, {"x-saga-guest": f"guest-{'0' * 32}.9999999999.{'0' * 64}"}) == 401
        assert (await (await town.client({})).post("/auth/guests")).status_code == 404


async def test_new_guests_of_one_address_are_counted(town: Town):
    client = await town.client({}, address="198.51.100.1")

    codes = [(await client.post("/auth/guests")).status_code for _ in range(31)]

    assert codes == [201] * 30 + [429]
    elsewhere = await town.client({}, address="198.51.100.2")
    assert (await elsewhere.post("/auth/guests")).status_code == 201


async def test_a_caller_who_is_too_fast_is_told_when_to_come_back():
    async with a_town(requests_per_minute=60, request_burst=5) as town:
        codes = [await status(town, town.papers(ADA)) for _ in range(7)]
        slow = await (await town.client(town.papers(ADA))).get("/projects")
        stranger = await town.client({}, address="198.51.100.2")
        guesses = [(await stranger.get("/projects", headers=bearer("x"))).status_code for _ in range(7)]

    assert codes == [200] * 5 + [429] * 2
    assert slow.headers["retry-after"] == "1"
    assert guesses == [401] * 5 + [429] * 2, "wrong tokens are counted by their address"


@pytest.mark.parametrize("trouble", [{"status": "500 Oops"}, {"status": "302 Found"}, {"body": b""}, {"endless": True}])
async def test_nobody_gets_in_while_the_keys_cannot_be_had(town: Town, trouble: dict[str, object]):
    for name, value in trouble.items():
        setattr(town.issuer, name, value)

    refused = await (await town.client(town.papers(ADA))).get("/projects")

    assert refused.status_code == 503
    assert refused.json()["detail"] == "Sign-in cannot be checked at this time; try again in a minute."


async def test_a_stream_ends_when_its_token_does_and_goes_on_with_a_fresh_one():
    later = asyncio.Event()
    async with a_town(Turn(Say("First. "), Wait(later), Say("Last."))) as town:
        ada = await town.client(town.papers(ADA, exp=time.time() + 0.5))
        with pytest.raises(StreamCut, match="expired"):
            await ada.post("/ai/chat", json=HELLO)

        fresh = await town.client(town.papers(ADA))
        resuming = asyncio.create_task(fresh.get("/ai/chat/chat-1/stream"))
        later.set()
        resumed = await resuming

    assert resumed.status_code == 200
    assert "First. " in resumed.text
    assert resumed.text.endswith("data: [DONE]\n\n")


async def test_pages_of_allowed_origins_may_send_their_papers():
    saga = Saga.open(database="memory://", model="offline")
    access = Access(saga.storage, AuthSettings(supabase_url="https://ref.supabase.co"))
    app = create_app(saga, identity=access, settings=ServerSettings(allowed_origins=("https://app.example",)))
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,x-saga-guest"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://api.example") as client:
        allowed = await client.options("/ai/saga", headers={"origin": "https://app.example", **asked})
        foreign = await client.options("/ai/saga", headers={"origin": "https://evil.example", **asked})

    assert allowed.headers["access-control-allow-origin"] == "https://app.example"
    assert "access-control-allow-origin" not in foreign.headers
    assert "access-control-allow-credentials" not in allowed.headers, "there are no cookies to send along"
