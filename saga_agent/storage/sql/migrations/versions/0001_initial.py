"""The first schema: story, journal, checkpoints and the passages with their full-text index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# SQL that both engines read alike.
_PARTIAL_INDEXES = (
    "CREATE INDEX saga_runs_live ON saga_runs (state) WHERE state IN ('queued', 'running', 'waiting')",
    "CREATE UNIQUE INDEX saga_runs_one_held ON saga_runs (thread_id) WHERE state IN ('running', 'waiting')",
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
    _manuscript()
    _bible()
    _notes()
    _threads()
    _runs()
    _streams()
    _records_of_runs()
    _checkpoints()
    _passages()
    engine = op.get_bind()
    for statement in (*_PARTIAL_INDEXES, *_FULL_TEXT[engine.dialect.name]):
        engine.exec_driver_sql(statement)


def _manuscript() -> None:
    op.create_table(
        "saga_projects", _key("id"), _key("owner_id"), _int("rev"), _text("body"), sa.PrimaryKeyConstraint("id")
    )
    op.create_index("saga_projects_by_owner", "saga_projects", ["owner_id", "id"])
    op.create_table(
        "saga_documents",
        _key("project_id"),
        _key("id"),
        _int("rev"),
        _key("kind"),
        _key("parent_id", nullable=True),
        _int("reading_order"),
        _int("length"),
        _text("body"),
        _text("scenes"),
        _text("text"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_index("saga_documents_by_reading_order", "saga_documents", ["project_id", "reading_order", "id"])
    op.create_table(
        "saga_mentions",
        _key("project_id"),
        _key("document_id"),
        _int("start"),
        _int("end"),
        _key("id"),
        _key("entity_id", nullable=True),
        _key("group", nullable=True),
        _text("kind", nullable=True),
        _text("surface"),
        _text("body"),
        sa.PrimaryKeyConstraint("project_id", "document_id", "start", "end", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("saga_mentions_by_entity", "saga_mentions", ["project_id", "entity_id"])


def _bible() -> None:
    op.create_table(
        "saga_entities",
        _key("project_id"),
        _key("id"),
        _int("rev"),
        _key("type"),
        _text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_index("saga_entities_by_type", "saga_entities", ["project_id", "type", "id"])
    op.create_table(
        "saga_relationships",
        _key("project_id"),
        _key("id"),
        _int("rev"),
        _key("source_id"),
        _key("target_id"),
        _key("type"),
        _text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_index("saga_relationships_by_source_id", "saga_relationships", ["project_id", "source_id", "id"])
    op.create_index("saga_relationships_by_target_id", "saga_relationships", ["project_id", "target_id", "id"])
    op.create_table(
        "saga_facts",
        _key("project_id"),
        _key("id"),
        _int("rev"),
        _key("subject_id"),
        _key("predicate"),
        _key("status"),
        _text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_index("saga_facts_by_subject_id", "saga_facts", ["project_id", "subject_id", "id"])


def _notes() -> None:
    op.create_table(
        "saga_captures",
        _key("project_id"),
        _key("id"),
        _int("rev"),
        _key("kind"),
        _text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_table(
        "saga_decisions",
        _key("project_id"),
        _key("id"),
        _int("rev"),
        _text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_table(
        "saga_proposals",
        _key("project_id"),
        _key("id"),
        _int("rev"),
        _key("status"),
        _key("target_id", nullable=True),
        _text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_index("saga_proposals_by_status", "saga_proposals", ["project_id", "status", "id"])
    op.create_table(
        "saga_waivers",
        _key("project_id"),
        _key("id"),
        _int("rev"),
        _key("code"),
        _text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_index("saga_waivers_by_code", "saga_waivers", ["project_id", "code", "id"])
    op.create_table(
        "saga_presence",
        _key("project_id"),
        _key("id"),
        _int("rev"),
        _key("document_id", nullable=True),
        _text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )


def _threads() -> None:
    op.create_table(
        "saga_threads",
        _key("id"),
        _key("owner_id"),
        _key("project_id"),
        _key("chat_id"),
        _text("title"),
        _key("parent_run_id", nullable=True),
        _text("summary"),
        _int("summary_until"),
        _real("created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner_id", "chat_id"),
    )
    op.create_index("saga_threads_by_age", "saga_threads", ["owner_id", "created_at", "id"])
    op.create_table(
        "saga_messages",
        _key("id"),
        _key("thread_id", sa.ForeignKey("saga_threads.id", ondelete="CASCADE")),
        _int("order"),
        _int("step_order"),
        _text("role"),
        _text("state"),
        _text("agent", nullable=True),
        _key("run_id", nullable=True),
        _text("metadata"),
        _bool("replaced"),
        _real("created_at"),
        _text("parts"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("thread_id", "order", "step_order"),
    )


def _runs() -> None:
    op.create_table(
        "saga_runs",
        _key("id"),
        _key("thread_id", sa.ForeignKey("saga_threads.id", ondelete="CASCADE")),
        _key("project_id"),
        _key("owner_id"),
        _key("user_message_id"),
        _key("message_id"),
        _key("stream_id"),
        _text("agent"),
        _text("workspace", nullable=True),
        _text("state"),
        _int("epoch"),
        _text("runner", nullable=True),
        _real("lease_until"),
        _bool("stop_requested"),
        _text("reason"),
        _real("created_at"),
        _real("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("saga_runs_by_owner", "saga_runs", ["owner_id", "created_at"])
    op.create_index("saga_runs_by_thread", "saga_runs", ["thread_id", "created_at"])


def _streams() -> None:
    op.create_table(
        "saga_streams",
        _row_number(),
        _key("id"),
        _key("thread_id"),
        _key("run_id"),
        _key("message_id"),
        _text("state"),
        _int("last_seq"),
        _int("epoch"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "saga_deltas",
        _int("stream_key"),
        _int("seq"),
        _int("epoch"),
        _text("chunk"),
        sa.PrimaryKeyConstraint("stream_key", "seq"),
        sqlite_with_rowid=False,
    )


def _records_of_runs() -> None:
    op.create_table(
        "saga_requests",
        _row_number(),
        _key("id"),
        _key("run_id", sa.ForeignKey("saga_runs.id", ondelete="CASCADE")),
        _key("thread_id"),
        _text("kind"),
        _text("state"),
        _text("reply", nullable=True),
        _text("actor", nullable=True),
        _real("created_at"),
        _real("answered_at", nullable=True),
        _text("body"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("saga_requests_by_run", "saga_requests", ["run_id"])
    op.create_index("saga_requests_by_thread", "saga_requests", ["thread_id"])
    op.create_table(
        "saga_tool_calls",
        _row_number(),
        _key("run_id", sa.ForeignKey("saga_runs.id", ondelete="CASCADE")),
        _key("call_id"),
        _text("tool"),
        _text("arguments_hash"),
        _text("state"),
        _bool("ok", nullable=True),
        _real("started_at"),
        _real("ended_at", nullable=True),
        _text("arguments"),
        _text("result", nullable=True),
        sa.UniqueConstraint("run_id", "call_id"),
    )
    op.create_table(
        "saga_usage",
        _row_number(),
        _key("run_id", sa.ForeignKey("saga_runs.id", ondelete="CASCADE")),
        _int("step"),
        _text("model"),
        _int("input_tokens"),
        _int("output_tokens"),
        _bool("estimated"),
        _real("created_at"),
    )
    op.create_index("saga_usage_by_run", "saga_usage", ["run_id"])


def _checkpoints() -> None:
    op.create_table(
        "saga_checkpoints",
        _key("thread_id"),
        _key("ns"),
        _key("id"),
        _key("parent_id", nullable=True),
        _key("run_id", nullable=True),
        _text("type"),
        _text("metadata"),
        _text("versions"),
        _bytes("data"),
        sa.PrimaryKeyConstraint("thread_id", "ns", "id"),
    )
    op.create_index("saga_checkpoints_by_run", "saga_checkpoints", ["run_id"])
    op.create_table(
        "saga_checkpoint_blobs",
        _key("thread_id"),
        _key("ns"),
        _key("channel"),
        _key("version"),
        _text("type"),
        _bytes("data"),
        sa.PrimaryKeyConstraint("thread_id", "ns", "channel", "version"),
    )
    op.create_table(
        "saga_checkpoint_writes",
        _key("thread_id"),
        _key("ns"),
        _key("checkpoint_id"),
        _key("task_id"),
        _int("idx"),
        _key("task_path"),
        _key("channel"),
        _text("type"),
        _bytes("data"),
        sa.PrimaryKeyConstraint("thread_id", "ns", "checkpoint_id", "task_id", "idx"),
    )


def _passages() -> None:
    op.create_table(
        "saga_passages",
        _row_number(),
        _key("project_id"),
        _text("scope"),
        _key("document_id"),
        _int("document_rev"),
        _int("start"),
        _int("end"),
        _text("title"),
        _text("text"),
    )
    op.create_index("saga_passages_by_document", "saga_passages", ["project_id", "document_id"])


def _key(name: str, *args: sa.ForeignKey, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, _KEY, *args, nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, _INT, nullable=False)


def _row_number() -> sa.Column[int]:
    return sa.Column("key", _INT, primary_key=True, autoincrement=True)


def _real(name: str, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=nullable)


def _bool(name: str, *, nullable: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=nullable)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)
