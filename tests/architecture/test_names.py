"""One class name has one meaning."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.architecture.sources import package_sources

SHARED_ON_PURPOSE = {"Check": 3, "Mention": 2}
"""`Check` is the rule of each of the three testing kits; a `Mention` is a name in a text, and what is stored of one."""


def test_no_two_classes_share_a_name():
    places: defaultdict[str, list[str]] = defaultdict(list)
    for source in package_sources():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(source.at(node))

    assert places, "there is something to compare"
    shared = {name: found for name, found in places.items() if len(found) != SHARED_ON_PURPOSE.get(name, 1)}
    assert shared == {}
