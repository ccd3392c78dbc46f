"""`saga db`: the schema of a database."""

from __future__ import annotations

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, AsJson, Database
from saga_agent.cli.session import MEMORY, database_file, database_url
from saga_agent.errors import InvalidInput, NotFound

app = typer.Typer(help="Make, upgrade and check a database.", no_args_is_help=True, rich_markup_mode=None)


@app.command("upgrade", epilog="Example: saga db upgrade --database saga.db")
def upgrade(database: Database = DEFAULT_DATABASE) -> None:
    """Bring a database to this version's schema.

    An empty or missing one is made.
    """
    from saga_agent.storage.sql import schema  # start-up cost: SQLAlchemy

    schema.upgrade(_url(database))
    print(f"The database is at schema {schema.HEAD}.")


@app.command("current", epilog="Example: saga db current --json")
def current(as_json: AsJson = False, database: Database = DEFAULT_DATABASE) -> None:
    """Print the schema a database has."""
    from saga_agent.cli.rendering.console import print_json  # start-up cost: rich and SQLAlchemy
    from saga_agent.storage.sql import schema

    found = schema.current(_existing(database))
    if as_json:
        return print_json({"found": found, "needed": schema.HEAD})
    print(f"The database has schema {found or 'none'}; this version needs {schema.HEAD}.")


@app.command("check", epilog="Example: saga db check && saga chat")
def check(database: Database = DEFAULT_DATABASE) -> None:
    """Check that a database has this version's schema.

    The exit code is 1 when it has not.
    """
    from saga_agent.storage.sql import schema  # start-up cost: SQLAlchemy

    schema.check(_existing(database))
    print(f"The database is at schema {schema.HEAD}.")


def _existing(database: str) -> str:
    path = database_file(database)
    if path is not None and not path.exists():
        raise NotFound("database", database, hint="Make one with 'saga db upgrade'.")
    return _url(database)


def _url(database: str) -> str:
    url = database_url(database)
    if url == MEMORY:
        raise InvalidInput("A database in memory has no schema to look at; name a file or a URL.")
    return url
