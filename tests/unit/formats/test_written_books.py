"""What our writers of Word and EPUB write, our readers read back: documents, titles, scenes, emphasis, order."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from saga_agent.formats.blocks import clean, split_blocks
from saga_agent.formats.body import set_body
from saga_agent.formats.book_text import Section
from saga_agent.formats.docx_writer import write_docx
from saga_agent.formats.emphasis import runs_of
from saga_agent.formats.epub_writer import write_epub
from saga_agent.formats.manuscript import parse_file
from saga_agent.story.import_account import weigh_import

WRITERS = {"docx": write_docx, "epub": write_epub}
NO_XML = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
PIECES = """Nina|ran.|_sigh_|**b**|*x*|# 7|\\_|\\|[x](y)|{#id}|***|* * *|1.|Chapter 2|—|«ва»|湖|`c`|```|<b>|&amp;|  |a_b
|##|## Night|- a|> q|~~~|---|==|I|Part One|\u00a0""".replace("\n", "").split("|")
WORDS = st.lists(st.sampled_from([*PIECES, "\n", "\n\n", "\n\n\n", "  \n"]), max_size=12).map(" ".join)
TEXTS = (WORDS | st.text(max_size=60)).map(lambda text: stored(text))
TITLES = (WORDS | st.text(max_size=30)).map(lambda text: " ".join(clean(NO_XML.sub("", text)).split()))
SECTIONS = st.lists(
    st.builds(Section, st.integers(0, 3000), TITLES, TEXTS) | st.builds(Section, st.none(), TITLES.filter(bool), TEXTS),
    min_size=1,
    max_size=3,
).filter(lambda sections: any(each.title or each.text for each in sections))
ANY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def stored(text: str) -> str:
    """The text as a document holds it: set until setting it again changes nothing."""
    text, before = clean(NO_XML.sub("", text)), None
    while text != before:
        text, before = set_body(split_blocks(text, markdown=True)).text, text
    return text


def shown(sections: list[Section]) -> list[tuple[int | None, str, list[tuple[str, bool, bool]]]]:
    """What people see: every character with how it is set."""
    seen = [[(char, run.italic, run.bold) for run in runs_of(each.text) for char in run.text] for each in sections]
    return [(each.number, each.title, text) for each, text in zip(sections, seen, strict=True)]


def trip(sections: list[Section], kind: str) -> list[Section]:
    data = WRITERS[kind]("The Weir", sections)
    book = parse_file(data, path=Path(f"book.{kind}"))
    assert book.title == "The Weir"
    balance = weigh_import(data, book)
    assert (balance.lost, balance.doubled) == (0, 0)
    kinds = [section.kind or ("front" if section.number is None else "chapter") for section in sections]
    assert [each.kind for each in book.documents] == kinds
    return [
        Section(each.number, each.title, each.text, section.kind)
        for each, section in zip(book.documents, sections, strict=True)
    ]


def check(sections: list[Section], kind: str) -> None:
    once = trip(sections, kind)
    assert shown(once) == shown(sections)
    assert trip(trip(once, kind), kind) == once


@settings(ANY, max_examples=60)
@example(sections=[Section(1, "", "## \xa0 Nina")], kind="docx")
@example(sections=[Section(1, "", "## \xa0 Nina")], kind="epub")
@example(sections=[Section(None, "Thanks", "Nina ran.", "back"), Section(1, "Low", "", "chapter")], kind="epub")
@given(sections=SECTIONS, kind=st.sampled_from(["docx", "epub"]))
def test_any_book_comes_back_and_three_trips_are_one(sections: list[Section], kind: str):
    check(sections, kind)


@pytest.mark.slow
@settings(ANY, max_examples=2000)
@given(sections=SECTIONS, kind=st.sampled_from(["docx", "epub"]))
def test_very_many_books_come_back(sections: list[Section], kind: str):
    check(sections, kind)


@pytest.mark.parametrize("kind", ["docx", "epub"])
@pytest.mark.parametrize(
    "title",
    [
        "the boat that came back",
        "who was there?",
        "ما هو النهر",
        "Chapter 7: Low Water",
        "17",
        "XII",
        "Contents",
        "Part Two",
        "# not a heading",
        "_quiet_",
        "The End.",
        "{.chapter number=4}",
        "第三章 湖",
        "***",
        "",
    ],
)
def test_any_title_comes_back(title: str, kind: str):
    sections = [Section(1, title, "Nina ran."), Section(2, title, "Bram hid.\n\n* * *\n\nOdd left.")]
    assert trip(trip(trip(sections, kind), kind), kind) == sections


@pytest.mark.parametrize("kind", ["docx", "epub"])
@pytest.mark.parametrize(
    "text",
    [
        "## Night\n\nNina ran.",
        "# Night\n\nNina ran.\n\n### 1\n\nOn.",
        "The river, the river,\nit never will rest.",
        "  set in\n    and deeper",
        "- one\n- another",
        "> quoted\n> and on",
        "\\# 7 was the boat.",
        "A \\_sigh\\_, a _sigh_, **_both_**.",
        "⁂\n\nNina ran.",
        "One\n\n#\n\nTwo",
        "Nina ran.\n\nBram hid.\n\n\nOdd left.\n\nAll slept.",
    ],
)
def test_any_shape_of_text_comes_back(text: str, kind: str):
    sections = [Section(1, "Low Water", stored(text)), Section(2, "", "Bram hid.")]
    assert trip(sections, kind) == sections
