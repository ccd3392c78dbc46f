"""A wrong bible is refused with a sentence that names the entry; a right one may be written in several ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from saga_agent.errors import InvalidInput
from saga_agent.linking import compile_bible, link
from tests.unit.linking.bibles import entry


@dataclass
class Alias:
    text: str
    case_sensitive: bool = False
    exclude: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"id": "e1", "kind": "character", "name": "  "}, "'e1'.*blank name"),
        ({"id": "e1", "kind": "character", "name": "_"}, "'e1'.*blank name"),
        ({"id": "e1", "kind": "character"}, "'e1'.*blank name"),
        ({"id": "e1", "kind": "dragon", "name": "Ann"}, "'e1'.*'dragon'.*character, place, faction, item"),
        ({"id": "e1", "name": "Ann"}, "'e1'.*None"),
        ({"id": " ", "kind": "place", "name": "Ann"}, "Entry 1 .*no id"),
        ({"kind": "place", "name": "Ann"}, "Entry 1 .*no id"),
        ({"id": "e1", "kind": "place", "name": "Ann", "aliases": "Annie"}, "'e1'.*aliases.*list"),
        ({"id": "e1", "kind": "place", "name": "Ann", "aliases": [""]}, "'e1'.*blank alias"),
        ({"id": "e1", "kind": "place", "name": "Ann", "aliases": [{"text": None}]}, "'e1'.*blank alias"),
        (
            {"id": "e1", "kind": "place", "name": "Ann", "aliases": [{"text": "A", "exclude": "x"}]},
            "'e1'.*exclude.*list",
        ),
        (
            {"id": "e1", "kind": "place", "name": "Ann", "aliases": [{"text": "A", "exclude": [" "]}]},
            "'e1'.*blank excluded",
        ),
    ],
)
def test_a_wrong_entry_is_named(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        compile_bible([wrong])


def test_an_id_may_be_used_once() -> None:
    with pytest.raises(InvalidInput, match=r"Entry 2 .* repeats the id 'e1'"):
        compile_bible([entry("Ann", id="e1"), entry("Bel", id="e1")])


@pytest.mark.parametrize("alias", ["Nan", {"text": "Nan"}, Alias("Nan")])
def test_an_alias_is_a_string_a_mapping_or_an_object(alias: object) -> None:
    mentions = link("Then Nan left.", compile_bible([entry("Ann", alias)]))
    assert [mention.entity_id for mention in mentions] == ["Ann"]


def test_aliases_may_be_missing() -> None:
    assert link("Ann left.", compile_bible([{"id": "e1", "kind": "character", "name": "Ann"}]))[0].entity_id == "e1"


def test_one_bible_serves_many_texts() -> None:
    bible = compile_bible([entry("Ann")])
    assert link("Ann left.", bible) == link("Ann left.", bible)
