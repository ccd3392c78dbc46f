"""A bible as an Obsidian vault: notes that were imported change only where the bible has, the others are made."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping

from pydantic import JsonValue

from saga_agent.domain.entity import Entity, EntityType, Fact, Relationship
from saga_agent.domain.notes import Capture
from saga_agent.errors import InvalidInput
from saga_agent.formats.comments import comments_in
from saga_agent.formats.note import Note, edit_note, parse_note
from saga_agent.formats.vault import Vault
from saga_agent.story.exchange.contents import Contents
from saga_agent.story.exchange.draft import EntityDraft, folded
from saga_agent.story.exchange.from_vault import NOTES_FIELD, draft_entity, draft_note, first_paragraph, type_of_note
from saga_agent.story.exchange.sources import key_in
from saga_agent.story.exchange.tie_words import ANY_TIE
from saga_agent.story.exchange.ties import tie_id

_FOLDERS: dict[EntityType, str] = {
    "character": "Characters",
    "location": "Locations",
    "faction": "Factions",
    "item": "Items",
    "magic_system": "Magic",
    "event": "Events",
    "culture": "Cultures",
    "concept": "Concepts",
    "thread": "Threads",
    "calendar": "Calendars",
}
_UNFIT = re.compile(r'[\\/:*?"<>|#^\[\]\x00-\x1f]+')
_MAX_TITLE_BYTES = 200
"""File systems hold 255 bytes of a name: a number behind the title, the ending and a temporary name fit as well."""


def build_vault(contents: Contents) -> tuple[Note, ...]:
    """The notes of a project."""
    return _Vault(contents).notes()


class _Vault:
    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._originals: dict[str, Note] = {}
        self._sources: set[str] = set()
        self._paths: dict[str, str] = {}
        self._taken: set[str] = set()
        self._titles: Counter[str] = Counter()
        self._ties: defaultdict[str, list[Relationship]] = defaultdict(list)
        self._facts: defaultdict[str, list[Fact]] = defaultdict(list)
        for tie in contents.ties:
            self._ties[tie.source_id].append(tie)
        for fact in contents.facts:
            self._facts[fact.subject_id].append(fact)
        for source in contents.sources:
            if isinstance(source.content, Vault):
                self._sources.add(source.name)
                notes = {note.path: note for note in source.content.notes}
                for key, record in contents.by_key((*contents.entities, *contents.notes), source).items():
                    if key in notes and folded(key) not in self._taken:
                        self._originals[record.id] = notes[key]
                        self._take(record.id, key)
        for entity in contents.entities:
            if entity.id not in self._paths:
                self._take(entity.id, self._free_path(_FOLDERS[entity.type], entity.name))
        for note in contents.notes:
            if note.id not in self._paths:
                self._take(note.id, self._free_path("Notes", note.title or "Note"))

    def notes(self) -> tuple[Note, ...]:
        notes = [self._entity_note(entity) for entity in self._contents.entities]
        notes += [self._capture_note(note) for note in self._contents.notes]
        self._tell_losses()
        return tuple(sorted(notes, key=lambda note: note.path))

    def _entity_note(self, entity: Entity) -> Note:
        original = self._originals.get(entity.id)
        if original is None:
            note, draft = parse_note(b"", path=self._paths[entity.id]), None
            type_ = None
        else:
            note, type_ = original, type_of_note(original)
            draft = draft_entity(original, type_) if type_ else None
        wanted: dict[str, JsonValue] = {} if entity.type == type_ else {"type": entity.type}
        base = draft or EntityDraft(key=note.path, type=entity.type, name=note.title)
        wanted |= self._names_and_tags(entity, base) | _said(entity, base) | self._links(entity, note)
        body = _body(entity, note, base)
        if draft_entity(edit_note(note, body=body), entity.type).summary != entity.summary:
            wanted["summary"] = entity.summary
        return self._edited(note, wanted, body, entity.name)

    def _names_and_tags(self, entity: Entity, base: EntityDraft) -> dict[str, JsonValue]:
        names = [alias.text for alias in entity.aliases]
        if entity.name != base.name:
            names.insert(0, entity.name)
        wanted: dict[str, JsonValue] = {}
        if names != [alias.text for alias in base.aliases]:
            wanted["aliases"] = [*names] or None
        if entity.tags != base.tags:
            wanted["tags"] = [*entity.tags] or None
        return wanted

    def _links(self, entity: Entity, note: Note) -> dict[str, JsonValue]:
        """The ties and facts of the entity that its note does not tell yet."""
        wanted: dict[str, JsonValue] = {}
        for tie in self._ties[entity.id]:
            same = tie.id == tie_id(tie.project_id, tie.type, tie.source_id, tie.target_id)
            if tie.target_id in self._paths and not (same and self._is_told(tie)):
                word = tie.note if tie.type == ANY_TIE and tie.note else tie.type
                _append(wanted, note.properties, word, f"[[{self._title(tie.target_id)}]]")
        for fact in self._facts[entity.id]:
            is_plain = fact.truth == "canon" and fact.status == "accepted" and isinstance(fact.value, str)
            if is_plain and not self._is_told(fact):
                _append(wanted, note.properties, "facts", f"{fact.predicate}: {fact.value}")
        return wanted

    def _capture_note(self, capture: Capture) -> Note:
        note = self._originals.get(capture.id) or parse_note(b"", path=self._paths[capture.id])
        wanted: dict[str, JsonValue] = {} if capture.tags == note.tags else {"tags": [*capture.tags]}
        body = note.body if capture.text == draft_note(note).text else _with_comments(capture.text, note)
        return self._edited(note, wanted, body, capture.title)

    def _edited(self, note: Note, wanted: Mapping[str, JsonValue], body: str, name: str) -> Note:
        for key, value in wanted.items():
            if value is None and key not in note.properties:
                continue
            try:
                note = edit_note(note, properties={key: value})
            except InvalidInput:
                self._contents.lost.append(
                    f"{key!r} of {name} cannot be written into the front matter and was left out."
                )
        return note if body == note.body else edit_note(note, body=body)

    def _is_told(self, record: Relationship | Fact) -> bool:
        return any(key_in(record, name) is not None for name in self._sources)

    def _title(self, record_id: str) -> str:
        """How a link calls the note: by its title, or by its path where several have that title."""
        path = self._paths[record_id].removesuffix(".md")
        title = path.rpartition("/")[2]
        return title if self._titles[folded(title)] == 1 else path

    def _free_path(self, folder: str, name: str) -> str:
        fit = _UNFIT.sub(" ", name).strip(" .").encode()[:_MAX_TITLE_BYTES]
        title = fit.decode(errors="ignore").strip(" .") or "Unnamed"
        path, number = f"{folder}/{title}.md", 2
        while folded(path) in self._taken:
            path, number = f"{folder}/{title} {number}.md", number + 1
        return path

    def _take(self, record_id: str, path: str) -> None:
        self._titles[folded(path.removesuffix(".md").rpartition("/")[2])] += 1
        self._paths[record_id] = path
        self._taken.add(folded(path))

    def _tell_losses(self) -> None:
        contents = self._contents
        timed = [tie for tie in contents.ties if tie.valid.start or tie.valid.end or tie.secret_from or tie.sign]
        facts = [fact for fact in contents.facts if not isinstance(fact.value, str) or fact.truth != "canon"]
        marked = [entity for entity in contents.entities if _has_marks(entity)]
        if marked:
            contents.lost.append(
                f"Rules of aliases, hidden fields, existence, scope of {len(marked)} entities have no place in a vault."
            )
        if timed:
            contents.lost.append(f"Times, secrecy and sign of {len(timed)} tie(s) have no place in a vault.")
        if facts:
            contents.lost.append(
                f"{len(facts)} fact(s) are beliefs, lies, rumours or no text, and have no place in a vault."
            )


def _has_marks(entity: Entity) -> bool:
    ruled = any(alias.case_sensitive or alias.exclude or alias.valid for alias in entity.aliases)
    return ruled or bool(entity.hidden_fields or entity.existence or entity.scope_id)


def _said(entity: Entity, base: EntityDraft) -> dict[str, JsonValue]:
    """The fields and settings that differ from the note."""
    wanted: dict[str, JsonValue] = {
        key: entity.fields.get(key)
        for key in {**base.fields, **entity.fields}
        if key != NOTES_FIELD and entity.fields.get(key) != base.fields.get(key)
    }
    if entity.ai_visibility != base.ai_visibility:
        wanted["ai_visibility"] = entity.ai_visibility
    if entity.secret != base.secret:
        wanted["secret"] = entity.secret or None
    return wanted


def _body(entity: Entity, note: Note, base: EntityDraft) -> str:
    """The note's text: its own where the bible still says the same, else the notes, else the summary."""
    notes, before = entity.fields.get(NOTES_FIELD), base.fields.get(NOTES_FIELD)
    if notes != before and isinstance(notes, str):
        return _with_comments(f"\n{notes}\n" if note.header or not note.body else notes, note)
    if entity.summary == base.summary:
        return note.body
    if base.summary and first_paragraph(note.body.strip()) == base.summary:
        return note.body.replace(base.summary, entity.summary, 1)
    return note.body if note.body.strip() else f"\n{entity.summary}\n"


def _with_comments(body: str, note: Note) -> str:
    """The new text with the comments of the note behind it: the bible has never seen them, and they are not lost."""
    if not (comments := comments_in(note.body)):
        return body
    return "\n\n".join([body.rstrip("\n"), *comments]) + "\n"


def _append(wanted: dict[str, JsonValue], held: Mapping[str, JsonValue], key: str, text: str) -> None:
    before = wanted.get(key, held.get(key))
    items: list[JsonValue] = [*before] if isinstance(before, list) else [] if before is None else [before]
    wanted[key] = items if text in items else [*items, text]
