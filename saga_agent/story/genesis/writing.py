"""The words on a skeleton: a model describes what is there and may add to it, and what it names is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import Field

from saga_agent.domain.entity import EntityType
from saga_agent.domain.record import Model
from saga_agent.errors import SagaError
from saga_agent.story.genesis.draft import Draft

_ATTEMPTS = 3
"""The first answer and two more with what was wrong."""


class Addition(Model):
    """Something a model adds to the world, with the short ids of what it belongs to."""

    id: str
    type: EntityType
    name: str
    summary: str = ""
    related_to: tuple[str, ...] = ()


class WorldWords(Model):
    """What a model says of a world: summaries by short id, and what it adds."""

    summaries: dict[str, str] = Field(default_factory=dict)
    additions: tuple[Addition, ...] = ()


@dataclass(frozen=True, slots=True)
class WorldBrief:
    """What a model is told."""

    premise: str
    genre: str
    drafts: Sequence[Draft]
    problems: tuple[str, ...] = ()
    """What was wrong with its last answer."""


class WorldWriter(Protocol):
    """Puts words on a world."""

    async def write(self, brief: WorldBrief) -> WorldWords:
        """The words; `SagaError` when there are none to be had."""
        ...


@dataclass(frozen=True, slots=True)
class WrittenWorld:
    """The world with its words, and what went wrong."""

    drafts: list[Draft]
    warnings: tuple[str, ...] = ()
    is_cut: bool = False
    """Whether the model failed, so that the bare skeleton is left."""


async def write_world(writer: WorldWriter, premise: str, genre: str, drafts: Sequence[Draft]) -> WrittenWorld:
    """Asks up to three times; what then still names something unknown is left out, with a warning."""
    brief = WorldBrief(premise, genre, drafts)
    words = WorldWords()
    for _ in range(_ATTEMPTS):
        try:
            words = await writer.write(brief)
        except SagaError as error:
            return WrittenWorld(list(drafts), (f"The world has no descriptions: {error}",), is_cut=True)
        problems = _problems(words, drafts)
        if not problems:
            break
        brief = WorldBrief(premise, genre, drafts, tuple(problems.values()))
    problems = _problems(words, drafts)
    described = [
        draft.with_summary(words.summaries[draft.id])
        if draft.kind == "entity" and draft.id in words.summaries
        else draft
        for draft in drafts
    ]
    kept = [addition for addition in words.additions if addition.id not in problems]
    dropped = tuple(f"Left out: {problem}" for problem in problems.values())
    return WrittenWorld([*described, *(draft for addition in kept for draft in _drafts(addition))], dropped)


def _problems(words: WorldWords, drafts: Sequence[Draft]) -> dict[str, str]:
    """What is wrong, by the short id it is wrong with."""
    known = {draft.id for draft in drafts if draft.kind == "entity"}
    problems = {name: f"there is no {name!r} to describe" for name in words.summaries if name not in known}
    for addition in words.additions:
        if addition.id in known:
            problems[addition.id] = f"the id {addition.id!r} is taken"
        elif unknown := [ref for ref in addition.related_to if ref not in known]:
            problems[addition.id] = f"{addition.name!r} names {unknown[0]!r}, which does not exist"
    return problems


def _drafts(addition: Addition) -> list[Draft]:
    entity = Draft(
        addition.id,
        "entity",
        f"{addition.type} {addition.name}",
        {"type": addition.type, "name": addition.name, "summary": addition.summary, "fields": {}},
    )
    ties = [
        Draft(
            f"{addition.id}-related_to-{ref}",
            "relationship",
            f"{addition.id} related_to {ref}",
            {"type": "related_to", "source_id": addition.id, "target_id": ref, "directed": False},
        )
        for ref in addition.related_to
    ]
    return [entity, *ties]
