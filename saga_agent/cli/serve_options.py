"""Options of `saga serve`: which pages and people may call, and what guests may spend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

SdkMajor = Annotated[int, typer.Option(min=5, max=7, help="The AI SDK of the pages, unless a request says it.")]
AllowOrigin = Annotated[
    list[str] | None, typer.Option(metavar="URL", help="Pages that may call, e.g. http://localhost:5173.")
]
MaxStreams = Annotated[
    int, typer.Option("--max-streams", min=1, metavar="N", help="How many answers one writer may follow at once.")
]
AllowHttp10 = Annotated[
    bool, typer.Option("--allow-http-1.0", help="Stream over HTTP/1.0, too, where an answer that was cut looks whole.")
]
Auth = Annotated[
    str | None, typer.Option(metavar="KIND", envvar="SAGA_AUTH", help="Who may call: supabase or service.")
]
SupabaseUrl = Annotated[
    str | None, typer.Option(metavar="URL", envvar="SAGA_SUPABASE_URL", help="The project whose users may call.")
]
Guests = Annotated[
    bool | None,
    typer.Option(
        "--guests/--no-guests",
        envvar="SAGA_GUESTS",
        help="With --auth, let in people who have not signed up, within these limits.",
    ),
]
GuestUsd = Annotated[
    float | None,
    typer.Option(
        metavar="USD", envvar="SAGA_GUEST_USD", help="The credit of one guest for ninety days; 0.25 by default."
    ),
]
GuestAddressUsd = Annotated[
    float | None,
    typer.Option(
        metavar="USD",
        envvar="SAGA_GUEST_ADDRESS_USD",
        help="What all guests of one IPv4 address, or one IPv6 /64, may spend a day; 1 by default.",
    ),
]
GuestsUsd = Annotated[
    float | None,
    typer.Option(
        metavar="USD", envvar="SAGA_GUESTS_USD", help="What all guests together may spend a day; 20 by default."
    ),
]
GuestTurnUsd = Annotated[
    float | None,
    typer.Option(
        metavar="USD",
        envvar="SAGA_GUEST_TURN_USD",
        help="Reserved for each turn of a guest, and booked when its price is not known; 0.05 by default.",
    ),
]
GuestAgents = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        envvar="SAGA_GUEST_AGENTS",
        help="The agents guests may call, with commas; by default chat, which has no tools.",
    ),
]


def guest_variables(
    *,
    guests: bool | None,
    guest_usd: float | None,
    guest_address_usd: float | None,
    guests_usd: float | None,
    guest_turn_usd: float | None,
    guest_agents: str | None,
) -> Mapping[str, str]:
    """The variables by which the server's settings say the same as these options, of those that are given."""
    switch = None if guests is None else "on" if guests else "off"
    said = {
        "SAGA_GUESTS": switch,
        "SAGA_GUEST_USD": guest_usd,
        "SAGA_GUEST_ADDRESS_USD": guest_address_usd,
        "SAGA_GUESTS_USD": guests_usd,
        "SAGA_GUEST_TURN_USD": guest_turn_usd,
        "SAGA_GUEST_AGENTS": guest_agents,
    }
    return {name: str(value) for name, value in said.items() if value is not None}
