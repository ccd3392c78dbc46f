"""Entities of the story bible, how they relate, and what is true of them when."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, JsonValue, field_validator

from saga_agent.domain.record import JsonObject, Model, Record
from saga_agent.domain.time import StoryInterval, TimeValue
from saga_agent.domain.words import words_of

EntityType = Literal[
    "character", "location", "faction", "item", "magic_system", "event", "culture", "concept", "thread", "calendar"
]
ENTITY_TYPES: tuple[EntityType, ...] = get_args(EntityType)
Visibility = Literal["always", "when_mentioned", "with_relation", "never"]


class Alias(Model):
    """Another name of an entity, and how it is recognised in the text."""

    text: str = Field(min_length=1, max_length=200)
    case_sensitive: bool = False
    exclude: tuple[str, ...] = ()
    """Phrases that hold the alias but mean something else."""
    valid: StoryInterval | None = None


class Entity(Record):
    """Somebody or something of the story: its names, its fields, and when it exists."""

    type: EntityType
    name: str = Field(max_length=200)
    aliases: tuple[Alias, ...] = ()
    summary: str = ""
    fields: JsonObject = Field(default_factory=dict)
    """The fields of its type, e.g. `want`, `fear`, `voice` of a character; unknown ones live under `extra`."""
    hidden_fields: tuple[str, ...] = ()
    """Keys of `fields` that no model may see."""
    tags: tuple[str, ...] = ()
    scope_id: str | None = None
    existence: tuple[StoryInterval, ...] = ()
    ai_visibility: Visibility = "when_mentioned"
    secret: bool = False

    @field_validator("name")
    @classmethod
    def _not_blank(cls, name: str) -> str:
        if not name.strip():
            raise ValueError("a name must not be blank")
        return name.strip()

    def name_words(self) -> frozenset[str]:
        """The words of its name and aliases, folded."""
        return frozenset(
            word for name in (self.name, *(alias.text for alias in self.aliases)) for word in words_of(name)
        )


class Relationship(Record):
    """A tie between two entities over a stretch of story time; the inverse is a view, not a second row."""

    type: str = Field(min_length=1)
    source_id: str
    target_id: str
    directed: bool = True
    sign: float = Field(default=0.0, ge=-1, le=1)
    strength: float = Field(default=0.5, ge=0, le=1)
    valid: StoryInterval = StoryInterval()
    secret_from: tuple[str, ...] = ()
    note: str = ""


class Knowledge(Model):
    """Who knows a fact, how well, and since when."""

    who: str
    state: Literal["knows", "suspects", "wrongly believes"] = "knows"
    since: TimeValue | None = None
    source_scene: str | None = None


class Evidence(Model):
    """Where a statement stands: a span of a document at a revision, with its words."""

    document_id: str
    rev: int
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: str


class Fact(Record):
    """One thing true of an entity: on story time from when to when, on reading order since when revealed."""

    subject_id: str
    predicate: str = Field(min_length=1)
    value: JsonValue
    mode: Literal["add", "replace"] = "replace"
    valid: StoryInterval = StoryInterval()
    revealed_at: int | None = None
    """The reading order at which the reader learns it; None: from the start."""
    retired_at: int | None = None
    """The reading order from which on it no longer holds, where no story time says so; None: never."""
    truth: Literal["canon", "belief", "lie", "rumour"] = "canon"
    holder_id: str | None = None
    """Whose belief, lie or rumour it is."""
    known_by: tuple[Knowledge, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    decision_id: str | None = None
    confidence: float = Field(default=1.0, ge=0, le=1)
    status: Literal["proposed", "accepted", "rejected", "superseded"] = "accepted"
    hidden_from_ai: bool = False
