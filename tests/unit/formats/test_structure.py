"""What divides a book: levels by what they contain, parts with text, collections, openings, bold lines, code."""

import pytest

from saga_agent.errors import InvalidInput
from saga_agent.formats.book import Manuscript
from saga_agent.formats.manuscript import parse_manuscript

PROSE = "Nina walked along the bank until the light went, and nobody called her back. " * 4


def parse(text: str, *, split: str = "auto") -> Manuscript:
    return parse_manuscript(text.replace("PROSE", PROSE), name="x", kind="markdown", split=split)


def told(book: Manuscript) -> list[tuple[str, int | None, str]]:
    return [(each.kind, each.number, each.title) for each in book.documents]


COLLECTION = (
    "# Tales\n\n## Fir\n\nPROSE\n\n## King\n\n### Chapter 1\n\nPROSE\n\n### Chapter 2\n\nPROSE\n\n## Clover\n\nPROSE"
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "# Part One\n\nPROSE\n\n## Low\n\nPROSE\n\n# Part Two\n\nPROSE\n\n## High\n\nPROSE",
            [("part", 1, ""), ("chapter", 1, "Low"), ("part", 2, ""), ("chapter", 2, "High")],
        ),
        (
            "# Book One: Ash\n\nA motto.\n\n## Chapter 1\n\nPROSE\n\n## Chapter 2\n\nPROSE",
            [("part", 1, "Ash"), ("chapter", 1, ""), ("chapter", 2, "")],
        ),
        (COLLECTION, [("chapter", None, "Fir"), ("chapter", 1, ""), ("chapter", 2, ""), ("chapter", None, "Clover")]),
        (
            "# Weir\n\n## Act 1\n\n### Low\n\nNina ran.\n\n### High\n\nOdd left.\n\n## Act 2\n\n### No\n\nBram hid.",
            [("chapter", 1, "Low"), ("chapter", 2, "High"), ("chapter", 3, "No")],
        ),
        (
            "# River\n\n## One bank\n\nPROSE\n\n## Other bank\n\nPROSE\n\n# Hill\n\n## Path\n\nPROSE",
            [("chapter", 1, "One bank"), ("chapter", 2, "Other bank"), ("chapter", 3, "Path")],
        ),
        (
            "# Low\n\n## Scene 1\n\nPROSE\n\n## Scene 2\n\nPROSE\n\n# High\n\n## Scene 1\n\nPROSE",
            [("chapter", 1, "Low"), ("chapter", 2, "High")],
        ),
        ("# Low\n\nPROSE\n\n## Night\n\nPROSE\n\n# High\n\nPROSE", [("chapter", 1, "Low"), ("chapter", 2, "High")]),
        (
            "# Imprint\n\nPrinted.\n\n# Low\n\nPROSE\n\n# High\n\nPROSE\n\n# Colophon\n\nSet in type.",
            [("front", None, "Imprint"), ("chapter", 1, "Low"), ("chapter", 2, "High"), ("back", None, "Colophon")],
        ),
        (
            "# Vorwort\n\nPROSE\n\n# Low\n\nPROSE\n\n# Zwischenspiel\n\nPROSE\n\n# High\n\nPROSE\n\n"
            "# Danksagung\n\nPROSE",
            [
                ("front", None, "Vorwort"),
                ("chapter", 1, "Low"),
                ("chapter", None, "Zwischenspiel"),
                ("chapter", 2, "High"),
                ("back", None, "Danksagung"),
            ],
        ),
    ],
    ids=["parts", "motto", "collection", "acts", "hills", "scenes", "subheadings", "imprint", "german"],
)
def test_levels_are_told_by_what_they_contain(text: str, wanted: list[tuple[str, int | None, str]]):
    assert told(parse(text)) == wanted


def test_the_split_is_told_and_can_be_chosen():
    text = "# Weir\n\n## Act 1\n\n### Low\n\nPROSE\n\n### High\n\nPROSE\n\n## Act 2\n\n### No\n\nPROSE"
    division = parse(text).division
    assert (division.chosen, division.documents) == ("heading:3", 3)
    assert dict(division.alternatives) == {"heading:1": 1, "heading:2": 2, "file": 1}
    assert told(parse(text, split="heading:2")) == [("chapter", 1, ""), ("chapter", 2, "")]
    (whole,) = parse(text, split="file").documents
    assert "### High" in whole.text
    with pytest.raises(InvalidInput, match="it has heading:1, heading:2, heading:3"):
        parse(text, split="heading:4")
    with pytest.raises(InvalidInput, match="name auto, file"):
        parse(text, split="chapters")


@pytest.mark.parametrize(
    "opening",
    [
        "“Where were you?” said Bram.\n\n“Out,” said Nina, and shut the door behind her.",
        "PROSE",
        "\n\n".join(["She ran on."] * 6),
        "她在水边等了很久，没有人来。她走了，再也没有回来过，谁也不知道为什么。",
    ],
)
def test_an_opening_without_a_heading_is_a_document(opening: str):
    book = parse_manuscript(
        f"{opening.replace('PROSE', PROSE)}\n\nChapter 1\n\n{PROSE}\n\nChapter 2\n\n{PROSE}", name="x"
    )
    assert told(book) == [("front", None, "Front matter"), ("chapter", 1, ""), ("chapter", 2, "")]


def test_a_title_page_is_set_aside():
    book = parse_manuscript(f"THE WEIR\n\nby Ann Other\n\nCopyright 2020 Ann.\n\nChapter 1\n\n{PROSE}", name="x")
    assert (book.title, told(book)) == ("THE WEIR", [("chapter", 1, "")])
    assert [aside.reason for aside in book.asides] == ["title", "title page"]


@pytest.mark.parametrize("form", ["**{}**", "__{}__", "***{}***", "                    {}"])
def test_lone_bold_or_centred_lines_are_titles_where_there_is_no_heading(form: str):
    book = parse("\n\n".join(f"{form.format(title)}\n\nPROSE" for title in ("Low Water", "High Water", "No Water?")))
    assert told(book) == [("chapter", 1, "Low Water"), ("chapter", 2, "High Water"), ("chapter", 3, "No Water?")]
    assert book.division.chosen == "bold or centred lines"


@pytest.mark.parametrize("line", ["**No!**", "**He was gone.**", "**a**", "He said **no** again"])
def test_bold_words_in_a_story_are_no_titles(line: str):
    assert len(parse("\n\n".join(f"PROSE\n\n{line}\n\nPROSE" for _ in range(3))).documents) == 1


CODE = "```\n# not a chapter\n\n## nor this\n```"


@pytest.mark.parametrize("fence", [CODE, CODE.replace("```", "~~~"), CODE.replace("```", "````", 1) + "`"])
def test_code_between_fences_stays_as_it_is(fence: str):
    book = parse(f"# Low\n\nShe typed:\n\n{fence}\n\nIt ran.\n\n# High\n\nBram hid.")
    assert told(book) == [("chapter", 1, "Low"), ("chapter", 2, "High")]
    assert fence in book.chapters[0].text
    assert parse(f"# Low\n\n{book.chapters[0].text}").chapters[0].text == book.chapters[0].text


def test_a_fence_that_nothing_closes_swallows_no_chapter():
    assert told(parse("# Low\n\n```\n\nPROSE\n\n# High\n\nPROSE")) == [("chapter", 1, "Low"), ("chapter", 2, "High")]


@pytest.mark.parametrize("attributes", ["{#low .unnumbered}", "{-}", '{.x key="a b"}', "{#low}"])
def test_attributes_are_no_part_of_the_title(attributes: str):
    book = parse(f"# Low Water {attributes}\n\nNina ran.\n\n# High {{not attributes here}}\n\nBram hid.")
    assert told(book) == [("chapter", 1, "Low Water"), ("chapter", 2, "High {not attributes here}")]
    assert [aside.reason for aside in book.asides] == ["attributes"]


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("---\ntitle: The Weir\ntags: [a]\n---\n", "The Weir"),
        ('---\nTitle: x\ntitle: "A: b"\n...\n', "A: b"),
        ("% The Weir\n% Ann Other\n", "The Weir"),
        ("Title: The Weir\nAuthor: Ann\n\n", "The Weir"),
        ("---\nlongform:\n  format: scenes\n  title: Weir\ntitle: The Weir\n---\n", "The Weir"),
    ],
)
def test_properties_give_the_title_and_are_told(head: str, title: str):
    book = parse(f"{head}\n# Low\n\nPROSE\n\n# High\n\nPROSE")
    assert (book.title, told(book)) == (title, [("chapter", 1, "Low"), ("chapter", 2, "High")])
    assert [(aside.reason, aside.line) for aside in book.asides] == [("properties", 1)]


@pytest.mark.parametrize("comment", ["<!-- her secret -->", "%% her secret %%", "<!-- her\n\nsecret -->"])
def test_comments_are_told_and_kept_out_of_the_text(comment: str):
    book = parse(f"# Low\n\nNina ran.\n\n{comment}\n\nShe hid {comment} there.\n\nGone.\n\n# High\n\nPROSE")
    first = book.chapters[0]
    assert (len(first.scenes), "secret" in first.text) == (1, False)
    assert [aside.reason for aside in book.asides] == ["comments", "comments"]


def test_a_comment_in_code_is_code():
    book = parse("# Low\n\n```\n<!-- shown -->\n```\n\nShe hid.")
    assert "<!-- shown -->" in book.chapters[0].text


def test_notes_and_references_keep_their_lines():
    notes = (
        "[^1]: A note about the river, which is long enough to be wrapped by an editor.\n[site]: https://example.org"
    )
    book = parse(f"# Low\n\nNina ran[^1] to [it][site].\n\n{notes}")
    assert book.chapters[0].text.endswith(notes)


@pytest.mark.parametrize("line", ["[TOC]", "Contents", "Inhaltsverzeichnis"])
def test_a_table_of_contents_is_not_the_name_of_the_book(line: str):
    assert parse(f"{line}\n\n# Low\n\nPROSE\n\n# High\n\nPROSE").title == "x"
