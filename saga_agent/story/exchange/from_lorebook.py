"""A lorebook as a draft of a bible: each entry an entity, its keys the names it goes by."""

from __future__ import annotations

import re

from saga_agent.domain.entity import EntityType, Visibility
from saga_agent.formats.lorebook import Lorebook, LoreEntry
from saga_agent.story.exchange.draft import MAX_NAME, BibleDraft, EntityDraft, alias_list
from saga_agent.story.exchange.entity_words import type_named, type_told

_LABELLED = re.compile(r"\s*(?P<label>[\w ]{2,24})\s*[:–—-]\s+(?P<name>\S.*)")
_IN_BRACKETS = re.compile(r"(?P<name>.*\S)\s*[(\[](?P<label>[\w ]{2,24})[)\]]\s*")


def entry_key(uid: str) -> str:
    """Where an entry stands in its book."""
    return f"entry {uid}"


def draft_lorebook(book: Lorebook) -> BibleDraft:
    """What the book says."""
    entities, told = draft_entries(book)
    return BibleDraft(format="lorebook", entities=entities, lost=(*book.lost, *told))


def draft_entries(book: Lorebook) -> tuple[tuple[EntityDraft, ...], tuple[str, ...]]:
    """The entries as entities, and what could not be told of them."""
    drafts: list[EntityDraft] = []
    guessed: list[str] = []
    nameless = 0
    for entry in book.entries:
        draft, is_sure = _draft_entry(entry)
        if draft is None:
            nameless += 1
            continue
        drafts.append(draft)
        guessed += [] if is_sure else [draft.name]
    told: list[str] = []
    if guessed:
        names = ", ".join(guessed[:5]) + (", ..." if len(guessed) > 5 else "")
        told.append(f"Nothing tells the type of {len(guessed)} entries, so they are concepts: {names}.")
    if nameless:
        told.append(f"{nameless} entries have neither a title nor a plain key and were left out; the file keeps them.")
    return tuple(drafts), tuple(told)


def _draft_entry(entry: LoreEntry) -> tuple[EntityDraft | None, bool]:
    regexes = set(entry.regex_keys)
    keys = tuple(key for key in entry.keys if key not in regexes)
    title, labelled = _title_and_type(" ".join(entry.title.split()))
    name = (title or next((key.strip() for key in keys if key.strip()), ""))[:MAX_NAME].strip()
    if not name:
        return None, True
    group = entry.raw.get("group")
    said = labelled or (type_named(group) if isinstance(group, str) else None) or type_told(name, entry.content)
    case_sensitive = entry.raw.get("caseSensitive") is True or entry.raw.get("case_sensitive") is True
    draft = EntityDraft(
        key=entry_key(entry.uid),
        type=said or "concept",
        name=name,
        aliases=alias_list(keys, name=name, case_sensitive=case_sensitive),
        summary=entry.content,
        tags=(group,) if isinstance(group, str) and group.strip() else (),
        ai_visibility=_visibility(entry),
    )
    return draft, said is not None


def _title_and_type(title: str) -> tuple[str, EntityType | None]:
    """The title without the word that files it: `Character: Mira`, `Mira (Character)`."""
    for pattern in (_LABELLED, _IN_BRACKETS):
        if (match := pattern.fullmatch(title)) and (type_ := type_named(match["label"])):
            return match["name"], type_
    return title, None


def _visibility(entry: LoreEntry) -> Visibility:
    if not entry.enabled:
        return "never"
    return "always" if entry.constant else "when_mentioned"
