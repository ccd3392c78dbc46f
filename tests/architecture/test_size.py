"""Files and functions stay small enough to be read in one go."""

from __future__ import annotations

import ast

from tests.architecture.sources import ROOT, package_sources

MAX_FILE_LINES = 700
MAX_FUNCTION_LINES = 80


def test_no_file_is_longer_than_the_limit():
    sizes = {str(source.path.relative_to(ROOT)): len(source.lines) for source in package_sources()}

    assert sizes, "there is something to measure"
    assert {path: lines for path, lines in sizes.items() if lines > MAX_FILE_LINES} == {}


def test_no_function_is_longer_than_the_limit():
    too_long = [
        f"{source.at(node)} {node.name}: {length} lines"
        for source in package_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]

    assert too_long == []
