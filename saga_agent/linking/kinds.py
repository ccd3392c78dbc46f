"""What kind of thing an unknown name is, by cue words; without cues, nobody guesses."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

from saga_agent.linking.candidates import Candidate
from saga_agent.linking.gazetteer import is_known_place
from saga_agent.linking.given_names import is_given_name
from saga_agent.linking.heads import OF_HEADS, head_kind
from saga_agent.linking.mention import Kind
from saga_agent.linking.titles import canonical_title

Votes = defaultdict[Kind, float]

_REACH = 40
_LONGEST_CUE = 26
_ENOUGH = 50
"""After so many mentions the kind of a name does not change any more."""
_NAMED = 3.0
_FIRM = 1.0
_ACTS = (
    "said|says|asked|asks|answered|replied|cried|exclaimed|whispered|murmured|muttered|shouted|called|laughed|smiled|"
    "nodded|sighed|thought|knew|felt|saw|looked|turned|heard|wondered|remembered|wanted|wished|hoped|began|stood|sat|"
    "walked|ran|came|went|took|gave|shook|stared|glanced|frowned|paused|rose|did|had|has|would|could|must|will|can|"
    "might|should|interrupted|observed|remarked|continued|added|told|spoke|loved|hated|tried|leaned|waited|held|put"
)
_MOVES = (
    "go|going|goes|gone|went|come|came|drive|drove|ride|rode|sail|sailed|return|returned|walk|walked|travel|travelled"
)
_REGIONS = (
    "town|city|village|county|island|isle|kingdom|country|land|port|coast|shores?|river|lake|planet|parish|parishes|streets|"
    "house|castle|inn|province|suburbs?|neighbou?rhood|people|king|queen|lord|duke|master|mayor"
)
_THINGS = "sword|blade|ring|ship|vessel|schooner|brig|frigate|book|amulet|gem|spear|bow|axe|staff|crown"
_RANKS = "members?|ranks|soldiers|officers|agents?|knights|sworn|army|leaders?"
_BESIDE_PEOPLE = "with|and|but|poor|little|dear|dearest|young|behind|beside|than|thank"
_KIN = "husband|wife|brother|sister|son|daughter|friend|mother|father|uncle|aunt|cousin"
_BODY = "eyes?|face|hands?|voice|hair|arms?|head|heart|lips|mind|death|room|life|letter|lap|shoulders?|cheeks?"
_BEFORE: tuple[tuple[re.Pattern[str], Kind, float], ...] = (
    (re.compile(r"\b(?:in|into|near|throughout|across|around|outside|inside|visit|left|reached) $"), "place", 1.5),
    (re.compile(rf"\b(?:{_MOVES}|miles?|road|way|far|back|up|down) (?:to|from) $"), "place", 1.5),
    (re.compile(r"\bat $"), "place", 0.8),
    (re.compile(r"\b(?:from|toward|towards|through|to|for|beyond|over|off) $"), "place", 0.4),
    (re.compile(r"\b(?:in|into|over|across|along|down|up|through|round) the $"), "place", 1.0),
    (re.compile(r"\b(?:at|to|from|of|near|on) the $"), "place", 0.4),
    (re.compile(rf"\b(?:{_ACTS}|and|but) the $"), "character", 1.0),
    (re.compile(rf"\b(?:{_REGIONS}) (?:of|called|named) (?:the )?$"), "place", 2.0),
    (re.compile(rf"\b(?:{_THINGS}) (?:called |named )?\W?$"), "item", 2.0),
    (re.compile(r"\b(?:the|aboard|our|old) _$"), "item", 1.5),
    (re.compile(rf"\b(?:{_RANKS}) (?:of|to) (?:the )?$"), "faction", 1.2),
    (re.compile(rf"\b(?:{_ACTS}|{_KIN}|{_BESIDE_PEOPLE}) $"), "character", 0.7),
    (re.compile(r"\b(?:oh|ah|yes|no|well|why|dear), $", re.IGNORECASE), "character", 1.0),
)
"""Words right before a name, and how much they speak for a kind."""
_AFTER: tuple[tuple[re.Pattern[str], Kind, float], ...] = (
    (re.compile(r",? (?:who|whose|whom|he|she|himself|herself)\b"), "character", 1.5),
    (re.compile(rf" (?:\w+ly )?(?:{_ACTS})\b"), "character", 1.5),
    (re.compile(rf"'s? (?:\w+ )?(?:{_BODY}|{_KIN})\b"), "character", 1.5),
    (re.compile(r"'s\b"), "character", 0.5),
    (re.compile(r"[^.!?\n\"“”]{0,30}\b(?:he|she|his|her|him|himself|herself)\b"), "character", 0.5),
    (re.compile(r"[!?]"), "character", 0.3),
)
"""Words right after a name."""
_VOCATIVE_ENDS = frozenset(",;.!?")
_AND = frozenset((", ", " and ", ", and ", " or ", ", or ", " nor "))
_NEVER_SURNAMES = frozenset(("street", "road", "square", "avenue", "island", "castle", "river", "mountains"))
_PLACE_FRONTS = frozenset(("cape", "mount", "lake", "fort", "port", "gulf", "bay", "isle", "river"))
_THE = re.compile(r"\b[Tt]he $")


def kinds_of_groups(flat: str, found: Sequence[Candidate], groups: Sequence[str]) -> Mapping[str, Kind]:
    """The kind of each group that the cues of all its mentions settle; `groups` goes with `found`."""
    votes: defaultdict[str, Votes] = defaultdict(lambda: defaultdict(float))
    heard: Counter[str] = Counter()
    for candidate, group in zip(found, groups, strict=True):
        heard[group] += 1
        if heard[group] <= _ENOUGH:
            for kind, weight in chain(_form_votes(candidate).items(), _context_votes(flat, candidate).items()):
                votes[group][kind] += weight
    kinds = _decide(votes)
    return {**_kinds_of_neighbours(flat, found, groups, kinds), **_kinds_of_families(groups, kinds), **kinds}


def _kinds_of_neighbours(
    flat: str, found: Sequence[Candidate], groups: Sequence[str], kinds: Mapping[str, Kind]
) -> Mapping[str, Kind]:
    """What names without cues are if they stand in a list with names that have them."""
    votes: defaultdict[str, Votes] = defaultdict(lambda: defaultdict(float))
    for (left, left_group), (right, right_group) in pairwise(zip(found, groups, strict=True)):
        if flat[left.end : right.start] in _AND:
            for group, beside in ((left_group, right_group), (right_group, left_group)):
                if beside in kinds:
                    votes[group][kinds[beside]] += _FIRM
    return _decide(votes)


def _kinds_of_families(groups: Sequence[str], kinds: Mapping[str, Kind]) -> Mapping[str, Kind]:
    """The kind of a family: "the Ards" are people if somebody is called Ard."""
    surnames = {group.split()[-1] for group, kind in kinds.items() if kind == "character"}
    return {group: "character" for group in groups if group.endswith("s") and group[:-1] in surnames}


def _decide(votes: Mapping[str, Votes]) -> dict[str, Kind]:
    """The winner of each vote that is firm and no tie."""
    winners: dict[str, Kind] = {}
    for group, weights in votes.items():
        best, *others = sorted(weights, key=lambda kind: -weights[kind])
        if weights[best] >= _FIRM and all(weights[other] < weights[best] for other in others):
            winners[group] = best
    return winners


def _form_votes(candidate: Candidate) -> dict[Kind, float]:
    """What the words of the name tell."""
    core = candidate.core
    if not core or candidate.titles or canonical_title(core[0]):
        return {"character": _NAMED}
    if is_known_place(" ".join(core)):
        return {"place": _NAMED}
    first, last = core[0], core[-1]
    if len(core) > 1 and first.lower() in _PLACE_FRONTS:
        return {"place": _NAMED}
    if is_given_name(first):
        is_place = head_kind(last) == "place" and (len(core) > 2 or last.lower() in _NEVER_SURNAMES)
        return {"place" if is_place else "character": _NAMED}
    kind = head_kind(last) or (head_kind(first) if first.lower() in OF_HEADS else None)
    return {kind: _NAMED} if kind and len(core) > 1 else {}


def _context_votes(flat: str, candidate: Candidate) -> Votes:
    """What the words around the name tell."""
    start, end = candidate.start, candidate.end
    before, after = flat[max(0, start - _LONGEST_CUE) : start], flat[end : end + _REACH]
    votes: Votes = defaultdict(float)
    for pattern, kind, weight in _BEFORE if before.endswith((" ", "_")) else ():
        if pattern.search(before):
            votes[kind] += weight
    for pattern, kind, weight in _AFTER:
        if pattern.match(after):
            votes[kind] += weight
    if _THE.search(before):
        return votes
    if len(candidate.core) > 1:
        votes["character"] += _FIRM
    if before.endswith(", ") and after[:1] in _VOCATIVE_ENDS:
        votes["character"] += 0.5
    return votes
