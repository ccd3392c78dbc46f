"""What was found in a project when it was checked, so that what is new and what is fixed holds across processes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from saga_agent.storage.sql.tables.migrations.initial.columns import INT, integer, key, real, text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings a database at 0005 to this revision."""
    op.create_table(
        "saga_snapshots",
        sa.Column("seq", INT, primary_key=True, autoincrement=True),
        key("project_id"),
        key("scope"),
        integer("rev"),
        text("finding_ids"),
        real("taken_at"),
        sa.UniqueConstraint("project_id", "scope", "rev"),
    )
