"""How well linking and detection do on LitBank; the rules are those of the data's notice."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from saga_agent.linking import Mention

KIND_OF_CATEGORY = {"PER": "character", "FAC": "place", "LOC": "place", "GPE": "place", "ORG": "faction", "VEH": "item"}


def data_file(name: str) -> Path:
    """A file of the shared test data; skips the test where there is none."""
    folder = Path(os.environ.get("SAGA_TEST_DATA") or Path(__file__).parents[4] / "shared" / "data")
    if not (folder / name).is_file():
        pytest.skip(f"no test data: {name} is not in {folder}; set SAGA_TEST_DATA")
    return folder / name


def litbank() -> list[dict[str, Any]]:
    with data_file("litbank_dev.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def f1(right: float, predicted: float, gold: float) -> float:
    return 2 * right / (predicted + gold)


def link_f1(books: Iterable[dict[str, Any]], predict: Callable[[dict[str, Any]], Sequence[Mention]]) -> float:
    """Lenient F1: the right entity on an overlapping span, one to one; mentions to ignore are neutral."""
    right = predicted = gold_count = 0
    for book in books:
        proper = [mention for mention in book["mentions"] if mention["kind"] == "PROP"]
        gold = [mention for mention in proper if not mention["ignore"]]
        ignored = [mention for mention in proper if mention["ignore"]]
        free = list(gold)
        for mention in predict(book):
            match = next((g for g in free if g["entity_id"] == mention.entity_id and _overlap(mention, g)), None)
            if match is not None:
                free.remove(match)
                right += 1
            elif mention.entity_id is None or any(_overlap(mention, other) for other in ignored):
                continue
            predicted += 1
        gold_count += len(gold)
    return f1(right, predicted, gold_count)


@dataclass(frozen=True)
class DetectScore:
    span_f1: float
    """Equal to the gold span or its core; equal to a common noun or pronoun is neutral."""
    typed_f1: float
    """The kind, too; an abstention counts as wrong."""
    b_cubed_f1: float


def detect_score(books: Iterable[dict[str, Any]], predict: Callable[[str], Sequence[Mention]]) -> DetectScore:
    right = typed = predicted = gold_count = 0
    pairs: list[tuple[str, str]] = []
    for book in books:
        mentions = book["mentions"]
        gold = [m for m in mentions if m["kind"] == "PROP" and not m["ignore"]]
        matched, others = _match(predict(book["text"]), gold)
        right += len(matched)
        typed += sum(mention.kind == KIND_OF_CATEGORY[g["cat"]] for mention, g in matched)
        predicted += len(matched) + sum(not _is_neutral(mention, mentions) for mention in others)
        gold_count += len(gold)
        pairs += [(f"{book['book']} {mention.group}", f"{book['book']} {g['cluster']}") for mention, g in matched]
    return DetectScore(f1(right, predicted, gold_count), f1(typed, predicted, gold_count), b_cubed_f1(pairs))


def b_cubed_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """B-cubed of (predicted group, gold cluster) pairs, one pair for each mention."""
    by_group: defaultdict[str, set[int]] = defaultdict(set)
    by_cluster: defaultdict[str, set[int]] = defaultdict(set)
    for place, (group, cluster) in enumerate(pairs):
        by_group[group].add(place)
        by_cluster[cluster].add(place)
    common = [(len(by_group[g] & by_cluster[c]), len(by_group[g]), len(by_cluster[c])) for g, c in pairs]
    precision = sum(both / group for both, group, _ in common) / len(pairs)
    recall = sum(both / cluster for both, _, cluster in common) / len(pairs)
    return 2 * precision * recall / (precision + recall)


def chapters(text: str) -> Iterator[str]:
    """The chapters of a text with "CHAPTER" headings."""
    return iter(text.split("CHAPTER ")[1:])


def _match(predicted: Iterable[Mention], gold: Sequence[dict[str, Any]]) -> tuple[list[Any], list[Mention]]:
    free = list(gold)
    matched: list[tuple[Mention, dict[str, Any]]] = []
    others: list[Mention] = []
    for mention in predicted:
        span = [mention.start, mention.end]
        match = next((g for g in free if span in ([g["start"], g["end"]], list(g["core"]))), None)
        if match is None:
            others.append(mention)
        else:
            free.remove(match)
            matched.append((mention, match))
    return matched, others


def _is_neutral(mention: Mention, annotated: Iterable[dict[str, Any]]) -> bool:
    return any(
        (other["kind"] != "PROP" and (mention.start, mention.end) == (other["start"], other["end"]))
        or (other.get("ignore") and _overlap(mention, other))
        for other in annotated
    )


def _overlap(mention: Mention, other: dict[str, Any]) -> bool:
    return mention.start < other["end"] and other["start"] < mention.end
