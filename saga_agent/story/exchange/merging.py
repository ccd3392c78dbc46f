"""Merging: what an import changes in an entity that is there already, and what it leaves to the writer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import JsonValue

from saga_agent.domain.entity import Alias, Entity
from saga_agent.domain.record import JsonObject
from saga_agent.story.exchange.draft import EntityDraft, folded

Part = Literal["type", "name", "aliases", "summary", "tags", "ai_visibility", "secret"]
_PARTS: tuple[Part, ...] = ("type", "name", "aliases", "summary", "tags", "ai_visibility", "secret")


@dataclass(frozen=True, slots=True)
class Merged:
    """The fields of an entity that change."""

    changes: Mapping[str, Any]
    kept: tuple[str, ...] = ()
    """What both the writer and the file have changed; the writer's stays."""


def merge(stored: Entity, wanted: EntityDraft, base: EntityDraft | None) -> Merged:
    """What a new state of its file changes in an entity that was imported from it.

    Args:
        stored: The entity, on which the writer may have worked since.
        wanted: What the file says now.
        base: What it said at the last import; None when that is no longer known, and nothing is overwritten.
    """
    changes: dict[str, Any] = {}
    kept: list[str] = []
    for part in _PARTS:
        held, new = getattr(stored, part), getattr(wanted, part)
        if held == new or (base is not None and getattr(base, part) == new):
            continue
        if base is not None and held == getattr(base, part):
            changes[part] = new
        else:
            kept.append(part)
    fields, kept_fields = _merge_fields(stored.fields, wanted.fields, base.fields if base else None)
    if fields != stored.fields:
        changes["fields"] = fields
    return Merged(changes, (*kept, *kept_fields))


def fill_in(stored: Entity, wanted: EntityDraft) -> Merged:
    """What a file adds to an entity of the same name that came from elsewhere: only what it does not have yet."""
    changes: dict[str, Any] = {}
    names = {folded(name) for name in (stored.name, *(alias.text for alias in stored.aliases))}
    offered = (Alias(text=wanted.name), *wanted.aliases)
    new = tuple(alias for alias in offered if folded(alias.text) not in names)
    if new:
        changes["aliases"] = (*stored.aliases, *new)
    if more := tuple(tag for tag in wanted.tags if tag not in stored.tags):
        changes["tags"] = (*stored.tags, *more)
    if wanted.summary and not stored.summary:
        changes["summary"] = wanted.summary
    if missing := {key: value for key, value in wanted.fields.items() if key not in stored.fields}:
        changes["fields"] = {**stored.fields, **missing}
    differs = bool(wanted.summary and stored.summary) and wanted.summary != stored.summary
    other = [key for key, value in wanted.fields.items() if stored.fields.get(key, value) != value]
    return Merged(changes, (*(("summary",) if differs else ()), *other))


def _merge_fields(held: JsonObject, wanted: JsonObject, base: JsonObject | None) -> tuple[JsonObject, list[str]]:
    merged: dict[str, JsonValue] = dict(held)
    kept: list[str] = []
    for key in {**held, **wanted}:
        before = None if base is None else base.get(key)
        mine, new = held.get(key), wanted.get(key)
        if mine == new or (base is not None and before == new):
            continue
        if mine is not None and mine != before:
            kept += [key] if key in wanted else []
        elif new is None:
            del merged[key]
        else:
            merged[key] = new
    return merged, kept
