"""`saga serve`: the library over HTTP."""

from __future__ import annotations

import contextlib
import os
from typing import Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, DEFAULT_MODEL, Database, Model
from saga_agent.cli.session import database_url
from saga_agent.errors import MissingExtra

_EXAMPLE = "Example: saga serve --database saga.db --model offline --port 8000"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EXAMPLE)(serve)


def serve(
    host: Annotated[str, typer.Option(help="Of this machine itself, or any address with --auth.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one; the URL is printed.")] = 8000,
    sdk_version: Annotated[
        int, typer.Option(min=5, max=7, help="The AI SDK of the pages, unless a request says it.")
    ] = 6,
    allow_origin: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="Pages that may call, e.g. http://localhost:5173.")
    ] = None,
    auth: Annotated[
        str | None, typer.Option(metavar="KIND", envvar="SAGA_AUTH", help="Who may call: supabase or service.")
    ] = None,
    supabase_url: Annotated[
        str | None,
        typer.Option(metavar="URL", envvar="SAGA_SUPABASE_URL", help="The project whose users may call."),
    ] = None,
    log_json: Annotated[bool, typer.Option("--log-json", help="Log one JSON object a line.")] = False,
    model: Model = DEFAULT_MODEL,
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
        from saga_agent.server.auth.settings import settings_from
        from saga_agent.server.logs import set_up_logs
        from saga_agent.server.process import serve as run_server
        from saga_agent.server.settings import SDK_VERSIONS, ServerSettings
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("saga_agent"):
            raise
        raise MissingExtra("'saga serve'", "server") from error
    from saga_agent.app import Saga  # start-up cost: the library takes a second to load

    set_up_logs(as_json=log_json)
    given = {"SAGA_AUTH": auth or "", "SAGA_SUPABASE_URL": supabase_url or ""}
    auth_settings = settings_from({**os.environ, **given})
    saga = Saga.open(database=database_url(database), model=model)
    access = auth_settings and Access(saga.storage, auth_settings)
    version = SDK_VERSIONS[sdk_version - SDK_VERSIONS[0]]
    settings = ServerSettings(sdk_version=version, allowed_origins=tuple(allow_origin or ()))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run_server(saga, host=host, port=port, settings=settings, announce=_announce, identity=access))


def _announce(url: str) -> None:
    print(f"Saga Agent serves at {url}", flush=True)
