"""Cases of our own for the leaderboard's rules, each with the verdict that bfcl-eval gave; None where it fell over."""

from __future__ import annotations

from typing import Any

DOC: dict[str, Any] = {
    "name": "brew",
    "description": "Brews a potion.",
    "parameters": {
        "type": "dict",
        "properties": {
            "name": {"type": "string"},
            "drops": {"type": "integer"},
            "heat": {"type": "float"},
            "stirred": {"type": "boolean"},
            "herbs": {"type": "array", "items": {"type": "string"}},
            "doses": {"type": "array", "items": {"type": "float"}},
            "bottle": {"type": "dict"},
            "steps": {"type": "array", "items": {"type": "dict"}},
            "shelf": {"type": "tuple", "items": {"type": "integer"}},
            "note": {"type": "any"},
        },
        "required": ["name"],
    },
}
POUR: dict[str, Any] = {
    "name": "pour",
    "parameters": {"type": "dict", "properties": {"into": {"type": "string"}}, "required": []},
}
BROKEN: dict[str, Any] = {
    "name": "sift",
    "parameters": {"type": "dict", "properties": {"mesh": {"type": "number"}}, "required": []},
}
N = {"name": ["Night's Ease"]}
GIVEN = {"name": "Night's Ease"}

VALUES: list[tuple[str, list[Any], Any, bool | None]] = [
    ("name", ["Moon-Dew, 2"], "moondew2", True),
    ("name", ["Moon-Dew"], "Moon Dew!", False),
    ("name", ["Moon-Dew"], "Moon\tDew", False),
    ("name", ["it's"], 'it"s', True),
    ("name", ["Épice"], "épice", True),
    ("name", ["Épice"], "epice", False),
    ("name", ["Moon", 7], 7, False),
    ("name", [7, "Moon"], 7, True),
    ("name", [None, "Moon"], None, True),
    ("name", ["Moon", None], None, False),
    ("name", ["Moon", ""], "", True),
    ("drops", [3], 3, True),
    ("drops", [3], 3.0, False),
    ("drops", [3], "3", False),
    ("drops", [1], True, False),
    ("drops", ["count"], "count", True),
    ("drops", ["count"], "Count", False),
    ("drops", ["count"], 3, False),
    ("drops", ["", 3], "", False),
    ("heat", [5.0], 5, True),
    ("heat", [5], 5.0, True),
    ("heat", [0.3], 0.30000000000000004, False),
    ("heat", ["warm"], "warm", True),
    ("stirred", [True], True, True),
    ("stirred", [True], 1, False),
    ("stirred", [True], "true", False),
    ("herbs", [["Rue", "Sage"]], ["rue", "s-age"], True),
    ("herbs", [["Rue", "Sage"]], ["Sage", "Rue"], False),
    ("herbs", [["Rue"], ""], [], True),
    ("herbs", [["Rue"]], [], False),
    ("herbs", [["Rue"]], "Rue", False),
    ("herbs", ["all"], "all", True),
    ("herbs", ["all"], ["all"], False),
    ("herbs", [["Rue"], "ab"], ["a", "b"], True),
    ("herbs", [[1]], [1], True),
    ("herbs", [["Rue"]], [1], False),
    ("doses", [[1.0, 2.0]], [1, 2], False),
    ("doses", [[1, 2]], [1, 2], True),
    ("doses", [[1, 2]], [1.0, 2.0], True),
    ("bottle", [{"size": [1, 2], "tint": ["Green", ""]}], {"size": 2}, True),
    ("bottle", [{"size": [1, 2], "tint": ["Green", ""]}], {"size": 2, "tint": "green"}, True),
    ("bottle", [{"size": [1, 2]}], {"size": True}, True),
    ("bottle", [{"size": [1, 2]}], {"size": 3}, False),
    ("bottle", [{"size": [1]}], {"size": 1, "tint": "green"}, False),
    ("bottle", [{"size": [1]}], {}, False),
    ("bottle", [""], {}, False),
    ("bottle", ["", {"size": [1]}], {"size": 1.0}, True),
    ("steps", [[{"do": ["Stir"]}, {"do": ["Wait"]}]], [{"do": "stir"}, {"do": "wait"}], True),
    ("steps", [[{"do": ["Stir"]}, {"do": ["Wait"]}]], [{"do": "wait"}, {"do": "stir"}], False),
    ("steps", [[{"do": ["Stir"]}]], [{"do": "stir"}, {"do": "stir"}], False),
    ("steps", [["stir"]], ["stir"], None),
    ("shelf", [[1, 2]], [1, 2], True),
    ("shelf", [[1, 2]], [1, 2.0], False),
    ("note", ["Bitter"], "bitter", True),
    ("note", [4], 4, True),
    ("note", ["Bitter"], 4, False),
]
"""For one argument: what is allowed, what is given, the verdict."""

Row = tuple[dict[str, Any], bool | None]


def _case(category: str, tools: list[Any], expected: list[Any], *calls: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    told = [{"name": name, "arguments": arguments} for name, arguments in calls]
    return {"tools": tools, "expected": expected, "calls": told, "category": category}


def _of_values() -> list[Row]:
    return [
        (_case("simple", [DOC], [{"brew": {**N, argument: allowed}}], ("brew", {**GIVEN, argument: given})), verdict)
        for argument, allowed, given, verdict in VALUES
    ]


LOOSE, TIGHT = {"pour": {"into": ["cup", "jug"]}}, {"pour": {"into": ["cup"]}}
CUP, JUG = ("pour", {"into": "cup"}), ("pour", {"into": "jug"})
BREW: dict[str, Any] = {"brew": N}

CASES: list[Row] = [
    *_of_values(),
    (_case("simple", [DOC], [BREW], ("brew", {})), False),
    (_case("simple", [DOC], [{"brew": {"name": ["Moon", ""]}}], ("brew", {})), False),
    (_case("simple", [DOC], [BREW], ("brew", {**GIVEN, "drops": 1})), False),
    (_case("simple", [DOC], [{"brew": {**N, "drops": [1]}}], ("brew", GIVEN)), False),
    (_case("simple", [DOC], [{"brew": {**N, "drops": [1, ""]}}], ("brew", GIVEN)), True),
    (_case("simple", [DOC], [{"brew": {**N, "lid": [1]}}], ("brew", {**GIVEN, "lid": 1})), False),
    (_case("simple", [DOC], [BREW], ("Brew", GIVEN)), False),
    (_case("simple", [DOC], [BREW], ("brew", GIVEN), ("brew", GIVEN)), False),
    (_case("simple", [DOC, POUR], [TIGHT], CUP), False),
    (_case("multiple", [DOC, POUR], [TIGHT], CUP), True),
    (_case("multiple", [DOC, POUR], [TIGHT], ("brew", GIVEN)), False),
    (_case("multiple", [DOC], [TIGHT], CUP), None),
    (_case("parallel", [POUR], [LOOSE, TIGHT], CUP, JUG), False),
    (_case("parallel", [POUR], [TIGHT, LOOSE], CUP, JUG), True),
    (_case("parallel", [POUR], [TIGHT, LOOSE], JUG, CUP), True),
    (_case("parallel", [POUR], [TIGHT, TIGHT], CUP), False),
    (_case("parallel", [POUR], [TIGHT, TIGHT], CUP, CUP), True),
    (_case("parallel_multiple", [DOC, POUR], [BREW, TIGHT], CUP, ("brew", GIVEN)), True),
    (_case("parallel_multiple", [DOC, POUR], [BREW, TIGHT], CUP, JUG), False),
    (_case("simple", [BROKEN], [{"sift": {"mesh": [2]}}], ("sift", {"mesh": 2})), None),
]
"""Cases as the mutated ones are told, each with the verdict."""
