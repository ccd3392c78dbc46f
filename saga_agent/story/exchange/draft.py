"""Drafts: what a file of another app says about a story, before any of it is stored."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from saga_agent.domain.entity import Alias, EntityType, Visibility
from saga_agent.domain.record import JsonObject, Model

BibleFormat = Literal["vault", "lorebook", "card"]
MAX_NAME = 200


class TieDraft(Model):
    """A tie to somebody or something, by the name the file uses."""

    type: str
    """A type of relationship or its inverse; `related_to` where the file says no more than that there is a tie."""
    target: str
    note: str = ""


class FactDraft(Model):
    """Something that is true from the start to the end."""

    predicate: str
    value: str


class EntityDraft(Model):
    """An entity as the file tells it."""

    key: str
    """Where it stands in the file, e.g. a note's path; the same in the next import of the file."""
    type: EntityType
    name: str
    aliases: tuple[Alias, ...] = ()
    summary: str = ""
    fields: JsonObject = Field(default_factory=dict[str, JsonValue])
    tags: tuple[str, ...] = ()
    ai_visibility: Visibility = "when_mentioned"
    secret: bool = False
    ties: tuple[TieDraft, ...] = ()
    facts: tuple[FactDraft, ...] = ()


class NoteDraft(Model):
    """A text of the file that is about no one entity."""

    key: str
    title: str
    text: str
    tags: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    """The names it links to."""


class BibleDraft(Model):
    """A whole file."""

    format: BibleFormat
    entities: tuple[EntityDraft, ...] = ()
    notes: tuple[NoteDraft, ...] = ()
    creator: str = ""
    lost: tuple[str, ...] = ()
    """What could not be understood or has no place in a bible, one sentence each."""


def folded(name: str) -> str:
    """The form in which names are compared: case and blanks aside."""
    return " ".join(name.casefold().split())


def alias_list(names: tuple[str, ...], *, name: str, case_sensitive: bool = False) -> tuple[Alias, ...]:
    """The names other than `name` itself, each once, as aliases; those too long to be names left out."""
    kept: dict[str, str] = {}
    for each in names:
        text = each.strip()
        if text and len(text) <= MAX_NAME and folded(text) != folded(name):
            kept.setdefault(folded(text), text)
    return tuple(Alias(text=text, case_sensitive=case_sensitive) for text in kept.values())
