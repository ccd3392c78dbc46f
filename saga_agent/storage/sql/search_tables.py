"""The tables of retrieval: the passages of the manuscript, and what their texts became for models."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, Table

from saga_agent.storage.sql.columns import META, integer, key, row_number, text

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
