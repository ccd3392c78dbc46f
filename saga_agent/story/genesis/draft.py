"""A world before it is proposed: drafts of records that name one another by short ids."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from saga_agent.domain.notes import ProposalItem
from saga_agent.domain.record import JsonObject, content_hash

_ENDS = ("source_id", "target_id")


@dataclass(frozen=True, slots=True)
class Draft:
    """One record to be: `record` holds its fields, with short ids where it names others."""

    id: str
    kind: Literal["entity", "relationship"]
    label: str
    record: JsonObject

    @property
    def refs(self) -> tuple[str, ...]:
        """The short ids it names."""
        return tuple(str(self.record[end]) for end in _ENDS if end in self.record)

    def with_summary(self, summary: str) -> Draft:
        """The same with other words."""
        return replace(self, record={**self.record, "summary": summary})


def dangling(drafts: Sequence[Draft]) -> list[str]:
    """What the drafts name that is none of them, in words."""
    known = {draft.id for draft in drafts}
    return [f"{draft.label}: there is no {ref!r}" for draft in drafts for ref in draft.refs if ref not in known]


def unbalanced_triads(drafts: Iterable[Draft]) -> list[tuple[str, str, str]]:
    """The threes of whom an odd number of pairs are enemies: what drives a conflict."""
    signs: dict[frozenset[str], float] = {}
    for draft in drafts:
        if draft.kind == "relationship" and isinstance(sign := draft.record.get("sign"), int | float) and sign:
            signs[frozenset(draft.refs)] = sign
    everybody = sorted({each for pair in signs for each in pair})
    return [
        (a, b, c)
        for a, b, c in itertools.combinations(everybody, 3)
        if signs.get(frozenset((a, b)), 0) * signs.get(frozenset((b, c)), 0) * signs.get(frozenset((a, c)), 0) < 0
    ]


def bundle_hash(drafts: Sequence[Draft]) -> str:
    """The same for the same world, whoever proposes it."""
    return content_hash([[draft.id, draft.kind, draft.label, draft.record] for draft in drafts])


def to_items(drafts: Sequence[Draft], id_of: Callable[[Draft], str]) -> tuple[ProposalItem, ...]:
    """The drafts as items of a proposal, with the ids their records will have; entities come first."""
    ids = {draft.id: id_of(draft) for draft in drafts}
    ordered = sorted(drafts, key=lambda draft: draft.kind != "entity")
    return tuple(
        ProposalItem(
            id=draft.id,
            kind=draft.kind,
            label=draft.label,
            needs=draft.refs,
            record={
                **draft.record,
                "id": ids[draft.id],
                **{end: ids[str(draft.record[end])] for end in _ENDS if end in draft.record},
            },
        )
        for draft in ordered
    )
