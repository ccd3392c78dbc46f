"""Word and EPUB files on which the reader once failed, as they were handed over; what is right for each stands here."""

import os
from pathlib import Path

import pytest

from saga_agent.formats.manuscript import Manuscript, read_manuscript
from saga_agent.story.import_account import weigh_import

FAULTS = Path(os.environ.get("SAGA_TEST_FAULTS") or Path(__file__).parents[3].parent / "shared/faults")
FIRST = {
    "09-docx-run-content-lost/docx-ruby-base-text/t.docx": "ニナは湖を渡った。",
    "09-docx-run-content-lost/docx-w-sym/t.docx": "The sign read ≥ nine.",
    "11-docx-main-part-by-relationship/docx-main-part-document2/t.docx": "Nina ran.",
    "13-docx-odd-parts-refuse-the-book/docx-rel-target-anchor/t.docx": "Nina ran.",
    "13-docx-odd-parts-refuse-the-book/docx-rel-target-null/t.docx": "Nina ran.",
    "13-docx-odd-parts-refuse-the-book/docx-utf16-customxml/t.docx": "Nina ran.",
    "16-docx-hidden-and-chunks/docx-hidden-text/t.docx": "Nina smiled.",
    "16-docx-hidden-and-chunks/docx-altchunk-told/t.docx": "Before.\n\nBram sang in the chunk.\n\nAfter.",
    "17-docx-literal-marks/docx-literal-hash-paragraph/t.docx": (
        "Nina read the sign aloud.\n\n\\# 7 was the boat she wanted.\n\nIt was gone."
    ),
    "17-docx-literal-marks/docx-literal-marks-in-written-word/t.docx": (
        "She typed my_old_name and 2 * 3 * 4 and \\*grin\\* and \\_sigh\\_ in the box."
    ),
    "24-epub-not-well-formed/epub-bare-ampersand/t.epub": "Nina & Bram ran to the weir.",
    "24-epub-not-well-formed/epub-not-well-formed-br/t.epub": "Nina ran  \nto the weir.",
    "27-epub-page-and-note-marks/epub-noteref/t.epub": "Nina swore at Bram.",
    "27-epub-page-and-note-marks/epub-pagenum-span/t.epub": "Nina ran to the weir.",
    "29-epub-dropcap-image/epub-dropcap-image-alt/t.epub": "Nina ran to the weir.",
}
TITLES = {
    "14-docx-auto-numbered-headings/docx-auto-numbered-headings/t.docx": [(1, ""), (2, ""), (3, "")],
    "15-docx-title-style/docx-title-style-per-chapter/t.docx": [(1, "Low Water"), (2, "High Water"), (3, "No Water")],
    "17-docx-literal-marks/docx-literal-hash-paragraph/t.docx": [(1, "The Weir"), (2, "The Ford")],
    "19-bold-lines-as-titles/docx-bold-centred-titles/t.docx": [(1, "Low Water"), (2, "High Water")],
    "26-epub-one-file-fragments/epub-one-file-fragments/t.epub": [(1, "Low Water"), (2, "High Water"), (3, "No Water")],
    "31-epub-subtitle-and-semantics/epub-number-then-subtitle/t.epub": [(1, "The Weir"), (2, "The Ford")],
}
SCENES = ("epub-nbsp-paragraph-scene-break", "epub-ornament-scene-break")


def read(name: str) -> Manuscript:
    path = FAULTS / name
    if not path.exists():
        pytest.skip(f"no {path}; set SAGA_TEST_FAULTS to the folder with the files that failed")
    book = read_manuscript(path)
    balance = weigh_import(path.read_bytes(), book)
    assert (balance.lost, balance.doubled) == (0, 0)
    return book


@pytest.mark.parametrize(("name", "text"), FIRST.items())
def test_the_text_of_the_first_chapter(name: str, text: str):
    assert read(name).chapters[0].text == text


@pytest.mark.parametrize(("name", "titles"), TITLES.items())
def test_the_chapters(name: str, titles: list[tuple[int, str]]):
    assert [(each.number, each.title) for each in read(name).chapters] == titles


@pytest.mark.parametrize("name", SCENES)
def test_the_scenes(name: str):
    (chapter,) = read(f"30-epub-scene-breaks/{name}/t.epub").chapters
    assert [chapter.text[scene.start : scene.end] for scene in chapter.scenes] == ["Nina ran.", "Bram hid."]


def test_hidden_words_are_told():
    book = read("16-docx-hidden-and-chunks/docx-hidden-text/t.docx")
    assert [(each.reason, each.text) for each in book.asides] == [("hidden", "SECRET NOTE TO SELF")]


def test_text_below_a_part_is_a_document():
    book = read("01-part-text-dropped/docx-part-without-chapters/t.docx")
    assert [each.text.split()[0] for each in book.documents] == ["ONE", "WHOLEPART", "THREE"]


def test_talk_below_the_title_is_a_document():
    book = read("03-opening-before-first-heading-dropped/docx-dialogue-under-title/t.docx")
    assert book.title == "The Weir"
    assert all(f"TALK{n} " in book.documents[0].text for n in range(30))
