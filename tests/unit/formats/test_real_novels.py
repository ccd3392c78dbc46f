"""Whole novels from the shared data folder, as Project Gutenberg typed them."""

import os
import re
from pathlib import Path

import pytest

from saga_agent.formats.manuscript import Manuscript, parse_manuscript, read_manuscript

DATA = Path(os.environ.get("SAGA_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
NOVELS = {
    "11_alices_adventures_in_wonderland": 12,
    "120_treasure_island": 34,
    "1661_the_adventures_of_sherlock_holmes": 12,
    "2489_moby_dick": 135,
}
WORD = re.compile(r"[^\W_]+")


def novel(name: str) -> Path:
    path = DATA / f"{name}.txt"
    if not path.is_file():
        pytest.skip(f"the shared test data is not at {DATA}")
    return path


def all_text(book: Manuscript) -> str:
    pieces = [(c.start_line, c.heading + "\n" + c.text) for c in book.documents]
    pieces += [(aside.line, aside.text) for aside in book.asides]
    return "\n".join(text for _, text in sorted(pieces))


@pytest.mark.parametrize(("name", "chapters"), NOVELS.items())
def test_every_chapter_is_found_once_and_in_order(name: str, chapters: int):
    book = read_manuscript(novel(name))
    assert [chapter.number for chapter in book.chapters] == list(range(1, chapters + 1))
    assert all(chapter.title and chapter.text for chapter in book.chapters)


@pytest.mark.parametrize("name", NOVELS)
def test_no_word_is_lost_or_moved(name: str):
    path = novel(name)
    assert WORD.findall(all_text(read_manuscript(path))) == WORD.findall(path.read_text("utf-8"))


@pytest.mark.parametrize("name", NOVELS)
def test_a_book_written_out_chapter_by_chapter_reads_back_the_same(name: str):
    book = read_manuscript(novel(name))
    written = "\n\n".join(f"CHAPTER {c.number}: {c.title}\n\n{c.text}" for c in book.chapters)
    again = parse_manuscript(written, name="again")
    assert [c.text for c in again.chapters] == [c.text for c in book.chapters]
    assert [c.scenes for c in again.chapters] == [c.scenes for c in book.chapters]


def test_titles_on_the_same_or_the_next_line():
    alice = read_manuscript(novel("11_alices_adventures_in_wonderland"))
    assert alice.chapters[6].title == "A Mad Tea-Party"
    moby = read_manuscript(novel("2489_moby_dick"))
    assert (moby.chapters[0].title, moby.chapters[0].text[:16]) == ("Loomings", "Call me Ishmael.")
    island = read_manuscript(novel("120_treasure_island"))
    assert island.chapters[15].title == "Narrative Continued by the Doctor: How the Ship Was Abandoned"
    assert island.chapters[26].title == '"Pieces of Eight"'


def test_treasure_island_keeps_its_six_parts():
    book = read_manuscript(novel("120_treasure_island"))
    assert [(part.number, part.title, part.first_chapter, part.end_chapter) for part in book.parts][:2] == [
        (1, "The Old Buccaneer", 0, 6),
        (2, "The Sea-cook", 6, 12),
    ]
    assert [part.end_chapter for part in book.parts] == [6, 12, 15, 21, 27, 34]


def test_moby_dick_keeps_what_stands_after_the_last_chapter():
    book = read_manuscript(novel("2489_moby_dick"))
    assert [(c.number, c.title) for c in book.back] == [(None, "Epilogue"), (None, "ETYMOLOGY"), (None, "EXTRACTS")]
    assert "Supplied by a Sub-Sub-Librarian" in book.back[2].text
    assert book.chapters[24].title == "Postscript"


def test_numbered_sections_inside_a_story_are_scenes_not_stories():
    book = read_manuscript(novel("1661_the_adventures_of_sherlock_holmes"))
    first = book.chapters[0]
    assert [first.text[s.start : s.start + 10].split("\n")[0] for s in first.scenes] == ["I.", "II.", "III."]
    assert book.chapters[6].title == "THE ADVENTURE OF THE BLUE CARBUNCLE"


def test_verse_keeps_its_lines_and_prose_does_not():
    alice = read_manuscript(novel("11_alices_adventures_in_wonderland"))
    assert "How doth the little crocodile\n" in alice.chapters[1].text
    assert "very tired of sitting by her sister on the bank, and of having nothing to do" in alice.chapters[0].text


def test_rows_of_asterisks_divide_scenes():
    first = read_manuscript(novel("11_alices_adventures_in_wonderland")).chapters[0]
    assert [first.text[s.start : s.end].count("*") for s in first.scenes] == [0, 0]
