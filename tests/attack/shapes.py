"""What somebody may send who means harm, by shape: each makes a JSON text of about so many bytes.

To add a shape, add a line to `SHAPES`; to aim one at a field that all others miss, add a line to `AIMED`. Every test of
this folder takes up what is listed here.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

MEBIBYTE = 1024 * 1024
Shape = Callable[[int], bytes]


def _filled(before: str, unit: str, after: str, *, between: str = ",") -> Shape:
    def make(size: int) -> bytes:
        count = max(1, (size - len(before) - len(after)) // (len(unit) + len(between)))
        return (before + between.join(itertools.repeat(unit, count)) + after).encode()

    return make


def _text(unit: str) -> Shape:
    return lambda size: json.dumps({"text": unit * (size // len(json.dumps(unit)[1:-1]))}).encode()


def _nested(opening: str, closing: str) -> Shape:
    def make(size: int) -> bytes:
        depth = size // len(opening + closing)
        return (opening * depth + "0" + closing * depth).encode()

    return make


def _keys(size: int) -> bytes:
    return json.dumps({f"k{number}": 0 for number in range(size // 14)}).encode()


SHAPES: Mapping[str, Shape] = {
    "empty lists": _filled("[", "[]", "]"),
    "empty objects": _filled('{"messages": [', "{}", "]}"),
    "zeros": _filled("[", "0", "]"),
    "empty texts": _filled("[", '""', "]"),
    "many names": _keys,
    "one name again and again": _filled("{", '"a":0', "}"),
    "deep lists": _nested("[", "]"),
    "deep objects": _nested('{"a":', "}"),
    "an open bracket": lambda size: b"[" * size,
    "quotes": lambda size: b'"' * size,
    "backslashes": lambda size: b'"' + b"\\" * size,
    "a huge number": lambda size: b"1" * size,
    "a huge fraction": lambda size: b"0." + b"1" * size,
    "huge numbers": _filled("[", "9" * 4_000, "]"),
    "spaces": lambda size: b" " * size,
    "no text": lambda size: b"\xff" * size,
    "wide characters": lambda size: ("[" + "0," * (size // 4) + "0]").encode("utf-16"),
    "a text of commas": _text(","),
    "a text of capitals": _text("A "),
    "a text of line breaks": _text("\n"),
    "a text of one word": _text("x"),
}
"""Aimed at nothing: every route has to bear them."""
TEXTS = {shape for shape in SHAPES if shape.startswith("a text")}


def _chat(messages: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"id": "attack", "messages": messages, **more}


def _user(text: str) -> dict[str, Any]:
    return {"id": "m1", "role": "user", "parts": [{"type": "text", "text": text}]}


def _answered(call: str, **output: Any) -> dict[str, Any]:
    return {"type": "tool-ask", "toolCallId": call, "state": "output-available", "output": {"text": "x", **output}}


def _many(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"role": "assistant", "parts": [_answered(f"c{number}", **fields)]} for number in range(count)]


def _old_answers(size: int) -> dict[str, Any]:
    newest = {"role": "assistant", "parts": [_answered("last")] * 999}
    return _chat([*_many(min(9_000, size // 120)), newest])


AIMED: Mapping[str, tuple[str, Callable[[int], dict[str, Any]]]] = {
    "answers in the history, none of them the newest": ("/ai/saga", _old_answers),
    "more messages than a chat has": ("/ai/saga", lambda size: _chat([{"role": "user"}] * (size // 16))),
    "more parts than a message has": (
        "/ai/saga",
        lambda size: _chat([{"role": "assistant", "parts": [_answered("c")] * (size // 100)}]),
    ),
    "decisions on nothing": (
        "/ai/saga",
        lambda size: _chat(
            [_user("hi")], approvals=[{"approvalId": "x", "toolCallId": "y", "approved": True}] * (size // 60)
        ),
    ),
    "a message of names in code": ("/ai/saga", lambda size: _chat([_user("`a` @b " * (min(size, 49_000) // 7))])),
    "a message of spaces to be cut": ("/ai/saga", lambda size: _chat([_user("add " + " " * min(size, 49_000) + "x")])),
    "a message of questions": ("/ai/saga", lambda size: _chat([_user("which " * (min(size, 49_000) // 6))])),
    "a long chat id": ("/ai/saga", lambda size: {"id": "x" * size, "messages": [_user("hi")]}),
    "a long project": ("/ai/saga", lambda size: _chat([_user("hi")], projectId="x" * size)),
    "a text of names": ("/ai/detect", lambda size: {"text": "so Mara ran to Tam. " * (min(size, 1_000_000) // 20)}),
    "a text too long to look through": ("/ai/detect", lambda size: {"text": "x" * size}),
    "more aliases than anybody has": (
        "/entities",
        lambda size: {
            "type": "character",
            "name": "Mara",
            "aliases": [{"text": f"M{number}"} for number in range(min(9_000, size // 20))],
        },
    ),
    "more tags than anybody has": (
        "/entities",
        lambda size: {"type": "character", "name": "Mara", "tags": ["t"] * min(15_000, size // 5)},
    ),
    "a document of names": (
        "/documents",
        lambda size: {"number": 7, "title": "Long", "text": "so Mara ran to Tam. " * (size // 20)},
    ),
    "more replies than there are requests": (
        "/runs/{run_id}/requests",
        lambda size: {"replies": {f"r{number}": {"kind": "approve"} for number in range(min(9_000, size // 40))}},
    ),
}
"""Aimed at one route: well-formed, and more of something than anybody needs."""
