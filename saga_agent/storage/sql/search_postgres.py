"""Searching passages on PostgreSQL: a tsvector column, any word may match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from saga_agent.storage.sql.full_text import COUNTED_PASSAGES, MOST_WORDS

# The queries are built by PostgreSQL from single words, so that nothing in a word is an operator; words that its
# dictionary drops ("the") leave empty queries, which take no part.
_SEARCH = text(
    "WITH asked AS ("
    "  SELECT query, place FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS asked(word, place),"
    "  plainto_tsquery('english', word) AS query WHERE numnode(query) > 0"
    "), counted AS ("
    "  SELECT query, place, CASE WHEN (SELECT count(*) FROM asked) > :most_words THEN (SELECT count(*) FROM ("
    "    SELECT 1 FROM saga_passages WHERE project_id = :project_id AND search @@ query LIMIT :most_counted"
    "  ) AS found) ELSE 1 END AS frequency FROM asked"
    "), words AS ("
    "  SELECT query FROM counted WHERE frequency > 0 ORDER BY frequency, place LIMIT :most_words"
    "), wanted AS (SELECT CAST(string_agg(CAST(query AS text), ' | ') AS tsquery) AS query FROM words)"
    " SELECT key, ts_rank_cd(search, wanted.query, 32)"
    "  + (SELECT count(*) FROM words WHERE search @@ words.query) AS score"
    " FROM saga_passages, wanted WHERE project_id = :project_id AND search @@ wanted.query"
    " ORDER BY score DESC, document_id, start LIMIT :most"
)


def index(conn: Connection, project_id: str, document_id: str) -> None:
    """Nothing to do: the column is generated."""


def forget(conn: Connection, project_id: str, document_id: str | None) -> None:
    """Nothing to do either."""


def search(conn: Connection, project_id: str, words: Sequence[str], *, limit: int) -> Mapping[int, float]:
    """The best passages' keys and scores."""
    # A table that was filled just now has no statistics yet; without them the index may be passed over, for minutes.
    conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
    limits = {"most_words": MOST_WORDS, "most_counted": COUNTED_PASSAGES, "most": limit}
    rows = conn.execute(_SEARCH, {"words": list(words), "project_id": project_id, **limits})
    return {key: float(score) for key, score in rows}
