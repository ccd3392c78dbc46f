"""The page: a table per topic, and the pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from benchmarks.measure import Topic

_INTRODUCTION = """\
# Benchmarks

Written by `make bench`, which measures the budgets of the library beside its peers: ratios within one run of one
process, never timed tests. All clients talk to the same OpenAI-compatible server, in a process of its own on
127.0.0.1. CPU is the process time of the client, all its threads included; SQLite commits are synchronous
(`synchronous=FULL`). *Raw langgraph* is a model node and a `ToolNode` on the stock `ChatOpenAI`. As in a server after
its start, what is loaded by then is out of the garbage collector's sight, for all alike (`gc.freeze()`). Wall times on
a machine with other work on it are only as good as that machine is idle.
"""


def page(topics: Iterable[Topic], machine: Sequence[str]) -> str:
    """The page as Markdown."""
    chapters = list(topics)
    judged = [row for topic in chapters for row in topic.rows if row.met is not None]
    met = sum(bool(row.met) for row in judged)
    lines = [_INTRODUCTION, *(f"- {line}" for line in machine), "", f"{met} of {len(judged)} budgets are met."]
    for topic in chapters:
        lines += ["", *_chapter(topic)]
    return "\n".join(lines) + "\n"


def _chapter(topic: Topic) -> list[str]:
    table = [f"| {row.what} | {row.measured} | {row.budget} | {row.verdict} |" for row in topic.rows]
    notes = [line for note in topic.notes for line in ("", note)]
    head = [f"## {topic.title}", "", topic.how, "", "| what | measured | budget | verdict |", "|---|---|---|---|"]
    return [*head, *table, *notes, *_images(topic.images)]


def _images(images: Mapping[str, str]) -> list[str]:
    return [line for caption, name in images.items() for line in ("", f"![{caption}](images/{name})")]
