"""What each owner has stored, counted from now on: records that are there already count with their next change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from saga_agent.storage.sql.tables.migrations.initial.columns import INT, integer, key, real

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings a database at 0003 to this revision."""
    op.create_table(
        "saga_holdings",
        key("owner_id"),
        integer("records"),
        integer("bytes"),
        integer("embedded_bytes"),
        sa.Column("max_records", INT, nullable=True),
        sa.Column("max_bytes", INT, nullable=True),
        sa.PrimaryKeyConstraint("owner_id"),
    )
    op.create_table(
        "saga_holdings_items",
        key("project_id"),
        key("item"),
        key("owner_id"),
        integer("bytes"),
        key("hold_id", nullable=True),
        real("until"),
        sa.PrimaryKeyConstraint("project_id", "item"),
    )
    op.create_index("saga_holdings_items_by_owner", "saga_holdings_items", ["owner_id"])
