"""The rules of the Berkeley Function Calling Leaderboard (v4, Python), kept exactly, odd ones too.

They are kept so that scores can be put beside published ones. They forgive what the strict mode does not (case, commas
and dashes in texts), are strict where it is not (whole numbers in lists of floats), and match greedily.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from saga_agent.errors import EvalError
from saga_agent.evals.calls import GivenCall
from saga_agent.evals.matchers import shown
from saga_agent.evals.tooldocs import ToolDoc
from saga_agent.evals.verdict import ArgumentDiff, CallDiff, Outcome, Verdict, gravest

_TYPES: Mapping[str, type] = {
    "string": str,
    "integer": int,
    "float": float,
    "boolean": bool,
    "array": list,
    "tuple": list,
    "dict": dict,
    "any": str,
}
_LISTS = ("array", "tuple")
_IGNORED = re.compile(r"[ ,./\-_*^]")

Gold = Mapping[str, Mapping[str, Sequence[Any]]]


def judge(
    tools: Sequence[ToolDoc], expected: Sequence[Gold], calls: Sequence[GivenCall], category: str = ""
) -> Verdict:
    """The leaderboard's verdict: all or nothing.

    The category is one of its names; without one, none expected is `irrelevance`, several are `parallel`, and one is
    `simple`, or `multiple` where there are several tools.

    Raises:
        EvalError: The gold or a tool is of a shape that the leaderboard's own checker falls over.
    """
    try:
        diffs = _diffs(tools, expected, calls, category or _category(tools, expected))
    except (LookupError, TypeError, AttributeError) as error:
        raise EvalError(f"By BFCL's rules this gold cannot be judged by: {error!r}.") from error
    return Verdict(
        passed=not diffs,
        outcome=gravest({diff.outcome for diff in diffs}),
        diffs=tuple(diffs),
        score=0.0 if diffs else 1.0,
    )


def _category(tools: Sequence[ToolDoc], expected: Sequence[Gold]) -> str:
    if not expected:
        return "irrelevance"
    if len(expected) > 1:
        return "parallel"
    return "multiple" if len(tools) > 1 else "simple"


def _diffs(
    tools: Sequence[ToolDoc], expected: Sequence[Gold], calls: Sequence[GivenCall], category: str
) -> list[CallDiff]:
    unparsed = [call for call in calls if call.fault]
    if "relevance" in category:
        # One call that does not parse makes the leaderboard drop the whole answer: it reads as no call.
        called: Sequence[GivenCall] = () if unparsed else calls
        if "irrelevance" in category:
            return [_diff("extra", None, call, f"{call.name} was called, and no tool fits.") for call in called]
        return [] if called else [_diff("missing", None, None, "No tool was called, and one fits.")]
    if unparsed:
        return [_diff("unparsed", None, call, call.fault) for call in unparsed]
    if len(calls) != len(expected):
        outcome: Outcome = "missing" if len(calls) < len(expected) else "extra"
        return [_diff(outcome, None, None, f"{len(calls)} calls were made, {len(expected)} are expected.")]
    if "parallel" in category:
        return list(_parallel(tools, expected, calls))
    # The leaderboard takes the first document in its simple categories, whatever the gold names.
    doc = _doc(tools, expected[0]) if "multiple" in category else tools[0]
    diff = _call_diff(doc, expected[0], calls[0])
    return [diff] if diff else []


def _parallel(tools: Sequence[ToolDoc], expected: Sequence[Gold], calls: Sequence[GivenCall]) -> Iterator[CallDiff]:
    """Each gold call takes the first call that is left and passes; the first that finds none ends it."""
    left = list(calls)
    for gold in expected:
        doc = _doc(tools, gold)
        for call in left:
            if _call_diff(doc, gold, call) is None:
                left.remove(call)
                break
        else:
            same_name = next((call for call in left if call.name == doc.name), left[0])
            diff = _call_diff(doc, gold, same_name)
            assert diff is not None, "no call that is left passes"
            yield diff
            return


def _doc(tools: Sequence[ToolDoc], gold: Gold) -> ToolDoc:
    (name,) = gold
    doc = next((tool for tool in tools if tool.name == name), None)
    if doc is None:
        raise EvalError(f"A call of {name!r} is expected, and there is no such tool.")
    return doc


def _call_diff(doc: ToolDoc, gold: Gold, call: GivenCall) -> CallDiff | None:
    if call.name != doc.name:
        return _diff("wrong_tool", gold, call, f"{call.name} was called, not {doc.name}.")
    (allowed,) = gold.values()
    given = call.arguments or {}
    fault = _arguments_fault(doc, allowed, given)
    if fault is None:
        return None
    name, reason = fault
    text = f"{name} {reason}."
    argument = ArgumentDiff(name=name, expected=allowed.get(name), got=given.get(name), text=text)
    return _diff("wrong_argument", gold, call, f"{doc.name}: {text}", argument)


def _arguments_fault(
    doc: ToolDoc, allowed: Mapping[str, Sequence[Any]], given: Mapping[str, Any]
) -> tuple[str, str] | None:
    """The first argument that fails, and why; the leaderboard's order."""
    for name in doc.required:
        if name not in given:
            return name, "was not given"
    for name, value in given.items():
        if name not in doc.properties or name not in allowed:
            return name, f"was given as {shown(value)}, and should not be"
        if fault := _value_fault(doc.properties[name], allowed[name], value):
            return name, f"is {shown(value)}, which {fault}"
    for name, values in allowed.items():
        if name not in given and "" not in values:
            return name, "was not given"
    return None


def _value_fault(schema: Mapping[str, Any], allowed: Sequence[Any], value: Any) -> str:
    declared = _type(schema["type"])
    item_type = _type(schema["items"]["type"]) if schema["type"] in _LISTS else None
    if schema["type"] == "tuple" and isinstance(value, tuple):
        value = list(cast("tuple[Any, ...]", value))
    if schema["type"] == "float" and type(value) is int:
        value = float(value)
    of_gold = _type_of_gold(allowed)
    # Gold of another type than declared is the name of a variable or the like, and is compared as it stands.
    is_variable = of_gold not in (None, declared)
    if type(value) is declared:
        if item_type and not any(_suits_items(value, answer, item_type) for answer in allowed):
            return f"has items that are no {item_type.__name__}"
    elif type(value) is of_gold:
        is_variable = True
    else:
        return f"is no {schema['type']}"
    if is_variable or declared not in (str, list, dict):
        fits = value in allowed
    elif declared is str:
        fits = _plain(value) in [_plain(answer) for answer in allowed if isinstance(answer, str)]
    elif declared is dict:
        fits = _fits_dict(value, allowed)
    elif item_type is dict:
        fits = any(_fits_dicts(value, answer) for answer in allowed)
    else:
        fits = [_plain(item) for item in value] in [[_plain(item) for item in answer] for answer in allowed]
    return "" if fits else f"is none of {shown(allowed)}"


def _type(name: str) -> type:
    if name not in _TYPES:
        raise EvalError(f"BFCL's rules know no type {name!r}; they know {', '.join(_TYPES)}.")
    return _TYPES[name]


def _type_of_gold(allowed: Sequence[Any]) -> type[Any] | None:
    return next((cast("type[Any]", type(answer)) for answer in allowed if answer != ""), None)


def _suits_items(value: Sequence[Any], answer: Any, item_type: type) -> bool:
    """Whether the items have the declared type, or that of the answer's; one that is no list says nothing."""
    if type(answer) is not list:
        return True
    types = (item_type, _type_of_gold(cast("list[Any]", answer)))
    return all(type(item) in types for item in value)


def _fits_dict(value: Mapping[str, Any], allowed: Sequence[Any]) -> bool:
    return any(_fits_fields(value, answer) for answer in allowed if answer != "")


def _fits_fields(value: Mapping[str, Any], answer: Mapping[str, Sequence[Any]]) -> bool:
    for name, each in value.items():
        if name not in answer or _plain(each) not in [_plain(option) for option in answer[name]]:
            return False
    return all(name in value or "" in options for name, options in answer.items())


def _fits_dicts(value: Sequence[Mapping[str, Any]], answer: Sequence[Any]) -> bool:
    return len(value) == len(answer) and all(
        _fits_dict(each, [option]) for each, option in zip(value, answer, strict=True)
    )


def _plain(value: Any) -> Any:
    """A text without case, spaces and some punctuation; anything else as it is."""
    return _IGNORED.sub("", value).lower().replace("'", '"') if type(value) is str else value


def _diff(outcome: Outcome, gold: Gold | None, call: GivenCall | None, text: str, *arguments: ArgumentDiff) -> CallDiff:
    expected = None if gold is None else {name: dict(allowed) for name, allowed in gold.items()}
    got = None if call is None else call.raw
    return CallDiff(outcome=outcome, expected=expected, got=got, arguments=arguments, text=text)
