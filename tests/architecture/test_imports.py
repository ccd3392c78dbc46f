"""How modules may import: from one another, never from the facade; at the top, or with a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import PACKAGE, package_sources

Import = ast.Import | ast.ImportFrom


def is_facade_import(node: ast.AST) -> bool:
    """Whether it takes a name from the top package, whose table stands on everything."""
    if isinstance(node, ast.ImportFrom):
        return node.level == 0 and node.module == "saga_agent"
    return isinstance(node, ast.Import) and any(alias.name == "saga_agent" for alias in node.names)


def inner_imports(tree: ast.AST, *, inside: bool = False) -> Iterator[list[Import]]:
    """The imports inside functions; those in one row come together, for one reason covers them."""
    row: list[Import] = []
    for node in ast.iter_child_nodes(tree):
        if inside and isinstance(node, Import):
            row.append(node)
            continue
        if row:
            yield row
            row = []
        yield from inner_imports(node, inside=inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    if row:
        yield row


def has_reason(lines: list[str], row: list[Import]) -> bool:
    """Whether a comment stands on one of the imports or on the line before the first."""
    first, last = row[0].lineno - 1, row[-1].end_lineno
    return lines[first - 1].lstrip().startswith("#") or any("#" in line for line in lines[first:last])


def test_nothing_inside_imports_the_facade():
    found = [
        source.at(node)
        for source in package_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, Import) and is_facade_import(node)
    ]

    assert found == [], "import the module that holds the name"


def test_imports_inside_functions_say_why():
    found = [
        source.at(row[0])
        for source in package_sources()
        for row in inner_imports(source.tree)
        if not has_reason(source.lines, row)
    ]

    assert found == [], "add a comment: an optional extra, or a measured start-up cost"


KITS = ("storage", "streams", "vectors")


def test_packages_hold_no_code_of_their_own():
    """Only the public doors re-export; any other `__init__.py` is one docstring at most."""
    doors = {
        PACKAGE.joinpath(*door, "__init__.py")
        for door in ((), ("server",), ("evals",), ("testing",), ("linking",), *(("testing", kit) for kit in KITS))
    }

    found = [
        str(source.path)
        for source in package_sources()
        if source.path.name == "__init__.py" and source.path not in doors and len(source.tree.body) > 1
    ]

    assert found == []


@pytest.mark.parametrize(
    ("line", "is_facade"),
    [
        ("import saga_agent", True),
        ("import saga_agent as sa", True),
        ("from saga_agent import Saga", True),
        ("from saga_agent.app import Saga", False),
        ("import saga_agent.app", False),
    ],
)
def test_a_facade_import_is_told_from_others(line: str, is_facade: bool):
    assert is_facade_import(ast.parse(line).body[0]) is is_facade


@pytest.mark.parametrize(
    ("body", "fine"),
    [
        ("    import a", False),
        ("    import a  # an extra", True),
        ("    # an extra\n    import a", True),
        ("    import a  # an extra\n    import b", True),
        ("    x = '#'\n    import a", False),
    ],
)
def test_a_reason_is_a_comment_beside_the_import(body: str, fine: bool):
    text = f"def f():\n{body}\n"
    (found,) = inner_imports(ast.parse(text))

    assert has_reason(text.splitlines(), found) is fine
