"""`saga serve`: the library over HTTP."""

from __future__ import annotations

import contextlib
import os
from typing import Annotated

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
from saga_agent.cli.serve_options import (
    AllowHttp10,
    AllowOrigin,
    Auth,
    GuestAddressUsd,
    GuestAgents,
    Guests,
    GuestsUsd,
    GuestTurnUsd,
    GuestUsd,
    MaxStreams,
    SdkMajor,
    SupabaseUrl,
    guest_variables,
)
from saga_agent.cli.session import database_url
from saga_agent.errors import MissingExtra

_EXAMPLE = (
    "Example: saga serve --database saga.db --model offline --port 8000    or, for users and guests: "
    "saga serve --host 0.0.0.0 --auth supabase --supabase-url https://REF.supabase.co --guests --guests-usd 10"
)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EXAMPLE)(serve)


def serve(
    host: Annotated[str, typer.Option(help="Of this machine itself, or any address with --auth.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one; the URL is printed.")] = 8000,
    sdk_version: SdkMajor = 6,
    allow_origin: AllowOrigin = None,
    max_streams: MaxStreams = 20,
    allow_http_1_0: AllowHttp10 = False,
    auth: Auth = None,
    supabase_url: SupabaseUrl = None,
    guests: Guests = None,
    guest_usd: GuestUsd = None,
    guest_address_usd: GuestAddressUsd = None,
    guests_usd: GuestsUsd = None,
    guest_turn_usd: GuestTurnUsd = None,
    guest_agents: GuestAgents = None,
    log_json: Annotated[bool, typer.Option("--log-json", help="Log one JSON object a line.")] = False,
    model: Model = DEFAULT_MODEL,
    retrieval: Retrieval = DEFAULT_RETRIEVAL,
    embeddings: Embeddings = None,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Serve the library over HTTP: to one writer here, or to many.

    Without --auth it serves one local writer on this machine; with it, the users of a service on any address.

    Runs whose process died are taken up. At the end the work under way is given back, and the next process goes on
    with it.
    """
    try:
        # An optional extra, and start-up cost: FastAPI.
        import asyncio

        from saga_agent.server.auth.access import Access
        from saga_agent.server.auth.settings import guest_storage_from, settings_from
        from saga_agent.server.logs import set_up_logs
        from saga_agent.server.process import serve as run_server
        from saga_agent.server.settings import SDK_VERSIONS, ServerSettings
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("saga_agent"):
            raise
        raise MissingExtra("'saga serve'", "server") from error
    from saga_agent.app import Saga  # start-up cost: the library takes a second to load

    set_up_logs(as_json=log_json)
    trial = guest_variables(
        guests=guests,
        guest_usd=guest_usd,
        guest_address_usd=guest_address_usd,
        guests_usd=guests_usd,
        guest_turn_usd=guest_turn_usd,
        guest_agents=guest_agents,
    )
    given = {"SAGA_AUTH": auth or "", "SAGA_SUPABASE_URL": supabase_url or ""}
    auth_settings = settings_from({**os.environ, **given, **trial})
    saga = Saga.open(database=database_url(database), model=model, retrieval=retrieval, embeddings=embeddings)
    access = auth_settings and Access(saga.storage, auth_settings)
    version = SDK_VERSIONS[sdk_version - SDK_VERSIONS[0]]
    settings = ServerSettings(
        sdk_version=version,
        allowed_origins=tuple(allow_origin or ()),
        max_streams_per_owner=max_streams,
        allow_http_1_0=allow_http_1_0,
        guest_storage=guest_storage_from(os.environ),
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run_server(saga, host=host, port=port, settings=settings, announce=_announce, identity=access))


def _announce(url: str) -> None:
    print(f"Saga Agent serves at {url}", flush=True)
