"""The code blocks of a Markdown file, and running them.

`python -m tests.architecture.doc_blocks FILE` runs the file's ```python blocks in order, in one namespace and one event
loop, as a notebook would: `await` works at the top. A block opened with ```python no-run is only compiled.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import network_guard

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<info>\S[^\n`]*)?\n(?P<text>.*?)^(?P=indent)```[ \t]*$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block."""

    language: str
    marks: tuple[str, ...]
    """The words after the language."""
    text: str
    line: int
    """Where its text begins in the file, from 1."""


def read_blocks(path: Path) -> list[Block]:
    """All fenced blocks of the file, in order."""
    text = path.read_text(encoding="utf-8")
    blocks: list[Block] = []
    for match in _FENCE.finditer(text):
        language, *marks = (match["info"] or "text").split()
        body = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
        line = text.count("\n", 0, match.start("text")) + 1
        blocks.append(Block(language, tuple(marks), body, line))
    return blocks


def run_blocks(path: Path) -> None:
    """Runs the Python blocks; an exception shows the line of the Markdown file."""
    names: dict[str, Any] = {"__name__": "__main__"}
    with asyncio.Runner() as runner:
        for block in read_blocks(path):
            if block.language != "python":
                continue
            padded = "\n" * (block.line - 1) + block.text  # so that tracebacks count as the file does
            code = compile(padded, str(path), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            if "no-run" in block.marks:
                continue
            outcome = eval(code, names)
            if inspect.iscoroutine(outcome):
                runner.run(outcome)


if __name__ == "__main__":
    network_guard.install()
    run_blocks(Path(sys.argv[1]))
