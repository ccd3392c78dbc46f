"""The story card: what the model is told of the story beside the talk, as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from saga_agent.context.manifest import EntityRef, Manifest, Why
from saga_agent.domain.document import DocumentHead
from saga_agent.domain.entity import Entity
from saga_agent.models.tokens import count_tokens

_ABOUT_TOKENS = 1_500
"""What descriptions of entities may take together."""
_MAX_SUMMARY_CHARS = 400


def refer(members: Iterable[tuple[Entity, Why]]) -> tuple[list[EntityRef], list[str]]:
    """References to the entities, described as far as there is room, and the names of those without."""
    refs: list[EntityRef] = []
    without: list[str] = []
    left = _ABOUT_TOKENS
    for entity, why in members:
        tokens = count_tokens(text) if why != "known" and (text := about(entity)) else 0
        if tokens > left:
            without.append(entity.name)
            tokens = 0
        left -= tokens
        refs.append(EntityRef(id=entity.id, rev=entity.rev, why=why, tokens=tokens))
    return refs, without


def about(entity: Entity) -> str:
    """A line on who that is; empty where there is nothing to tell, or it is a secret."""
    if entity.secret or not entity.summary.strip():
        return ""
    summary = " ".join(entity.summary.split())
    if len(summary) > _MAX_SUMMARY_CHARS:
        summary = summary[:_MAX_SUMMARY_CHARS].rpartition(" ")[0] + " ..."
    return f"{entity.name} ({entity.type.replace('_', ' ')}): {summary}"


def known_names(entities: Sequence[Entity]) -> list[str]:
    """The line of names that the model may know, if there are any."""
    return ["Known names: " + "; ".join(_names(entity) for entity in entities)] if entities else []


def descriptions(manifest: Manifest, entities: Mapping[str, Entity]) -> list[str]:
    """The lines on the entities that the manifest describes, as they are now."""
    described = [about(entities[ref.id]) for ref in manifest.entities if ref.tokens and ref.id in entities]
    return ["Who and what this is about:", *lines] if (lines := [line for line in described if line]) else []


def documents(heads: Sequence[DocumentHead]) -> list[str]:
    """The line of documents, if there are any."""
    return ["Documents: " + "; ".join(head.label for head in heads)] if heads else []


def _names(entity: Entity) -> str:
    aliases = ", ".join(alias.text for alias in entity.aliases)
    return f"{entity.name} (also {aliases})" if aliases else entity.name
