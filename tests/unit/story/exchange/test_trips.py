"""What an export writes, an import reads back: any title, any text, once as three times."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saga_agent.domain.document import Document, DocumentKind
from saga_agent.formats.manuscript import parse_manuscript
from saga_agent.story.exchange.manuscript_export import ManuscriptFormat, write_book
from saga_agent.story.manuscript import build_documents

TITLES = [
    "",
    "Low Water",
    "the boat that came back",
    "who was there?",
    "ما هو النهر",
    "风雨欲来",
    "Chapter 2: Again",
    "Part One",
    "7",
    "1984",
    "XII",
    "# x",
    "## Night ##",
    "Prologue",
    "Contents",
    "*",
    "**Bold**",
    "[x]",
    "{.chapter}",
    "a {b}",
    "_sigh_",
    "\\",
    "He ran.",
    "Two: a colon",
    "---",
    "Chapter",
    "x" * 200,
    "Kapitel Eins",
    "<!-- no -->",
    "- item",
]
TEXTS = [
    "Nina ran.",
    "",
    "# 7 was the boat\n\nIt was.",
    "Nina ran.\n\n## Night\n\nShe hid.",
    "Chapter 3\n\nIt said so.",
    "One.\n\n***\n\nTwo.",
    "The river, the river,\nit never will rest.",
    "```\n# code\n```",
    "She _ran_ and **hid**.",
    "第一章\n\n她走了。",
    "> quoted\n> lines",
    "- one\n- two",
    "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\nIt said.",
    "A.\n\n# Low Water {.chapter number=9}\n\nB.",
    "1\n\nOne.\n\n2\n\nTwo.",
]
KINDS: list[DocumentKind] = ["chapter", "front", "back", "part"]
BOOKS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.one_of(st.none(), st.integers(1, 200)),
        st.sampled_from(TITLES),
        st.sampled_from(TEXTS),
    ),
    min_size=1,
    max_size=6,
)
Told = list[tuple[str, int | None, str, str]]


def stored(book: Told) -> list[Document]:
    return [
        Document(id=f"doc_{n}", project_id="prj_1", kind=kind, number=number, title=title, text=text)
        for n, (kind, number, title, text) in enumerate(book)
    ]


def trip(documents: list[Document], wanted: ManuscriptFormat, title: str) -> tuple[str, list[Document]]:
    data = write_book(title, documents, wanted).data
    book = parse_manuscript(data.decode(), name="out", kind="markdown" if wanted == "md" else "txt")
    return book.title, build_documents("prj_1", "out", book)


def told(documents: list[Document]) -> Told:
    return [(each.kind, each.number, each.title, each.text) for each in documents]


@pytest.mark.parametrize("wanted", ["md", "txt"])
@given(book=BOOKS, title=st.sampled_from([title for title in TITLES if title]))
@settings(max_examples=60, deadline=None)
def test_any_titles_and_texts_come_back_and_three_trips_are_one(wanted: ManuscriptFormat, book: Told, title: str):
    named, once = trip(stored(book), wanted, title)
    assert named == title
    # A heading of ours inside of a text is escaped; everything else comes back as it was.
    escaped = [(kind, n, name, text.replace("\n# Low Water {", "\n\\# Low Water {")) for kind, n, name, text in book]
    assert told(once) == escaped
    thrice = trip(trip(once, wanted, title)[1], wanted, title)
    assert (thrice[0], told(thrice[1])) == (named, told(once))


@pytest.mark.parametrize("wanted", ["md", "txt"])
@given(text=st.text(max_size=120), title=st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_whatever_is_typed_three_trips_are_one(wanted: ManuscriptFormat, text: str, title: str):
    first = [("chapter", 1, " ".join(title.split()), text), ("chapter", 2, "Low Water", "Nina ran.")]
    _, once = trip(stored(first), wanted, "The Weir")
    assert [(each.kind, each.number) for each in once] == [("chapter", 1), ("chapter", 2)]
    _, twice = trip(once, wanted, "The Weir")
    assert told(trip(twice, wanted, "The Weir")[1]) == told(twice) == told(once)


def test_subheadings_are_written_below_the_chapters():
    text = "# Low Water\n\nNina ran.\n\n## Night\n\nShe hid.\n\n# High Water\n\nBram hid.\n"
    documents = build_documents("prj_1", "a", parse_manuscript(text, name="a", kind="markdown"))
    written = write_book("The Weir", documents, "md").data.decode()
    assert "\n# Chapter 1: Low Water\n" in written
    assert "\n## Night\n" in written
    assert told(trip(documents, "md", "The Weir")[1]) == told(documents)


@pytest.mark.parametrize("wanted", ["docx", "epub"])
def test_word_and_epub_bring_back_the_same_titles(tmp_path: Path, wanted: ManuscriptFormat):
    from saga_agent.formats.manuscript import read_manuscript

    book: Told = [("chapter", n, title, f"Nina ran {n}.") for n, title in enumerate(TITLES, 1)]
    path = tmp_path / f"out.{wanted}"
    path.write_bytes(write_book("The Weir", stored(book), wanted).data)
    assert told(build_documents("prj_1", "out", read_manuscript(path))) == book
