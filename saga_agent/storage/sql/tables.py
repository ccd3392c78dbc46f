"""The tables of both engines; what SQL filters, orders or changes is a column, the rest of a record lies in `body`.

All names begin with `saga_`, so that the tables can live in a host's own database.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)  # fmt: skip

META = MetaData()

# Ids and cursors are compared by code point on both engines, as Python does.
KEY = Text().with_variant(Text(collation="C"), "postgresql")
INT = BigInteger().with_variant(Integer(), "sqlite")
JSON_TEXT = {"json": True}
"""`Column.info` of a column that holds one field of its model as JSON text."""


def _key(name: str, *args: ForeignKey, nullable: bool = False) -> Column[str]:
    return Column(name, KEY, *args, nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _json(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable, info=JSON_TEXT)


def _int(name: str) -> Column[int]:
    return Column(name, INT, nullable=False)


def _row_number() -> Column[int]:
    return Column("key", INT, primary_key=True, autoincrement=True)


def _real(name: str, *, nullable: bool = False) -> Column[float]:
    return Column(name, Double, nullable=nullable)


def _records(name: str, *columns: Column[str] | Column[int], indexes: tuple[str, ...] = ()) -> Table:
    table = Table(
        f"saga_{name}",
        META,
        _key("project_id"),
        _key("id"),
        _int("rev"),
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
    _key("owner_id"),
    _int("rev"),
    _text("body"),
    Index("saga_projects_by_owner", "owner_id", "id"),
)
DOCUMENTS = _records(
    "documents",
    _key("kind"),
    _key("parent_id", nullable=True),
    _int("reading_order"),
    _int("length"),
    _text("body"),
    # Last, so that a list that leaves them out need not walk over them.
    _json("scenes"),
    _text("text"),
    indexes=("reading_order",),
)
ENTITIES = _records("entities", _key("type"), _text("body"), indexes=("type",))
RELATIONSHIPS = _records(
    "relationships",
    _key("source_id"), _key("target_id"), _key("type"), _text("body"),
    indexes=("source_id", "target_id"),
)  # fmt: skip
FACTS = _records("facts", _key("subject_id"), _key("predicate"), _key("status"), _text("body"), indexes=("subject_id",))
CAPTURES = _records("captures", _key("kind"), _text("body"))
DECISIONS = _records("decisions", _text("body"))
PROPOSALS = _records("proposals", _key("status"), _key("target_id", nullable=True), _text("body"), indexes=("status",))
WAIVERS = _records("waivers", _key("code"), _text("body"), indexes=("code",))
PRESENCE = _records("presence", _key("document_id", nullable=True), _text("body"))
MENTIONS = Table(
    "saga_mentions",
    META,
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
    PrimaryKeyConstraint("project_id", "document_id", "start", "end", "id"),
    Index("saga_mentions_by_entity", "project_id", "entity_id"),
    sqlite_with_rowid=False,
)

THREADS = Table(
    "saga_threads",
    META,
    Column("id", KEY, primary_key=True),
    _key("owner_id"),
    _key("project_id"),
    _key("chat_id"),
    _text("title"),
    _key("parent_run_id", nullable=True),
    _text("summary"),
    _int("summary_until"),
    _real("created_at"),
    UniqueConstraint("owner_id", "chat_id"),
    Index("saga_threads_by_age", "owner_id", "created_at", "id"),
)
MESSAGES = Table(
    "saga_messages",
    META,
    Column("id", KEY, primary_key=True),
    _key("thread_id", ForeignKey("saga_threads.id", ondelete="CASCADE")),
    _int("order"),
    _int("step_order"),
    _text("role"),
    _text("state"),
    _text("agent", nullable=True),
    _key("run_id", nullable=True),
    _json("metadata"),
    Column("replaced", Boolean, nullable=False),
    _real("created_at"),
    _json("parts"),
    UniqueConstraint("thread_id", "order", "step_order"),
)
RUNS = Table(
    "saga_runs",
    META,
    Column("id", KEY, primary_key=True),
    _key("thread_id", ForeignKey("saga_threads.id", ondelete="CASCADE")),
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
    Column("stop_requested", Boolean, nullable=False),
    _text("reason"),
    _real("created_at"),
    _real("ended_at", nullable=True),
)
Index("saga_runs_by_thread", RUNS.c.thread_id, RUNS.c.created_at)
Index("saga_runs_by_owner", RUNS.c.owner_id, RUNS.c.created_at)
# Plain SQL, the same on both engines: SQLAlchemy's spelling would load the dialect of the engine that is not used.
PARTIAL_INDEXES = (
    "CREATE INDEX saga_runs_live ON saga_runs (state) WHERE state IN ('queued', 'running', 'waiting')",
    "CREATE UNIQUE INDEX saga_runs_one_held ON saga_runs (thread_id) WHERE state IN ('running', 'waiting')",
)

STREAMS = Table(
    "saga_streams",
    META,
    _row_number(),
    _key("id"),
    _key("thread_id"),
    _key("run_id"),
    _key("message_id"),
    _text("state"),
    _int("last_seq"),
    # The run's epoch once more: an append fences and advances in one statement on one row.
    _int("epoch"),
    UniqueConstraint("id"),
)
DELTAS = Table(
    "saga_deltas",
    META,
    _int("stream_key"),
    _int("seq"),
    _int("epoch"),
    _text("chunk"),
    PrimaryKeyConstraint("stream_key", "seq"),
    sqlite_with_rowid=False,
)
REQUESTS = Table(
    "saga_requests",
    META,
    _row_number(),
    _key("id"),
    _key("run_id", ForeignKey("saga_runs.id", ondelete="CASCADE")),
    _key("thread_id"),
    _text("kind"),
    _text("state"),
    _json("reply", nullable=True),
    _text("actor", nullable=True),
    _real("created_at"),
    _real("answered_at", nullable=True),
    _text("body"),
    UniqueConstraint("id"),
    Index("saga_requests_by_run", "run_id"),
    Index("saga_requests_by_thread", "thread_id"),
)
TOOL_CALLS = Table(
    "saga_tool_calls",
    META,
    _row_number(),
    _key("run_id", ForeignKey("saga_runs.id", ondelete="CASCADE")),
    _key("call_id"),
    _text("tool"),
    _text("arguments_hash"),
    _text("state"),
    Column("ok", Boolean, nullable=True),
    _real("started_at"),
    _real("ended_at", nullable=True),
    _json("arguments"),
    _text("result", nullable=True),
    UniqueConstraint("run_id", "call_id"),
)
USAGE = Table(
    "saga_usage",
    META,
    _row_number(),
    _key("run_id", ForeignKey("saga_runs.id", ondelete="CASCADE")),
    _int("step"),
    _text("model"),
    _int("input_tokens"),
    _int("output_tokens"),
    Column("estimated", Boolean, nullable=False),
    _real("created_at"),
    Index("saga_usage_by_run", "run_id"),
)

CHECKPOINTS = Table(
    "saga_checkpoints",
    META,
    _key("thread_id"),
    _key("ns"),
    _key("id"),
    _key("parent_id", nullable=True),
    _key("run_id", nullable=True),
    _text("type"),
    _text("metadata"),
    _text("versions"),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("thread_id", "ns", "id"),
    Index("saga_checkpoints_by_run", "run_id"),
)
CHECKPOINT_BLOBS = Table(
    "saga_checkpoint_blobs",
    META,
    _key("thread_id"),
    _key("ns"),
    _key("channel"),
    _key("version"),
    _text("type"),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("thread_id", "ns", "channel", "version"),
)
CHECKPOINT_WRITES = Table(
    "saga_checkpoint_writes",
    META,
    _key("thread_id"),
    _key("ns"),
    _key("checkpoint_id"),
    _key("task_id"),
    _int("idx"),
    _key("task_path"),
    _key("channel"),
    _text("type"),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("thread_id", "ns", "checkpoint_id", "task_id", "idx"),
)

PASSAGES = Table(
    "saga_passages",
    META,
    _row_number(),
    _key("project_id"),
    # One word that stands for the project, so that FTS5 can narrow a search to it inside the index.
    _text("scope"),
    _key("document_id"),
    _int("document_rev"),
    _int("start"),
    _int("end"),
    _text("title"),
    _text("text"),
    Index("saga_passages_by_document", "project_id", "document_id"),
)
