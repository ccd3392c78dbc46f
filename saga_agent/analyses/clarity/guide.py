"""Where a passage departs from the writer's style guide."""

from __future__ import annotations

import re
from collections.abc import Iterator

from saga_agent.analyses.findings import finding
from saga_agent.analyses.prose import Prose
from saga_agent.domain.finding import Finding
from saga_agent.domain.project import StyleGuide

_FIRST = re.compile(r"\b(?:I|I['’](?:m|d|ve|ll))\b")
_THIRD = re.compile(r"\b(?:[Hh]e|[Ss]he|[Tt]hey)\b")
_PRESENT = re.compile(
    r"\b(?:[Hh]e|[Ss]he|[Ii]t)\s+(?:is|has|says|goes|looks|walks|turns|takes|knows|sees|stands|sits|feels|runs|comes|"
    r"opens|pulls|does|thinks|asks|makes|gets|wants|tells|hears|leaves|keeps|holds|puts|gives|finds|smiles|nods)\b"
)
_PAST = re.compile(
    r"\b(?:[Hh]e|[Ss]he|[Ii]t)\s+(?:was|had|said|went|looked|walked|turned|took|knew|saw|stood|sat|felt|ran|came|"
    r"opened|pulled|did|thought|asked|made|got|wanted|told|heard|left|kept|held|put|gave|found|smiled)\b"
)
_BRITISH_AMERICAN = """colour:color favour:favor honour:honor labour:labor neighbour:neighbor rumour:rumor
harbour:harbor armour:armor humour:humor behaviour:behavior flavour:flavor odour:odor parlour:parlor vapour:vapor
centre:center theatre:theater grey:gray defence:defense offence:offense travelled:traveled traveller:traveler
jewellery:jewelry
marvellous:marvelous woollen:woolen plough:plow mould:mold moustache:mustache realise:realize realised:realized
recognise:recognize recognised:recognized apologise:apologize apologised:apologized organise:organize
organised:organized pyjamas:pajamas sceptre:scepter sombre:somber splendour:splendor valour:valor vigour:vigor"""
_PAIRS = [(pair.partition(":")[0], pair.partition(":")[2]) for pair in _BRITISH_AMERICAN.split()]


def banned_words(prose: Prose, rules: StyleGuide) -> Iterator[Finding]:
    """Each word that the guide bans, in dialogue too."""
    for word in rules.banned_words:
        if bare := word.strip():
            pattern = re.compile(rf"(?<!\w){re.escape(bare)}(?!\w)", re.IGNORECASE)
            yield from _each(prose, "style.banned_word", pattern, prose.plain, "{} is banned by the style guide.")


def other_person(prose: Prose, rules: StyleGuide) -> Iterator[Finding]:
    """Where the narration, dialogue aside, is in another person; of first person only that it never occurs."""
    if rules.person == "third":
        yield from _each(prose, "style.person", _FIRST, prose.narration, "{}: the style guide asks for third person.")
    if rules.person == "first" and not _FIRST.search(prose.narration) and (found := _THIRD.search(prose.narration)):
        yield _departure(prose, "style.person", found, "{}: the style guide asks for first person.")


def other_tense(prose: Prose, rules: StyleGuide) -> Iterator[Finding]:
    """Where the narration, dialogue aside, is in another tense."""
    if rules.tense is not None:
        wrong = _PRESENT if rules.tense == "past" else _PAST
        yield from _each(prose, "style.tense", wrong, prose.narration, f"{{}}: the style guide asks for {rules.tense}.")


def other_spelling(prose: Prose, rules: StyleGuide) -> Iterator[Finding]:
    """Each word in the spelling of the other side of the Atlantic."""
    if rules.spelling is not None:
        at = 0 if rules.spelling == "american" else 1
        for pair in _PAIRS:
            pattern = re.compile(rf"\b{pair[at]}\b", re.IGNORECASE)
            yield from _each(prose, "style.spelling", pattern, prose.plain, f"{{}}: write {pair[1 - at]!r}.")


def _each(prose: Prose, code: str, pattern: re.Pattern[str], within: str, message: str) -> Iterator[Finding]:
    for match in pattern.finditer(within):
        yield _departure(prose, code, match, message)


def _departure(prose: Prose, code: str, match: re.Match[str], message: str) -> Finding:
    return finding(
        code, message.format(repr(match[0])), evidence=[prose.clause_from(match.start())], data={"words": match[0]}
    )
