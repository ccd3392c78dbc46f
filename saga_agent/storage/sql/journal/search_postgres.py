"""Searching passages on PostgreSQL: a tsvector column, any word may match."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

from saga_agent.storage.sql.tables.full_text import COUNTED_PASSAGES, Asked

# The queries are built by PostgreSQL from single words, so that nothing in a word is an operator; words that its
# dictionary drops ("the") leave empty queries, which take no part.
_FREQUENCY = text(
    "SELECT word, (SELECT count(*) FROM ("
    "  SELECT 1 FROM saga_passages WHERE project_id = :project_id AND search @@ plainto_tsquery('english', word)"
    "  LIMIT :most_counted) AS found)"
    " FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS asked(word, place)"
    " WHERE numnode(plainto_tsquery('english', word)) > 0 ORDER BY place"
)
_SEARCH = text(
    "WITH words AS (SELECT plainto_tsquery('english', word) AS query FROM unnest(CAST(:words AS text[])) AS word),"
    " wanted AS (SELECT CAST(string_agg(CAST(query AS text), ' | ') AS tsquery) AS query FROM words)"
    " SELECT key, ts_rank_cd(search, wanted.query, 32)"
    "  + (SELECT count(*) FROM words WHERE search @@ words.query) AS score"
    " FROM saga_passages, wanted WHERE project_id = :project_id AND search @@ wanted.query"
    " ORDER BY score DESC, document_id, start LIMIT :most"
)


def index(conn: Connection, project_id: str, document_id: str) -> None:
    """Nothing to do: the column is generated."""


def forget(conn: Connection, project_id: str, document_id: str | None) -> None:
    """Nothing to do either."""


def search(conn: Connection, project_id: str, asked: Asked, *, limit: int) -> Mapping[int, float]:
    """The best passages' keys and scores."""
    # A table that was filled just now has no statistics yet; without them the index may be passed over, for minutes.
    conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
    among = {"words": list(asked.words), "project_id": project_id, "most_counted": COUNTED_PASSAGES}
    frequency: dict[str, int] = {word: count for word, count in conn.execute(_FREQUENCY, among) if count}
    words = asked.choose(frequency)
    rows = conn.execute(_SEARCH, {"words": words, "project_id": project_id, "most": limit})
    return {key: float(score) for key, score in rows}
