"""A bible as a lorebook: entries that were imported change only where the bible has, the others are made."""

from __future__ import annotations

from collections.abc import Iterable

from saga_agent.domain.entity import Entity
from saga_agent.formats.lorebook import Lorebook, LoreEntry
from saga_agent.story.exchange.contents import Contents, field_lines, told_fields
from saga_agent.story.exchange.draft import EntityDraft, folded
from saga_agent.story.exchange.from_lorebook import draft_lorebook, entry_key


def build_lorebook(contents: Contents, *, name: str) -> Lorebook:
    """The lorebook of a project: the imported one with what has changed, and an entry for each further entity."""
    source = next((each for each in contents.sources if isinstance(each.content, Lorebook)), None)
    if source is None or not isinstance(source.content, Lorebook):
        book, held = Lorebook(dialect="world_info", name=name), dict[str, Entity]()
    else:
        held = contents.by_key(contents.entities, source)
        book = update_entries(source.content, held, contents)
    known = {entity.id for entity in held.values()}
    new = [entity for entity in contents.entities if entity.id not in known]
    contents.lost.extend(_told(contents))
    return book.model_copy(update={"entries": (*book.entries, *_new_entries(new, book))})


def update_entries(book: Lorebook, held: dict[str, Entity], contents: Contents) -> Lorebook:
    """The book as its entities are now; the entries of entities that are gone go, those that were none stay."""
    drafts = {draft.key: draft for draft in draft_lorebook(book).entities}
    entries: list[LoreEntry] = []
    for entry in book.entries:
        draft, entity = drafts.get(entry_key(entry.uid)), held.get(entry_key(entry.uid))
        if draft is None:
            entries.append(entry)
        elif entity is not None:
            entries.append(_updated(entry, draft, entity))
    changed = {entity.id for key, entity in held.items() if key in drafts and entity.fields != drafts[key].fields}
    contents.lost.extend(told_fields(contents.entities, lambda entity: entity.id in changed, "Changed fields"))
    return book.model_copy(update={"entries": tuple(entries)})


def _updated(entry: LoreEntry, draft: EntityDraft, entity: Entity) -> LoreEntry:
    changes: dict[str, object] = {}
    if entity.name != draft.name:
        changes["title"] = entity.name
    if entity.summary != draft.summary:
        changes["content"] = entity.summary
    if entity.ai_visibility != draft.ai_visibility:
        changes |= {"enabled": entity.ai_visibility != "never", "constant": entity.ai_visibility == "always"}
    if (entity.name, entity.aliases) != (draft.name, draft.aliases):
        changes["keys"] = _keys(entry, draft, entity)
    return entry.model_copy(update=changes)


def _keys(entry: LoreEntry, draft: EntityDraft, entity: Entity) -> tuple[str, ...]:
    """The keys as they were, less the names that are gone, and with the new ones."""
    before = {folded(name) for name in (draft.name, *(alias.text for alias in draft.aliases))}
    now = {folded(name): name for name in (entity.name, *(alias.text for alias in entity.aliases))}
    kept = [key for key in entry.keys if folded(key) in now or folded(key) not in before]
    held = {folded(key) for key in kept}
    return (*kept, *(name for key, name in now.items() if key not in held and key not in before))


def _new_entries(entities: Iterable[Entity], book: Lorebook) -> list[LoreEntry]:
    taken = [int(entry.uid) for entry in book.entries if entry.uid.isdecimal() and len(entry.uid) < 10]
    first = max(taken, default=-1) + 1
    return [
        LoreEntry(
            uid=str(uid),
            title=entity.name,
            keys=(entity.name, *(alias.text for alias in entity.aliases)),
            content="\n".join([*([entity.summary] if entity.summary else []), *field_lines(entity)]),
            constant=entity.ai_visibility == "always",
            enabled=entity.ai_visibility != "never",
        )
        for uid, entity in enumerate(entities, first)
    ]


def _told(contents: Contents) -> list[str]:
    counts = {"ties": len(contents.ties), "facts": len(contents.facts), "notes": len(contents.notes)}
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return [f"A lorebook has no place for {told}."] if told else []
