"""The last changes of a project's entities: written down with each, so that a reader learns what is new to it."""

from __future__ import annotations

import uuid
from typing import Final

from sqlalchemy import Connection, Integer, bindparam, select, text

from saga_agent.domain.record import Revisions
from saga_agent.storage.sql.engine.statements import Prepared
from saga_agent.storage.sql.tables.definitions import ENTITIES, ENTITY_LOG

_KEPT: Final = 1000
"""How many changes of a project are remembered."""
# The numbers of a project are given one at a time, so that none becomes visible after a larger one.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('saga_entity_log'), hashtext(:project_id))")
_NOTE = text(
    "INSERT INTO saga_entity_log (project_id, number, mark, entity_id)"
    " SELECT CAST(:project_id AS text), coalesce(max(number), 0) + 1, CAST(:mark AS text), CAST(:entity_id AS text)"
    " FROM saga_entity_log WHERE project_id = :project_id"
)
_PRUNE = text(
    "DELETE FROM saga_entity_log WHERE project_id = :project_id"
    f" AND number <= (SELECT max(number) FROM saga_entity_log WHERE project_id = :project_id) - {_KEPT}"
)
_OF_PROJECT = ENTITY_LOG.c.project_id == bindparam("of_project")
_ENTRY = (ENTITY_LOG.c.number, ENTITY_LOG.c.mark, ENTITY_LOG.c.entity_id)
_LOG = Prepared(
    select(*_ENTRY)
    .where(_OF_PROJECT, ENTITY_LOG.c.number >= bindparam("first", type_=Integer))
    .order_by(ENTITY_LOG.c.number)
)
_LAST = Prepared(select(*_ENTRY).where(_OF_PROJECT).order_by(ENTITY_LOG.c.number.desc()).limit(1))
_ALL = Prepared(select(ENTITIES.c.id, ENTITIES.c.rev).where(ENTITIES.c.project_id == bindparam("of_project")))


def read_revisions(conn: Connection, project_id: str, since: str | None) -> Revisions:
    """The revisions of the project's entities, or of those that changed since that mark."""
    number, _, mark = (since or "").partition(".")
    first = int(number) if number.isdecimal() and len(number) < 16 else None
    log = _LOG.all(conn, {"of_project": project_id, "first": first}) if first else []
    if not log or log[0][1] != mark:
        last = _LAST.first(conn, {"of_project": project_id})
        return Revisions(dict(_ALL.all(conn, {"of_project": project_id})), f"{last[0]}.{last[1]}" if last else None)
    changed = {entity_id for _, _, entity_id in log[1:]}
    found = select(ENTITIES.c.id, ENTITIES.c.rev).where(ENTITIES.c.project_id == project_id)
    held = {row.id: row.rev for row in conn.execute(found.where(ENTITIES.c.id.in_(changed)))} if changed else {}
    last_number, last_mark, _ = log[-1]
    return Revisions(held, f"{last_number}.{last_mark}", frozenset(changed - held.keys()), is_whole=False)


def note_of(project_id: str, entity_id: str) -> dict[str, str]:
    """The note of one change; made outside a transaction, which may run twice."""
    return {"project_id": project_id, "entity_id": entity_id, "mark": uuid.uuid4().hex}


def write_down(conn: Connection, note: dict[str, str]) -> None:
    """Adds a change to the account; last, as others wait for this transaction from then on."""
    if conn.dialect.name == "postgresql":
        conn.execute(_LOCK, {"project_id": note["project_id"]})
    conn.execute(_NOTE, note)
    conn.execute(_PRUNE, {"project_id": note["project_id"]})
