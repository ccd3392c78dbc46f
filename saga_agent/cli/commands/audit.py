"""`saga audit`: who or what decided on which call."""

from __future__ import annotations

from typing import Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, AsJson, Database, Limit
from saga_agent.cli.session import open_saga


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog="Example: saga audit --run run_...")(audit)


def audit(
    run: Annotated[str | None, typer.Option("--run", metavar="ID", help="Only decisions of this run.")] = None,
    thread: Annotated[str | None, typer.Option("--thread", metavar="ID", help="Only those of this thread.")] = None,
    after: Annotated[str | None, typer.Option(metavar="CURSOR", help="Go on where the last page ended.")] = None,
    limit: Limit = 100,
    as_json: AsJson = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """List every decision on a call, the oldest first."""
    from saga_agent.cli.rendering.console import print_json_list, stderr, stdout  # start-up cost: rich
    from saga_agent.cli.rendering.permissions import audit_table

    with open_saga(database) as saga:
        page = saga.run_sync(saga.audit(run_id=run, thread_id=thread, after=after, limit=limit))
    if as_json:
        print_json_list(page.items)
    else:
        stdout().print(audit_table(page.items))
    if page.next is not None:
        stderr().print(f"There is more: --after {page.next}", soft_wrap=True)
