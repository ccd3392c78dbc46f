"""Every code a finding can carry: a closed table that waivers, settings and pages refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from saga_agent.domain.finding import Severity

Family = Literal[
    "existence",
    "facts",
    "kinship",
    "ties",
    "places",
    "custody",
    "aliases",
    "references",
    "calendar",
    "knowledge",
    "names",
    "pov",
    "clarity",
    "style",
]
FAMILIES: tuple[Family, ...] = get_args(Family)


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding."""

    code: str
    family: Family
    severity: Severity
    meaning: str


_TABLE: tuple[Code, ...] = (
    Code("fact.contradiction", "facts", "error", "Two statements about one thing cannot both hold at one time."),
    Code("existence.outside", "existence", "error", "Somebody or something takes part before it exists or after."),
    Code("existence.reversed", "existence", "error", "An existence ends before it begins."),
    Code("kinship.age", "kinship", "error", "A parent is too young for the child."),
    Code("kinship.born_after_death", "kinship", "error", "A child is born after a parent's death."),
    Code("tie.cycle", "ties", "error", "Ties that lead upwards come back to where they began."),
    Code("tie.self", "ties", "error", "Somebody is tied to themselves."),
    Code("tie.functional", "ties", "error", "What only one can hold is held by two at one time."),
    Code("place.two_at_once", "places", "error", "Somebody is in two places at one time."),
    Code("item.custody", "custody", "error", "An item has two holders, or its user does not hold it."),
    Code("alias.clash", "aliases", "warning", "Two entities go by one name, so the text cannot tell them apart."),
    Code("reference.dangling", "references", "error", "A record refers to something that does not exist."),
    Code("date.invalid", "calendar", "error", "A date does not exist in the story's calendar."),
    Code("knowledge.before_learned", "knowledge", "warning", "Somebody knows or tells a thing before they learn it."),
    Code("name.near_miss", "names", "warning", "An unknown name is one letter from a known one."),
    Code("pov.slip", "pov", "info", "The text is in another head than its point of view."),
    Code("clarity.filter_verb", "clarity", "info", "A verb of perceiving stands between reader and thing."),
    Code("clarity.tag_adverb", "clarity", "info", "An adverb on a dialogue tag names a feeling."),
    Code("clarity.passive", "clarity", "info", "A sentence hides who acts."),
    Code("clarity.long_sentence", "clarity", "info", "A sentence is much longer than the others."),
    Code("clarity.uniform_rhythm", "clarity", "info", "Many sentences in a row have the same length."),
    Code("clarity.repetition", "clarity", "info", "Three to five words come again within 300 words."),
    Code("clarity.ambiguous_pronoun", "clarity", "warning", "A pronoun follows two people it could mean."),
    Code("clarity.unattributed_dialogue", "clarity", "warning", "Seven or more lines of dialogue name no speaker."),
    Code("clarity.look_alike_names", "clarity", "warning", "Two people have names that readers mix up."),
    Code("style.banned_word", "style", "warning", "A word that the style guide bans."),
    Code("style.person", "style", "warning", "Narration in another person than the style guide's."),
    Code("style.tense", "style", "warning", "Narration in another tense than the style guide's."),
    Code("style.spelling", "style", "warning", "A spelling from the other side of the Atlantic."),
)

CODES: Mapping[str, Code] = {each.code: each for each in _TABLE}


def codes_of(*families: Family) -> tuple[str, ...]:
    """The codes of these families, in the order of the table."""
    return tuple(each.code for each in _TABLE if each.family in families)
