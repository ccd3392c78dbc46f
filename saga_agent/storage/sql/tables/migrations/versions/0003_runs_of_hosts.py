"""Runs name the story ports that were the host's, and those that wait to be stopped are found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings a database at 0002 to this revision."""
    op.add_column("saga_runs", sa.Column("host_ports", sa.Text(), nullable=False, server_default="[]"))
    op.get_bind().exec_driver_sql(
        "CREATE INDEX saga_runs_to_stop ON saga_runs (created_at) WHERE state = 'waiting' AND stop_requested"
    )
