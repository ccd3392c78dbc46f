"""The reference of the ports tells every verb, and the page in docs/ is what it says now."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.ports.journal import Journal
from saga_agent.storage.ports.story import StoryPorts
from saga_agent.storage.reference import ports_reference

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "ports.md"
NOUNS = [f"story.{name}" for name in inspect.get_annotations(StoryPorts)] + [
    f"journal.{name}" for name in inspect.get_annotations(Journal)
]


def section(noun: str) -> str:
    """The part of the page that is about that port."""
    return ports_reference().partition(f"### `{noun}`\n")[2].partition("\n### ")[0].partition("\n## ")[0]


def test_the_page_in_the_documentation_is_fresh():
    remedy = "run 'python -m saga_agent.storage.reference docs/reference/ports.md' and commit the page"

    assert PAGE.read_text(encoding="utf-8") == ports_reference(), remedy


@pytest.mark.parametrize("noun", NOUNS)
def test_every_verb_of_the_reference_adapter_has_its_signature_and_its_row(noun: str):
    half, name = noun.split(".")
    port = getattr(getattr(MemoryStorage(), half), name)
    verbs = {verb for verb, _ in inspect.getmembers(port, inspect.iscoroutinefunction) if not verb.startswith("_")}
    text = section(noun)

    assert set(re.findall(r"async def (\w+)\(", text)) == verbs
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == verbs


def test_a_shared_verb_names_the_record_of_its_port():
    assert "async def update(self, record: Fact, *, expected_rev: int) -> Fact: ..." in section("story.facts")


def test_a_row_names_errors_and_atomicity():
    rows = {line.split("`")[1]: line for line in section("journal.checkpoints").splitlines() if line.startswith("| `")}

    assert rows["put_writes"].endswith("| `StaleEpoch` | write, fenced |")
    assert rows["get"].endswith("| - | read |")


def test_a_list_names_the_error_of_an_unknown_filter():
    rows = [line for line in section("story.documents").splitlines() if line.startswith("| `list`")]

    assert [row.endswith("| `InvalidInput` | read |") for row in rows] == [True]
