"""Unknown names: what a text seems to call its people, places, factions and items."""

from __future__ import annotations

from saga_agent.linking.candidates import Candidate, find_candidates
from saga_agent.linking.flat import flatten
from saga_agent.linking.grouping import Name, group_names
from saga_agent.linking.kinds import kinds_of_groups
from saga_agent.linking.mention import Mention
from saga_agent.linking.tokens import read_words


def detect(text: str) -> list[Mention]:
    """The probable names of a text, sorted, without overlap; a title is part of the mention.

    `group` joins the names of one bearer; `kind` is the same all over a group, None where no cue tells it. Finds
    names only in scripts that have capital letters.
    """
    flat = flatten(text)
    found = list(find_candidates(flat.text, read_words(text, flat)))
    keys = group_names(_name(candidate) for candidate in found)
    groups = [keys[_name(candidate)] for candidate in found]
    kinds = kinds_of_groups(flat.text, found, groups)
    return [
        Mention(flat.origin(candidate.start), flat.origin(candidate.end - 1) + 1, kind=kinds.get(group), group=group)
        for candidate, group in zip(found, groups, strict=True)
    ]


def _name(candidate: Candidate) -> Name:
    if not candidate.core:
        return (), candidate.titles
    return candidate.titles, tuple(word.lower() for word in candidate.core)
