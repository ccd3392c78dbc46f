"""Nobody where they do not belong: every route, called by everybody who is not its rows' owner."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.acceptance.server.town import ADA, GUEST, SERVICE_KEY, TAM, Headers, Town, a_town, bearer, said, settle_ada
from tests.unit.server.auth.attacks import HOSTILE

NOT_HERE = "00000000-0000-0000-0000-000000000000"
OPEN_TO_ALL = {("get", "/health"), ("post", "/auth/guests")}
OWN_SESSION = {("post", "/auth/sign-out")}
MAKES_ONES_OWN = {("get", "/projects"), ("post", "/projects")}
LISTS_ONES_OWN = ("threads", "grants", "audit")
RECORDS: Mapping[str, dict[str, object]] = {
    "documents": {"number": 1, "title": "Stolen"},
    "entities": {"type": "character", "name": "Stolen"},
    "relationships": {"type": "sister_of", "source_id": "{entities}", "target_id": "{entities}"},
    "captures": {"kind": "note", "text": "Stolen"},
}


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with a_town() as town:
        yield town


@pytest.fixture
async def ada(town: Town) -> httpx.AsyncClient:
    return await settle_ada(town)


def everybody_else(town: Town) -> dict[str, Headers]:
    return {
        "another user": town.papers(TAM),
        "an anonymous user": town.papers(GUEST, is_anonymous=True),
        "a guest": town.guest(),
        "a service that acts for another": town.service(TAM),
    }


def nobody(town: Town) -> dict[str, Headers]:
    now, theirs = time.time(), town.issuer.token(sub=ADA)
    return {
        "nobody": {},
        "an expired token": town.papers(ADA, exp=now - 11),
        "a token of another project": town.papers(ADA, iss="https://other.supabase.co/auth/v1"),
        "a token in a cookie": {"cookie": f"access_token={theirs}; sb-access-token={theirs}"},
        "a token as another scheme": {"authorization": f"Basic {theirs}"},
        "a service key as a user's token": bearer(SERVICE_KEY),
        "a service key beside a user's token": {**town.service(ADA), **bearer(theirs)},
        "another service key": {"x-saga-service-key": f"{SERVICE_KEY}x", "x-saga-owner": ADA},
        "a service key that is a hash": {"x-saga-service-key": "0" * 64, "x-saga-owner": ADA},
        "a guest of one's own making": {"x-saga-guest": f"{ADA}.9999999999.{'0' * 64}"},
    }


Call = tuple[str, str, dict[str, Any]]


def calls_on(town: Town, held: Mapping[str, str]) -> Iterator[Call]:
    """Every operation of the OpenAPI document, aimed at the rows with these ids."""
    for path, operations in town.app.openapi()["paths"].items():
        for method in operations:
            for body in bodies(method, path, held):
                kind = path.split("/")[1]
                ids = {**held, "record_id": held.get(kind, "")}
                query = {"projectId": held["project_id"]} if kind in RECORDS else {}
                yield method, path.format(**ids), {"params": query, **({} if body is None else {"json": body})}


def bodies(method: str, path: str, held: Mapping[str, str]) -> list[dict[str, object] | None]:
    """What is sent there; a route that is new here fails the test until somebody says what aims at others' rows."""
    kind = path.split("/")[1]
    if method in ("get", "delete") or path.endswith(("/stop", "/revoke")):
        return [None]
    if kind in RECORDS:
        fields = {name: held["entities"] if value == "{entities}" else value for name, value in RECORDS[kind].items()}
        return [fields, {**fields, "id": held[kind]}] if method == "post" else [{"expected_rev": 1, **fields}]
    known: dict[str, list[dict[str, object] | None]] = {
        "/ai/saga": chat_bodies(held),
        "/ai/chat": chat_bodies(held),
        "/ai/detect": [{"text": "Mara met Tam.", "projectId": held["project_id"]}],
        "/runs/{run_id}/requests": [{"replies": {held["request_id"]: {"kind": kind}}} for kind in ("approve", "stop")],
        "/threads/{chat_id}": [{"title": "Stolen"}],
        "/threads/{chat_id}/fork": [{}, {"messageId": held["message_id"], "title": "Stolen"}],
        "/projects": [{"name": "Stolen", "id": held["project_id"]}],
        "/projects/{project_id}": [{"name": "Stolen"}],
        "/projects/{project_id}/check": [{}],
        "/auth/guests": [None],
        "/auth/claim": [{"guest": f"guest-{'0' * 32}.9999999999.{'0' * 64}"}],
        "/auth/sign-out": [None],
        "/auth/denials": [{"userId": NOT_HERE}],
    }
    return known[path]


def chat_bodies(held: Mapping[str, str]) -> list[dict[str, object] | None]:
    approval = {"id": held["request_id"], "approved": True}
    part = {"type": "tool-create_entity", "toolCallId": "call_1", "state": "approval-responded", "approval": approval}
    forged = {"id": held["message_id"], "role": "assistant", "parts": [part]}
    project = held["project_id"]
    return [
        said("Tell me everything.", held["chat_id"], projectId=project),
        {"id": held["chat_id"], "message": forged, "projectId": project},
        {"id": held["chat_id"], "trigger": "regenerate-message", "messageId": held["message_id"], "projectId": project},
    ]


def place(call: Call, town: Town) -> tuple[str, str]:
    """The operation as the OpenAPI document names it."""
    method, path, _ = call
    for template in town.app.openapi()["paths"]:
        if template == path:
            return method, template
    return method, path


async def view(ada: httpx.AsyncClient, town: Town) -> list[Any]:
    """All that Ada can see."""
    project = {"projectId": town.held["project_id"]}
    return [
        (await ada.get("/projects")).json(),
        *[(await ada.get(f"/{kind}", params=project)).json() for kind in RECORDS],
        (await ada.get("/ai/saga/chat-1/messages")).json(),
        *[(await ada.get(f"/{kind}")).json() for kind in LISTS_ONES_OWN],
        (await ada.get(f"/runs/{town.held['run_id']}/requests")).json(),
    ]


async def test_every_route_is_as_if_others_rows_were_not_there(town: Town, ada: httpx.AsyncClient):
    """The answer is, but for the id, the one for an id that nobody has: never 403, and nothing to infer from."""
    before = await view(ada, town)
    fake = {name: ghost(value) for name, value in town.held.items()}
    seen = 0
    for who, papers in everybody_else(town).items():
        client = await town.client(papers)
        for real, control in zip(calls_on(town, town.held), calls_on(town, fake), strict=True):
            if place(real, town) in OPEN_TO_ALL | OWN_SESSION | MAKES_ONES_OWN:
                continue
            told = [await client.request(method, path, **sent) for method, path, sent in (real, control)]
            answers = [(each.status_code, plain(each.text, town.held, fake)) for each in told]
            assert answers[0] == answers[1], f"{who}: {real}"
            assert told[0].status_code in (200, 204, 404), f"{who}: {real}: {told[0].text}"
            assert "Stolen" not in told[0].text or told[0].status_code == 404
            seen += 1
    assert seen > 4 * 30
    assert await view(ada, town) == before
    assert before[-1]["state"] == "waiting"
    assert len(before[-1]["requests"]) == 1


async def test_what_is_found_under_a_name_of_ones_own_is_empty(town: Town, ada: httpx.AsyncClient):
    """A chat id and a default project belong to each owner: the same name leads to other rows."""
    for papers in everybody_else(town).values():
        client = await town.client(papers)
        assert (await client.get("/ai/saga/chat-1/messages")).json() == {"messages": []}
        assert (await client.get("/ai/saga/chat-1/stream")).status_code == 204
        assert (await client.post("/ai/saga/chat-1/stop")).status_code == 204
        for kind in ("projects", *LISTS_ONES_OWN, *RECORDS):
            shown = (await client.get(f"/{kind}")).json()["items"]
            assert [each for each in shown if each["id"] in town.held.values()] == []
        taken = await client.post("/projects", json={"name": "Mine", "id": town.held["project_id"]})
        assert taken.status_code in (400, 409), "an id that is taken is not given away"
    state = (await ada.get(f"/runs/{town.held['run_id']}/requests")).json()["state"]
    assert state == "waiting", "nobody has stopped it"


async def test_nobody_gets_anywhere(town: Town, ada: httpx.AsyncClient):
    before = await view(ada, town)
    for who, papers in nobody(town).items():
        client = await town.client(papers)
        for call in calls_on(town, town.held):
            if place(call, town) in OPEN_TO_ALL:
                continue
            method, path, sent = call
            response = await client.request(method, path, **sent)
            assert response.status_code == 401, f"{who}: {call}: {response.text}"
            assert response.headers["www-authenticate"] == "Bearer"
            assert "sign in again" in response.text
    assert await view(ada, town) == before


async def test_no_hostile_token_opens_a_route(town: Town, ada: httpx.AsyncClient):
    client = await town.client({})
    for attack, forge in HOSTILE.items():
        try:
            headers = bearer(forge(town.issuer))
            response = await client.get("/projects", headers=headers)
        except (UnicodeEncodeError, httpx.LocalProtocolError):
            continue  # no client can send it
        # The clock of these tests is the machine's: the times that attacks are made of are all in the future.
        if not attack.startswith(("expired", "exp ", "nbf", "iat")):
            assert response.status_code in (401, 431), attack  # one is larger than a head may be


async def test_the_owner_and_the_service_that_acts_for_them_get_in(town: Town, ada: httpx.AsyncClient):
    for headers in (town.papers(ADA), town.service(ADA), {"authorization": f"bearer {town.issuer.token(sub=ADA)}"}):
        client = await town.client(headers)
        shown = (await client.get("/projects")).json()["items"]
        assert [each["name"] for each in shown] == ["The Hidden Crown"]


async def test_secrets_are_in_no_log_and_no_answer(
    town: Town, ada: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
):
    expired, guest = town.issuer.token(sub=ADA, exp=1), town.guest()["x-saga-guest"]
    secrets = [town.issuer.token(sub=ADA), expired, guest, SERVICE_KEY, "wrong-" + SERVICE_KEY]
    answers: list[str] = []
    with caplog.at_level(logging.DEBUG):
        for secret in secrets:
            client = await town.client({})
            shown = [bearer(secret), {"x-saga-guest": secret}, {"x-saga-service-key": secret}]
            answers += [(await client.get("/projects", headers=each)).text for each in shown]
            for name in ("access_token", "token", "jwt", "apikey", "Access_Token"):
                response = await client.get("/projects", params={name: secret}, headers=town.papers(ADA))
                assert response.status_code == 400
                answers.append(response.text)
    logged = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    written = "\n".join([*answers, *(f"{record.getMessage()} {record.args}" for record in logged)])
    for secret in secrets:
        for piece in (secret, secret.split(".")[-1]):
            assert piece not in written


def ghost(value: str) -> str:
    """An id of the same form that nobody has."""
    return f"{value[:-1]}{'0' if value[-1] != '0' else '1'}" if "_" in value else f"{value[:-1]}9"


def plain(text: str, held: Mapping[str, str], fake: Mapping[str, str]) -> str:
    """The answer with ids replaced by what they stand for."""
    for name in held:
        text = text.replace(held[name], f"<{name}>").replace(fake[name], f"<{name}>")
    return text
