"""Alembic, run from the installed package on a connection that is open; no alembic.ini."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

SCRIPTS = "saga_agent.storage.sql.tables:migrations"


def migrate(conn: Connection, revision: str) -> None:
    """Runs the migrations up to that revision within the connection's transaction."""
    command.upgrade(config(conn), revision)


def config(conn: Connection) -> Config:
    """Alembic's configuration for that connection."""
    made = Config()
    made.set_main_option("script_location", SCRIPTS)
    made.attributes["connection"] = conn
    return made
