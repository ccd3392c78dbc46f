"""The entities a turn is about: which the model is told of, and why.

First those the writer wants always, then those named in the talk, then those tied to them, then others while there is
room. `never` never enters; `with_relation` only when it is named, or tied to one that is.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from saga_agent.context.manifest import Why
from saga_agent.domain.entity import Entity, Relationship
from saga_agent.domain.words import telling_words, words_of
from saga_agent.errors import NotFound
from saga_agent.storage.ports.story import StoryPorts

MAX_ENTITIES = 100
_MAX_OTHERS = 50
"""How many are read to fill up with, whether they have to do with the talk or not."""
_MAX_WORDS = 250
_MAX_FOUND = 60
_MAX_NAMED = 24
_MAX_NAMESAKES = 5
"""A word that more entities share ("captain") names none of them."""
_MAX_TIED = 8
_MAX_TIES = 40


@dataclass(frozen=True, slots=True)
class Cast:
    """The chosen entities, those that matter most first."""

    members: Sequence[tuple[Entity, Why]]
    is_complete: bool
    """Whether the bible holds no others that the model may know."""


@dataclass(slots=True)
class _Choice:
    members: dict[str, tuple[Entity, Why]] = field(default_factory=dict[str, tuple[Entity, Why]])

    def add(self, entities: Iterable[Entity], why: Why) -> None:
        for entity in entities:
            if entity.ai_visibility != "never" and len(self.members) < MAX_ENTITIES:
                self.members.setdefault(entity.id, (entity, why))


async def choose_cast(ports: StoryPorts, project_id: str, talk: Sequence[str]) -> Cast:
    """The entities that matter to this talk: the writer's message, then what was said before, the newest first."""
    words = list(dict.fromkeys(word for text in talk for word in telling_words(text)))[:_MAX_WORDS]
    page = await ports.entities.list(project_id, limit=_MAX_OTHERS)
    if page.next is None:
        found = _holding(page.items, words)
        always = [entity for entity in page.items if entity.ai_visibility == "always"]
        has_tied = any(entity.ai_visibility == "with_relation" for entity in page.items)
    else:
        found, always, has_tied = await _read_further(ports, project_id, words)
    named = _named([entity for entity in found if entity.ai_visibility != "never"], talk)
    choice = _Choice()
    choice.add(always, "always")
    choice.add(named, "named")
    if has_tied and named:
        choice.add(await _tied_to(ports, project_id, named[:_MAX_TIED]), "related")
    choice.add((entity for entity in (*found, *page.items) if entity.ai_visibility != "with_relation"), "known")
    seen = {entity.id for entity in page.items if entity.ai_visibility == "when_mentioned"}
    return Cast(list(choice.members.values()), page.next is None and seen <= choice.members.keys())


def _holding(entities: Sequence[Entity], words: Sequence[str]) -> list[Entity]:
    """What `Entities.named` finds among these, which are the whole bible."""
    wanted = frozenset(words)
    shared = {entity.id: len(wanted & entity.name_words()) for entity in entities}
    found = sorted((entity for entity in entities if shared[entity.id]), key=lambda each: (-shared[each.id], each.id))
    return found[:_MAX_FOUND]


async def _read_further(
    ports: StoryPorts, project_id: str, words: Sequence[str]
) -> tuple[Sequence[Entity], Sequence[Entity], bool]:
    """Of a bible that is more than a page: who is named, who is always shown, and whether any is only with another."""
    found, always, tied = await asyncio.gather(
        ports.entities.named(project_id, words, limit=_MAX_FOUND),
        ports.entities.list(project_id, where={"ai_visibility": "always"}, limit=MAX_ENTITIES),
        ports.entities.list(project_id, where={"ai_visibility": "with_relation"}, limit=1),
    )
    return found, always.items, bool(tied.items)


def _named(found: Sequence[Entity], talk: Sequence[str]) -> list[Entity]:
    """Who is named: by a whole name first, the newest words first; else by a word that few share."""
    texts = [words_of(text) for text in talk]
    joined = [f" {' '.join(words)} " for words in texts]
    said = frozenset(word for words in texts for word in words)
    shared = {entity.id: entity.name_words() & said for entity in found}
    namesakes = Counter(shared.values())

    def rank(entity: Entity) -> int:
        names = [f" {' '.join(words_of(name))} " for name in (entity.name, *(each.text for each in entity.aliases))]
        for place, text in enumerate(joined):
            if any(name in text for name in names if name.strip()):
                return place
        return len(joined) if namesakes[shared[entity.id]] <= _MAX_NAMESAKES else len(joined) + 1

    ranks = {entity.id: rank(entity) for entity in found}
    by_rank = sorted(found, key=lambda entity: ranks[entity.id])  # stable: those with most of the words stay first
    return [entity for entity in by_rank if ranks[entity.id] <= len(joined)][:_MAX_NAMED]


async def _tied_to(ports: StoryPorts, project_id: str, named: Sequence[Entity]) -> list[Entity]:
    """The entities to be shown with one of these, by their strongest ties."""
    pages = await asyncio.gather(
        *(
            ports.relationships.list(project_id, where={end: entity.id}, limit=_MAX_TIES)
            for entity in named
            for end in ("source_id", "target_id")
        )
    )
    ties: list[Relationship] = sorted((tie for page in pages for tie in page.items), key=_strongest)
    ids = dict.fromkeys(end for tie in ties for end in (tie.source_id, tie.target_id))
    others = [each for each in ids if each not in {entity.id for entity in named}][:_MAX_TIES]
    found = await asyncio.gather(*(_find(ports, project_id, each) for each in others))
    return [entity for entity in found if entity is not None and entity.ai_visibility == "with_relation"]


def _strongest(tie: Relationship) -> tuple[float, str]:
    return (-tie.strength, tie.id)


async def _find(ports: StoryPorts, project_id: str, entity_id: str) -> Entity | None:
    try:
        return await ports.entities.get(project_id, entity_id)
    except NotFound:
        return None


async def load_cast(ports: StoryPorts, project_id: str, ids: Sequence[str]) -> list[Entity]:
    """The entities with these ids as they are now, in that order; who is gone, or hidden by now, is left out."""
    page = await ports.entities.list(project_id, limit=_MAX_OTHERS)
    known = {entity.id: entity for entity in page.items}
    missing = [each for each in ids if each not in known]
    for entity in await asyncio.gather(*(_find(ports, project_id, each) for each in missing)):
        if entity is not None:
            known[entity.id] = entity
    return [known[each] for each in ids if each in known and known[each].ai_visibility != "never"]
