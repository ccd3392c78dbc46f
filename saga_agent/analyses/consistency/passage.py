"""A passage against canon, without a model: who acts, who speaks, what is used, which names are strange."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from saga_agent.analyses.cast import Named
from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.custody import custodies, holders_at
from saga_agent.analyses.consistency.existence import UNREAL_MODES
from saga_agent.analyses.consistency.facts import StoryPosition
from saga_agent.analyses.consistency.places import Stay, clash, stays
from saga_agent.analyses.consistency.spans import lies_outside
from saga_agent.analyses.consistency.telling import told_too_early
from saga_agent.analyses.findings import finding
from saga_agent.analyses.names import folded, is_one_edit
from saga_agent.analyses.prose import Prose
from saga_agent.domain.finding import Finding
from saga_agent.domain.time import TimeMode
from saga_agent.linking.given_names import is_given_name

# "had" and "was" tell a state or the past, and so of the absent, too.
_ACTS = re.compile(
    r"\s+(?:(?:just|then|now|only|\w+ly)\s+)?(?!(?:had|was|were|has|is|would|could|should|might|must|may|did|been)\b)"
    r"(?:[a-z]{2,}ed|said|says|asks|went|came|took|sat|stood|saw|ran|rose|left|held|put|spoke|fell|drew|threw|gave|got|"
    r"turns|walks|looks|began|made|told|led|shook|rode|laid|leant|bent|broke|caught|drank|ate|sang|swung|struck|woke)\b"
)
_MIND = re.compile(
    r"\s+(?:(?:just|then|\w+ly)\s+)?(?:thought|wondered|realised|realized|knew that|hoped|wished|feared)\b"
)
_USES = re.compile(
    r"\b(?:drew|raised|swung|lifted|wore|wielded|unsheathed|held up|put on|pulled out|took out|brandished)\b"
)
_TAGGED = re.compile(r"\s(?:said|asked|replied|answered|cried|whispered|murmured|muttered|shouted|added)\s+$")
_TAG_REACH = 14
_FEWEST_LETTERS = 4


@dataclass(frozen=True, kw_only=True)
class PlacedPassage:
    """A passage and what is known of its place in the story."""

    prose: Prose
    names: Sequence[Named] = ()
    moment: StoryPosition = field(default_factory=StoryPosition)
    time_mode: TimeMode = "linear"
    pov_id: str | None = None
    place_id: str | None = None
    absent: frozenset[tuple[str, int]] = frozenset()
    """Mentions marked as only spoken of: entity ids with offsets into the document."""

    def acting(self) -> Iterator[Named]:
        """The known characters who do something here, outside dialogue."""
        for named in self.names:
            marked_absent = (named.entity_id, named.start + self.prose.offset) in self.absent
            in_narration = self.prose.narration[named.start : named.end] == named.surface
            known = named.entity_id and named.is_person and in_narration and not marked_absent
            if known and self._does_something(named):
                yield named

    def _does_something(self, named: Named) -> bool:
        """Whether a verb of doing follows the name, or it stands after one of saying: `said Bran`."""
        before = self.prose.narration[max(0, named.start - _TAG_REACH) : named.start]
        return bool(_ACTS.match(self.prose.narration, named.end) or _TAGGED.search(before))


def check_presence(canon: Canon, passage: PlacedPassage) -> Iterator[Finding]:
    """Each time somebody acts at a time when they do not exist."""
    when = passage.moment.when
    if when is None or passage.time_mode in UNREAL_MODES:
        return
    for named in passage.acting():
        if named.entity_id and (certainty := lies_outside(when, canon.lives(named.entity_id))):
            yield finding(
                "existence.outside",
                f"{canon.name(named.entity_id)} acts here without existing at this time.",
                subjects=[named.entity_id],
                evidence=[passage.prose.clause_from(named.start)],
                certainty=certainty,
            )


def check_two_places(canon: Canon, passage: PlacedPassage) -> Iterator[Finding]:
    """Each one who acts here, and is said to be elsewhere at the same time."""
    when, place = passage.moment.when, passage.place_id
    if when is None or place is None or passage.time_mode in UNREAL_MODES:
        return
    known = list(stays(canon))
    for named in {each.entity_id: each for each in passage.acting()}.values():
        here = Stay(named.entity_id or "", place, when, passage.prose.document_id, "this passage")
        for stay in known:
            if stay.who == here.who and stay.source_id != here.source_id and (certainty := clash(canon, here, stay)):
                yield finding(
                    "place.two_at_once",
                    f"{canon.name(here.who)} is at {canon.name(place)} here, and at {canon.name(stay.place_id)} "
                    f"({stay.source}) at the same time.",
                    subjects=[here.who, stay.source_id],
                    evidence=[passage.prose.clause_from(named.start)],
                    certainty=certainty,
                )


def check_use(canon: Canon, passage: PlacedPassage) -> Iterator[Finding]:
    """Each use of an item by somebody who does not hold it at that time."""
    when = passage.moment.when
    chains = list(custodies(canon)) if when and passage.time_mode not in UNREAL_MODES else []
    items = {each.item_id for each in chains}
    actors = list(passage.acting())
    for named in passage.names:
        start, end = passage.prose.sentence_at(named.start)
        users = [each for each in actors if start <= each.start < named.start]
        if named.entity_id not in items or not users or when is None:
            continue
        user = users[-1]
        holders = {each.holder_id for each in holders_at([c for c in chains if c.item_id == named.entity_id], when)}
        if holders and user.entity_id not in holders and _USES.search(passage.prose.narration, user.end, named.start):
            names = " or ".join(sorted(canon.name(each) for each in holders))
            yield finding(
                "item.custody",
                f"{user.surface} uses {named.surface}, but {names} holds it at this time.",
                subjects=[named.entity_id or "", user.entity_id or ""],
                evidence=[passage.prose.evidence(start, end)],
                certainty="possible",
            )


def check_names(canon: Canon, passage: PlacedPassage) -> Iterator[Finding]:
    """Each unknown name that is one letter from a known one."""
    words = {
        word
        for entity in canon.entities
        for name in (entity.name, *(alias.text for alias in entity.aliases))
        for word in (name, *name.split())
        if len(word) >= _FEWEST_LETTERS and word[0].isupper()
    }
    known = {folded(word) for word in words}
    for named in passage.names:
        strange = folded(named.surface)
        if named.entity_id or strange in known or len(strange) < _FEWEST_LETTERS or strange.rstrip("s") in known:
            continue
        near = [word for word in sorted(words) if is_one_edit(word, named.surface) and folded(word)[0] == strange[0]]
        # Maria and Marie are both names that people bear; Marta for Martha may be meant as little.
        both_usual = is_given_name(named.surface) and any(is_given_name(word) for word in near)
        if near:
            yield finding(
                "name.near_miss",
                f"{named.surface!r} is not in the bible; is {near[0]!r} meant?",
                evidence=[passage.prose.clause_from(named.start)],
                severity="info" if both_usual else None,
                certainty="possible",
                data={"name": named.surface, "known": near[0]},
            )


def check_point_of_view(canon: Canon, passage: PlacedPassage) -> Iterator[Finding]:
    """Each thought of somebody in whose head the passage is not."""
    if passage.pov_id is None:
        return
    for named in passage.names:
        known = named.entity_id and named.is_person and named.entity_id != passage.pov_id
        if known and _MIND.match(passage.prose.narration, named.end):
            yield finding(
                "pov.slip",
                f"The thoughts of {named.surface} are told in {canon.name(passage.pov_id)}'s point of view.",
                subjects=[named.entity_id or "", passage.pov_id],
                evidence=[passage.prose.clause_from(named.start)],
                certainty="possible",
            )


def check_telling(canon: Canon, passage: PlacedPassage) -> Iterator[Finding]:
    """Each time somebody speaks of what they have not learned yet."""
    return told_too_early(canon, passage.prose, passage.names, passage.moment)
