"""The registry of the story tools."""

from __future__ import annotations

from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.story import (
    clarity,
    connections,
    consistency,
    decisions,
    documents,
    edits,
    entities,
    entity_updates,
    facts,
    genesis,
    graph,
    images,
    issues,
    naming,
    panels,
    questions,
    relationships,
    results,
    templates,
    waivers,
)


def build_story_registry() -> ToolRegistry:
    """A fresh registry with all story tools."""
    registry = ToolRegistry()
    checks = (clarity, consistency, issues, waivers, connections, templates, naming, images)
    changes = (entity_updates, relationships, facts, decisions, edits, genesis)
    for module in (documents, entities, questions, results, panels, graph, *changes, *checks):
        module.register(registry)
    return registry
