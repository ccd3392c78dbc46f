"""Who might belong together in a project, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from saga_agent.analyses.connections import KINDS, SUGGESTED, Suggestion, suggest
from saga_agent.offload import off_loop
from saga_agent.story.checks.sources import LoadedCanon, Sources


@dataclass(frozen=True, slots=True)
class Connections:
    """Pairs of entities that might be related, the likeliest first, without those that were waived."""

    suggestions: list[Suggestion]
    loaded: LoadedCanon


async def find_connections(
    sources: Sources, project_id: str, *, entity_id: str | None, kinds: Collection[str], for_ai: bool
) -> Connections:
    """Pairs without a relation of their own, of all entities or with that one, for all kinds of reasons or these."""
    loaded = await sources.canon(project_id, for_ai=for_ai)
    people = [each for each in loaded.canon.entities if each.id not in loaded.hidden and each.type != "calendar"]
    scenes = await _scenes(sources, loaded)
    found = await off_loop(suggest, people, loaded.canon.relationships, scenes, kinds=frozenset(kinds or KINDS))
    waived = {waiver.target async for waiver in sources.waivers.all(project_id, code=SUGGESTED)}
    fitting = [each for each in found if entity_id in (None, each.a, each.b) and each.id not in waived]
    return Connections(fitting, loaded)


async def _scenes(sources: Sources, loaded: LoadedCanon) -> dict[str, set[str]]:
    """Who is in each document, by the stored mentions, and in each event of the bible."""
    scenes: defaultdict[str, set[str]] = defaultdict(set)
    for appearance in await sources.mentions.count(loaded.project.id):
        if appearance.entity_id is not None:
            scenes[appearance.document_id].add(appearance.entity_id)
    for event in loaded.canon.events:
        if len(event.participant_ids) > 1:
            scenes[event.id].update(event.participant_ids)
    return dict(scenes)
