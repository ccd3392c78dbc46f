"""The options of `saga serve` in groups: which pages it speaks to, who may call, and on what it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from saga_agent.cli.options import (
    DEFAULT_DATABASE,
    DEFAULT_MODEL,
    DEFAULT_RETRIEVAL,
    Database,
    Embeddings,
    Model,
    Retrieval,
)
from saga_agent.cli.session import database_url

if TYPE_CHECKING:  # start-up cost: `saga --help` must not load the library
    from saga_agent.app import Saga
    from saga_agent.server.settings import ServerSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOptions:
    """Which pages are spoken to, and how."""

    sdk_version: Annotated[
        int, typer.Option(min=5, max=7, help="The AI SDK of the pages, unless a request says it.")
    ] = 6
    allow_origin: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="Pages that may call, e.g. http://localhost:5173.")
    ] = None
    max_streams: Annotated[
        int, typer.Option("--max-streams", min=1, metavar="N", help="How many answers one writer may follow at once.")
    ] = 20
    allow_http_1_0: Annotated[
        bool,
        typer.Option("--allow-http-1.0", help="Stream over HTTP/1.0, too, where an answer that was cut looks whole."),
    ] = False

    def settings(self, environment: Mapping[str, str]) -> ServerSettings:
        """The server's settings; what one guest may store is said by the environment alone. `InvalidInput`."""
        from saga_agent.server.auth.settings import guest_storage_from  # an optional extra
        from saga_agent.server.settings import SDK_VERSIONS, ServerSettings

        return ServerSettings(
            sdk_version=SDK_VERSIONS[self.sdk_version - SDK_VERSIONS[0]],
            allowed_origins=tuple(self.allow_origin or ()),
            max_streams_per_owner=self.max_streams,
            allow_http_1_0=self.allow_http_1_0,
            guest_storage=guest_storage_from(environment),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessOptions:
    """Who may call, and what guests may spend: each option says what the variable `SAGA_` and its name says."""

    auth: Annotated[
        str | None, typer.Option(metavar="KIND", envvar="SAGA_AUTH", help="Who may call: supabase or service.")
    ] = None
    supabase_url: Annotated[
        str | None, typer.Option(metavar="URL", envvar="SAGA_SUPABASE_URL", help="The project whose users may call.")
    ] = None
    guests: Annotated[
        bool | None,
        typer.Option(
            "--guests/--no-guests",
            envvar="SAGA_GUESTS",
            help="With --auth, let in people who have not signed up, within these limits.",
        ),
    ] = None
    guest_usd: Annotated[
        float | None,
        typer.Option(
            metavar="USD", envvar="SAGA_GUEST_USD", help="The credit of one guest for ninety days; 0.25 by default."
        ),
    ] = None
    guest_address_usd: Annotated[
        float | None,
        typer.Option(
            metavar="USD",
            envvar="SAGA_GUEST_ADDRESS_USD",
            help="What all guests of one IPv4 address, or one IPv6 /64, may spend a day; 1 by default.",
        ),
    ] = None
    guests_usd: Annotated[
        float | None,
        typer.Option(
            metavar="USD", envvar="SAGA_GUESTS_USD", help="What all guests together may spend a day; 20 by default."
        ),
    ] = None
    guest_turn_usd: Annotated[
        float | None,
        typer.Option(
            metavar="USD",
            envvar="SAGA_GUEST_TURN_USD",
            help="Reserved for each turn of a guest, and booked when its price is not known; 0.05 by default.",
        ),
    ] = None
    guest_agents: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            envvar="SAGA_GUEST_AGENTS",
            help="The agents guests may call, with commas; by default chat, which has no tools.",
        ),
    ] = None

    def variables(self) -> Mapping[str, str]:
        """The variables by which the server's settings say the same, of those options that are given."""
        words = {True: "on", False: "off"}
        said = {name: value for name, value in asdict(self).items() if value is not None}
        return {
            f"SAGA_{name.upper()}": words[value] if isinstance(value, bool) else str(value)
            for name, value in said.items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SagaOptions:
    """On what it works, and who answers."""

    model: Model = DEFAULT_MODEL
    retrieval: Retrieval = DEFAULT_RETRIEVAL
    embeddings: Embeddings = None
    database: Database = DEFAULT_DATABASE

    def open(self) -> Saga:
        """A saga that works. `InvalidInput`."""
        from saga_agent.app import Saga  # start-up cost: the library takes a second to load

        return Saga.open(
            database=database_url(self.database), model=self.model, retrieval=self.retrieval, embeddings=self.embeddings
        )
