"""The full-text index over the passages table: an FTS5 shadow on SQLite, a generated tsvector on PostgreSQL."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from saga_agent.domain.words import capitalised_words, telling_words

MOST_WORDS = 8
"""How many words of a query are searched: the time that ranking takes grows with each."""
KEPT_NAMES = 4
"""How many of them may be names, however common: a story's main character is in most passages."""
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


@dataclass(frozen=True, slots=True)
class Asked:
    """A query in plain words."""

    words: Sequence[str]
    """Its telling words, folded and all different."""
    names: frozenset[str]
    """Those that are written like names."""

    @staticmethod
    def read(query: str) -> Asked:
        """The query as its words."""
        return Asked(telling_words(query), capitalised_words(query))

    def choose(self, frequency: Mapping[str, int]) -> list[str]:
        """The words to search, the rarest first: a few names in any case, then the rarest of the others.

        `frequency` is in how many passages each word stands, as far as it stands in any.
        """
        rarest = sorted(frequency, key=frequency.__getitem__)
        kept = [word for word in rarest if word in self.names][:KEPT_NAMES]
        others = [word for word in rarest if word not in kept][: MOST_WORDS - len(kept)]
        return [word for word in rarest if word in kept or word in others]


def scope_of(project_id: str) -> str:
    """The one word that stands for the project in the index, whatever characters its id has."""
    return "p" + hashlib.sha1(project_id.encode(), usedforsecurity=False).hexdigest()
