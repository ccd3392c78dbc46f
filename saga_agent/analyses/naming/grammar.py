"""Names from syllables, where there are too few names to learn from: those of the names given, or a plain stock."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from saga_agent.analyses.naming.chain import pick

NameKind = Literal["person", "place", "faction", "item"]

_SYLLABLE = re.compile(
    r"[^aeiouyàáâäæèéêëìíîïòóôöøùúûü]*[aeiouyàáâäæèéêëìíîïòóôöøùúûü]+(?:[^aeiouyàáâäæèéêëìíîïòóôöøùúûü]+$)?"
)
_STOCK = {
    "person": "al ar bel bran cor dar el em fen gar hal is jor ka lin mar na or per ren sel ta ul ves wil yor",
    "place": "ash bar col dun el fal glen har il kel lor mer nor os pel ros sal tor ur vel wen",
    "faction": "ar cal der el fen gar hol ir kor lan mor nar or ral sor tal ur var",
    "item": "al bri cal dur el fal gri hal ir kal lum mor nil or ral sil tor ul vin",
}
_MIDDLES = "a e i o an en in ar er la le li ra ri da na ve"
_ENDS = {
    "person": "a an as e en eth ia in is on or us wyn ra ric mund wen",
    "place": "burn by combe den fell ford ham holt ley mere stead ton wick worth",
    "faction": "ain an ari en eth im ine ish or oth",
    "item": "ael an ath eth il in or ril un ur",
}
_LONG_NAME = 0.35
"""How often a name gets a middle."""


@dataclass(frozen=True, slots=True)
class SyllableGrammar:
    """First, middle and last syllables; a name is a first and a last one, sometimes with a middle between them."""

    firsts: Counter[str]
    middles: Counter[str]
    lasts: Counter[str]

    def draw(self, rng: random.Random, *, starts_with: str = "") -> str:
        """One name, in small letters; it begins as wanted, whether the syllables know it or not."""
        wanted = starts_with.lower()
        fitting = Counter({each: weight for each, weight in self.firsts.items() if each.startswith(wanted)})
        first = pick(rng, fitting) if fitting else wanted or pick(rng, self.firsts)
        middle = pick(rng, self.middles) if self.middles and rng.random() < _LONG_NAME else ""
        return first + middle + pick(rng, self.lasts)


def build_grammar(kind: NameKind, names: Sequence[str]) -> SyllableGrammar:
    """The grammar of these names' own syllables; of the stock for that kind where there are none."""
    split = [parts for name in names if (parts := syllables(name))]
    if not split:
        return SyllableGrammar(Counter(_STOCK[kind].split()), Counter(_MIDDLES.split()), Counter(_ENDS[kind].split()))
    return SyllableGrammar(
        Counter(parts[0] for parts in split),
        Counter(part for parts in split for part in parts[1:-1]),
        Counter(parts[-1] for parts in split),
    )


def syllables(name: str) -> list[str]:
    """The name cut after each group of vowels, the last consonants kept with it; in small letters."""
    lower = name.strip().lower()
    return _SYLLABLE.findall(lower) or ([lower] if lower else [])
