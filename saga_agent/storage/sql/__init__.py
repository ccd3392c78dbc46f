"""The adapter for SQLite and PostgreSQL, on SQLAlchemy Core."""
