"""The issuer's keys: fetched seldom, kept while it is away, dropped when it drops them."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from saga_agent.errors import InvalidInput
from saga_agent.server.auth import keys as module
from saga_agent.server.auth.keys import KeySet, KeysUnavailable, parse_keys
from saga_agent.testing.clock import FakeClock
from tests.unit.server.auth.issuer import JwksServer, ec_key, jwk, rsa_key

BROKEN = {
    "down": {"status": "503 Service Unavailable"},
    "redirecting": {"status": "302 Found", "headers": {"location": "/elsewhere"}},
    "huge": {"body": b'{"keys": [' + b" " * 70_000 + b"]}"},
    "endless": {"endless": True},
    "blank": {"body": b""},
    "deep": {"body": b"[" * 60_000},
    "no key set": {"body": b'{"keys": {}}'},
    "no UTF-8": {"body": b"\xff\xfe\xff"},
    "compressed": {"body": b"\x1f\x8b" + b"\x00" * 100, "headers": {"content-encoding": "gzip"}},
}


@pytest.fixture
def keys(issuer: JwksServer, clock: FakeClock) -> KeySet:
    return KeySet(f"{issuer.issuer}/.well-known/jwks.json", clock)


def change(issuer: JwksServer, broken: dict[str, object]) -> None:
    for name, value in broken.items():
        setattr(issuer, name, value)


async def test_keys_are_fetched_once_in_five_minutes(keys: KeySet, issuer: JwksServer, clock: FakeClock):
    for seconds in (0, 200, 99, 2):
        await clock.advance(seconds)
        found = await keys.find("ec")
        assert found is not None
        assert found.algorithm == "ES256"

    assert issuer.fetches == 2
    assert set(issuer.paths) == {"/auth/v1/.well-known/jwks.json"}


async def test_callers_at_the_same_time_share_one_fetch(keys: KeySet, issuer: JwksServer):
    found = await asyncio.gather(*(keys.find(kid) for kid in ["ec", "rsa", "gone"] * 20))

    assert [each is not None for each in found] == [True, True, False] * 20
    assert issuer.fetches == 1


async def test_a_flood_of_unknown_ids_causes_one_fetch_in_thirty_seconds(
    keys: KeySet, issuer: JwksServer, clock: FakeClock
):
    for second in range(60):
        assert await asyncio.gather(*(keys.find(f"x{second}-{each}") for each in range(20))) == [None] * 20
        await clock.advance(1)

    assert issuer.fetches == 2


async def test_a_new_key_is_found_and_a_dropped_one_is_not(keys: KeySet, issuer: JwksServer, clock: FakeClock):
    assert await keys.find("ec")
    issuer.keys = [jwk("new", ec_key(1))]
    await clock.advance(30)

    assert await keys.find("new")
    assert await keys.find("ec") is None


async def test_an_issuer_without_keys_lets_nobody_in(keys: KeySet, issuer: JwksServer, clock: FakeClock):
    assert await keys.find("ec")
    issuer.keys = []
    await clock.advance(301)

    assert await keys.find("ec") is None


@pytest.mark.parametrize("how", BROKEN)
async def test_known_keys_serve_for_hours_while_the_issuer_is_broken(
    how: str, keys: KeySet, issuer: JwksServer, clock: FakeClock, caplog: pytest.LogCaptureFixture
):
    assert await keys.find("ec")
    change(issuer, BROKEN[how])
    with caplog.at_level(logging.WARNING, "saga_agent"):
        await clock.advance(6 * 3600 - 1)
        assert await keys.find("ec"), "stale, but better than nobody"
    assert "could not be fetched" in caplog.text
    assert "/elsewhere" not in issuer.paths

    await clock.advance(31)
    with pytest.raises(KeysUnavailable):
        await keys.find("ec")


@pytest.mark.parametrize("how", BROKEN)
async def test_nobody_gets_in_when_the_issuer_was_broken_from_the_start(how: str, keys: KeySet, issuer: JwksServer):
    change(issuer, BROKEN[how])

    for _ in range(3):
        with pytest.raises(KeysUnavailable):
            await keys.find("ec")
    assert issuer.fetches == 1


async def test_a_silent_issuer_is_given_up(
    keys: KeySet, issuer: JwksServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
):
    assert await keys.find("ec")
    monkeypatch.setattr(module, "_TIMEOUT_SECONDS", 0.2)
    issuer.stalls = True
    await clock.advance(301)

    assert await keys.find("ec")


async def test_who_goes_away_takes_no_fetch_along(keys: KeySet, issuer: JwksServer):
    first = asyncio.create_task(keys.find("ec"))
    await issuer.asked.wait()
    first.cancel()
    await asyncio.wait([first])

    assert await keys.find("ec")
    assert issuer.fetches == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://issuer.example/jwks",
        "ftp://127.0.0.1/jwks",
        "https://",
        "https://u:p@issuer.example/j",
        "https://issuer.example/j?key=1",
        "file:///etc/passwd",
        "http://127.0.0.1.evil.example/j",
    ],
)
def test_keys_are_fetched_from_trustworthy_addresses_only(url: str, clock: FakeClock):
    with pytest.raises(InvalidInput):
        KeySet(url, clock)


def test_only_keys_to_verify_with_are_taken():
    small = rsa.generate_private_key(65537, 1024)
    listed = [
        jwk("good", ec_key()),
        jwk("small", small),
        jwk("other", rsa_key(), use="enc"),
        jwk("lies", ec_key(), alg="RS256"),
        jwk("another curve", ec.generate_private_key(ec.SECP384R1()), alg="ES384"),
        {**jwk("p384", ec_key()), "crv": "P-384"},
        {**jwk("private", ec_key()), "d": "AAAA"},
        {"kid": "oct", "kty": "oct", "k": "c2VjcmV0"},
        {**jwk("x", ec_key()), "kid": ["x"]},
        {"kid": "empty"},
        {**jwk("numbers", ec_key()), "x": 5},
        {**jwk("list", ec_key()), "kty": ["EC"]},
        "text",
        None,
        {**jwk("off the curve", ec_key()), "y": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
    ]

    assert list(parse_keys(json.dumps({"keys": listed}).encode())) == ["good"]
