"""Who holds an item when: two holders at one time, and use by somebody else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.events import read_moment
from saga_agent.analyses.consistency.spans import Span, clash, overlap, span_of
from saga_agent.analyses.findings import finding
from saga_agent.domain.entity import Entity
from saga_agent.domain.finding import Finding
from saga_agent.domain.time import StoryInterval

_HOLDS = frozenset({"holds", "owns", "carries", "wears", "wields", "has", "keeps", "holder_of", "owner_of"})
_HELD_BY = frozenset({"held_by", "owned_by", "carried_by", "worn_by", "belongs_to"})
_PREDICATES = frozenset({"holder", "held_by", "owner", "bearer", "carried_by"})


@dataclass(frozen=True, slots=True)
class Custody:
    """An item in somebody's hands for a time."""

    item_id: str
    holder_id: str
    interval: StoryInterval

    @property
    def when(self) -> Span:
        """From when to when, as bounds."""
        return span_of(self.interval)


def check_custody(canon: Canon) -> Iterator[Finding]:
    """Each item with two holders at one time; each event where an item is used and no holder takes part."""
    by_item: defaultdict[str, list[Custody]] = defaultdict(list)
    for custody in custodies(canon):
        by_item[custody.item_id].append(custody)
    for chain in by_item.values():
        for one, other in combinations(chain, 2):
            yield from _two_holders(canon, one, other)
    for event in canon.events:
        for item in event.item_ids:
            holders = {each.holder_id for each in holders_at(by_item[item], event.when)} if event.when else set[str]()
            if holders and event.participant_ids and not holders & set(event.participant_ids):
                names = " or ".join(sorted(canon.name(each) for each in holders))
                yield finding(
                    "item.custody",
                    f"{canon.name(item)} is used in {event.name!r}, but {names} holds it then.",
                    subjects=[item, event.id, *sorted(holders)],
                    certainty="possible",
                )


def custodies(canon: Canon) -> Iterator[Custody]:
    """The custody of items: by ties, by facts (`holder = Tove`) and by their `custody` field."""
    for tie in canon.relationships:
        kind = tie.type.strip().lower().replace(" ", "_")
        ends = (tie.target_id, tie.source_id) if kind in _HOLDS else (tie.source_id, tie.target_id)
        if kind in _HOLDS | _HELD_BY and _is_item(canon, ends[0]):
            yield Custody(*ends, tie.valid)
    for item in canon.entities:
        for fact in canon.facts_of.get(item.id, ()):
            holder = canon.resolve(fact.value)
            if holder and fact.predicate.strip().lower() in _PREDICATES:
                yield Custody(item.id, holder.id, fact.valid)
        yield from _chain(canon, item)


def holders_at(chain: list[Custody], when: Span) -> list[Custody]:
    """Who holds an item at a time; one that began last replaces those without an end."""
    begun = [each for each in chain if overlap(each.when, when)]
    last = max((each.when.start.earliest for each in begun), default=0.0)
    return [each for each in begun if each.interval.end is not None or each.when.start.earliest == last]


def _chain(canon: Canon, item: Entity) -> Iterator[Custody]:
    field = item.fields.get("custody")
    for each in field if isinstance(field, list) else []:
        holder = canon.resolve(each.get("holder")) if isinstance(each, dict) else None
        if isinstance(each, dict) and holder:
            start, end = (read_moment(each.get(key), canon.calendar) for key in ("from", "until"))
            yield Custody(item.id, holder.id, StoryInterval(start=start, end=end))


def _two_holders(canon: Canon, one: Custody, other: Custody) -> Iterator[Finding]:
    if one.holder_id == other.holder_id:
        return
    if certainty := clash(one.interval, other.interval):
        yield finding(
            "item.custody",
            f"{canon.name(one.item_id)} is held by {canon.name(one.holder_id)} and by {canon.name(other.holder_id)} "
            "at one time.",
            subjects=[one.item_id, one.holder_id, other.holder_id],
            certainty=certainty,
        )


def _is_item(canon: Canon, entity_id: str) -> bool:
    return entity_id in canon.by_id and canon.by_id[entity_id].type == "item"
