"""`saga grants`: what agents may do without asking again, and taking it back."""

from __future__ import annotations

from typing import Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, AsJson, Database
from saga_agent.cli.session import open_saga

app = typer.Typer(help="List grants, revoke one.", no_args_is_help=True, rich_markup_mode=None)


@app.command("ls", epilog="Example: saga grants ls --all")
def list_grants(
    ended: Annotated[bool, typer.Option("--all", help="Also those that were revoked or have expired.")] = False,
    as_json: AsJson = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """List what agents may do without asking, the newest first."""
    from saga_agent.cli.rendering.console import print_json_list, stdout  # start-up cost: rich
    from saga_agent.cli.rendering.permissions import grant_table

    with open_saga(database) as saga:
        grants = saga.run_sync(saga.grants.list(all=ended))
    if as_json:
        return print_json_list(grants)
    stdout().print(grant_table(grants))


@app.command("revoke", epilog="Example: saga grants revoke grt_...")
def revoke_grant(
    grant_id: Annotated[str, typer.Argument(metavar="GRANT_ID")],
    as_json: AsJson = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Take a grant back; from now on such calls ask again."""
    from saga_agent.cli.rendering.console import print_json  # start-up cost: rich

    with open_saga(database) as saga:
        grant = saga.run_sync(saga.grants.revoke(grant_id))
    if as_json:
        return print_json(grant)
    print(f"Revoked: {grant.text}")
