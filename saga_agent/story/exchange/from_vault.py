"""An Obsidian vault as a draft of a bible: notes that say what they are about become entities, links become ties."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import get_args

from pydantic import JsonValue

from saga_agent.domain.entity import EntityType, Visibility
from saga_agent.domain.record import JsonObject
from saga_agent.formats.note import Note
from saga_agent.formats.vault import Vault
from saga_agent.story.exchange.draft import (
    MAX_NAME,
    BibleDraft,
    EntityDraft,
    FactDraft,
    NoteDraft,
    TieDraft,
    alias_list,
    folded,
)
from saga_agent.story.exchange.entity_words import type_named
from saga_agent.story.exchange.tie_words import ANY_TIE, is_relation

NOTES_FIELD = "notes"
"""The field that takes the body of a note that is longer than its first paragraph."""
TYPE_PROPERTIES = ("type", "category", "kind")
_ASIDE = {*TYPE_PROPERTIES, "tags", "tag", "aliases", "alias", "cssclass", "cssclasses", "summary", "ai_visibility",
          "secret", "facts"}  # fmt: skip
_LINKED = re.compile(r"\s*\[\[(?P<target>[^\[\]|#\n]+)(?:#[^\[\]|\n]*)?(?:\|[^\[\]\n]*)?\]\]\s*")
_FACT = re.compile(r"\s*(?P<predicate>[^:\s][^:]{0,99}):\s+(?P<value>\S.*)", re.DOTALL)
_VISIBILITIES: tuple[Visibility, ...] = get_args(Visibility)


def draft_vault(vault: Vault) -> BibleDraft:
    """What the vault says."""
    entities: list[EntityDraft] = []
    notes: list[NoteDraft] = []
    for note in vault.notes:
        type_ = type_of_note(note)
        if type_ is None:
            notes.append(_draft_note(note))
        else:
            entities.append(draft_entity(note, type_))
    told = (
        f"{len(notes)} note(s) were taken as notes: no property `type`, tag or folder (Characters) tells what they "
        "are about."
    )
    return BibleDraft(
        format="vault", entities=tuple(entities), notes=tuple(notes), lost=(*vault.lost, *((told,) if notes else ()))
    )


def type_of_note(note: Note) -> EntityType | None:
    """What the note is about: by its property `type`, else by a tag, else by the nearest folder that tells it."""
    said = [value for key in TYPE_PROPERTIES if isinstance(value := note.properties.get(key), str)]
    tags = [tag.split("/")[0] for tag in note.tags]
    folders = reversed(PurePosixPath(note.path).parts[:-1])
    return next((type_ for word in (*said, *tags, *folders) if (type_ := type_named(word)) is not None), None)


def draft_entity(note: Note, type_: EntityType) -> EntityDraft:
    """The entity that the note describes."""
    name = " ".join(note.title.split())[:MAX_NAME].strip() or "Unnamed"
    body = note.body.strip()
    said = note.properties.get("summary")
    summary = said if isinstance(said, str) else first_paragraph(body)
    ties, fields = _ties_and_fields(note)
    if body and body != summary:
        fields[NOTES_FIELD] = body
    return EntityDraft(
        key=note.path, type=type_, name=name, aliases=alias_list(note.aliases, name=name), summary=summary,
        fields=fields, tags=note.tags, ai_visibility=_visibility(note),
        secret=note.properties.get("secret") is True, ties=ties, facts=_facts(note.properties.get("facts")),
    )  # fmt: skip


def first_paragraph(body: str) -> str:
    """The first paragraph that is no heading, on the lines it has."""
    for block in re.split(r"\n[ \t\r]*\n", body.strip()):
        lines = [line for line in block.strip().splitlines() if not line.startswith("#")]
        if lines:
            return "\n".join(lines)
    return ""


def _ties_and_fields(note: Note) -> tuple[tuple[TieDraft, ...], JsonObject]:
    ties: list[TieDraft] = []
    fields: JsonObject = {}
    for key, value in note.properties.items():
        targets = _link_targets(value)
        ties += [TieDraft(type=key, target=target, note="" if is_relation(key) else key) for target in targets]
        if key not in _ASIDE and value not in (None, "", [], {}) and not (targets and is_relation(key)):
            fields[key] = _without_brackets(value)
    tied = {folded(tie.target) for tie in ties}
    for link in note.links:
        if link.target and folded(link.target) not in tied and folded(link.target) != folded(note.title):
            tied.add(folded(link.target))
            ties.append(TieDraft(type=ANY_TIE, target=link.target))
    return tuple(ties), fields


def _link_targets(value: JsonValue) -> list[str]:
    """The notes that a property links to; none when it holds anything but links."""
    items = value if isinstance(value, list) else [value]
    found = [_LINKED.fullmatch(item) if isinstance(item, str) else None for item in items]
    return [match["target"].strip() for match in found if match] if all(found) else []


def _without_brackets(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        match = _LINKED.fullmatch(value)
        return match["target"].strip().rpartition("/")[2] if match else value
    return [_without_brackets(item) for item in value] if isinstance(value, list) else value


def _facts(value: JsonValue) -> tuple[FactDraft, ...]:
    """The facts in the property `facts`, each as `predicate: value`."""
    items = value if isinstance(value, list) else [value]
    found = [_FACT.fullmatch(item) for item in items if isinstance(item, str)]
    return tuple(FactDraft(predicate=match["predicate"], value=match["value"]) for match in found if match)


def _draft_note(note: Note) -> NoteDraft:
    about = tuple(dict.fromkeys(link.target for link in note.links if link.target))
    return NoteDraft(key=note.path, title=note.title, text=note.body, tags=note.tags, about=about)


def _visibility(note: Note) -> Visibility:
    for each in _VISIBILITIES:
        if each == note.properties.get("ai_visibility"):
            return each
    return "when_mentioned"
