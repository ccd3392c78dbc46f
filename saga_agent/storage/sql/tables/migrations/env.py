"""What alembic runs for every command: our connection, our tables, our version table, one transaction."""

from __future__ import annotations

from alembic import context

from saga_agent.storage.sql.tables.definitions import META, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=META,
    version_table=VERSION_TABLE,
    # The caller holds the transaction and commits it: on both engines a failing migration leaves nothing behind.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
