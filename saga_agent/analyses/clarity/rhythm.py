"""Rhythm: sentences that are too long or too even, and words that come again too soon."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator

from saga_agent.analyses.clarity.metrics import sentence_lengths
from saga_agent.analyses.findings import finding
from saga_agent.analyses.prose import Prose
from saga_agent.domain.finding import Finding

_LONG_WORDS = 45
_LONG_DEVIATIONS = 3.0
_EVEN_RUN = 6
_EVEN_WORDS = 1
"""How far lengths may lie apart and still sound even."""
_REPEAT_WITHIN_WORDS = 300
_GRAMS = (5, 4, 3)
_BREAK = re.compile(r"[.!?;:\"“”«»]")
_PLAIN = """a an the and or but of to in on at by for with from as into out up down over he she it they we i you him her
them us me his its their our your my was were is are be been had has have did do does would could should will can not
no that this these those there then so if when what who which said one all some more very just like about than too
again back now only even went go came come got get know think see look made make way time thing"""
_PLAIN_WORDS = frozenset(_PLAIN.split())


def long_sentences(prose: Prose) -> Iterator[Finding]:
    """Each sentence of more than 45 words that stands out from the others, too."""
    lengths = sentence_lengths(prose)
    if not lengths:
        return
    limit = _LONG_WORDS
    if len(lengths) > 2:
        limit = max(limit, statistics.fmean(lengths) + _LONG_DEVIATIONS * statistics.pstdev(lengths))
    for (start, end), length in zip(prose.sentences, lengths, strict=True):
        if length > limit:
            yield finding(
                "clarity.long_sentence",
                f"A sentence of {length} words.",
                evidence=[prose.evidence(start, end)],
                data={"words": length},
            )


def uniform_rhythm(prose: Prose) -> Iterator[Finding]:
    """Each run of six or more sentences of narration that have the same length."""
    lengths = sentence_lengths(prose)
    start = 0
    for end in range(1, len(lengths) + 1):
        run = lengths[start : end + 1]
        if end < len(lengths) and max(run) - min(run) <= _EVEN_WORDS:
            continue
        if end - start >= _EVEN_RUN and lengths[start] > 2:
            yield finding(
                "clarity.uniform_rhythm",
                f"{end - start} sentences in a row have about {lengths[start]} words.",
                evidence=[prose.evidence(*prose.sentences[start])],
                data={"sentences": end - start, "until": prose.sentences[end - 1][1] + prose.offset},
            )
        start = end


def repetitions(prose: Prose) -> Iterator[Finding]:
    """Each phrase of three to five words, two of them not plain, that comes again within 300 words."""
    words = [prose.plain[start:end].lower() for start, end in prose.words]
    taken: set[int] = set()
    for size in _GRAMS:
        last: dict[tuple[str, ...], int] = {}
        for at in range(len(words) - size + 1):
            gram = tuple(words[at : at + size])
            before = last.get(gram)
            last[gram] = at
            if before is None or at - before > _REPEAT_WITHIN_WORDS or at - before < size:
                continue
            if taken & {before, at} or not _is_telling(prose, at, size):
                continue
            taken.update(range(before, before + size), range(at, at + size))
            yield _repetition(prose, before, at, size)


def _is_telling(prose: Prose, at: int, size: int) -> bool:
    """Whether the phrase lies within a sentence, and two of its words carry meaning and are no names."""
    if _BREAK.search(prose.plain, prose.words[at][0], prose.words[at + size - 1][1]):
        return False
    surfaces = [prose.plain[start:end] for start, end in prose.words[at : at + size]]
    return sum(len(word) > 3 and word[0].islower() and word not in _PLAIN_WORDS for word in surfaces) >= 2


def _repetition(prose: Prose, before: int, at: int, size: int) -> Finding:
    places = [(prose.words[index][0], prose.words[index + size - 1][1]) for index in (before, at)]
    phrase = " ".join(prose.plain[places[1][0] : places[1][1]].split())
    return finding(
        "clarity.repetition",
        f"{phrase!r} comes again after {at - before} words.",
        evidence=[prose.evidence(start, end) for start, end in places],
        data={"words": phrase, "apart": at - before},
    )
