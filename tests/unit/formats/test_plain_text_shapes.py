"""Plain texts as writers shape them: titles without numbers, lists of contents, letters, diaries, odd numbers."""

from pathlib import Path

import pytest

from saga_agent.formats.book import Manuscript
from saga_agent.formats.manuscript import parse_file
from saga_agent.story.import_account import weigh_import

PROSE = "Nina walked along the bank until the light went, and nobody called her back. " * 4


def read(text: str) -> Manuscript:
    data = text.replace("PROSE", PROSE).encode()
    book = parse_file(data, path=Path("x.txt"))
    balance = weigh_import(data, book)
    assert (balance.lost, balance.doubled) == (0, 0)
    return book


def told(book: Manuscript) -> list[tuple[str, int | None, str]]:
    return [(each.kind, each.number, each.title) for each in book.documents]


def chapters(*titles: str) -> list[tuple[str, int | None, str]]:
    return [("chapter", number, title) for number, title in enumerate(titles, 1)]


@pytest.mark.parametrize(
    ("text", "titles", "by"),
    [
        ("THE FERRY\n\nNina ran.\n\nA COLD NIGHT\n\nOdd left.", ("THE FERRY", "A COLD NIGHT"), "lines in capitals"),
        ("ПАРОМ\n\nPROSE\n\nНОЧЬ\n\nPROSE", ("ПАРОМ", "НОЧЬ"), "lines in capitals"),
        ("NINA\n\nPROSE\n\nBRAM\n\nPROSE\n\nNINA\n\nPROSE", ("NINA", "BRAM", "NINA"), "lines in capitals"),
        ("Day One\n\nPROSE\n\nPROSE\n\nDay Two\n\nPROSE\n\nPROSE", ("Day One", "Day Two"), "counted lines"),
        ("Tape 1\n\nPROSE\n\nTape 2\n\nPROSE", ("Tape 1", "Tape 2"), "counted lines"),
        ("Monday\n\nPROSE\n\nPROSE\n\n\nTuesday\n\nPROSE\n\nPROSE", ("Monday", "Tuesday"), "lines after a gap"),
        ("3 May 1893\n\nPROSE\n\n\n4 May 1893\n\nPROSE", ("3 May 1893", "4 May 1893"), "lines after a gap"),
    ],
    ids=["capitals", "cyrillic", "voices", "days", "tapes", "weekdays", "diary"],
)
@pytest.mark.parametrize("head", ["", "THE WEIR\n\nby Ann Other\n\n\n"])
def test_lines_set_off_are_titles_where_there_is_no_heading(text: str, titles: tuple[str, ...], by: str, head: str):
    book = read(head + text)
    assert (told(book), book.division.chosen) == (chapters(*titles), by)
    assert not head or book.title == "THE WEIR"


@pytest.mark.parametrize(
    "text",
    [
        "PROSE\n\nNO ENTRY\n\nPROSE\n\nKEEP OUT\n\nPROSE",
        "PROSE\n\nMonday\n\nPROSE",
        "PROSE\n\n\nHe left\n\n\nPROSE",
        "“STOP”\n\nPROSE\n\n“NOW”\n\nPROSE",
        "Table 2\n\nPROSE\n\nTable 4\n\nPROSE",
    ],
)
def test_signs_and_shouts_in_a_story_are_no_titles(text: str):
    assert len(read(text).documents) == 1


NAMES = ("The Ferryman", "a cold night", "Who’s there?")
TEXT = "\n\n\n".join(f"{name}\n\nPROSE\n\nPROSE" for name in NAMES)


@pytest.mark.parametrize(
    "listed",
    [
        "Contents\n\nThe Ferryman\na cold night\nWho’s there?",
        "Table of Contents\n\n1. The Ferryman ........ 1\n2. a cold night ...... 14\n3. Who’s there? ...... 30",
        "CONTENTS\n\nThe Ferryman\n\na cold night\n\nWho’s there?",
        "Inhalt\n\nThe Ferryman     5\na cold night     9\nWho’s there?    12",
        "目次\n\nThe Ferryman\na cold night\nWho’s there?",
        "by Ann Other\n\nThe Ferryman\na cold night\nWho’s there?",
    ],
)
def test_a_table_of_contents_tells_the_chapters(listed: str):
    book = read(f"The Weir\n\n{listed}\n\n\n{TEXT}")
    assert (book.title, told(book), book.division.chosen) == ("The Weir", chapters(*NAMES), "table of contents")


def test_matter_in_a_table_of_contents_stays_matter():
    book = read(
        "Contents\n\nPreface\nThe Ferry\nThe Night\nAfterword\n\nPreface\n\nPROSE\n\nThe Ferry\n\nPROSE\n\n"
        "The Night\n\nPROSE\n\nAfterword\n\nPROSE"
    )
    assert told(book) == [("front", None, "Preface"), *chapters("The Ferry", "The Night"), ("back", None, "Afterword")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "LETTER I.\n\nPROSE\n\nLETTER II.\n\nPROSE\n\nLETTER III.\n\nPROSE\n\n"
            "CHAPTER I.\n\nPROSE\n\nCHAPTER II.\n\nPROSE",
            [*(("front", None, f"LETTER {n}.") for n in ("I", "II", "III")), ("chapter", 1, ""), ("chapter", 2, "")],
        ),
        ("Chapter 1\n\nPROSE\n\n1. Bread\n\n2. Salt\n\n3. Rope\n\nPROSE\n\nChapter 2\n\nPROSE", chapters("", "")),
        ("Chapter 1\n\nPROSE\n\nFinal Chapter\n\nPROSE", [*chapters(""), ("chapter", None, "Final Chapter")]),
        ("1. Kapitel\n\nPROSE\n\nLetztes Kapitel\n\nPROSE", [*chapters(""), ("chapter", None, "Letztes Kapitel")]),
        (
            "Chapter 1\n\nPROSE\n\nChapter 1.5: Between\n\nPROSE\n\nChapter 2\n\nPROSE\n\nChapter 2b\n\nPROSE",
            [
                *chapters(""),
                ("chapter", None, "Chapter 1.5: Between"),
                ("chapter", 2, ""),
                ("chapter", None, "Chapter 2b"),
            ],
        ),
        ("=== Chapter 1: Low ===\n\nPROSE\n\n=== Chapter 2: High ===\n\nPROSE", chapters("Low", "High")),
        ("#1\n\nPROSE\n\n#2\n\nPROSE", chapters("", "")),
        ("Ch. 1 - Low\n\nPROSE\n\nCh. 2 - High\n\nPROSE", chapters("Low", "High")),
        (
            "Chapter One: “What’s in a Name?”\n\nPROSE\n\nChapter Two: the boat that came back\n\nPROSE\n\n"
            "Chapter Three - Why not go home?\n\nPROSE",
            chapters("“What’s in a Name?”", "the boat that came back", "Why not go home?"),
        ),
        (
            "STAVE ONE.\n\nMARLEY'S GHOST.\n\nPROSE\n\nSTAVE TWO.\n\nTHE SPIRIT.\n\nPROSE",
            chapters("MARLEY'S GHOST.", "THE SPIRIT."),
        ),
        (
            "Chapter 1\n\nPROSE\n\nChapter 2\n\nPROSE\n\nAfterword\n\nPROSE\n\nAbout the Author\n\nAnn lives here.",
            [*chapters("", ""), ("back", None, "Afterword"), ("back", None, "About the Author")],
        ),
    ],
    ids=["letters", "list", "final", "letztes", "between", "equals", "hash", "ch", "sentences", "staves", "after"],
)
def test_chapters_are_found_however_they_are_counted(text: str, wanted: list[tuple[str, int | None, str]]):
    assert told(read(text)) == wanted


def test_the_name_of_a_part_may_stand_below_it():
    book = read("Book the First\n\nRecalled to Life\n\n\nChapter the First\n\nPROSE\n\nChapter the Second\n\nPROSE")
    assert [(part.number, part.title) for part in book.parts] == [(1, "Recalled to Life")]
    assert told(book) == chapters("", "")


def test_the_last_line_of_gutenberg_is_no_part_of_the_book():
    book = read(
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\nChapter I\n\nPROSE\n\nChapter II\n\nPROSE\n\n"
        "End of Project Gutenberg's X, by Ann Other\n\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\n"
    )
    assert "Gutenberg" not in "".join(each.text for each in book.documents)
