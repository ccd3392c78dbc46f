"""The registry of checks: what each looks at, what it cannot do without, and which findings come of it.

A new check is an engine in a module of its own, a row here, and its codes in `codes.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from saga_agent.analyses.clarity.guide import banned_words, other_person, other_spelling, other_tense
from saga_agent.analyses.clarity.language import is_english
from saga_agent.analyses.clarity.reading import ambiguous_pronouns, look_alike_names, unattributed_dialogue
from saga_agent.analyses.clarity.rhythm import long_sentences, repetitions, uniform_rhythm
from saga_agent.analyses.clarity.wording import filter_verbs, passives, tag_adverbs
from saga_agent.analyses.codes import CODES, FAMILIES, Family, codes_of
from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.claims import Claim, check_claims
from saga_agent.analyses.consistency.custody import check_custody
from saga_agent.analyses.consistency.existence import check_existence
from saga_agent.analyses.consistency.facts import check_facts
from saga_agent.analyses.consistency.kinship import check_kinship
from saga_agent.analyses.consistency.knowledge import check_knowledge
from saga_agent.analyses.consistency.passage import (
    PlacedPassage,
    check_names,
    check_point_of_view,
    check_presence,
    check_telling,
    check_two_places,
    check_use,
)
from saga_agent.analyses.consistency.places import check_places
from saga_agent.analyses.consistency.records import check_aliases, check_dates, check_references
from saga_agent.analyses.consistency.ties import check_ties
from saga_agent.analyses.prose import Prose
from saga_agent.analyses.sentences import Span
from saga_agent.domain.finding import Finding
from saga_agent.domain.project import StyleGuide

LooksAt = Literal["bible", "passage", "wording"]
"""The bible alone, a passage beside the bible, or a passage for itself."""
Need = Literal["calendar", "story time", "place", "point of view", "claims", "English"]


@dataclass(frozen=True, kw_only=True)
class Material:
    """What checks are given to look at."""

    canon: Canon = field(default_factory=Canon)
    passage: PlacedPassage = field(default_factory=lambda: PlacedPassage(prose=Prose("")))
    guide: StyleGuide = field(default_factory=StyleGuide)
    claims: Sequence[tuple[Claim, Span]] | None = None
    """What the passage claims, with where; None where no model has read it."""
    language: str | None = None
    """The language that the passage is told to be in; guessed otherwise."""

    def has(self, need: Need) -> bool:
        """Whether a check that cannot do without it can do its work."""
        match need:
            case "calendar":
                return self.canon.calendar is not None
            case "story time":
                return self.passage.moment.when is not None
            case "place":
                return self.passage.place_id is not None
            case "point of view":
                return self.passage.pov_id is not None
            case "claims":
                return self.claims is not None
            case "English":
                return self.is_english

    @cached_property
    def is_english(self) -> bool:
        """Whether the passage is told to be English, or reads as if it were."""
        return is_english(self.passage.prose.plain, told=self.language)


@dataclass(frozen=True, slots=True)
class StoryCheck:
    """One check."""

    family: Family
    codes: tuple[str, ...]
    """What its findings carry."""
    looks_at: LooksAt
    run: Callable[[Material], Iterable[Finding]]
    needs: tuple[Need, ...] = ()


def _bible(family: Family, run: Callable[[Canon], Iterable[Finding]], *, needs: tuple[Need, ...] = ()) -> StoryCheck:
    """A check on the records of the bible, by which all codes of its family may be found."""
    return StoryCheck(family, codes_of(family), "bible", lambda given: run(given.canon), needs)


def _passage(
    code: str, run: Callable[[Canon, PlacedPassage], Iterable[Finding]], *, needs: tuple[Need, ...] = ()
) -> StoryCheck:
    return StoryCheck(CODES[code].family, (code,), "passage", lambda given: run(given.canon, given.passage), needs)


def _wording(code: str, run: Callable[[Material], Iterable[Finding]], *, in_english: bool = False) -> StoryCheck:
    return StoryCheck(CODES[code].family, (code,), "wording", run, ("English",) if in_english else ())


def _claimed(given: Material) -> Iterable[Finding]:
    return check_claims(given.canon, given.passage.prose, given.claims or (), given.passage.moment)


CHECKS: tuple[StoryCheck, ...] = (
    _bible("existence", check_existence),
    _bible("facts", check_facts),
    _bible("kinship", check_kinship),
    _bible("ties", check_ties),
    _bible("places", check_places),
    _bible("custody", check_custody),
    _bible("aliases", check_aliases),
    _bible("references", check_references),
    _bible("calendar", check_dates, needs=("calendar",)),
    _bible("knowledge", check_knowledge),
    _passage("existence.outside", check_presence, needs=("story time",)),
    _passage("place.two_at_once", check_two_places, needs=("story time", "place")),
    _passage("item.custody", check_use, needs=("story time",)),
    _passage("name.near_miss", check_names),
    _passage("knowledge.before_learned", check_telling),
    _passage("pov.slip", check_point_of_view, needs=("point of view",)),
    StoryCheck("facts", ("fact.contradiction",), "passage", _claimed, needs=("claims",)),
    _wording("clarity.filter_verb", lambda given: filter_verbs(given.passage.prose), in_english=True),
    _wording("clarity.tag_adverb", lambda given: tag_adverbs(given.passage.prose), in_english=True),
    _wording("clarity.passive", lambda given: passives(given.passage.prose), in_english=True),
    _wording("clarity.long_sentence", lambda given: long_sentences(given.passage.prose)),
    _wording("clarity.uniform_rhythm", lambda given: uniform_rhythm(given.passage.prose)),
    _wording("clarity.repetition", lambda given: repetitions(given.passage.prose)),
    _wording(
        "clarity.ambiguous_pronoun",
        lambda given: ambiguous_pronouns(given.passage.prose, given.passage.names),
        in_english=True,
    ),
    _wording("clarity.unattributed_dialogue", lambda given: unattributed_dialogue(given.passage.prose)),
    _wording("clarity.look_alike_names", lambda given: look_alike_names(given.passage.prose, given.passage.names)),
    _wording("style.banned_word", lambda given: banned_words(given.passage.prose, given.guide)),
    _wording("style.person", lambda given: other_person(given.passage.prose, given.guide), in_english=True),
    _wording("style.tense", lambda given: other_tense(given.passage.prose, given.guide), in_english=True),
    _wording("style.spelling", lambda given: other_spelling(given.passage.prose, given.guide), in_english=True),
)


def codes_looking_at(*looks_at: LooksAt) -> tuple[str, ...]:
    """The codes that checks of these kinds may find, in the order of the registry."""
    return tuple(dict.fromkeys(code for check in CHECKS if check.looks_at in looks_at for code in check.codes))


def families_looking_at(*looks_at: LooksAt) -> tuple[Family, ...]:
    """The families with checks of these kinds."""
    held = {check.family for check in CHECKS if check.looks_at in looks_at}
    return tuple(family for family in FAMILIES if family in held)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutcome:
    """What came of some checks."""

    findings: tuple[Finding, ...] = ()
    """In the order of the checks; one that was met several times is there as often, for `merged`."""
    ran: tuple[StoryCheck, ...] = ()
    """Those that looked, in vain or not."""
    skipped: tuple[tuple[StoryCheck, Need], ...] = ()
    """Those that could not look, with the first thing they missed."""
    failed: Mapping[Family, str] = field(default_factory=dict[Family, str])
    """The families of those that raised, with the exception in words."""


def run_checks(
    material: Material,
    *looks_at: LooksAt,
    families: Collection[str] | None = None,
    codes: Collection[str] | None = None,
    checks: Iterable[StoryCheck] = CHECKS,
) -> CheckOutcome:
    """Runs the checks of these kinds, by default with all families and codes.

    One that raises is reported, and the others still run.
    """
    found: list[Finding] = []
    ran: list[StoryCheck] = []
    skipped: list[tuple[StoryCheck, Need]] = []
    failed: dict[Family, str] = {}
    for check in checks:
        if check.looks_at not in looks_at or (families is not None and check.family not in families):
            continue
        if codes is not None and not set(codes) & set(check.codes):
            continue
        try:
            missing: list[Need] = [need for need in check.needs if not material.has(need)]
            if missing:
                skipped.append((check, missing[0]))
            else:
                found += check.run(material)
                ran.append(check)
        except Exception as error:  # a check is a plug-in: whatever it raises is its own failure
            failed[check.family] = f"{type(error).__name__}: {error}"
    return CheckOutcome(findings=tuple(found), ran=tuple(ran), skipped=tuple(skipped), failed=failed)
