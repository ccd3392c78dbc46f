"""The story's tables of the first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from saga_agent.storage.sql.tables.migrations.initial.columns import integer, key, text


def create_manuscript() -> None:
    """Projects, documents and the names in them."""
    op.create_table(
        "saga_projects", key("id"), key("owner_id"), integer("rev"), text("body"), sa.PrimaryKeyConstraint("id")
    )
    op.create_index("saga_projects_by_owner", "saga_projects", ["owner_id", "id"])
    op.create_table(
        "saga_documents",
        key("project_id"),
        key("id"),
        integer("rev"),
        key("kind"),
        key("parent_id", nullable=True),
        integer("reading_order"),
        integer("length"),
        text("body"),
        text("scenes"),
        text("text"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_index("saga_documents_by_reading_order", "saga_documents", ["project_id", "reading_order", "id"])
    op.create_table(
        "saga_mentions",
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
        sa.PrimaryKeyConstraint("project_id", "document_id", "start", "end", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("saga_mentions_by_entity", "saga_mentions", ["project_id", "entity_id"])


def create_bible() -> None:
    """Entities, relationships and facts."""
    op.create_table(
        "saga_entities",
        key("project_id"),
        key("id"),
        integer("rev"),
        key("type"),
        key("ai_visibility"),
        text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_index("saga_entities_by_type", "saga_entities", ["project_id", "type", "id"])
    op.create_index("saga_entities_by_ai_visibility", "saga_entities", ["project_id", "ai_visibility", "id"])
    op.create_table(
        "saga_entity_words",
        key("project_id"),
        key("word"),
        key("entity_id"),
        sa.PrimaryKeyConstraint("project_id", "word", "entity_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("saga_entity_words_by_entity", "saga_entity_words", ["entity_id", "project_id"])
    op.create_table(
        "saga_relationships",
        key("project_id"),
        key("id"),
        integer("rev"),
        key("source_id"),
        key("target_id"),
        key("type"),
        text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_index("saga_relationships_by_source_id", "saga_relationships", ["project_id", "source_id", "id"])
    op.create_index("saga_relationships_by_target_id", "saga_relationships", ["project_id", "target_id", "id"])
    op.create_table(
        "saga_facts",
        key("project_id"),
        key("id"),
        integer("rev"),
        key("subject_id"),
        key("predicate"),
        key("status"),
        text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_index("saga_facts_by_subject_id", "saga_facts", ["project_id", "subject_id", "id"])


def create_notes() -> None:
    """Captures, decisions, proposals, waivers and presence."""
    op.create_table(
        "saga_captures",
        key("project_id"),
        key("id"),
        integer("rev"),
        key("kind"),
        text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_table(
        "saga_decisions",
        key("project_id"),
        key("id"),
        integer("rev"),
        text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_table(
        "saga_proposals",
        key("project_id"),
        key("id"),
        integer("rev"),
        key("status"),
        key("target_id", nullable=True),
        text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_index("saga_proposals_by_status", "saga_proposals", ["project_id", "status", "id"])
    op.create_table(
        "saga_waivers",
        key("project_id"),
        key("id"),
        integer("rev"),
        key("code"),
        text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
    op.create_index("saga_waivers_by_code", "saga_waivers", ["project_id", "code", "id"])
    op.create_table(
        "saga_presence",
        key("project_id"),
        key("id"),
        integer("rev"),
        key("document_id", nullable=True),
        text("body"),
        sa.PrimaryKeyConstraint("project_id", "id"),
    )
