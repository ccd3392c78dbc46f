"""Right answers to BFCL's cases, and the same with something changed at random."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

CATEGORIES = (
    "simple_python",
    "multiple",
    "parallel",
    "parallel_multiple",
    "live_simple",
    "live_multiple",
    "live_parallel",
    "live_parallel_multiple",
)
Case = dict[str, Any]
Calls = list[dict[str, Any]]


def read_cases(folder: Path) -> Iterator[Case]:
    """The cases of one folder of the leaderboard's data, with the gold of each."""
    for category in CATEGORIES:
        name = f"BFCL_v4_{category}.json"
        rows = [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]
        gold = [json.loads(line) for line in (folder / "possible_answer" / name).read_text("utf-8").splitlines()]
        expected = {row["id"]: row["ground_truth"] for row in gold}
        for row in rows:
            yield {"tools": row["function"], "expected": expected[row["id"]], "category": category}


def mutated(case: Case, random: Random) -> tuple[str, Case]:
    """The case with calls that were right before one to three changes, and the name of the last change."""
    calls: Calls = [
        {
            "name": name,
            "arguments": {key: value for key, allowed in gold.items() if (value := _pick(allowed, random)) != ""},
        }
        for expected in case["expected"]
        for name, gold in expected.items()
    ]
    kind = "none"
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        kind = random.choice(list(CHANGES))
        CHANGES[kind](calls, case, random)
    return kind, {**case, "calls": calls}


def _pick(allowed: list[Any], random: Random) -> Any:
    return _plain(copy.deepcopy(random.choice(allowed)), random) if allowed else ""


def _plain(value: Any, random: Random) -> Any:
    if isinstance(value, dict) and all(isinstance(options, list) for options in value.values()):
        return {key: picked for key, options in value.items() if (picked := _pick(options, random)) != ""}
    return [_plain(each, random) for each in value] if isinstance(value, list) else value


def _some(calls: Calls, random: Random) -> tuple[dict[str, Any], str] | None:
    places = [(call["arguments"], key) for call in calls for key in call["arguments"]]
    return random.choice(places) if places else None


def _change_value(change: Callable[[Any, Random], Any]) -> Callable[[Calls, Case, Random], None]:
    def changed(calls: Calls, case: Case, random: Random) -> None:
        if place := _some(calls, random):
            arguments, key = place
            arguments[key] = change(arguments[key], random)

    return changed


def _other_type(value: Any, random: Random) -> Any:
    return random.choice((str(value), [value], None, True, 7, 7.5, {}, [], ""))


def _other_text(value: Any, random: Random) -> Any:
    if isinstance(value, list) and value:
        return [_other_text(value[0], random), *value[1:]]
    if not isinstance(value, str):
        return value
    spot = random.randint(0, len(value))
    return random.choice(
        (
            value.upper(),
            value.lower(),
            f" {value}",
            value[:spot] + random.choice(" ,.-_/*^'\"!;:?\n") + value[spot:],
            value[:-1],
        )
    )


def _other_number(value: Any, random: Random) -> Any:
    if isinstance(value, list):
        return [_other_number(each, random) for each in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return not value if isinstance(value, bool) else value
    return random.choice((float(value), int(value), value + 1, -value, value * 1.000001, str(value)))


def _other_shape(value: Any, random: Random) -> Any:
    if isinstance(value, list):
        return random.choice((value[::-1], value + value[:1], value[1:], [*value, "x"], [*value, 1]))
    if isinstance(value, dict):
        fields = list(value.items())
        random.shuffle(fields)
        return random.choice(
            (dict(fields), dict(fields[1:]), {**value, "x": 1}, {key: str(each) for key, each in fields})
        )
    return value


def _drop(calls: Calls, case: Case, random: Random) -> None:
    if place := _some(calls, random):
        del place[0][place[1]]


def _add(calls: Calls, case: Case, random: Random) -> None:
    if calls:
        doc = random.choice(case["tools"])
        name = random.choice([*doc["parameters"]["properties"], "invented"])
        random.choice(calls)["arguments"].setdefault(name, random.choice(("", 1, "x", [], False)))


def _rename(calls: Calls, case: Case, random: Random) -> None:
    if calls:
        random.choice(calls)["name"] = random.choice([*(doc["name"] for doc in case["tools"]), "invented"])


def _recount(calls: Calls, case: Case, random: Random) -> None:
    if calls and random.random() < 0.5:
        calls.pop(random.randrange(len(calls)))
    elif calls:
        calls.insert(random.randint(0, len(calls)), copy.deepcopy(random.choice(calls)))


CHANGES: dict[str, Callable[[Calls, Case, Random], None]] = {
    "type": _change_value(_other_type),
    "text": _change_value(_other_text),
    "number": _change_value(_other_number),
    "shape": _change_value(_other_shape),
    "drop": _drop,
    "add": _add,
    "rename": _rename,
    "recount": _recount,
    "reorder": lambda calls, case, random: random.shuffle(calls),
}
