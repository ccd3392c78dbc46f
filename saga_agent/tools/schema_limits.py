"""What it may cost to check arguments against a schema that somebody else wrote.

A validator follows each reference as often as it meets it. A few lines can therefore ask for more work than there is
time, by definitions that double one another or that call themselves twice at each level. What a schema weighs is
counted once, when the tool is made; each call is then held against that, before a validator sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from pydantic import JsonValue

from saga_agent.domain.record import JsonObject

MOST_CHARACTERS = 200_000
"""Longest schema, as JSON."""
DEEPEST = 64
"""Levels of nesting, of a schema and of arguments."""
_MOST_PLACES = 20_000
_MOST_STEPS = 10_000_000
"""Places of the schema times values of the arguments: a third of a second for a compiled validator, at the worst."""

_BY_NAME = ("properties", "patternProperties", "dependentSchemas", "dependencies")
"""Keywords that hold schemas by name."""
_DEEPER = (
    "properties",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "items",
    "prefixItems",
    "additionalItems",
    "unevaluatedItems",
    "contains",
)
"""Keywords whose schemas are for what is inside the value."""
_DATA = ("enum", "const", "default", "examples", "$defs", "definitions")
"""Keywords that hold values, or schemas that count only where something refers to them."""
_DYNAMIC = ("$dynamicRef", "$recursiveRef")


class UnusableSchema(ValueError):
    """Why a schema cannot be taken, in words that stand after the tool's name."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a schema asks for: its places with all references followed, and how it grows where it calls itself."""

    places: int
    returns: int = 0
    """How often one definition leads back to itself, at most; 0 where none does."""
    levels: int = 1
    """How many levels of the arguments lie between, at least."""

    def allows(self, arguments: JsonObject) -> bool:
        """Whether checking these arguments stays within bounds, however the schema is meant."""
        steps = 0.0
        for depth in _depths(arguments):
            if depth > DEEPEST:
                return False
            steps += self.places * float(max(self.returns, 1)) ** (depth // self.levels)
            if steps > _MOST_STEPS:
                return False
        return True


def weigh(schema: JsonObject) -> Weight:
    """The weight of a schema.

    Raises: `UnusableSchema` for references that leave the schema, lead nowhere, or never end; and for too much of it.
    """
    if any(depth > DEEPEST for depth in _depths(schema)):
        raise UnusableSchema(f"is nested deeper than {DEEPEST} levels")
    scale = _Scale(schema)
    scale.visit(schema, {"#": 0}, 0)
    return Weight(scale.places, max(scale.returns.values(), default=0), scale.levels)


class _Scale:
    """Walks a schema as a validator would, without arguments."""

    def __init__(self, schema: JsonObject) -> None:
        self._schema = schema
        self.places, self.levels = 0, DEEPEST
        self.returns: dict[str, int] = {}

    def visit(self, schema: object, inside: dict[str, int], level: int) -> None:
        """Counts what stands where a schema may.

        Args:
            schema: A schema; a text or a truth value counts too, and holds nothing.
            inside: The definitions that are being followed, with the level they began on.
            level: How far inside the arguments it is meant for.
        """
        self.places += 1
        if self.places > _MOST_PLACES:
            raise UnusableSchema(f"comes to more than {_MOST_PLACES:,} places when its references are followed")
        if not isinstance(schema, Mapping):
            return
        keywords = cast(Mapping[str, Any], schema)
        _check_place(keywords, is_root=keywords is self._schema)
        if "$ref" in keywords:
            self._follow(keywords["$ref"], inside, level)
        for keyword, value in keywords.items():
            if keyword not in _DATA:
                for each in _schemas(keyword, value):
                    self.visit(each, inside, level + (keyword in _DEEPER))

    def _follow(self, reference: object, inside: dict[str, int], level: int) -> None:
        target = _found(self._schema, reference)
        name = str(reference).removesuffix("/")
        if name not in inside:
            self.visit(target, {**inside, name: level}, level)
            return
        if level == inside[name]:
            raise UnusableSchema(f"refers to itself without an end: {name!r} is part of its own definition")
        self.levels = min(self.levels, level - inside[name])
        for each in inside:
            self.returns[each] = self.returns.get(each, 0) + 1


def _check_place(keywords: Mapping[str, Any], *, is_root: bool) -> None:
    if dynamic := next((each for each in _DYNAMIC if each in keywords), None):
        raise UnusableSchema(f"has {dynamic}, which depends on who asks; use $ref")
    if not is_root and isinstance(keywords.get("$id"), str):
        raise UnusableSchema(f"has a schema of its own inside ({keywords['$id']!r:.80}); put it into $defs without $id")


def _schemas(keyword: str, value: object) -> Iterable[object]:
    """The schemas under a keyword; none for a bound, a text or a name."""
    match value:
        case Mapping() if keyword in _BY_NAME:
            return cast(Mapping[str, object], value).values()
        case Mapping():
            return (cast(object, value),)
        case list():
            return cast(list[object], value)
        case _:
            return ()


def _found(schema: JsonObject, reference: object) -> object:
    """What a reference within the schema points at."""
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        raise UnusableSchema(f"refers to {reference!r:.80}; a reference must point into it, such as '#/$defs/place'")
    place: object = schema
    for part in reference.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        match place:
            case Mapping() if name in place:
                place = cast(Mapping[str, object], place)[name]
            case list() if name.isdecimal() and int(name) < len(cast(list[object], place)):
                place = cast(list[object], place)[int(name)]
            case _:
                raise UnusableSchema(f"refers to {reference!r:.80}, which is not in it")
    return place


def _depths(value: JsonValue) -> Iterator[int]:
    """The depth of each value in it, the whole being 0."""
    rest: list[tuple[JsonValue, int]] = [(value, 0)]
    while rest:
        value, depth = rest.pop()
        yield depth
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        rest.extend((each, depth + 1) for each in inner)
