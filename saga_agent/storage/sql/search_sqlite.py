"""Searching passages on SQLite: FTS5, any word may match.

BM25 finds the candidates; among them those that hold more of the words come first, which BM25 alone does not promise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from saga_agent.storage.sql.full_text import COUNTED_PASSAGES, MOST_WORDS, scope_of

_CANDIDATES = 50
# Whole documents at once, and not by triggers: FTS5 writes a segment for every statement of a trigger, and a search
# among many small segments takes four times as long.
_INDEX = text(
    "INSERT INTO saga_passages_fts (rowid, scope, title, text) SELECT key, scope, title, text FROM saga_passages"
    " WHERE project_id = :project_id AND document_id = :document_id"
)
_FORGET_PROJECT = (
    "INSERT INTO saga_passages_fts (saga_passages_fts, rowid, scope, title, text)"
    " SELECT 'delete', key, scope, title, text FROM saga_passages WHERE project_id = :project_id"
)
_FORGET_DOCUMENT = text(_FORGET_PROJECT + " AND document_id = :document_id")
_FORGET = text(_FORGET_PROJECT)
# FTS5 keeps every word; these say nothing about a passage and match most of them.
_EMPTY_WORDS = frozenset(
    """
    a about all an and are as at be been but by can could d did do does for from had has have he her him his how i if
    in into is it its ll m me my no not of on or our re s she so t that the their them then there these they this to
    ve was we were what when where which who whom whose why will with would you your
    """.split()  # noqa: SIM905 - a list of 80 literals is no better to read
)
_FIND = text(
    "SELECT rowid AS key, -bm25(saga_passages_fts, 0.0, 2.0, 1.0) AS relevance FROM saga_passages_fts"
    " WHERE saga_passages_fts MATCH :match ORDER BY relevance DESC, rowid LIMIT :most"
)
_FREQUENCY = text(
    "SELECT word.key, (SELECT count(*) FROM"
    f"  (SELECT 1 FROM saga_passages_fts WHERE saga_passages_fts MATCH word.value LIMIT {COUNTED_PASSAGES}))"
    " FROM json_each(:matches) AS word"
)


def index(conn: Connection, project_id: str, document_id: str) -> None:
    """Takes the stored passages of the document into the index."""
    conn.execute(_INDEX, {"project_id": project_id, "document_id": document_id})


def forget(conn: Connection, project_id: str, document_id: str | None) -> None:
    """Takes the stored passages of the document, or of the whole project, out of the index; before they are deleted."""
    if document_id is None:
        conn.execute(_FORGET, {"project_id": project_id})
    else:
        conn.execute(_FORGET_DOCUMENT, {"project_id": project_id, "document_id": document_id})


def search(conn: Connection, project_id: str, words: Sequence[str], *, limit: int) -> Mapping[int, float]:
    """The best passages' keys and scores."""
    scope = scope_of(project_id)
    telling = [word for word in words if word not in _EMPTY_WORDS] or words
    if len(telling) > MOST_WORDS:
        telling = _rarest(conn, scope, telling)
    rows = conn.execute(_FIND, {"match": _match(scope, telling), "most": max(_CANDIDATES, 2 * limit)})
    relevance: dict[int, float] = {key: value for key, value in rows}  # noqa: C416 - rows are typed by it
    counts = _counts(conn, telling, list(relevance))
    scores = {key: counts[key] + value / (1 + value) for key, value in relevance.items()}
    best = sorted(scores, key=lambda key: (-scores[key], key))[:limit]
    return {key: scores[key] for key in best}


def _rarest(conn: Connection, scope: str, words: Sequence[str]) -> Sequence[str]:
    """The rarest of the words that occur at all; a word that occurs nowhere, if none does."""
    matches = json.dumps([_match(scope, [word]) for word in words])
    frequency: dict[int, int] = {key: count for key, count in conn.execute(_FREQUENCY, {"matches": matches}) if count}
    return [words[key] for key in sorted(frequency, key=lambda key: (frequency[key], key))[:MOST_WORDS]] or words[:1]


def _counts(conn: Connection, words: Sequence[str], keys: Sequence[int]) -> dict[int, int]:
    """How many of the words each candidate holds."""
    counts = dict.fromkeys(keys, 0)
    # The keys are whole numbers from the query before.
    among = ", ".join(str(int(key)) for key in keys)
    one = f"SELECT rowid FROM saga_passages_fts WHERE saga_passages_fts MATCH ? AND rowid IN ({among})"
    for word in words:
        for (key,) in conn.exec_driver_sql(one, (_any_of([word]),)):
            counts[key] += 1
    return counts


def _match(scope: str, words: Sequence[str]) -> str:
    """An FTS5 expression: in the project, with any of the words."""
    return f"scope : {scope} AND {_any_of(words)}"


def _any_of(words: Sequence[str]) -> str:
    quoted = " OR ".join(f'"{word}"' for word in words)  # quoted, so that no word is an operator
    return f"{{title text}} : ({quoted})"
