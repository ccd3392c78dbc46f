"""The clarity check: all metrics and findings of a passage, by code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from saga_agent.analyses.cast import Named
from saga_agent.analyses.clarity.guide import style_departures
from saga_agent.analyses.clarity.language import is_english
from saga_agent.analyses.clarity.metrics import Metrics, measure
from saga_agent.analyses.clarity.reading import ambiguous_pronouns, look_alike_names, unattributed_dialogue
from saga_agent.analyses.clarity.rhythm import long_sentences, repetitions, uniform_rhythm
from saga_agent.analyses.clarity.wording import filter_verbs, passives, tag_adverbs
from saga_agent.analyses.codes import codes_of
from saga_agent.analyses.findings import merged
from saga_agent.analyses.prose import Prose
from saga_agent.domain.finding import Finding
from saga_agent.domain.project import StyleGuide

CLARITY_CODES = codes_of("clarity", "style")
ENGLISH_CODES = frozenset(
    {
        "clarity.filter_verb",
        "clarity.tag_adverb",
        "clarity.passive",
        "clarity.ambiguous_pronoun",
        "style.person",
        "style.tense",
        "style.spelling",
    }
)
"""Those that know only English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarityReport:
    """What the check found, and what it could not look at."""

    metrics: Metrics
    findings: list[Finding]
    skipped: tuple[str, ...] = ()
    """Codes that do not apply, because the text is not English."""


def check_clarity(
    prose: Prose,
    *,
    cast: Sequence[Named] = (),
    guide: StyleGuide | None = None,
    codes: Collection[str] = CLARITY_CODES,
    language: str | None = None,
) -> ClarityReport:
    """Metrics and findings of a passage, in the order of the text."""
    english = is_english(prose.plain, told=language)
    skipped = () if english else tuple(code for code in CLARITY_CODES if code in codes and code in ENGLISH_CODES)
    wanted = [code for code in CLARITY_CODES if code in codes and code not in skipped]
    found = sorted(_run(prose, cast, guide or StyleGuide(), wanted), key=_place)
    metrics = measure(prose, english=english)
    if metrics.words:
        counts = Counter(each.code for each in found)
        rates = {code: round(count * 1000 / metrics.words, 2) for code, count in sorted(counts.items())}
        metrics = metrics.model_copy(update={"per_1000_words": rates})
    return ClarityReport(metrics=metrics, findings=merged(found), skipped=skipped)


def _run(prose: Prose, cast: Sequence[Named], guide: StyleGuide, wanted: Collection[str]) -> Iterator[Finding]:
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "clarity.filter_verb": lambda: filter_verbs(prose),
        "clarity.tag_adverb": lambda: tag_adverbs(prose),
        "clarity.passive": lambda: passives(prose),
        "clarity.long_sentence": lambda: long_sentences(prose),
        "clarity.uniform_rhythm": lambda: uniform_rhythm(prose),
        "clarity.repetition": lambda: repetitions(prose),
        "clarity.ambiguous_pronoun": lambda: ambiguous_pronouns(prose, cast),
        "clarity.unattributed_dialogue": lambda: unattributed_dialogue(prose),
        "clarity.look_alike_names": lambda: look_alike_names(prose, cast),
    }
    for code, check in checks.items():
        if code in wanted:
            yield from check()
    if any(code.startswith("style.") for code in wanted):
        yield from (each for each in style_departures(prose, guide) if each.code in wanted)


def _place(each: Finding) -> tuple[int, str]:
    start = getattr(each.evidence[0], "start", 0) if each.evidence else 0
    return start, each.code
