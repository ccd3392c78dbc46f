"""`saga serve`: the library over HTTP."""

from __future__ import annotations

import contextlib
import os
from typing import Annotated

import typer

from saga_agent.cli.options import grouped
from saga_agent.cli.serve_options import AccessOptions, PageOptions, SagaOptions
from saga_agent.errors import MissingExtra

_EXAMPLE = (
    "Example: saga serve --database saga.db --model offline --port 8000    or, for users and guests: "
    "saga serve --host 0.0.0.0 --auth supabase --supabase-url https://REF.supabase.co --guests --guests-usd 10"
)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EXAMPLE)(grouped(serve))


def serve(
    *,
    host: Annotated[str, typer.Option(help="Of this machine itself, or any address with --auth.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one; the URL is printed.")] = 8000,
    pages: PageOptions,
    access: AccessOptions,
    log_json: Annotated[bool, typer.Option("--log-json", help="Log one JSON object a line.")] = False,
    library: SagaOptions,
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
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("saga_agent"):
            raise
        raise MissingExtra("'saga serve'", "server") from error

    set_up_logs(as_json=log_json)
    auth_settings = settings_from({**os.environ, **access.variables()})
    settings = pages.settings(os.environ)
    saga = library.open()
    identity = auth_settings and Access(saga.storage, auth_settings)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run_server(saga, host=host, port=port, settings=settings, announce=_announce, identity=identity))


def _announce(url: str) -> None:
    print(f"Saga Agent serves at {url}", flush=True)
