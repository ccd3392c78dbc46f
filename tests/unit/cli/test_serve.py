"""What `saga serve` is told about guests reaches its settings; what cannot be served is refused at once."""

from __future__ import annotations

from inspect import signature
from typing import get_type_hints

import pytest

from saga_agent.cli.options import grouped
from saga_agent.cli.serve_options import AccessOptions, PageOptions, SagaOptions
from saga_agent.server import ServerSettings, TrialSettings
from saga_agent.server.auth.secrets import hash_of_key
from saga_agent.server.auth.settings import settings_from

SERVICE = {"SAGA_AUTH": "service", "SAGA_SERVICE_KEY_SHA256": hash_of_key("a")}


def test_the_options_on_guests_say_what_the_settings_say():
    said = AccessOptions(
        guests=True, guest_usd=0.5, guest_address_usd=2, guests_usd=30, guest_turn_usd=0.1, guest_agents="chat,taster"
    )
    settings = settings_from({**SERVICE, **said.variables()})

    assert settings is not None
    assert settings.trial == TrialSettings(
        guest_usd=0.5, address_usd_per_day=2, all_usd_per_day=30, turn_usd=0.1, agents=("chat", "taster")
    )


def test_options_that_are_not_given_say_nothing():
    assert AccessOptions().variables() == {}


def test_every_option_on_access_says_what_its_variable_says():
    typed = get_type_hints(AccessOptions, include_extras=True)
    read = {name: kind.__metadata__[0].envvar for name, kind in typed.items()}

    assert read == {name: f"SAGA_{name.upper()}" for name in typed}


@pytest.mark.parametrize(
    ("option", "variable"),
    [
        ("--guest-usd", "SAGA_GUEST_USD"),
        ("--guest-address-usd", "SAGA_GUEST_ADDRESS_USD"),
        ("--guests-usd", "SAGA_GUESTS_USD"),
        ("--guest-turn-usd", "SAGA_GUEST_TURN_USD"),
    ],
)
def test_each_limit_of_guests_is_an_option_and_a_variable(saga, monkeypatch, option: str, variable: str):
    monkeypatch.setenv("SAGA_SERVICE_KEY_SHA256", hash_of_key("a"))
    by_option = saga("serve", "--auth", "service", "--guests", option, "0")
    monkeypatch.setenv(variable, "0")
    monkeypatch.setenv("SAGA_GUESTS", "on")
    by_variable = saga("serve", "--auth", "service")

    for refused in (by_option, by_variable):
        assert (refused.code, refused.err) == (2, f"saga: {variable} is a number above 0.\n")


def test_an_option_wins_over_its_variable(saga, monkeypatch):
    monkeypatch.setenv("SAGA_GUESTS", "on")

    assert "set SAGA_AUTH" in saga("serve").err
    assert "--auth" in saga("serve", "--no-guests", "--host", "0.0.0.0").err


def test_guests_alone_are_not_let_in(saga):
    refused = saga("serve", "--guests")

    assert refused.code == 2
    assert "set SAGA_AUTH, or --auth, too" in refused.err


@pytest.mark.parametrize(
    ("options", "limits"),
    [
        (PageOptions(), ServerSettings()),
        (
            PageOptions(sdk_version=5, allow_origin=["http://p.example"], max_streams=3, allow_http_1_0=True),
            ServerSettings(
                sdk_version=5, allowed_origins=("http://p.example",), max_streams_per_owner=3, allow_http_1_0=True
            ),
        ),
    ],
)
def test_the_options_on_pages_say_what_the_settings_say(options: PageOptions, limits: ServerSettings):
    assert options.settings({}) == limits


def test_a_group_of_options_is_an_option_for_each_of_its_fields():
    taken: list[object] = []

    def command(*, port: int = 1, library: SagaOptions) -> None:
        taken.extend((port, library))

    run = grouped(command)
    run(port=2, model="offline", retrieval="lexical", embeddings=None, database="my.db")

    assert list(signature(run).parameters) == ["port", "model", "retrieval", "embeddings", "database"]
    assert taken == [2, SagaOptions(model="offline", database="my.db")]
