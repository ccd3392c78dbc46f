"""Settings from the environment."""

from __future__ import annotations

import pytest

from saga_agent.errors import InvalidInput
from saga_agent.server import AuthSettings, TrialSettings
from saga_agent.server.auth.secrets import hash_of_key
from saga_agent.server.auth.settings import settings_from

URL = "https://ref.supabase.co"
SUPABASE = {"SAGA_AUTH": "supabase", "SAGA_SUPABASE_URL": URL}


@pytest.mark.parametrize("environment", [{}, {"SAGA_AUTH": ""}, {"SAGA_SUPABASE_URL": URL}])
def test_without_a_word_nobody_is_believed(environment: dict[str, str]):
    assert settings_from(environment) is None


def test_a_supabase_project_is_all_that_is_needed():
    assert settings_from(SUPABASE) == AuthSettings(supabase_url=URL)


def test_every_variable_is_heeded():
    found = settings_from(
        {
            **SUPABASE,
            "SAGA_SUPABASE_JWT_SECRET": "s" * 40,
            "SAGA_SUPABASE_JWT_KID": "old",
            "SAGA_SERVICE_KEY_SHA256": f"{hash_of_key('a')}, {hash_of_key('b')}",
            "SAGA_GUESTS": "on",
            "SAGA_GUEST_SECRET": "g" * 40,
            "SAGA_GUEST_USD": "0.5",
            "SAGA_GUEST_ADDRESS_USD": "2",
            "SAGA_GUESTS_USD": "30",
            "SAGA_GUEST_TURN_USD": "0.1",
            "SAGA_GUEST_AGENTS": "chat, taster",
            "SAGA_TOKEN_SECONDS": "7200",
            "SAGA_REQUESTS_PER_MINUTE": "60",
        }
    )

    assert found == AuthSettings(
        supabase_url=URL,
        supabase_jwt_secret="s" * 40,
        supabase_jwt_kid="old",
        service_key_hashes=(hash_of_key("a"), hash_of_key("b")),
        guest_secret="g" * 40,
        token_seconds=7200,
        requests_per_minute=60,
        trial=TrialSettings(
            guest_usd=0.5, address_usd_per_day=2, all_usd_per_day=30, turn_usd=0.1, agents=("chat", "taster")
        ),
    )


def test_services_alone_may_call():
    found = settings_from({"SAGA_AUTH": "service", "SAGA_SERVICE_KEY_SHA256": hash_of_key("a")})

    assert found == AuthSettings(service_key_hashes=(hash_of_key("a"),))


@pytest.mark.parametrize(
    "environment",
    [
        {"SAGA_AUTH": "none of these"},
        {"SAGA_AUTH": "supabase"},
        {"SAGA_AUTH": "service"},
        {**SUPABASE, "SAGA_GUESTS": "yes"},
        {**SUPABASE, "SAGA_GUEST_SECRET": "a secret that is not told"},
        {**SUPABASE, "SAGA_GUESTS": "on", "SAGA_GUEST_USD": "nan"},
        {**SUPABASE, "SAGA_TOKEN_SECONDS": "-1"},
        {**SUPABASE, "SAGA_REQUESTS_PER_MINUTE": "many"},
    ],
)
def test_what_cannot_be_meant_is_refused_without_repeating_it(environment: dict[str, str]):
    with pytest.raises(InvalidInput) as error:
        settings_from(environment)

    assert not [value for value in environment.values() if len(value) > 8 and value in str(error.value)]


def test_settings_do_not_show_their_secrets():
    shown = repr(
        AuthSettings(
            supabase_url=URL, supabase_jwt_secret="tell-nobody", guest_secret="nor-this", trial=TrialSettings()
        )
    )

    assert "tell-nobody" not in shown
    assert "nor-this" not in shown
