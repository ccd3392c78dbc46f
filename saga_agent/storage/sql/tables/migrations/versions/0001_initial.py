"""The first schema: story, journal, checkpoints and the passages with their full-text index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from saga_agent.storage.sql.tables.migrations.initial.columns import (
    INT,
    binary,
    boolean,
    integer,
    key,
    real,
    row_number,
    text,
)
from saga_agent.storage.sql.tables.migrations.initial.story import create_bible, create_manuscript, create_notes

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQL that both engines read alike.
_PARTIAL_INDEXES = (
    "CREATE INDEX saga_runs_live ON saga_runs (state) WHERE state IN ('queued', 'running', 'waiting')",
    "CREATE UNIQUE INDEX saga_runs_one_held ON saga_runs (thread_id) WHERE state IN ('running', 'waiting')",
    "CREATE INDEX saga_runs_by_parent ON saga_runs (parent_run_id) WHERE parent_run_id IS NOT NULL",
    "CREATE INDEX saga_runs_by_root ON saga_runs (root_run_id) WHERE root_run_id IS NOT NULL",
    "CREATE INDEX saga_threads_by_parent ON saga_threads (parent_run_id) WHERE parent_run_id IS NOT NULL",
    "CREATE INDEX saga_messages_by_page_id ON saga_messages (thread_id, page_id) WHERE page_id IS NOT NULL",
    "CREATE INDEX saga_requests_by_root ON saga_requests (root_run_id) WHERE root_run_id <> ''",
    "CREATE INDEX saga_requests_expiring ON saga_requests (expires_at) WHERE state = 'pending'",
    "CREATE INDEX saga_tool_calls_refused ON saga_tool_calls (tool, arguments_hash) WHERE refused",
)
_SQLITE = (
    "CREATE VIRTUAL TABLE saga_passages_fts USING fts5(scope, title, text, content='saga_passages',"
    " content_rowid='key', tokenize='porter unicode61 remove_diacritics 2')",
)
# As FTS5 reads it: without diacritics, and with "river/bridge" as two words, not as the name of a file.
_PLAIN = r"regexp_replace(regexp_replace(normalize({}, NFKD), '[\u0300-\u036f]', '', 'g'), '[./@:_+-]', ' ', 'g')"
_POSTGRES = (
    "ALTER TABLE saga_passages ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS ("
    f"setweight(to_tsvector('english', {_PLAIN.format('title')}), 'A')"
    f" || setweight(to_tsvector('english', {_PLAIN.format('text')}), 'B')) STORED",
    "CREATE INDEX saga_passages_by_word ON saga_passages USING gin (search)",
)
_FULL_TEXT = {"sqlite": _SQLITE, "postgresql": _POSTGRES}


def upgrade() -> None:
    """Brings an empty database to this revision."""
    create_manuscript()
    create_bible()
    create_notes()
    _threads()
    _runs()
    _streams()
    _records_of_runs()
    _permissions()
    _checkpoints()
    _history()
    _callers()
    _embeddings()
    _passages()
    engine = op.get_bind()
    for statement in (*_PARTIAL_INDEXES, *_FULL_TEXT[engine.dialect.name]):
        engine.exec_driver_sql(statement)


def _threads() -> None:
    op.create_table(
        "saga_threads",
        key("id"),
        key("owner_id"),
        key("project_id"),
        key("chat_id"),
        text("title"),
        key("parent_run_id", nullable=True),
        text("summary"),
        integer("summary_until"),
        real("created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner_id", "chat_id"),
    )
    op.create_index("saga_threads_by_age", "saga_threads", ["owner_id", "created_at", "id"])
    op.create_table(
        "saga_messages",
        key("id"),
        key("thread_id", sa.ForeignKey("saga_threads.id", ondelete="CASCADE")),
        integer("order"),
        integer("step_order"),
        text("role"),
        text("state"),
        text("agent", nullable=True),
        key("run_id", nullable=True),
        text("metadata"),
        boolean("replaced"),
        key("page_id", nullable=True),
        real("created_at"),
        text("parts"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("thread_id", "order", "step_order"),
    )


def _runs() -> None:
    op.create_table(
        "saga_runs",
        key("id"),
        key("thread_id", sa.ForeignKey("saga_threads.id", ondelete="CASCADE")),
        key("project_id"),
        key("owner_id"),
        key("user_message_id"),
        key("message_id"),
        key("stream_id"),
        text("agent"),
        text("workspace", nullable=True),
        key("parent_run_id", nullable=True),
        key("parent_call_id", nullable=True),
        key("root_run_id", nullable=True),
        text("agent_path"),
        text("mentions"),
        text("state"),
        integer("epoch"),
        integer("attempts"),
        text("runner", nullable=True),
        real("lease_until"),
        boolean("stop_requested"),
        text("reason"),
        text("reason_code"),
        real("created_at"),
        real("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("saga_runs_by_owner", "saga_runs", ["owner_id", "created_at"])
    op.create_index("saga_runs_by_thread", "saga_runs", ["thread_id", "created_at"])


def _streams() -> None:
    op.create_table(
        "saga_streams",
        row_number(),
        key("id"),
        key("thread_id"),
        key("run_id"),
        key("message_id"),
        text("state"),
        integer("last_seq"),
        integer("epoch"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "saga_deltas",
        integer("stream_key"),
        integer("seq"),
        integer("epoch"),
        text("chunk"),
        sa.PrimaryKeyConstraint("stream_key", "seq"),
        sqlite_with_rowid=False,
    )


def _records_of_runs() -> None:
    op.create_table(
        "saga_requests",
        row_number(),
        key("id"),
        key("run_id", sa.ForeignKey("saga_runs.id", ondelete="CASCADE")),
        key("thread_id"),
        key("call_id"),
        key("root_run_id"),
        text("kind"),
        text("state"),
        text("reply", nullable=True),
        text("actor", nullable=True),
        real("created_at"),
        real("answered_at", nullable=True),
        real("expires_at", nullable=True),
        key("consumed_by", nullable=True),
        text("body"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("saga_requests_by_run", "saga_requests", ["run_id"])
    op.create_index("saga_requests_by_thread", "saga_requests", ["thread_id"])
    op.create_table(
        "saga_tool_calls",
        row_number(),
        key("run_id", sa.ForeignKey("saga_runs.id", ondelete="CASCADE")),
        key("call_id"),
        text("tool"),
        text("arguments_hash"),
        text("state"),
        boolean("ok", nullable=True),
        real("started_at"),
        real("ended_at", nullable=True),
        boolean("refused"),
        text("rule"),
        text("arguments"),
        text("result", nullable=True),
        text("full_result", nullable=True),
        sa.UniqueConstraint("run_id", "call_id"),
    )
    op.create_table(
        "saga_usage",
        key("run_id", sa.ForeignKey("saga_runs.id", ondelete="CASCADE")),
        integer("step"),
        integer("epoch"),
        text("model"),
        integer("input_tokens"),
        integer("output_tokens"),
        real("cost_usd", nullable=True),
        boolean("estimated"),
        real("created_at"),
        sa.PrimaryKeyConstraint("run_id", "step", "epoch"),
        sqlite_with_rowid=False,
    )


def _permissions() -> None:
    op.create_table(
        "saga_grants",
        key("id"),
        key("owner_id"),
        key("tool"),
        key("scope_id"),
        key("request_id"),
        real("created_at"),
        real("expires_at", nullable=True),
        real("revoked_at", nullable=True),
        text("revoked_by", nullable=True),
        text("body"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("request_id"),
    )
    op.create_index("saga_grants_by_tool", "saga_grants", ["owner_id", "tool", "scope_id"])
    op.create_index("saga_grants_by_scope", "saga_grants", ["scope_id"])
    op.create_table(
        "saga_audit",
        row_number(),
        key("id"),
        real("at"),
        key("owner_id"),
        key("thread_id"),
        key("run_id"),
        text("body"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("saga_audit_by_run", "saga_audit", ["run_id"])
    op.create_index("saga_audit_by_thread", "saga_audit", ["thread_id"])
    op.create_index("saga_audit_by_age", "saga_audit", ["owner_id", "at"])


def _checkpoints() -> None:
    op.create_table(
        "saga_checkpoints",
        key("thread_id"),
        key("ns"),
        key("id"),
        key("parent_id", nullable=True),
        key("run_id", nullable=True),
        text("type"),
        text("metadata"),
        text("versions"),
        binary("data"),
        sa.PrimaryKeyConstraint("thread_id", "ns", "id"),
    )
    op.create_index("saga_checkpoints_by_run", "saga_checkpoints", ["run_id"])
    op.create_table(
        "saga_checkpoint_blobs",
        key("thread_id"),
        key("ns"),
        key("channel"),
        key("version"),
        text("type"),
        binary("data"),
        sa.PrimaryKeyConstraint("thread_id", "ns", "channel", "version"),
    )
    op.create_table(
        "saga_checkpoint_writes",
        key("thread_id"),
        key("ns"),
        key("checkpoint_id"),
        key("task_id"),
        integer("idx"),
        key("task_path"),
        key("channel"),
        text("type"),
        binary("data"),
        sa.PrimaryKeyConstraint("thread_id", "ns", "checkpoint_id", "task_id", "idx"),
    )


def _history() -> None:
    op.create_table(
        "saga_changes",
        sa.Column("seq", INT, primary_key=True, autoincrement=True),
        key("id"),
        key("project_id"),
        key("record_id"),
        key("run_id", nullable=True),
        key("call_id", nullable=True),
        text("state"),
        sa.Column("rev", INT, nullable=True),
        text("body"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("saga_changes_by_record", "saga_changes", ["project_id", "record_id", "seq"])
    op.create_index("saga_changes_by_run", "saga_changes", ["project_id", "run_id", "seq"])
    op.create_table(
        "saga_blobs",
        key("project_id"),
        key("sha256"),
        text("media_type"),
        binary("data"),
        sa.PrimaryKeyConstraint("project_id", "sha256"),
    )


def _callers() -> None:
    op.create_table(
        "saga_quota_accounts",
        key("id"),
        integer("spent_microusd"),
        integer("reserved_microusd"),
        real("expires_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "saga_quota_reservations",
        key("id"),
        key("holder_id"),
        text("account_ids"),
        integer("microusd"),
        real("made_at"),
        real("starts_until"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("holder_id"),
    )
    op.create_table("saga_denials", key("id"), real("until"), sa.PrimaryKeyConstraint("id"))


def _embeddings() -> None:
    op.create_table(
        "saga_embeddings",
        key("project_id"),
        key("document_id"),
        key("model"),
        key("sha256"),
        binary("vector"),
        sa.PrimaryKeyConstraint("project_id", "document_id", "model", "sha256"),
    )
    op.create_index("saga_embeddings_by_text", "saga_embeddings", ["project_id", "model", "sha256"])


def _passages() -> None:
    op.create_table(
        "saga_passages",
        row_number(),
        key("project_id"),
        text("scope"),
        key("document_id"),
        integer("document_rev"),
        integer("start"),
        integer("end"),
        text("title"),
        text("text"),
    )
    op.create_index("saga_passages_by_document", "saga_passages", ["project_id", "document_id"])
