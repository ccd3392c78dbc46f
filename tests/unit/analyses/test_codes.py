"""The table of codes, and the page that shows it."""

import re
from pathlib import Path

from saga_agent.analyses.codes import CODES
from saga_agent.analyses.findings import finding, merged
from saga_agent.domain.entity import Evidence

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "findings.md"


def place(start: int, quote: str = "She felt cold.") -> Evidence:
    return Evidence(document_id="doc", rev=1, start=start, end=start + len(quote), quote=quote)


def test_the_page_lists_every_code_as_it_is() -> None:
    rows = re.findall(r"^\| `([a-z_.]+)` \| (\w+) \| (\w+) \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)

    assert rows == [(each.code, each.family, each.severity, each.meaning) for each in CODES.values()]


def test_an_id_depends_on_code_subjects_and_quotes_and_on_nothing_else() -> None:
    first = finding("fact.contradiction", "One.", subjects=["a", "b"], evidence=[place(0)])
    moved = finding("fact.contradiction", "Two.", subjects=["b", "a", "b"], evidence=[place(99)], certainty="possible")

    assert moved.id == first.id
    others = [
        finding("alias.clash", "One.", subjects=["a", "b"], evidence=[place(0)]),
        finding("fact.contradiction", "One.", subjects=["a"], evidence=[place(0)]),
        finding("fact.contradiction", "One.", subjects=["a", "b"], evidence=[place(0, "She felt warm.")]),
    ]
    assert len({each.id for each in [first, *others]}) == 4


def test_what_is_only_possible_is_no_error() -> None:
    assert finding("fact.contradiction", "x").severity == "error"
    assert finding("fact.contradiction", "x", certainty="possible").severity == "warning"
    assert finding("pov.slip", "x", certainty="possible").severity == "info"


def test_one_finding_keeps_all_its_places() -> None:
    (both,) = merged([finding("fact.contradiction", "x", evidence=[place(at)]) for at in (0, 9, 9)])

    assert [each.start for each in both.evidence if isinstance(each, Evidence)] == [0, 9]
