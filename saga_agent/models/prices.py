"""What models cost: a dated table, and the cost of a call by it. What is not in the table is not known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from saga_agent.domain.patterns import matches
from saga_agent.errors import InvalidInput

_MILLION = 1_000_000
_PROVIDER = re.compile(r"^(?:openai|openrouter):")
_ADDRESS = re.compile(r"@https?://.*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens, as they were listed on that day, without discounts."""

    input_usd: float
    output_usd: float
    as_of: date

    def __post_init__(self) -> None:
        if self.input_usd < 0 or self.output_usd < 0:
            raise InvalidInput("A price is 0 or more US dollars for a million tokens.")


_MARCH_2026 = date(2026, 3, 21)
_OPENAI = {
    name: Price(input_usd=read, output_usd=written, as_of=_MARCH_2026)
    for name, read, written in (
        ("gpt-5.4", 2.50, 15.00),
        ("gpt-5.1", 1.25, 10.00),
        ("gpt-5", 1.25, 10.00),
        ("gpt-5-mini", 0.25, 2.00),
        ("gpt-5-nano", 0.05, 0.40),
        ("gpt-5-pro", 15.00, 120.00),
        ("gpt-4.1", 2.00, 8.00),
        ("gpt-4.1-mini", 0.40, 1.60),
        ("gpt-4.1-nano", 0.10, 0.40),
        ("gpt-4o", 2.50, 10.00),
        ("gpt-4o-mini", 0.15, 0.60),
        ("o3", 2.00, 8.00),
        ("o3-mini", 1.10, 4.40),
        ("o4-mini", 1.10, 4.40),
    )
}
# A dated version of a model, such as gpt-4o-2024-08-06, costs what the model does.
LISTED: Mapping[str, Price] = {
    **_OPENAI,
    **{f"{name}-20??-??-??": price for name, price in _OPENAI.items()},
    **{f"openai/{name}": price for name, price in _OPENAI.items()},
    "offline": Price(input_usd=0, output_usd=0, as_of=_MARCH_2026),
    "offline:*": Price(input_usd=0, output_usd=0, as_of=_MARCH_2026),
}
"""By model: its name at the provider, in which `*` stands for any run of characters and `?` for one."""


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices by model; those of the app come before the listed ones."""

    own: Mapping[str, Price] = field(default_factory=dict[str, Price])

    def find(self, model: str) -> Price | None:
        """The price of a model as `model=` names it, e.g. `openai:gpt-4o`; None when it is not known.

        The same model at another address (`openai:NAME@URL`) is another offer, which only the app can price.
        """
        if price := _first(self.own, (model, _PROVIDER.sub("", _ADDRESS.sub("", model)))):
            return price
        return None if _ADDRESS.search(model) else _first(LISTED, (_PROVIDER.sub("", model),))

    def cost_usd(self, model: str, *, input_tokens: int, output_tokens: int) -> float | None:
        """What a call costs; None when the model's price is not known, which is not the same as nothing."""
        price = self.find(model)
        if price is None:
            return None
        return (input_tokens * price.input_usd + output_tokens * price.output_usd) / _MILLION


def _first(prices: Mapping[str, Price], names: tuple[str, ...]) -> Price | None:
    return next((price for pattern, price in prices.items() if any(matches(pattern, name) for name in names)), None)
