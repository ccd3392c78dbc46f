"""Ties and facts of a draft as records: links resolved, words made types, ids that a second import finds again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from saga_agent.domain.entity import Fact, Relationship
from saga_agent.ids import derived_id
from saga_agent.story.exchange.draft import EntityDraft, TieDraft
from saga_agent.story.exchange.known_names import Known, KnownNames
from saga_agent.story.exchange.sources import source_of
from saga_agent.story.exchange.tie_words import ANY_TIE, is_symmetric, relation_for


@dataclass(frozen=True, slots=True)
class BuiltTies:
    """The ties of a file, and the names of links that lead to no entity."""

    ties: tuple[Relationship, ...]
    unresolved: tuple[str, ...]


def build_ties(project_id: str, file_name: str, drafts: Iterable[EntityDraft], known: KnownNames) -> BuiltTies:
    """The ties that the drafts tell, each once, from whichever end; a bare link counts where no other tie is told."""
    ties: dict[tuple[str, str, str], Relationship] = {}
    bare: list[tuple[Known, Known, str]] = []
    unresolved: list[str] = []
    for draft in drafts:
        source = known.of_key(draft.key)
        for tie in draft.ties if source else ():
            target = known.find(tie.target)
            if target is None:
                unresolved.append(tie.target)
            elif source is None or source.id == target.id:
                continue
            elif tie.type == ANY_TIE:
                bare.append((source, target, draft.key))
            else:
                built = _typed(project_id, file_name, draft.key, tie, source, target)
                ties.setdefault(_place(built), built)
    tied = {frozenset((tie.source_id, tie.target_id)) for tie in ties.values()}
    for source, target, key in bare:
        if frozenset((source.id, target.id)) not in tied:
            tied.add(frozenset((source.id, target.id)))
            built = _typed(project_id, file_name, key, TieDraft(type=ANY_TIE, target=""), source, target)
            ties.setdefault(_place(built), built)
    return BuiltTies(tuple(ties.values()), tuple(dict.fromkeys(unresolved)))


def build_facts(project_id: str, file_name: str, drafts: Iterable[EntityDraft], known: KnownNames) -> list[Fact]:
    """The facts that the drafts tell."""
    return [
        Fact(
            id=derived_id("fct", project_id, subject.id, fact.predicate, fact.value),
            project_id=project_id,
            provenance=source_of(file_name, draft.key),
            subject_id=subject.id,
            predicate=fact.predicate,
            value=fact.value,
        )
        for draft in drafts
        if (subject := known.of_key(draft.key)) is not None
        for fact in draft.facts
    ]


def tie_id(project_id: str, tie_type: str, source_id: str, target_id: str) -> str:
    """The id of a tie as every import of it makes it."""
    ends = sorted((source_id, target_id)) if is_symmetric(tie_type) else [source_id, target_id]
    return derived_id("rel", project_id, tie_type, *ends)


def _typed(project_id: str, file_name: str, key: str, tie: TieDraft, source: Known, target: Known) -> Relationship:
    type_, runs_back = relation_for(tie.type, source.type, target.type)
    first, second = (target, source) if runs_back else (source, target)
    return Relationship(
        id=tie_id(project_id, type_, first.id, second.id),
        project_id=project_id,
        provenance=source_of(file_name, key),
        type=type_,
        source_id=first.id,
        target_id=second.id,
        directed=not is_symmetric(type_),
        note=tie.note,
    )


def _place(tie: Relationship) -> tuple[str, str, str]:
    first, second = tie.source_id, tie.target_id
    return (tie.type, first, second) if tie.directed else (tie.type, min(first, second), max(first, second))
