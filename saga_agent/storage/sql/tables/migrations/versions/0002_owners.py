"""Each owner's default project, which had been found by an id that anybody could work out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from saga_agent.storage.sql.tables.migrations.initial.columns import key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings a database at 0001 to this revision."""
    op.create_table("saga_owners", key("owner_id"), key("default_project_id"), sa.PrimaryKeyConstraint("owner_id"))
