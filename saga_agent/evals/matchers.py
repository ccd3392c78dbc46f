"""What fits an argument: values, patterns, tolerances and more, each with a spelling in JSON.

A value stands for itself, and so do lists and objects, which may hold matchers. A matcher is an object whose first key
begins with `$`; `{"$exact": ...}` is for values that look like one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeGuard, cast

import regex

from saga_agent.errors import EvalError
from saga_agent.evals.assignment import best_assignment
from saga_agent.linking import Bible
from saga_agent.linking.linker import link

Test = Callable[[Any], bool]
_PATTERN_SECONDS = 0.5
"""By then a pattern is taken to run away; sound ones take microseconds."""
_LONGEST_UNORDERED = 200
_ARTICLES = frozenset({"the", "a", "an"})


@dataclass(frozen=True, slots=True)
class Means:
    """What matchers may look things up in."""

    functions: Mapping[str, Test] = field(default_factory=dict[str, Test])
    """The functions that `{"$function": name}` calls."""
    bible: Bible | None = None
    """Whom `{"$entity": ...}` names."""


class Matcher(Protocol):
    """Says whether a value will do."""

    def fault(self, value: Any) -> str:
        """Why the value does not fit, as the end of a sentence about it; empty when it does."""
        ...


@dataclass(frozen=True, slots=True)
class Exact:
    """The value itself: `5` equals `5.0`, and neither equals `true` or `"5"`."""

    value: Any

    def fault(self, value: Any) -> str:
        return "" if same(value, self.value) else f"is not {shown(self.value)}"


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of just these items in this order, each a matcher."""

    items: tuple[Matcher, ...]

    def fault(self, value: Any) -> str:
        if not _is_list(value):
            return "is no list"
        if len(value) != len(self.items):
            return f"has {len(value)} items, not {len(self.items)}"
        faults = (item.fault(each) for item, each in zip(self.items, value, strict=True))
        return next((f"has an item {place} that {text}" for place, text in enumerate(faults, 1) if text), "")


@dataclass(frozen=True, slots=True)
class Fields:
    """An object of just these fields; an optional one may be left out."""

    fields: Mapping[str, Matcher]
    optional: frozenset[str] = frozenset()

    def fault(self, value: Any) -> str:
        if not isinstance(value, Mapping):
            return "is no object"
        given = cast("Mapping[str, Any]", value)
        if unknown := next((name for name in given if name not in self.fields), None):
            return f"has a field {unknown!r} that should not be there"
        for name, matcher in self.fields.items():
            if name in given:
                if text := matcher.fault(given[name]):
                    return f"has a field {name!r} that {text}"
            elif name not in self.optional:
                return f"lacks the field {name!r}"
        return ""


@dataclass(frozen=True, slots=True)
class Ignore:
    """Anything: `{"$ignore": true}`."""

    def fault(self, value: Any) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class OneOf:
    """Any of these: `{"$one_of": [...]}`."""

    options: tuple[Matcher, ...]

    def fault(self, value: Any) -> str:
        faults = [option.fault(value) for option in self.options]
        return "" if "" in faults else " and ".join(dict.fromkeys(faults))


@dataclass(frozen=True, slots=True)
class Subset:
    """A list or object with nothing beyond these: `{"$subset": [...]}`, `{"$subset": {...}}`."""

    of: Listed | Fields

    def fault(self, value: Any) -> str:
        if isinstance(self.of, Fields):
            return Fields(self.of.fields, frozenset(self.of.fields)).fault(value)
        if not _is_list(value):
            return "is no list"
        options = OneOf(self.of.items)
        beyond = next((each for each in value if options.fault(each)), _NOTHING)
        return "" if beyond is _NOTHING else f"has {shown(beyond)}, which should not be there"


@dataclass(frozen=True, slots=True)
class Superset:
    """A list or object with at least these: `{"$superset": [...]}`, `{"$superset": {...}}`."""

    of: Listed | Fields
    spelled: Any

    def fault(self, value: Any) -> str:
        if isinstance(self.of, Fields):
            if not isinstance(value, Mapping):
                return "is no object"
            given = cast("Mapping[str, Any]", value)
            return self.of.fault({name: each for name, each in given.items() if name in self.of.fields})
        if not _is_list(value):
            return "is no list"
        for item, spelled in zip(self.of.items, self.spelled, strict=True):
            if all(item.fault(each) for each in value):
                return f"lacks {shown(spelled)}"
        return ""


@dataclass(frozen=True, slots=True)
class Unordered:
    """A list of just these items in any order: `{"$unordered": [...]}`."""

    items: tuple[Matcher, ...]
    spelled: Any

    def fault(self, value: Any) -> str:
        if not _is_list(value):
            return "is no list"
        if len(value) != len(self.items):
            return f"has {len(value)} items, not {len(self.items)}"
        pairs = best_assignment([[0.0 if item.fault(each) else 1.0 for each in value] for item in self.items])
        return f"lacks {shown(self.spelled[pairs.index(None)])}" if None in pairs else ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text in which the regular expression is found: `{"$regex": "^Ald(ric|wyn)$"}`."""

    pattern: regex.Pattern[str]

    def fault(self, value: Any) -> str:
        if not isinstance(value, str):
            return "is no text"
        try:
            found = self.pattern.search(value, timeout=_PATTERN_SECONDS)
        except TimeoutError:
            raise EvalError(
                f"The pattern {self.pattern.pattern!r} runs away on {shown(value)}; write it without nested repeats."
            ) from None
        return "" if found else f"does not match {self.pattern.pattern!r}"


@dataclass(frozen=True, slots=True)
class Near:
    """A number close to this one: `{"$near": 12, "absolute": 0.5, "relative": 0.01}`, whichever allows more."""

    value: float
    tolerance: float

    def fault(self, value: Any) -> str:
        if not _is_number(value):
            return "is no number"
        # Numbers may be whole ones beyond what a float holds; they are not near to anything that is not the same.
        if value == self.value:
            return ""
        try:
            near = abs(value - self.value) <= self.tolerance
        except OverflowError:
            near = False
        return "" if near else f"is not within {self.tolerance:g} of {self.value:g}"


@dataclass(frozen=True, slots=True)
class EntityReference:
    """A name or the id of this entity of the bible: `{"$entity": "ent_aldric"}` or `{"$entity": "Aldric"}`."""

    entity_id: str
    bible: Bible

    def fault(self, value: Any) -> str:
        if not isinstance(value, str):
            return "is no text"
        if value == self.entity_id:
            return ""
        meant = owners_of(value, self.bible)
        if meant == {self.entity_id}:
            return ""
        if self.entity_id in meant:
            return f"may mean {', '.join(sorted(meant))}, so it does not say {self.entity_id!r}"
        return f"means {', '.join(sorted(meant))}, not {self.entity_id!r}" if meant else f"is not {self.entity_id!r}"


@dataclass(frozen=True, slots=True)
class Function:
    """What a function of one's own returns true for: the function itself, or `{"$function": name}`."""

    name: str
    function: Test

    def fault(self, value: Any) -> str:
        try:
            fits = self.function(value)
        except Exception as error:  # whatever a host's function raises
            raise EvalError(f"The matcher function {self.name!r} failed on {shown(value)}: {error!r}.") from error
        return "" if fits else f"is refused by {self.name!r}"


def build_matcher(spelled: Any, means: Means) -> Matcher:
    """The matcher that is spelled like this; raises `EvalError` for one that there is not."""
    if is_matcher(spelled):
        return _spelled_matcher(cast("Mapping[str, Any]", spelled), means)
    if isinstance(spelled, Mapping):
        return _build_fields(cast("Mapping[str, Any]", spelled), means)
    if _is_list(spelled):
        return Listed(_items(spelled, means))
    if callable(spelled):
        return Function(getattr(spelled, "__name__", repr(spelled)), cast("Test", spelled))
    return Exact(spelled)


def is_matcher(spelled: object) -> bool:
    """Whether it is spelled like a matcher, of whatever kind."""
    return isinstance(spelled, Mapping) and str(next(iter(cast("Mapping[object, Any]", spelled)), "")).startswith("$")


def _build_fields(fields: Mapping[str, Any], means: Means) -> Matcher:
    plain = Fields({name: build_matcher(value, means) for name, value in fields.items()})
    if not fields or not all(_is_list(value) for value in fields.values()):
        return plain
    # BFCL lists what is allowed for each field, "" for one that may be left out; it may be lists that are meant, too.
    listed = Fields(
        {name: OneOf(tuple(build_matcher(each, means) for each in value)) for name, value in fields.items()},
        frozenset(name for name, value in fields.items() if "" in value),
    )
    return OneOf((listed, plain))


def _spelled_matcher(fields: Mapping[str, Any], means: Means) -> Matcher:
    key = next(iter(fields))
    if unknown := set(fields) - {key} - ({"absolute", "relative"} if key == "$near" else set()):
        raise EvalError(f"{key} has {sorted(unknown)[0]!r} beside it; give each matcher an object of its own.")
    build = _BUILDERS.get(key)
    matcher = build(fields[key], fields, means) if build else None
    if matcher is None:
        raise EvalError(f"{shown(dict(fields))} is no matcher; there are {', '.join(_BUILDERS)}.")
    return matcher


def _one_of(given: Any, _: Mapping[str, Any], means: Means) -> Matcher | None:
    return OneOf(_items(given, means)) if _is_list(given) and given else None


def _subset(given: Any, _: Mapping[str, Any], means: Means) -> Matcher | None:
    contents = _contents(given, means)
    return Subset(contents) if contents else None


def _superset(given: Any, _: Mapping[str, Any], means: Means) -> Matcher | None:
    contents = _contents(given, means)
    return Superset(contents, given) if contents else None


def _contents(given: Any, means: Means) -> Listed | Fields | None:
    if isinstance(given, Mapping):
        fields = cast("Mapping[str, Any]", given)
        return Fields({name: build_matcher(value, means) for name, value in fields.items()})
    return Listed(_items(given, means)) if _is_list(given) else None


def _unordered(given: Any, _: Mapping[str, Any], means: Means) -> Matcher | None:
    return Unordered(_items(given, means), given) if _is_list(given) and len(given) <= _LONGEST_UNORDERED else None


def _items(given: Sequence[Any], means: Means) -> tuple[Matcher, ...]:
    return tuple(build_matcher(item, means) for item in given)


def _pattern(given: Any, *_: object) -> Matcher | None:
    if not isinstance(given, str):
        return None
    try:
        return Pattern(regex.compile(given))
    except regex.error as error:
        raise EvalError(f"{given!r} is no regular expression: {error}.") from None


def _near(given: Any, fields: Mapping[str, Any], _: Means) -> Matcher | None:
    if not _is_number(given):
        return None
    tolerances = {name: fields.get(name, 0) for name in ("absolute", "relative")}
    for name, tolerance in tolerances.items():
        if not _is_number(tolerance) or not 0 <= tolerance < math.inf:
            raise EvalError(f"The {name} tolerance of a $near matcher is {shown(tolerance)}; give a number from 0.")
    return Near(given, max(tolerances["absolute"], tolerances["relative"] * abs(given)))


def _entity(given: Any, _: Mapping[str, Any], means: Means) -> Matcher | None:
    if not isinstance(given, str):
        return None
    bible = means.bible
    if bible is None:
        raise EvalError(f"{{'$entity': {given!r}}} needs the story's names; hand in bible=compile_bible(...).")
    if any(claim.owner.id == given for claims in bible.claims for claim in claims):
        return EntityReference(given, bible)
    meant = owners_of(given, bible)
    if len(meant) != 1:
        what = f"may mean {', '.join(sorted(meant))}" if meant else "is neither an id nor a name of the bible"
        raise EvalError(f"{{'$entity': {given!r}}} {what}; give the entity's id.")
    return EntityReference(meant.pop(), bible)


def _function(given: Any, _: Mapping[str, Any], means: Means) -> Matcher | None:
    if not isinstance(given, str):
        return None
    if given not in means.functions:
        raise EvalError(f"There is no matcher function {given!r}; hand it in with functions={{{given!r}: ...}}.")
    return Function(given, means.functions[given])


_BUILDERS: Mapping[str, Callable[[Any, Mapping[str, Any], Means], Matcher | None]] = {
    "$exact": lambda given, fields, means: Exact(given),
    "$ignore": lambda given, fields, means: Ignore() if given is True else None,
    "$one_of": _one_of,
    "$subset": _subset,
    "$superset": _superset,
    "$unordered": _unordered,
    "$regex": _pattern,
    "$near": _near,
    "$entity": _entity,
    "$function": _function,
}
"""By spelling, what makes the matcher; None for what the spelling does not take."""


def owners_of(name: str, bible: Bible) -> set[str]:
    """The ids of the entities that the whole text may name, with or without an article, in capitals or not."""
    for spelling in dict.fromkeys((name, name.title())):
        mentions = link(spelling, bible)
        if len(mentions) == 1:
            rest = (spelling[: mentions[0].start] + spelling[mentions[0].end :]).casefold().split()
            if all(word in _ARTICLES for word in rest):
                return {mentions[0].entity_id} if mentions[0].entity_id else set(mentions[0].candidates)
    return set()


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal: 5 is 5.0 wherever it stands, true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        fields, others = cast("Mapping[Any, Any]", one), cast("Mapping[Any, Any]", other)
        return fields.keys() == others.keys() and all(same(value, others[name]) for name, value in fields.items())
    if _is_list(one) and _is_list(other):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def spelled_json(value: Any) -> Any:
    """The spelling in JSON of what is allowed: functions by their names."""
    if isinstance(value, Mapping):
        return {str(name): spelled_json(each) for name, each in cast("Mapping[Any, Any]", value).items()}
    if _is_list(value):
        return [spelled_json(each) for each in value]
    return {"$function": getattr(value, "__name__", repr(value))} if callable(value) else value


def shown(value: Any) -> str:
    """A value in a sentence, cut where it is long."""
    text = repr(spelled_json(value))
    return text if len(text) <= 120 else f"{text[:117]}..."


def _is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_NOTHING = object()
