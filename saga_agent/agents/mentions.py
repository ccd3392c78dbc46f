"""Mentions: `@name` in what a writer typed. Only such words call a subagent; no model, document or tool can."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass

_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})", re.MULTILINE)
_TICKS = re.compile(r"(?<!\\)`+")
_MENTION = re.compile(
    r"""(?<![\w.+\-/\\@])@                               # not in an address, a path or a link, and not escaped
    (?P<name>(?>[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9])?))  # whole: never a part of a longer word
    (?![\w@/\\])(?!\.\w)                                # not "@editor.com"
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class AgentMentions:
    """Whom a message calls, each once, in its order; and names that call nobody."""

    known: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def find_mentions(text: str, subagents: Collection[str]) -> AgentMentions:
    """The mentions in the text, upper and lower case alike; code and e-mail addresses hold none, nor does an escape."""
    names = dict.fromkeys(match["name"] for match in _matches(text))
    known = dict.fromkeys(name.lower() for name in names if name.lower() in subagents)
    return AgentMentions(tuple(known), tuple(name for name in names if name.lower() not in subagents))


def without_mentions(text: str, subagents: Collection[str]) -> str:
    """The text without the mentions of these; what a subagent is told to do when the writer calls it."""
    rest: list[str] = []
    end = 0
    for match in _matches(text):
        if match["name"].lower() in subagents:
            rest.append(text[end : match.start()].rstrip(" "))
            end = match.end()
    return "".join([*rest, text[end:]]).strip() or text.strip()


def _matches(text: str) -> list[re.Match[str]]:
    code = sorted(_code(text))
    starts = [start for start, _ in code]

    def is_code(place: int) -> bool:
        before = bisect_right(starts, place) - 1
        return before >= 0 and place < code[before][1]

    return [match for match in _MENTION.finditer(text) if not is_code(match.start())]


def _code(text: str) -> list[tuple[int, int]]:
    """Where code stands: fenced blocks, which an unclosed fence opens to the end, and spans in backticks."""
    blocks: list[tuple[int, int]] = []
    while opening := _FENCE.search(text, blocks[-1][1] if blocks else 0):
        closing = re.compile(rf"^ {{0,3}}{opening['fence']}{opening['fence'][0]}*[ \t]*$", re.MULTILINE)
        closed = closing.search(text, opening.end())
        blocks.append((opening.start(), closed.end() if closed else len(text)))
    plain, spans = 0, list(blocks)
    for start, end in [*blocks, (len(text), len(text))]:
        spans += _spans(text, plain, start)
        plain = end
    return spans


def _spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The code spans between the blocks: a run of backticks up to the next run of the same length."""
    ticks = list(_TICKS.finditer(text, start, end))
    closing = _next_alike([len(run[0]) for run in ticks])
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(ticks):
        if at in closing:
            spans.append((ticks[at].start(), ticks[closing[at]].end()))
        at = closing.get(at, at) + 1
    return spans


def _next_alike(lengths: Sequence[int]) -> dict[int, int]:
    """The place of each length, as far as it comes again -> where it comes next."""
    following: dict[int, int] = {}
    found: dict[int, int] = {}
    for place in reversed(range(len(lengths))):
        if (later := following.get(lengths[place])) is not None:
            found[place] = later
        following[lengths[place]] = place
    return found
