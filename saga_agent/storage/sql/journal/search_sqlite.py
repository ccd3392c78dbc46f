"""Searching passages on SQLite: FTS5, any word may match.

The words are looked up one by one: each lookup reads the one list of a word, and BM25 is a sum over words. A common
word finds nothing by itself where rarer ones found enough; it is counted in the best of what they found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from sqlalchemy import Connection, text

from saga_agent.storage.sql.engine.sqlite import driver
from saga_agent.storage.sql.tables.full_text import COUNTED_PASSAGES, Asked, scope_of

_CANDIDATES = 30
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
_PROJECTS = "SELECT (SELECT min(project_id) FROM saga_passages), (SELECT max(project_id) FROM saga_passages)"
_FREQUENCY = (
    "SELECT word.key, (SELECT count(*) FROM"
    f" (SELECT 1 FROM saga_passages_fts WHERE saga_passages_fts MATCH word.value LIMIT {COUNTED_PASSAGES}))"
    " FROM json_each(?) AS word"
)
_RELEVANCE = "-bm25(saga_passages_fts, 0.0, 2.0, 1.0)"
_FIND = (
    f"SELECT saga_passages_fts.rowid, {_RELEVANCE} FROM json_each(?) AS word"
    " CROSS JOIN saga_passages_fts WHERE saga_passages_fts MATCH word.value"
)
_COUNT = (
    "SELECT rowid, 0.0 FROM saga_passages_fts WHERE saga_passages_fts MATCH ?"
    " AND rowid IN (SELECT value FROM json_each(?))"
)

Found: TypeAlias = dict[int, tuple[int, float]]
"""By key of a passage, how many of the words it holds and how relevant they make it."""


def index(conn: Connection, project_id: str, document_id: str) -> None:
    """Takes the stored passages of the document into the index."""
    conn.execute(_INDEX, {"project_id": project_id, "document_id": document_id})


def forget(conn: Connection, project_id: str, document_id: str | None) -> None:
    """Takes the stored passages of the document, or of the whole project, out of the index; before they are deleted."""
    if document_id is None:
        conn.execute(_FORGET, {"project_id": project_id})
    else:
        conn.execute(_FORGET_DOCUMENT, {"project_id": project_id, "document_id": document_id})


def search(conn: Connection, project_id: str, asked: Asked, *, limit: int) -> Mapping[int, float]:
    """The best passages' keys and scores."""
    scope = _scope(conn, project_id)
    frequency = _frequency(conn, scope, asked.words)
    if not frequency:
        return {}
    words = asked.choose(frequency)
    rare = [word for word in words if frequency[word] < COUNTED_PASSAGES] or words[:2]
    found: Found = {}
    _find(conn, found, scope, rare)
    for word in words[len(rare) :]:
        if len(found) < limit:
            _find(conn, found, scope, [word])
        else:
            found = {key: found[key] for key in _best(found, most=max(_CANDIDATES, 2 * limit))}
            _add(found, driver(conn).execute(_COUNT, (_match("", word), json.dumps(list(found)))))
    return {key: found[key][0] + found[key][1] / (1 + found[key][1]) for key in _best(found, most=limit)}


def _scope(conn: Connection, project_id: str) -> str:
    """What a match begins with, to stay in the project; nothing where all passages are of one project.

    The list of a project's passages is far longer than that of a word, and would be read for every word.
    """
    first, last = driver(conn).execute(_PROJECTS).fetchone()
    return "" if first == last == project_id else f"scope : {scope_of(project_id)} AND "


def _frequency(conn: Connection, scope: str, words: Sequence[str]) -> dict[str, int]:
    """In how many of the project's passages each word stands, up to a limit, as far as it stands in any."""
    matches = json.dumps([_match(scope, word) for word in words])
    counts: dict[int, int] = {key: count for key, count in driver(conn).execute(_FREQUENCY, (matches,)) if count}
    return {words[key]: count for key, count in counts.items()}


def _find(conn: Connection, found: Found, scope: str, words: Sequence[str]) -> None:
    """Takes in all passages that hold one of these words."""
    matches = json.dumps([_match(scope, word) for word in words])
    _add(found, driver(conn).execute(_FIND, (matches,)))


def _add(found: Found, rows: Iterable[tuple[int, float]]) -> None:
    """Takes in passages, once for each word that they hold, with its part of the relevance."""
    for key, relevance in rows:
        count, others = found.get(key, (0, 0.0))
        found[key] = (count + 1, others + relevance)


def _best(found: Found, *, most: int) -> list[int]:
    return sorted(found, key=lambda key: (-found[key][0], -found[key][1], key))[:most]


def _match(scope: str, word: str) -> str:
    """An FTS5 expression; the word is quoted, so that it is no operator."""
    return f'{scope}{{title text}} : ("{word}")'
