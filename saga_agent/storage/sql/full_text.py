"""The full-text index over the passages table: an FTS5 shadow on SQLite, a generated tsvector on PostgreSQL."""

from __future__ import annotations

import hashlib

MOST_WORDS = 32
"""How many words of a query are searched: the time that ranking takes grows with each."""
COUNTED_PASSAGES = 500
"""A word in more passages than that counts as equally frequent as any other such word."""
SQLITE = (
    "CREATE VIRTUAL TABLE saga_passages_fts USING fts5(scope, title, text, content='saga_passages',"
    " content_rowid='key', tokenize='porter unicode61 remove_diacritics 2')",
)
# As FTS5 reads it: without diacritics, and with "river/bridge" as two words, not as the name of a file.
_PLAIN = r"regexp_replace(regexp_replace(normalize({}, NFKD), '[\u0300-\u036f]', '', 'g'), '[./@:_+-]', ' ', 'g')"
POSTGRES = (
    "ALTER TABLE saga_passages ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS ("
    f"setweight(to_tsvector('english', {_PLAIN.format('title')}), 'A')"
    f" || setweight(to_tsvector('english', {_PLAIN.format('text')}), 'B')) STORED",
    "CREATE INDEX saga_passages_by_word ON saga_passages USING gin (search)",
)
STATEMENTS = {"sqlite": SQLITE, "postgresql": POSTGRES}
"""What makes the index, by SQLAlchemy's name of the engine; no statement takes parameters."""


def scope_of(project_id: str) -> str:
    """The one word that stands for the project in the index, whatever characters its id has."""
    return "p" + hashlib.sha1(project_id.encode(), usedforsecurity=False).hexdigest()
