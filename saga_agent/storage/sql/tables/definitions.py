"""The tables of both engines; what SQL filters, orders or changes is a column, the rest of a record lies in `body`.

All names begin with `saga_`, so that the tables can live in a host's own database.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from saga_agent.storage.sql.tables.columns import (
    INT,
    JSON_TEXT,
    KEY,
    META,
    integer,
    json_text,
    key,
    real,
    row_number,
    text,
)

PREFIX = "saga_"
"""What the names of all our tables begin with."""
VERSION_TABLE = f"{PREFIX}schema"
"""Alembic's version table, under a name that leaves a host's own alone."""
PASSAGES = Table(
    "saga_passages",
    META,
    row_number(),
    key("project_id"),
    # One word that stands for the project, so that FTS5 can narrow a search to it inside the index.
    text("scope"),
    key("document_id"),
    integer("document_rev"),
    integer("start"),
    integer("end"),
    text("title"),
    text("text"),
    Index("saga_passages_by_document", "project_id", "document_id"),
)
PASSAGE_WORDS = Table(
    "saga_passage_words",
    META,
    key("project_id"),
    key("document_id"),
    # What `word_filter` makes of the words; none for a document that was indexed before there were any.
    Column("words", LargeBinary, nullable=True),
    PrimaryKeyConstraint("project_id", "document_id"),
)
"""The words of each document that is indexed."""
EMBEDDINGS = Table(
    "saga_embeddings",
    META,
    key("project_id"),
    key("document_id"),
    key("model"),
    key("sha256"),
    Column("vector", LargeBinary, nullable=False),
    PrimaryKeyConstraint("project_id", "document_id", "model", "sha256"),
    Index("saga_embeddings_by_text", "project_id", "model", "sha256"),
)


def _records(name: str, *columns: Column[str] | Column[int], indexes: tuple[str, ...] = ()) -> Table:
    table = Table(
        f"saga_{name}",
        META,
        key("project_id"),
        key("id"),
        integer("rev"),
        *columns,
        PrimaryKeyConstraint("project_id", "id"),
    )
    for column in indexes:
        Index(f"saga_{name}_by_{column}", table.c.project_id, table.c[column], table.c.id)
    return table


PROJECTS = Table(
    "saga_projects",
    META,
    Column("id", KEY, primary_key=True),
    key("owner_id"),
    integer("rev"),
    text("body"),
    Index("saga_projects_by_owner", "owner_id", "id"),
)
DOCUMENTS = _records(
    "documents",
    key("kind"),
    key("parent_id", nullable=True),
    integer("reading_order"),
    integer("length"),
    text("body"),
    # Last, so that a list that leaves them out need not walk over them.
    json_text("scenes"),
    text("text"),
    indexes=("reading_order",),
)
ENTITIES = _records("entities", key("type"), key("ai_visibility"), text("body"), indexes=("type", "ai_visibility"))
ENTITY_WORDS = Table(
    "saga_entity_words",
    META,
    key("project_id"),
    key("word"),
    key("entity_id"),
    PrimaryKeyConstraint("project_id", "word", "entity_id"),
    # Not by project first: SQLite would walk through the project's whole bible rather than look words up.
    Index("saga_entity_words_by_entity", "entity_id", "project_id"),
    sqlite_with_rowid=False,
)
"""The words of entities' names, as `Entity.name_words` gives them."""
ENTITY_LOG = Table(
    "saga_entity_log",
    META,
    key("project_id"),
    integer("number"),
    # Tells apart the logs of projects that had the same id one after the other.
    key("mark"),
    key("entity_id"),
    PrimaryKeyConstraint("project_id", "number"),
    sqlite_with_rowid=False,
)
"""The last changes of entities, in the order of their commits."""
RELATIONSHIPS = _records(
    "relationships", key("source_id"), key("target_id"), key("type"), text("body"), indexes=("source_id", "target_id")
)
FACTS = _records("facts", key("subject_id"), key("predicate"), key("status"), text("body"), indexes=("subject_id",))
CAPTURES = _records("captures", key("kind"), text("body"))
DECISIONS = _records("decisions", text("body"))
PROPOSALS = _records("proposals", key("status"), key("target_id", nullable=True), text("body"), indexes=("status",))
WAIVERS = _records("waivers", key("code"), text("body"), indexes=("code",))
PRESENCE = _records("presence", key("document_id", nullable=True), text("body"))
MENTIONS = Table(
    "saga_mentions",
    META,
    key("project_id"),
    key("document_id"),
    integer("start"),
    integer("end"),
    key("id"),
    key("entity_id", nullable=True),
    key("group", nullable=True),
    text("kind", nullable=True),
    text("surface"),
    text("body"),
    PrimaryKeyConstraint("project_id", "document_id", "start", "end", "id"),
    Index("saga_mentions_by_entity", "project_id", "entity_id"),
    sqlite_with_rowid=False,
)

THREADS = Table(
    "saga_threads",
    META,
    Column("id", KEY, primary_key=True),
    key("owner_id"),
    key("project_id"),
    key("chat_id"),
    text("title"),
    key("parent_run_id", nullable=True),
    text("summary"),
    integer("summary_until"),
    real("created_at"),
    UniqueConstraint("owner_id", "chat_id"),
    Index("saga_threads_by_age", "owner_id", "created_at", "id"),
)
MESSAGES = Table(
    "saga_messages",
    META,
    Column("id", KEY, primary_key=True),
    key("thread_id", ForeignKey("saga_threads.id", ondelete="CASCADE")),
    integer("order"),
    integer("step_order"),
    text("role"),
    text("state"),
    text("agent", nullable=True),
    key("run_id", nullable=True),
    json_text("metadata"),
    Column("replaced", Boolean, nullable=False),
    key("page_id", nullable=True),
    real("created_at"),
    json_text("parts"),
    UniqueConstraint("thread_id", "order", "step_order"),
)
RUNS = Table(
    "saga_runs",
    META,
    Column("id", KEY, primary_key=True),
    key("thread_id", ForeignKey("saga_threads.id", ondelete="CASCADE")),
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
    json_text("agent_path"),
    json_text("mentions"),
    text("state"),
    integer("epoch"),
    integer("attempts"),
    text("runner", nullable=True),
    real("lease_until"),
    Column("stop_requested", Boolean, nullable=False),
    text("reason"),
    text("reason_code"),
    real("created_at"),
    real("ended_at", nullable=True),
    # Added to tables that had rows, hence the default.
    Column("host_ports", Text, nullable=False, server_default="[]", info=JSON_TEXT),
)
Index("saga_runs_by_thread", RUNS.c.thread_id, RUNS.c.created_at)
Index("saga_runs_by_owner", RUNS.c.owner_id, RUNS.c.created_at)
# Plain SQL, the same on both engines: SQLAlchemy's spelling would load the dialect of the engine that is not used.
PARTIAL_INDEXES = (
    "CREATE INDEX saga_runs_live ON saga_runs (state) WHERE state IN ('queued', 'running', 'waiting')",
    "CREATE UNIQUE INDEX saga_runs_one_held ON saga_runs (thread_id) WHERE state IN ('running', 'waiting')",
    "CREATE INDEX saga_runs_to_stop ON saga_runs (created_at) WHERE state = 'waiting' AND stop_requested",
    "CREATE INDEX saga_runs_by_parent ON saga_runs (parent_run_id) WHERE parent_run_id IS NOT NULL",
    "CREATE INDEX saga_runs_by_root ON saga_runs (root_run_id) WHERE root_run_id IS NOT NULL",
    "CREATE INDEX saga_threads_by_parent ON saga_threads (parent_run_id) WHERE parent_run_id IS NOT NULL",
    "CREATE INDEX saga_messages_by_page_id ON saga_messages (thread_id, page_id) WHERE page_id IS NOT NULL",
    "CREATE INDEX saga_requests_by_root ON saga_requests (root_run_id) WHERE root_run_id <> ''",
    "CREATE INDEX saga_requests_expiring ON saga_requests (expires_at) WHERE state = 'pending'",
    "CREATE INDEX saga_tool_calls_refused ON saga_tool_calls (tool, arguments_hash) WHERE refused",
)

STREAMS = Table(
    "saga_streams",
    META,
    row_number(),
    key("id"),
    key("thread_id"),
    key("run_id"),
    key("message_id"),
    text("state"),
    integer("last_seq"),
    # The run's epoch once more: an append fences and advances in one statement on one row.
    integer("epoch"),
    UniqueConstraint("id"),
)
DELTAS = Table(
    "saga_deltas",
    META,
    integer("stream_key"),
    integer("seq"),
    integer("epoch"),
    text("chunk"),
    PrimaryKeyConstraint("stream_key", "seq"),
    sqlite_with_rowid=False,
)
REQUESTS = Table(
    "saga_requests",
    META,
    row_number(),
    key("id"),
    key("run_id", ForeignKey("saga_runs.id", ondelete="CASCADE")),
    key("thread_id"),
    key("call_id"),
    key("root_run_id"),
    text("kind"),
    text("state"),
    json_text("reply", nullable=True),
    text("actor", nullable=True),
    real("created_at"),
    real("answered_at", nullable=True),
    real("expires_at", nullable=True),
    # The call that had its answer's effect: the same start again is success.
    key("consumed_by", nullable=True),
    text("body"),
    UniqueConstraint("id"),
    Index("saga_requests_by_run", "run_id"),
    Index("saga_requests_by_thread", "thread_id"),
)
TOOL_CALLS = Table(
    "saga_tool_calls",
    META,
    row_number(),
    key("run_id", ForeignKey("saga_runs.id", ondelete="CASCADE")),
    key("call_id"),
    text("tool"),
    text("arguments_hash"),
    text("state"),
    Column("ok", Boolean, nullable=True),
    real("started_at"),
    real("ended_at", nullable=True),
    Column("refused", Boolean, nullable=False),
    text("rule"),
    json_text("arguments"),
    text("result", nullable=True),
    # Last, so that reading a call need not walk over it.
    text("full_result", nullable=True),
    UniqueConstraint("run_id", "call_id"),
)
USAGE = Table(
    "saga_usage",
    META,
    key("run_id", ForeignKey("saga_runs.id", ondelete="CASCADE")),
    integer("step"),
    integer("epoch"),
    text("model"),
    integer("input_tokens"),
    integer("output_tokens"),
    real("cost_usd", nullable=True),
    Column("estimated", Boolean, nullable=False),
    real("created_at"),
    PrimaryKeyConstraint("run_id", "step", "epoch"),
    sqlite_with_rowid=False,
)
GRANTS = Table(
    "saga_grants",
    META,
    Column("id", KEY, primary_key=True),
    key("owner_id"),
    key("tool"),
    key("scope_id"),
    key("request_id"),
    real("created_at"),
    real("expires_at", nullable=True),
    real("revoked_at", nullable=True),
    text("revoked_by", nullable=True),
    text("body"),
    UniqueConstraint("request_id"),
    Index("saga_grants_by_tool", "owner_id", "tool", "scope_id"),
    Index("saga_grants_by_scope", "scope_id"),
)
AUDIT = Table(
    "saga_audit",
    META,
    row_number(),
    key("id"),
    real("at"),
    key("owner_id"),
    key("thread_id"),
    key("run_id"),
    text("body"),
    UniqueConstraint("id"),
    Index("saga_audit_by_run", "run_id"),
    Index("saga_audit_by_thread", "thread_id"),
    Index("saga_audit_by_age", "owner_id", "at"),
)

CHECKPOINTS = Table(
    "saga_checkpoints",
    META,
    key("thread_id"),
    key("ns"),
    key("id"),
    key("parent_id", nullable=True),
    key("run_id", nullable=True),
    text("type"),
    text("metadata"),
    text("versions"),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("thread_id", "ns", "id"),
    Index("saga_checkpoints_by_run", "run_id"),
)
CHECKPOINT_BLOBS = Table(
    "saga_checkpoint_blobs",
    META,
    key("thread_id"),
    key("ns"),
    key("channel"),
    key("version"),
    text("type"),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("thread_id", "ns", "channel", "version"),
)
CHECKPOINT_WRITES = Table(
    "saga_checkpoint_writes",
    META,
    key("thread_id"),
    key("ns"),
    key("checkpoint_id"),
    key("task_id"),
    integer("idx"),
    key("task_path"),
    key("channel"),
    text("type"),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("thread_id", "ns", "checkpoint_id", "task_id", "idx"),
)

CHANGES = Table(
    "saga_changes",
    META,
    Column("seq", INT, primary_key=True, autoincrement=True),
    key("id"),
    key("project_id"),
    key("record_id"),
    key("run_id", nullable=True),
    key("call_id", nullable=True),
    text("state"),
    Column("rev", INT, nullable=True),
    text("body"),
    UniqueConstraint("id"),
    Index("saga_changes_by_record", "project_id", "record_id", "seq"),
    Index("saga_changes_by_run", "project_id", "run_id", "seq"),
)
BLOBS = Table(
    "saga_blobs",
    META,
    key("project_id"),
    key("sha256"),
    text("media_type"),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("project_id", "sha256"),
)

QUOTA_ACCOUNTS = Table(
    "saga_quota_accounts",
    META,
    Column("id", KEY, primary_key=True),
    integer("spent_microusd"),
    integer("reserved_microusd"),
    real("expires_at", nullable=True),
)
QUOTA_RESERVATIONS = Table(
    "saga_quota_reservations",
    META,
    Column("id", KEY, primary_key=True),
    key("holder_id"),
    text("account_ids"),
    integer("microusd"),
    real("made_at"),
    real("starts_until"),
    UniqueConstraint("holder_id"),
)
DENIALS = Table("saga_denials", META, Column("id", KEY, primary_key=True), real("until"))
OWNERS = Table("saga_owners", META, Column("owner_id", KEY, primary_key=True), key("default_project_id"))
HOLDINGS = Table(
    "saga_holdings",
    META,
    Column("owner_id", KEY, primary_key=True),
    integer("records"),
    integer("bytes"),
    integer("embedded_bytes"),
    Column("max_records", INT, nullable=True),
    Column("max_bytes", INT, nullable=True),
)
HOLDINGS_ITEMS = Table(
    "saga_holdings_items",
    META,
    key("project_id"),
    key("item"),
    key("owner_id"),
    integer("bytes"),
    key("hold_id", nullable=True),
    real("until"),
    PrimaryKeyConstraint("project_id", "item"),
    Index("saga_holdings_items_by_owner", "owner_id"),
)
SNAPSHOTS = Table(
    "saga_snapshots",
    META,
    Column("seq", INT, primary_key=True, autoincrement=True),
    key("project_id"),
    key("scope"),
    integer("rev"),
    json_text("finding_ids"),
    real("taken_at"),
    UniqueConstraint("project_id", "scope", "rev"),
)
