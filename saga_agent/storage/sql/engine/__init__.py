"""The engines: SQLite and PostgreSQL, their threads, their statements and pages."""
