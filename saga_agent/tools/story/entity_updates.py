"""Changing what the bible says of somebody: corrected from the start, or from a point of the story on."""

from __future__ import annotations

from typing import Literal, cast

from pydantic import JsonValue, ValidationError

from saga_agent.domain.entity import Alias, Entity, Fact
from saga_agent.domain.misfits import place_of, why
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Effect
from saga_agent.domain.time import StoryInterval, When
from saga_agent.story.axes import earliest
from saga_agent.story.moments import Moment
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import Preview, ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult
from saga_agent.tools.story.references import entity_of

_OPEN = ("name", "summary", "aliases", "tags", "fields")
_LONG_TEXT_WORDS = 20
_KEPT = 0.5
"""A long text that keeps fewer of its words than this share has been thrown away rather than edited."""
_PROGRESSING = ("summary", "fields")


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="write", category="bible", idempotent=True, preview=_preview, effect_of=_effect)(update_entity)


async def update_entity(
    ctx: ToolContext,
    entity: str,
    changes: JsonObject,
    mode: Literal["correct", "progress"] = "correct",
    since: When | None = None,
    until: When | None = None,
    expected_rev: int | None = None,
) -> ToolResult:
    """Change what the story bible says of somebody or something.

    Args:
        entity: Its id, name or alias.
        changes: What becomes of name, summary, aliases, tags and fields; null removes. What is left out stays.
        mode: "correct" for what was always so, "progress" for what changes in the story from `since` on.
        since: For progress: the scene, day or place in the book from which it is so.
        until: For progress: up to when it is so.
        expected_rev: The revision you have read, so that nobody else's change is lost.
    """
    stored = await entity_of(ctx, entity)
    _check_names(changes, stored)
    if mode == "progress":
        return await _progress(ctx, stored, changes, since, until)
    if since or until:
        raise ToolFailure("invalid_argument", "since and until belong to mode 'progress'; a correction has no time.")
    wanted = _patched(stored, changes)
    values = {name: value for name, value in wanted.model_dump().items() if name in changes}
    updated = await ctx.recording.entities.update(
        ctx.project_id, stored.id, expected_rev=expected_rev or stored.rev, **values
    )
    return ToolResult(data={"entity_id": updated.id, "rev": updated.rev, "diff": _diff(stored, wanted)})


async def _progress(
    ctx: ToolContext, entity: Entity, changes: JsonObject, since: When | None, until: When | None
) -> ToolResult:
    """Closes what was so, at that point, and opens what is so from there on."""
    if since is None:
        raise ToolFailure("invalid_argument", "since: a progress needs the point from which it is so.")
    if wrong := [name for name in changes if name not in _PROGRESSING]:
        raise ToolFailure("invalid_argument", f"/changes/{wrong[0]}: only summary and fields change within the story.")
    begin, end = [await ctx.story.moments.resolve(ctx.project_id, when) for when in (since, until)]
    if end.start and begin.start and earliest(end.start) <= earliest(begin.start):
        raise ToolFailure("invalid_argument", "until: must lie after since.")
    told = {name: value for name, value in changes.items() if name == "summary"}
    told |= cast(JsonObject, changes.get("fields") or {})
    opened: list[JsonValue] = []
    closed: list[JsonValue] = []
    for predicate, value in told.items():
        new = _fact(ctx, entity, predicate, value, begin, end)
        closed += [_told(fact) for fact in await _close(ctx, entity, new, begin) if not fact.hidden_from_ai]
        if value is not None:
            stored = await ctx.recording.facts.create_record(new)
            opened.append(_told(stored))
    return ToolResult(data={"entity_id": entity.id, "rev": entity.rev, "facts": opened, "closed": closed})


async def _close(ctx: ToolContext, entity: Entity, new: Fact, begin: Moment) -> list[Fact]:
    """Ends the facts that the new one follows; a field without a fact becomes one, so that its time can end."""
    facts = ctx.recording.facts
    told = [fact async for fact in facts.all(ctx.project_id, subject_id=entity.id, predicate=new.predicate)]
    base = entity.summary if new.predicate == "summary" else entity.fields.get(new.predicate)
    if base not in (None, "", new.value) and all(fact.id == new.id or _is_base(ctx, fact) for fact in told):
        first = Fact(
            id=_base_id(ctx, new.predicate),
            project_id=ctx.project_id,
            subject_id=entity.id,
            predicate=new.predicate,
            value=base,
            provenance=ctx.author,
        )
        found = await facts.find(ctx.project_id, first.id)
        told = [found or await facts.create_record(first)]
    clashing = new if new.value is not None else new.model_copy(update={"value": {"ends": new.id}})
    ending = [fact for fact in told if fact.id in {each.id for each in await facts.clashes(ctx.project_id, clashing)}]
    return [await facts.end(fact, begin) for fact in ending]


def _fact(ctx: ToolContext, entity: Entity, predicate: str, value: JsonValue, begin: Moment, end: Moment) -> Fact:
    return Fact(
        id=ctx.derived_id("fct", predicate),
        project_id=ctx.project_id,
        subject_id=entity.id,
        predicate=predicate,
        value=value,
        valid=StoryInterval(start=begin.start, end=end.start),
        revealed_at=begin.reading_order,
        retired_at=None if end.start else end.reading_order,
        provenance=ctx.author,
    )


def _base_id(ctx: ToolContext, predicate: str) -> str:
    return ctx.derived_id("fct", f"{predicate} before")


def _is_base(ctx: ToolContext, fact: Fact) -> bool:
    return fact.id == _base_id(ctx, fact.predicate)


def _told(fact: Fact) -> JsonObject:
    told = fact.model_dump(mode="json", include={"id", "predicate", "value", "valid", "revealed_at", "retired_at"})
    return {name: value for name, value in told.items() if value is not None}


def _check_names(changes: JsonObject, entity: Entity) -> None:
    if not changes:
        raise ToolFailure("invalid_argument", "changes: say what should change.")
    if wrong := [name for name in changes if name not in _OPEN]:
        raise ToolFailure(
            "invalid_argument",
            f"/changes/{wrong[0]}: this cannot be changed by a tool.",
            hint=f"You can change {', '.join(_OPEN)}.",
        )
    fields = changes.get("fields")
    if not isinstance(fields, dict | None):
        raise ToolFailure("invalid_argument", "/changes/fields: give an object, or null to remove all fields.")
    if hidden := [name for name in fields or {} if name in entity.hidden_fields]:
        raise ToolFailure("permission_denied", f"/changes/fields/{hidden[0]}: the writer keeps this field.")


def _patched(entity: Entity, changes: JsonObject) -> Entity:
    """The entity after the merge patch; `ToolFailure` names the part that does not fit."""
    values: dict[str, object] = entity.model_dump()
    for name, value in changes.items():
        match name:
            case "fields":
                values[name] = _merged(entity, cast("JsonObject | None", value))
            case "aliases":
                values[name] = [_alias(entity, alias) for alias in cast("list[JsonValue]", value or [])]
            case "tags":
                values[name] = value or []
            case _:
                values[name] = "" if value is None else value
    try:
        return Entity.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = place_of(first).replace(".", "/")
        raise ToolFailure("invalid_argument", f"/changes/{where}: it {why(first)}.") from None


def _merged(entity: Entity, patch: JsonObject | None) -> JsonObject:
    if patch is None:  # all that the model can know of
        return {name: value for name, value in entity.fields.items() if name in entity.hidden_fields}
    return _merge(entity.fields, patch)


def _merge(target: JsonObject, patch: JsonObject) -> JsonObject:
    """RFC 7396: null removes, objects are merged, everything else replaces."""
    merged = dict(target)
    for name, value in patch.items():
        held = merged.get(name)
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            merged[name] = _merge(held if isinstance(held, dict) else {}, value)
        else:
            merged[name] = value
    return merged


def _alias(entity: Entity, alias: JsonValue) -> object:
    """The alias as given; one that is given by its text alone keeps what is set for it."""
    if not isinstance(alias, str):
        return alias
    return next((known for known in entity.aliases if known.text == alias), Alias(text=alias)).model_dump()


def _diff(before: Entity, after: Entity) -> list[JsonValue]:
    """What differs, field by field, for model and writer; never what is hidden."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    diff: list[JsonValue] = [
        {"field": name, "before": old[name], "after": new[name]}
        for name in _OPEN
        if name != "fields" and old[name] != new[name]
    ]
    changed = [name for name in {**before.fields, **after.fields} if before.fields.get(name) != after.fields.get(name)]
    diff += [
        {"field": f"fields.{name}", "before": before.fields.get(name), "after": after.fields.get(name)}
        for name in changed
    ]
    return diff


async def _effect(
    ctx: ToolContext,
    entity: str,
    changes: JsonObject,
    mode: str,
    since: When | None,
    until: When | None,
    expected_rev: int | None,
) -> Effect:
    """`destructive` where text, fields or aliases vanish."""
    stored = await entity_of(ctx, entity)
    _check_names(changes, stored)
    if mode == "progress":
        return "write"
    after = _patched(stored, changes)
    names = {stored.name, *(alias.text for alias in stored.aliases)}
    kept = {after.name, *(alias.text for alias in after.aliases)}
    gone = not names - {stored.name} <= kept or set(stored.tags) - set(after.tags)
    return "destructive" if gone or _vanishes(stored.summary, after.summary) or _loses(stored, after) else "write"


def _loses(before: Entity, after: Entity) -> bool:
    return any(_vanishes(value, after.fields.get(name)) for name, value in before.fields.items())


def _vanishes(before: JsonValue, after: JsonValue) -> bool:
    """Whether a value is removed, or a long text replaced by another."""
    if before in (None, "", [], {}):
        return False
    if after in (None, "", [], {}):
        return True
    if isinstance(before, dict) and isinstance(after, dict):
        return any(_vanishes(value, after.get(name)) for name, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return any(value not in after for value in before)
    words = str(before).split()
    if not isinstance(before, str) or len(words) < _LONG_TEXT_WORDS:
        return False
    left = set(str(after).split())
    return sum(word in left for word in words) < _KEPT * len(words)


async def _preview(
    ctx: ToolContext,
    entity: str,
    changes: JsonObject,
    mode: str,
    since: When | None,
    until: When | None,
    expected_rev: int | None,
) -> Preview:
    stored = await entity_of(ctx, entity)
    _check_names(changes, stored)
    diff = _diff(stored, _patched(stored, changes))
    lines: list[JsonValue] = [
        f"{each['field']}: {_shown(each['before'])} -> {_shown(each['after'])}" for each in cast(list[JsonObject], diff)
    ]
    if mode == "progress" and since is not None:
        lines.insert(0, f"from {since.scene or since.day or since.reading_order} on")
    verb = "Change" if mode == "correct" else "Let change"
    return {
        "title": f"{verb} {stored.name!r} in the story bible",
        "lines": lines,
        "diff": diff,
        "counts": {"changes": len(diff)},
        "resources": {stored.id: stored.rev},
    }


def _shown(value: JsonValue) -> str:
    return "nothing" if value in (None, "", [], {}) else str(value)
