"""What calls of models cost."""

from __future__ import annotations

from datetime import date

import pytest

from saga_agent.errors import InvalidInput
from saga_agent.models.prices import LISTED, Price, PriceTable

OWN = Price(input_usd=1.0, output_usd=2.0, as_of=date(2026, 11, 1))


def test_a_listed_model_costs_what_the_list_says() -> None:
    assert PriceTable().cost_usd("openai:gpt-4o", input_tokens=1_000_000, output_tokens=100_000) == pytest.approx(3.5)


@pytest.mark.parametrize("name", ["gpt-4o", "openai:gpt-4o", "openai:gpt-4o-2024-08-06", "openrouter:openai/gpt-4o"])
def test_a_model_is_known_by_its_names(name: str) -> None:
    assert PriceTable().find(name) == LISTED["gpt-4o"]


@pytest.mark.parametrize(
    "name", ["gpt-4o-but-not-quite", "openai:gpt-9", "openai:gpt-4o@http://127.0.0.1:1/v1", "ScriptedModel", ""]
)
def test_what_is_not_listed_is_unknown_and_never_free(name: str) -> None:
    assert PriceTable().find(name) is None
    assert PriceTable().cost_usd(name, input_tokens=1, output_tokens=1) is None


def test_the_offline_model_costs_nothing() -> None:
    assert PriceTable().cost_usd("offline:tps=20", input_tokens=5, output_tokens=5) == 0


@pytest.mark.parametrize("name", ["mine", "openai:mine@http://127.0.0.1:1/v1", "openrouter:mine"])
def test_an_apps_own_price_counts_first(name: str) -> None:
    assert PriceTable({"mine": OWN}).find(name) == OWN
    assert PriceTable({"gpt-4*": OWN}).find("openai:gpt-4o") == OWN


def test_every_listed_price_is_dated_and_no_longer_than_a_price() -> None:
    assert all(price.as_of >= date(2025, 1, 1) for price in LISTED.values())
    assert all(price.input_usd <= price.output_usd for price in LISTED.values())


def test_a_price_below_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput):
        Price(input_usd=-1, output_usd=1, as_of=date(2026, 1, 1))
