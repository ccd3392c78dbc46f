"""What does not fit a model, in words for people: pydantic's findings, told as we tell everything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

Finding = Mapping[str, Any]
"""One of `ValidationError.errors()`: `type`, `loc`, `ctx`."""
_OUTER: Final = frozenset({"body", "query", "path", "header"})
"""Where a request holds something is nothing that its sender has to be told."""
_MUST_BE: Final = {
    "string": "must be a text",
    "int": "must be a whole number",
    "float": "must be a number",
    "finite": "must be a finite number",
    "bool": "must be true or false",
    "list": "must be a list",
    "tuple": "must be a list",
    "frozen": "must be a list",
    "set": "must be a list",
    "dict": "must be an object",
    "mapping": "must be an object",
    "model": "must be an object",
    "none": "must be null",
    "bytes": "must be a text",
}
_WORDS: Final[Mapping[str, Callable[[Finding], str]]] = {
    "missing": lambda _: "is missing",
    "extra_forbidden": lambda _: "is not known here; leave it out",
    "unexpected_keyword_argument": lambda _: "is not known here; leave it out",
    "missing_argument": lambda _: "is missing",
    "missing_keyword_only_argument": lambda _: "is missing",
    "literal_error": lambda ctx: f"must be {ctx['expected']}",
    "enum": lambda ctx: f"must be {ctx['expected']}",
    "string_too_short": lambda ctx: _at_least(ctx["min_length"], "character"),
    "string_too_long": lambda ctx: f"has more than {ctx['max_length']:,} characters",
    "too_short": lambda ctx: _at_least(ctx["min_length"], "item"),
    "too_long": lambda ctx: f"has more than {ctx['max_length']:,} items",
    "greater_than": lambda ctx: f"must be more than {ctx['gt']}",
    "greater_than_equal": lambda ctx: f"must be at least {ctx['ge']}",
    "less_than": lambda ctx: f"must be less than {ctx['lt']}",
    "less_than_equal": lambda ctx: f"must be at most {ctx['le']}",
    "string_pattern_mismatch": lambda ctx: f"must match {ctx['pattern']}",
    "string_unicode": lambda _: "holds half of a surrogate pair, which is no character",
    "union_tag_invalid": lambda ctx: f"has a wrong {ctx['discriminator']}; it must be one of {ctx['expected_tags']}",
    "union_tag_not_found": lambda ctx: f"needs {ctx['discriminator']}",
    "value_error": lambda ctx: f"cannot be used: {_without_stop(str(ctx['error']))}",
    "assertion_error": lambda ctx: f"cannot be used: {_without_stop(str(ctx['error']))}",
    "int_parsing_size": lambda _: "is too large a number",
    "json_invalid": lambda _: "must be JSON",
}
_OTHERWISE: Final = "cannot be used as it is"


def misfit(found: ValidationError | Sequence[Finding], *, within: str = "") -> str:
    """The first finding as a sentence without its stop, e.g. "'number' must be a whole number".

    Args:
        found: What pydantic found, or its list of it.
        within: What it is called where the value as a whole does not fit.
    """
    details = found.errors(include_url=False) if isinstance(found, ValidationError) else found
    first: Finding = details[0]  # pyright: ignore[reportAssignmentType]
    where = place_of(first)
    return f"{f'{where!r}' if where else within or 'the value'} {why(first)}"


def place_of(finding: Finding) -> str:
    """Where it is, as a path of names and numbers with dots; empty for the whole."""
    path: list[object] = list(finding["loc"])
    if path and path[0] in _OUTER:
        del path[0]
    return ".".join(str(part) for part in path)


def why(finding: Finding) -> str:
    """What is wrong with it, to stand after its name."""
    kind = str(finding["type"])
    if kind in _WORDS:
        return _WORDS[kind](finding.get("ctx") or {})
    return _MUST_BE.get(kind.partition("_")[0], _OTHERWISE)


def _at_least(length: int, unit: str) -> str:
    return "must not be empty" if length == 1 else f"needs at least {length:,} {unit}s"


def _without_stop(words: str) -> str:
    return words.rstrip(". ")
