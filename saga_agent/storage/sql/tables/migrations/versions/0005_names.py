"""Which entities changed last, and which words a document has: both are kept from now on.

Documents that are indexed already may hold any word until they are indexed anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from saga_agent.storage.sql.tables.migrations.initial.columns import integer, key

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings a database at 0004 to this revision."""
    op.create_table(
        "saga_entity_log",
        key("project_id"),
        integer("number"),
        key("mark"),
        key("entity_id"),
        sa.PrimaryKeyConstraint("project_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "saga_passage_words",
        key("project_id"),
        key("document_id"),
        sa.Column("words", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("project_id", "document_id"),
    )
    op.execute(
        "INSERT INTO saga_entity_log (project_id, number, mark, entity_id)"
        " SELECT project_id, 1, '', min(id) FROM saga_entities GROUP BY project_id"
    )
    op.execute(
        "INSERT INTO saga_passage_words (project_id, document_id)"
        " SELECT DISTINCT project_id, document_id FROM saga_passages"
    )
