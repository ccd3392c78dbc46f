"""The package's source files, parsed."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "saga_agent"


@dataclass(frozen=True, slots=True)
class Source:
    """One module."""

    path: Path
    lines: list[str]
    tree: ast.Module

    def at(self, node: ast.stmt) -> str:
        """Where a node stands, as editors open it."""
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"


@cache
def package_sources() -> tuple[Source, ...]:
    """Every module of `saga_agent`."""
    return tuple(_read(path) for path in sorted(PACKAGE.rglob("*.py")))


def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path, text.splitlines(), ast.parse(text))
