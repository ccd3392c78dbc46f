"""The gate: what no token gets past, and what it believes."""

from __future__ import annotations

import pytest

from saga_agent.errors import InvalidInput
from saga_agent.server.auth.keys import KeySet
from saga_agent.server.auth.tokens import TokenGate, TokenRefused
from saga_agent.testing.clock import FakeClock
from tests.unit.server.auth.attacks import HONEST, HOSTILE, LEGACY_SECRET
from tests.unit.server.auth.issuer import SESSION, USER, JwksServer, rsa_key


def gate_of(issuer: JwksServer, clock: FakeClock, **legacy: str) -> TokenGate:
    return TokenGate(issuer.issuer, KeySet(f"{issuer.issuer}/.well-known/jwks.json", clock), clock, **legacy)


@pytest.mark.parametrize("attack", HOSTILE)
async def test_a_hostile_token_is_refused(attack: str, issuer: JwksServer, clock: FakeClock):
    with pytest.raises(TokenRefused, match=r"^Your sign-in is not valid or has ended; sign in again\.$"):
        await gate_of(issuer, clock).claims(HOSTILE[attack](issuer))


@pytest.mark.parametrize("attack", [name for name in HOSTILE if "legacy secret while" not in name])
async def test_a_hostile_token_is_refused_where_the_legacy_secret_is_on_too(
    attack: str, issuer: JwksServer, clock: FakeClock
):
    with pytest.raises(TokenRefused):
        await gate_of(issuer, clock, legacy_secret=LEGACY_SECRET).claims(HOSTILE[attack](issuer))


@pytest.mark.parametrize("name", HONEST)
async def test_an_honest_token_is_believed(name: str, issuer: JwksServer, clock: FakeClock):
    claims = await gate_of(issuer, clock).claims(HONEST[name](issuer))

    assert (claims.subject, claims.session_id) == (USER, SESSION)
    assert claims.is_anonymous is (name == "anonymous")


async def test_a_legacy_token_is_believed_only_by_its_own_verifier(issuer: JwksServer, clock: FakeClock):
    gate = gate_of(issuer, clock, legacy_secret=LEGACY_SECRET, legacy_kid="old")

    for kid in (None, "old"):
        assert (await gate.claims(issuer.token(key=LEGACY_SECRET, kid=kid, algorithm="HS256"))).subject == USER
    assert (await gate.claims(issuer.token())).subject == USER, "the keys go on beside it"
    for forged in (
        issuer.token(key=LEGACY_SECRET, kid="ec", algorithm="HS256"),
        issuer.token(key=LEGACY_SECRET[:-1], kid=None, algorithm="HS256"),
        issuer.token(key="", kid=None, algorithm="HS256"),
        issuer.token(kid=None),
        issuer.token(kid="old"),
        issuer.token(key=rsa_key(), kid="old", algorithm="RS256"),
    ):
        with pytest.raises(TokenRefused):
            await gate.claims(forged)


async def test_a_short_legacy_secret_is_refused(issuer: JwksServer, clock: FakeClock):
    with pytest.raises(InvalidInput, match="at least 32 bytes"):
        gate_of(issuer, clock, legacy_secret="")
