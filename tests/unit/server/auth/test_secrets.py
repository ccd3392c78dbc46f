"""Service keys and the ids of guests."""

from __future__ import annotations

import pytest

from saga_agent.errors import InvalidInput
from saga_agent.server.auth.secrets import GuestIds, ServiceKeys, hash_of_key
from saga_agent.testing.clock import FakeClock

SECRET = "a secret of more than thirty-two bytes"


@pytest.fixture
def guests(clock: FakeClock) -> GuestIds:
    return GuestIds(SECRET, clock, lifetime_seconds=100)


def test_a_service_key_is_known_by_its_hash():
    keys = ServiceKeys([hash_of_key("one"), hash_of_key("two")])

    assert keys.holds("one")
    assert keys.holds("two")
    assert not keys.holds(hash_of_key("one")), "the hash itself opens nothing"
    assert not keys.holds("")
    assert not ServiceKeys([]).holds("one")


@pytest.mark.parametrize("value", ["the key itself", "", hash_of_key("one").upper(), f"{hash_of_key('one')}\n"])
def test_a_service_key_that_is_no_hash_is_refused_without_repeating_it(value: str):
    with pytest.raises(InvalidInput) as error:
        ServiceKeys([value])

    assert "the key itself" not in str(error.value)


async def test_a_guest_is_known_until_the_token_ends(guests: GuestIds, clock: FakeClock):
    token = guests.issue()
    found = guests.read(token)

    assert found is not None
    assert found[0].startswith("guest-")
    assert found[1] == clock.now() + 100
    assert guests.read(guests.issue()) != found, "each is somebody else"
    await clock.advance(100)
    assert guests.read(token) is None


def test_a_guest_of_ones_own_making_is_not_believed(guests: GuestIds, clock: FakeClock):
    name, ends, signature = guests.issue().split(".")
    other = GuestIds(SECRET[::-1], clock, lifetime_seconds=100)

    for forged in (
        f"{name}.{int(ends) + 1}.{signature}",
        f"{name[:-1]}{'1' if name[-1] == '0' else '0'}.{ends}.{signature}",
        f"{name}.{ends}.{'0' * 64}",
        f"{name}.{ends}.",
        f"{name}.{ends}",
        f"{name}.{ends}.{signature}\n",
        f"{name}.٣{ends}.{signature}",
        other.issue(),
        "",
    ):
        assert guests.read(forged) is None


def test_a_short_secret_is_refused(clock: FakeClock):
    with pytest.raises(InvalidInput, match="at least 32 bytes"):
        GuestIds("short", clock, lifetime_seconds=1)
