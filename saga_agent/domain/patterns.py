"""The wildcards of rules and grants: `*` stands for any run of characters, `?` for one."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from functools import cache

from pydantic import JsonValue

from saga_agent.domain.record import JsonObject, canonical_json


def matches(pattern: str, value: str) -> bool:
    """Whether the pattern fits the whole value; upper and lower case differ."""
    return _compiled(pattern).match(value) is not None


def matches_all(patterns: Mapping[str, str], arguments: JsonObject) -> bool:
    """Whether every pattern fits its argument; an absent argument fits none, one that is no string counts as JSON."""
    return all(name in arguments and matches(each, _text(arguments[name])) for name, each in patterns.items())


def covers(wide: str, narrow: str) -> bool:
    """Whether every value that `narrow` fits is one that `wide` fits; False where the two are too alike to tell."""
    reached = {0}  # places in `wide` that the part of `narrow` read so far may have led to
    for character in narrow:
        reached = _past_stars(wide, reached)
        following = {at for at in reached if wide[at : at + 1] == "*"}
        if character != "*":
            following |= {at + 1 for at in reached if at < len(wide) and wide[at] in (character, "?")}
        reached = following
    return len(wide) in _past_stars(wide, reached)


def _past_stars(pattern: str, places: set[int]) -> set[int]:
    """These places, and those behind stars there, which may stand for nothing."""
    found = set(places)
    for place in places:
        while pattern[place : place + 1] == "*":
            place += 1
            found.add(place)
    return found


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # `[` is a plain character here, unlike in file patterns.
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")), re.DOTALL)


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else canonical_json(value)
