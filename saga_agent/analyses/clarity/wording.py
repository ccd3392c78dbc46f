"""Habits of wording: filter verbs, feelings on dialogue tags, the passive."""

from __future__ import annotations

import re
from collections.abc import Iterator

from saga_agent.analyses.findings import finding
from saga_agent.analyses.prose import Prose
from saga_agent.domain.finding import Finding

_NO_NAME = r"(?:The|An?|This|That|These|Those|His|Her|My|Our|Your|Their|Its|What|Who)\b"
_SUBJECT = rf"(?:I|[Hh]e|[Ss]he|[Tt]hey|[Ww]e|(?!{_NO_NAME})[A-Z][\w’']+)"
_LY = r"(?:\w+ly\s+)?"
_PERCEIVED = (
    r"(?:(?:saw|sees|heard|hears|noticed|notices|watched|watches|sensed|senses|spotted|spots)"
    r"|(?:felt|feels)(?!\s+(?:for|(?:his|her|their|its|my|our)\s+way|along|around))"
    r"|(?:could|can)\s+(?:see|hear|feel|smell|taste|sense)"
    r"|(?:realised|realized|wondered|realises|realizes|wonders)(?=\s+(?:that|if|whether|how|why|what|who|he|she|it|they|the)\b))"
)
_FILTER = re.compile(rf"\b{_SUBJECT}\s+{_LY}(?P<verb>{_PERCEIVED})\b(?!\s+(?:to\s+it|off)\b)")

_TAG_VERBS = """said says asked asks replied replies answered answers cried cries whispered whispers murmured murmurs
muttered mutters shouted shouts called calls snapped snaps added adds began begins continued continues returned
returns repeated repeats remarked exclaimed agreed insisted told spoke demanded begged pleaded hissed growled"""
_FEELING = """admiringly adoringly affectionately aggressively amiably angrily anxiously apologetically arrogantly
bashfully bitterly bleakly boastfully breathlessly callously cheerfully cheerily contemptuously coyly crossly cruelly
defensively defiantly dejectedly delightedly desperately despairingly disapprovingly disdainfully disgustedly
dismally eagerly enthusiastically enviously excitedly exuberantly fearfully fiercely fondly forlornly frantically
furiously gladly gleefully gloomily gratefully grimly grumpily guiltily happily hatefully haughtily hopefully
hopelessly hysterically impatiently indignantly innocently irritably jealously jovially joyfully joyously jubilantly
kindly lovingly menacingly merrily miserably morosely mournfully nervously obnoxiously passionately peevishly
petulantly pitifully proudly reproachfully resentfully ruefully sadly sarcastically scornfully seductively sheepishly
shyly smugly snidely sorrowfully sourly spitefully sulkily sullenly suspiciously sympathetically tearfully tenderly
testily timidly triumphantly unhappily vehemently vengefully viciously wearily wistfully worriedly wrathfully"""
# Adverbs that report how a voice sounds (quietly, softly, slowly, loudly) are in no list: only a feeling named
# beside the words that should carry it is worth a note.
_FEELINGS = frozenset(_FEELING.split())
_TAG = re.compile(rf"\b(?:{'|'.join(_TAG_VERBS.split())})\b", re.IGNORECASE)
_ADVERB = re.compile(r"\b[A-Za-z]+ly\b")
_REACH = 60

_BE = r"(?:was|were|been|being|is|are|be)"
_IRREGULAR = """beaten bitten blown born borne bought bound broken brought built burnt carried caught chosen cut dealt
drawn driven eaten fed flung forbidden forgotten found fought given ground heard held hidden hit hurt kept killed
laid led left lent lit lost made met paid put read seen sent set shot shown slain sold spent spoken stolen struck
sung sworn swept taken taught thrown told torn understood won worn woven written"""
_STATE = """tired interested scared excited worried surprised pleased married engaged delighted frightened bored
confused ashamed amazed astonished exhausted satisfied determined supposed used finished relieved embarrassed annoyed
disappointed convinced alarmed puzzled accustomed inclined concerned crowded aged naked wicked sacred beloved
indeed need seed crooked rugged ragged wretched learned blessed hundred red"""
_STATES = frozenset(_STATE.split())
_PASSIVE = re.compile(
    rf"\b{_BE}\s+(?:(?:not|never|\w+ly|already|always|still|just|soon)\s+)?(?P<participle>[a-z]{{2,}}ed|{'|'.join(_IRREGULAR.split())})\b"
)


def filter_verbs(prose: Prose) -> Iterator[Finding]:
    """Each verb of perceiving that stands between the reader and what is perceived."""
    for match in _FILTER.finditer(prose.narration):
        words = " ".join(match[0].split())
        yield finding(
            "clarity.filter_verb",
            f"{words!r} tells that it is perceived; say what is there.",
            evidence=[prose.clause_from(match.start())],
            data={"words": words},
        )


def tag_adverbs(prose: Prose) -> Iterator[Finding]:
    """Each adverb of feeling on a dialogue tag; those that report a voice are fine."""
    for match in _ADVERB.finditer(prose.narration):
        if match[0].lower() in _FEELINGS and _is_on_tag(prose, match.start(), match.end()):
            start, end = prose.sentence_at(match.start())
            yield finding(
                "clarity.tag_adverb",
                f"{match[0]!r} names the feeling that the words themselves could carry.",
                evidence=[prose.evidence(start, end)],
                data={"words": match[0]},
            )


def _is_on_tag(prose: Prose, start: int, end: int) -> bool:
    """Whether a tag verb is beside the adverb, and dialogue before or after both, in one paragraph."""
    left = max(prose.plain.rfind("\n\n", 0, start), start - _REACH, 0)
    right = min(end + _REACH, len(prose.plain))
    for mark in (". ", "! ", "? "):
        left = max(left, prose.narration.rfind(mark, left, start))
        stop = prose.narration.find(mark, end, right)
        right = stop if stop >= 0 else right
    near_quote = any(q_start <= right and q_end >= left for q_start, q_end in prose.quotes)
    return near_quote and _TAG.search(prose.narration[left:right]) is not None


def passives(prose: Prose) -> Iterator[Finding]:
    """Each form of "to be" with a participle; words that tell a state (tired, married) are none."""
    for match in _PASSIVE.finditer(prose.narration):
        if match["participle"] not in _STATES:
            words = " ".join(match[0].split())
            yield finding(
                "clarity.passive",
                f"{words!r}: who does it?",
                evidence=[prose.clause_from(match.start())],
                data={"words": words},
                certainty="possible",
            )
