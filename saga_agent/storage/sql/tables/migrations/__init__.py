"""Alembic's scripts for the tables in `saga_agent.storage.sql.tables.definitions`."""
