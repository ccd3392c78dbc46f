"""Goals that cross: two who want the same thing that only one can have, or opposite things with it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from saga_agent.domain.entity import Entity

_WORD = re.compile(r"[^\W\d_]+")
_TAKE = frozenset("get win take claim steal seize wear inherit own gain conquer marry capture become rule".split())  # noqa: SIM905 - reads as a list
_KEEP = frozenset("guard keep protect defend save hide hold close preserve deny refuse".split())  # noqa: SIM905
_BREAK = frozenset("cross destroy burn break open kill end leave enter raid expose reveal betray free".split())  # noqa: SIM905
_EMPTY = frozenset("the a an to of her his their its my be and all for from at in on back again".split())  # noqa: SIM905


def crossing_goals(entities: Sequence[Entity]) -> Iterator[tuple[str, str, str]]:
    """Pairs of ids whose `want` or `goal` cross, with the word both are about."""
    by_object: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for entity in entities:
        for verb, objects in _goals(entity):
            for each in sorted(objects):
                by_object[each].append((entity.id, verb))
    found: dict[tuple[str, str], str] = {}
    for what, goals in sorted(by_object.items()):
        for (one, verb), (other, other_verb) in combinations(goals, 2):
            if one != other and _cross(verb, other_verb):
                found.setdefault((one, other), what)
    yield from ((one, other, what) for (one, other), what in found.items())


def _goals(entity: Entity) -> Iterator[tuple[str, frozenset[str]]]:
    for key in ("want", "goal"):
        value = entity.fields.get(key)
        words = [word.lower() for word in _WORD.findall(value)] if isinstance(value, str) else []
        words = words[1:] if words[:1] == ["to"] else words
        if words and words[0] in _TAKE | _KEEP | _BREAK:
            yield words[0], frozenset(words[1:]) - _EMPTY


def _cross(verb: str, other: str) -> bool:
    if verb in _TAKE and other in _TAKE:
        return True
    return (verb in _KEEP and other in _TAKE | _BREAK) or (other in _KEEP and verb in _TAKE | _BREAK)
