"""The registry of the story tools."""

from __future__ import annotations

from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.story import documents, entities, questions


def build_story_registry() -> ToolRegistry:
    """A fresh registry with all story tools."""
    registry = ToolRegistry()
    for module in (documents, entities, questions):
        module.register(registry)
    return registry
