"""Numbers about a passage: lengths of sentences, reading ease, share of dialogue."""

from __future__ import annotations

import re
import statistics

from pydantic import Field

from saga_agent.analyses.prose import Prose
from saga_agent.domain.record import Model

_VOWELS = re.compile(r"[aeiouyàáâäæèéêëìíîïòóôöøùúûü]+")
_SILENT_E = re.compile(r"[^aeiouyl]e$|[^td]ed$|[^aeiouyscxzg]es$")


class Metrics(Model):
    """What can be counted of a passage; all zero for an empty one."""

    words: int = 0
    sentences: int = 0
    sentence_words_mean: float = 0.0
    sentence_words_deviation: float = 0.0
    flesch: float | None = None
    """Reading ease after Flesch, syllables counted as groups of vowels; None where the text is not English."""
    dialogue_share: float = 0.0
    """Characters in quotation marks, of all."""
    per_1000_words: dict[str, float] = Field(default_factory=dict)
    """How often each code was found."""
    baseline_per_1000_words: dict[str, float] = Field(default_factory=dict)
    """The same in the writer's other documents."""


def sentence_lengths(prose: Prose) -> list[int]:
    """The number of words of each sentence."""
    lengths: list[int] = []
    at = 0
    for start, end in prose.sentences:
        first = at
        while at < len(prose.words) and prose.words[at][0] < end:
            at += 1
        lengths.append(sum(word[0] >= start for word in prose.words[first:at]))
    return lengths


def measure(prose: Prose, *, english: bool) -> Metrics:
    """The metrics of a passage."""
    lengths = sentence_lengths(prose)
    count = len(prose.words)
    if not count or not lengths:
        return Metrics()
    mean = statistics.fmean(lengths)
    spoken = sum(end - start for start, end in prose.quotes)
    return Metrics(
        words=count,
        sentences=len(lengths),
        sentence_words_mean=round(mean, 2),
        sentence_words_deviation=round(statistics.pstdev(lengths), 2),
        flesch=_flesch(prose, mean) if english else None,
        dialogue_share=round(spoken / len(prose.text), 3),
    )


def count_syllables(word: str) -> int:
    """Groups of vowels, a silent e left out; at least one."""
    lower = word.lower()
    groups = len(_VOWELS.findall(lower))
    if groups > 1 and _SILENT_E.search(lower):
        groups -= 1
    return max(groups, 1)


def _flesch(prose: Prose, words_per_sentence: float) -> float:
    syllables = sum(count_syllables(prose.plain[start:end]) for start, end in prose.words)
    return round(206.835 - 1.015 * words_per_sentence - 84.6 * syllables / len(prose.words), 1)
