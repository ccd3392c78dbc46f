"""Word documents become manuscripts, with tracked changes as the caller wants them."""

import sys
from pathlib import Path

import pytest
from docx import Document

from saga_agent.errors import MissingExtra, UnreadableFile
from saga_agent.formats.manuscript import Manuscript, read_manuscript
from tests.unit.formats.books import saved, word, zipped

CHANGED = (
    '<w:r><w:t xml:space="preserve">Mira drew her </w:t></w:r>'
    '<w:del w:id="1" w:author="E"><w:r><w:delText>rusty</w:delText></w:r></w:del>'
    '<w:ins w:id="2" w:author="E"><w:r><w:t>bright</w:t></w:r></w:ins>'
    '<w:r><w:t xml:space="preserve"> sword.</w:t></w:r>'
)


def read(folder: Path, data: bytes) -> Manuscript:
    path = folder / "the_crossing.docx"
    path.write_bytes(data)
    return read_manuscript(path)


def test_headings_by_style_are_chapters_and_the_title_is_the_title(tmp_path: Path):
    document = Document()
    document.add_heading("The Crossing", level=0)
    for title in ("The Ferry", "The Far Bank"):
        document.add_heading(title, level=1)
        document.add_paragraph("The river rose.")
    book = read(tmp_path, saved(document))
    assert book.title == "The Crossing"
    assert [(c.number, c.title, c.text) for c in book.chapters] == [
        (1, "The Ferry", "The river rose."),
        (2, "The Far Bank", "The river rose."),
    ]


def test_a_style_made_from_a_heading_is_a_heading(tmp_path: Path):
    document = Document()
    style = document.styles.add_style("Kapitel", 1)
    style.base_style = document.styles["Heading 1"]
    for title in ("Eins", "Zwei"):
        document.add_paragraph(title, style="Kapitel")
        document.add_paragraph("Text.")
    assert [c.title for c in read(tmp_path, saved(document)).chapters] == ["Eins", "Zwei"]


def test_without_styles_the_words_tell_the_chapters(tmp_path: Path):
    book = read(tmp_path, word("Chapter 1", "One here.", "Chapter 2", "Two there."))
    assert [(c.number, c.text) for c in book.chapters] == [(1, "One here."), (2, "Two there.")]
    assert book.title == "the crossing"


@pytest.mark.parametrize(
    ("tracked", "text"), [("accepted", "Mira drew her bright sword."), ("original", "Mira drew her rusty sword.")]
)
def test_tracked_changes_are_accepted_or_undone(tmp_path: Path, tracked: str, text: str):
    path = tmp_path / "a.docx"
    path.write_bytes(word(CHANGED))
    assert read_manuscript(path, tracked=tracked).chapters[0].text == text


@pytest.mark.parametrize(("tracked", "text"), [("accepted", "One two."), ("original", "One\n\ntwo.")])
def test_a_deleted_paragraph_end_joins_two_paragraphs(tmp_path: Path, tracked: str, text: str):
    path = tmp_path / "a.docx"
    end = '<w:pPr><w:rPr><w:del w:id="1" w:author="E"/></w:rPr></w:pPr>'
    path.write_bytes(word(f'{end}<w:r><w:t xml:space="preserve">One </w:t></w:r>', "two."))
    assert read_manuscript(path, tracked=tracked).chapters[0].text == text


def test_emphasis_is_marked_and_its_blanks_stay_outside(tmp_path: Path):
    document = Document()
    paragraph = document.add_paragraph("She was ")
    paragraph.add_run("very").italic = True
    paragraph.add_run(" tired ").italic = True
    paragraph.add_run("and ")
    paragraph.add_run("cold", style="Strong")
    paragraph.add_run(".")
    assert read(tmp_path, saved(document)).chapters[0].text == "She was _very tired_ and **cold**."


def test_separators_and_empty_paragraphs_are_scene_breaks(tmp_path: Path):
    book = read(tmp_path, word("One.", "***", "Two.", "Three.", "", "Four.", "Five."))
    (chapter,) = book.chapters
    assert [chapter.text[s.start : s.end] for s in chapter.scenes] == ["One.", "Two.\n\nThree.", "Four.\n\nFive."]


def test_what_is_left_out_is_told(tmp_path: Path):
    book = read(tmp_path, word('<w:r><w:t>One.</w:t><w:footnoteReference w:id="2"/></w:r>'))
    assert "Left out of the text: 1 footnotes." in book.warnings


def test_tables_are_read_cell_by_cell_and_line_breaks_stay(tmp_path: Path):
    document = Document()
    document.add_paragraph("Above\nbelow")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "left", "right"
    assert read(tmp_path, saved(document)).chapters[0].text == "Above  \nbelow\n\nleft\n\nright"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zipped({"word/document.xml": "<x/>"}), "damaged"),
        (zipped({"word/document.xml": "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"}), "entities"),
        (zipped({"word/document.xml": "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>".encode("utf-16")}), "not UTF-8"),
        (zipped({"notes.txt": "text"}), "neither a Word nor an EPUB"),
        (word(), "no text"),
        (word("Text.")[:-40], "damaged"),
        (b"only text", "holds something else"),
        (b"\xd0\xcf\x11\xe0 locked", "password"),
    ],
)
def test_what_is_no_word_document_is_refused(tmp_path: Path, data: bytes, reason: str):
    with pytest.raises(UnreadableFile, match=reason):
        read(tmp_path, data)


def test_without_the_extra_the_way_to_get_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    data = word("Text.")
    monkeypatch.setitem(sys.modules, "lxml.etree", None)
    with pytest.raises(MissingExtra, match=r"Reading .docx needs .*saga-agent\[documents\]"):
        read(tmp_path, data)
