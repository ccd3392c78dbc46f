"""An Obsidian vault as a draft of a bible: notes that say what they are about become entities, links become ties."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import get_args

from pydantic import JsonValue

from saga_agent.domain.entity import EntityType, Visibility
from saga_agent.domain.record import JsonObject
from saga_agent.formats.comments import without_comments
from saga_agent.formats.note import Link, Note, find_property, only_link
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
_ASIDE = {
    *TYPE_PROPERTIES,
    "tags",
    "tag",
    "aliases",
    "alias",
    "cssclass",
    "cssclasses",
    "summary",
    "ai_visibility",
    "secret",
    "facts",
}
_FACT = re.compile(r"\s*(?P<predicate>[^:\s][^:]{0,99}):\s+(?P<value>\S.*)", re.DOTALL)
_VISIBILITIES: tuple[Visibility, ...] = get_args(Visibility)


def draft_vault(vault: Vault) -> BibleDraft:
    """What the vault says."""
    entities: list[EntityDraft] = []
    notes: list[NoteDraft] = []
    places = Places(note.path for note in vault.notes)
    for note in vault.notes:
        type_ = type_of_note(note)
        if type_ is None:
            notes.append(draft_note(note, places))
        else:
            entities.append(draft_entity(note, type_, places))
    told = (
        f"{len(notes)} note(s) were taken as notes: no property `type`, tag or folder (Characters) tells what they "
        "are about."
    )
    return BibleDraft(
        format="vault", entities=tuple(entities), notes=tuple(notes), lost=(*vault.lost, *((told,) if notes else ()))
    )


class Places:
    """Where the notes of a vault lie, so that links find theirs."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = {folded(path.removesuffix(".md")): path.removesuffix(".md") for path in paths}

    def target(self, link: Link, note: Note) -> str:
        """How the link's note is called: by its path in the vault if a path leads to it, else as the link does."""
        if not link.is_path:
            return link.target
        folder = PurePosixPath(note.path).parent
        for path in (folder / link.target, PurePosixPath(link.target)):
            if (found := self._paths.get(folded(posixpath.normpath(path).lstrip("/")))) is not None:
                return found
        return posixpath.normpath(link.target)


NOWHERE = Places(())


def type_of_note(note: Note) -> EntityType | None:
    """What the note is about: by its property `type`, else by a tag, else by the nearest folder that tells it."""
    said = [word for value in find_property(note.properties, *TYPE_PROPERTIES) for word in _type_words(value)]
    tags = [tag.split("/")[0] for tag in note.tags]
    folders = reversed(PurePosixPath(note.path).parts[:-1])
    return next((type_ for word in (*said, *tags, *folders) if (type_ := type_named(word)) is not None), None)


def _type_words(value: JsonValue) -> list[str]:
    """The words of a property that tells a type: a text, a list, links, tags, or a path of them (`Character/Main`)."""
    if isinstance(value, list):
        return [word for item in value for word in _type_words(item)]
    if not isinstance(value, str):
        return []
    link = only_link(value)
    texts = (link.target.rpartition("/")[2], link.shown) if link else (part for part in value.split(","))
    return [word for text in texts for word in (text.strip(), *text.strip().removeprefix("#").split("/")) if word]


def draft_entity(note: Note, type_: EntityType, places: Places = NOWHERE) -> EntityDraft:
    """The entity that the note describes; what its author has commented out is left out."""
    name = " ".join(note.title.split())[:MAX_NAME].strip() or "Unnamed"
    body = without_comments(note.body).strip()
    said = next(find_property(note.properties, "summary"), None)
    summary = without_comments(said).strip() if isinstance(said, str) else first_paragraph(body)
    ties, fields = _ties_and_fields(note, places)
    if body and body != summary:
        fields[NOTES_FIELD] = body
    facts = [fact for value in find_property(note.properties, "facts") for fact in _facts(value)]
    return EntityDraft(
        key=note.path,
        type=type_,
        name=name,
        aliases=alias_list(note.aliases, name=name),
        summary=summary,
        fields=fields,
        tags=note.tags,
        ai_visibility=_visibility(note),
        secret=next(find_property(note.properties, "secret"), None) is True,
        ties=ties,
        facts=tuple(facts),
    )


def first_paragraph(body: str) -> str:
    """The first paragraph that is no heading, on the lines it has."""
    for block in re.split(r"\n[ \t\r]*\n", body.strip()):
        lines = [line for line in block.strip().splitlines() if not line.startswith("#")]
        if lines:
            return "\n".join(lines)
    return ""


def _ties_and_fields(note: Note, places: Places) -> tuple[tuple[TieDraft, ...], JsonObject]:
    ties: list[TieDraft] = []
    fields: JsonObject = {}
    for key, value in note.properties.items():
        targets = [places.target(link, note) for link in _only_links(value)]
        ties += [TieDraft(type=key, target=target, note="" if is_relation(key) else key) for target in targets]
        if key.casefold() in _ASIDE or value in (None, "", [], {}) or (targets and is_relation(key)):
            continue
        if (shown := _shown(value)) not in ("", []):
            fields[key] = shown
    tied = {folded(tie.target) for tie in ties}
    for link in note.links:
        target = places.target(link, note)
        if target and folded(target) not in {*tied, folded(note.title), folded(note.path.removesuffix(".md"))}:
            tied.add(folded(target))
            ties.append(TieDraft(type=ANY_TIE, target=target))
    return tuple(ties), fields


def _only_links(value: JsonValue) -> list[Link]:
    """The links to notes of a property; none when it holds anything but links."""
    items = value if isinstance(value, list) else [value]
    found = [only_link(item) if isinstance(item, str) else None for item in items]
    links = [link for link in found if link is not None and link.target]
    return links if len(links) == len(items) else []


def _shown(value: JsonValue) -> JsonValue:
    """The property less the brackets of links and what its author has commented out."""
    if isinstance(value, str):
        link = only_link(value)
        return link.target.rpartition("/")[2] if link and link.target else without_comments(value)
    return [_shown(item) for item in value] if isinstance(value, list) else value


def _facts(value: JsonValue) -> tuple[FactDraft, ...]:
    """The facts in the property `facts`, each as `predicate: value`."""
    items = value if isinstance(value, list) else [value]
    found = [_FACT.fullmatch(item) for item in items if isinstance(item, str)]
    return tuple(FactDraft(predicate=match["predicate"], value=match["value"]) for match in found if match)


def draft_note(note: Note, places: Places = NOWHERE) -> NoteDraft:
    """The note as a capture; what its author has commented out is left out."""
    about = tuple(dict.fromkeys(target for link in note.links if (target := places.target(link, note))))
    return NoteDraft(key=note.path, title=note.title, text=without_comments(note.body), tags=note.tags, about=about)


def _visibility(note: Note) -> Visibility:
    said = next(find_property(note.properties, "ai_visibility"), None)
    for each in _VISIBILITIES:
        if each == said:
            return each
    return "when_mentioned"
