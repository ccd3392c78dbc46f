"""Factions and items, of which real novels with annotations have next to none: a small set of our own."""

from __future__ import annotations

import pytest

from tests.unit.linking.bibles import entry, linked

GUILD = entry("The Lamplighters' Guild", "the Guild", "Lamplighter", id="guild", kind="faction")
ORDER = entry("Order of the Broken Seal", id="order", kind="faction")
WATCH = entry("Harbour Night Watch", id="watch", kind="faction")
BLADE = entry("Duskblade", id="blade", kind="item")
LENS = entry("Oracle's Lens", "lens of sight", id="lens", kind="item")
KEY = entry("Iron Key", id="key", kind="item")
ALL = (GUILD, ORDER, WATCH, BLADE, LENS, KEY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Lamplighters’ Guild met at dusk.", [("The Lamplighters’ Guild", "guild")]),
        ("Two Lamplighters fled; a Lamplighter fell.", [("Lamplighters", "guild"), ("Lamplighter", "guild")]),
        ("He swore to the Guild.", [("the Guild", "guild")]),
        ("the ORDER OF THE BROKEN SEAL", [("ORDER OF THE BROKEN SEAL", "order")]),
        ("She joined the Order of the\nBroken Seal.", [("Order of the\nBroken Seal", "order")]),
        ("The H.N.W. came; the HNW came.", [("H.N.W.", "watch"), ("HNW", "watch")]),
        ("_Duskblade_ sang, and Duskblade's edge shone.", [("Duskblade", "blade"), ("Duskblade", "blade")]),
        ("Duskblades were rare.", [("Duskblades", "blade")]),
        ("The Oracle’s Lens! A lens of sight!", [("Oracle’s Lens", "lens"), ("lens of sight", "lens")]),
        ("Two Iron Keys hung there.", [("Iron Keys", "key")]),
    ],
)
def test_factions_and_items_are_linked(text: str, expected: list[tuple[str, str]]) -> None:
    assert linked(text, *ALL) == expected


@pytest.mark.parametrize(
    "text",
    [
        "It was dusk; blades shone.",
        "The guild of masons met.",
        "In order of size, the broken seal came last.",
        "He kept a watch by night in the harbour.",
        "An iron key hung there.",
        "The Oracle spoke. Her lens broke.",
        "The Duskbladed rose.",
    ],
)
def test_common_words_are_not(text: str) -> None:
    assert linked(text, *ALL) == []
