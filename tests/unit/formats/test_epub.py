"""EPUB books become manuscripts, in the order of reading; hostile ones are refused."""

import sys
from pathlib import Path

import pytest

from saga_agent.errors import MissingExtra, UnreadableFile
from saga_agent.formats.manuscript import Manuscript, read_manuscript
from tests.unit.formats.books import DOCTYPE, epub, xhtml, zipped

BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"


def read(folder: Path, data: bytes) -> Manuscript:
    path = folder / "book.epub"
    path.write_bytes(data)
    return read_manuscript(path)


def one(body: str, *, doctype: str = "") -> bytes:
    return epub({"one.xhtml": xhtml(body, doctype=doctype)})


def test_chapters_come_in_the_order_of_the_spine_with_titles_from_the_navigation(tmp_path: Path):
    book = read(tmp_path, epub({"two%20b.xhtml": xhtml("<p>Two.</p>"), "one.xhtml": xhtml("<p>One.</p>")}))
    assert book.title == "The Crossing"
    assert [(c.title, c.text) for c in book.chapters] == [("The Ferry", "One."), ("The Far Bank", "Two.")]


def test_titles_come_from_the_older_kind_of_navigation_too(tmp_path: Path):
    ncx = (
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Dusk</text></navLabel>'
        '<content src="a.xhtml"/></navPoint></navMap></ncx>'
    )
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
        '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="n" href="n.ncx"'
        ' media-type="application/x-dtbncx+xml"/></manifest><spine toc="n"><itemref idref="a"/></spine></package>'
    )
    members = {"OEBPS/book.opf": opf, "OEBPS/n.ncx": ncx, "OEBPS/a.xhtml": xhtml("<p>Text.</p>")}
    assert read(tmp_path, epub({}, **members)).chapters[0].heading == "Dusk"


def test_text_is_set_like_a_manuscript(tmp_path: Path):
    body = (
        "<h1>Chapter 1:\n <i>The Ferry</i></h1><div>Loose <p>She was <em>very </em>tired&nbsp;&mdash; and "
        "<b>cold</b>.<br/>Wet, too.</p></div><hr/><p>After &amp; more.</p><ul><li>bread</li></ul>"
        "<script>no()</script><img src='a.png'/>"
    )
    (chapter,) = read(tmp_path, one(body, doctype=DOCTYPE)).chapters
    assert (chapter.number, chapter.title) == (1, "The Ferry")
    assert chapter.text == (
        "Loose\n\nShe was _very_ tired\u00a0— and **cold**.  \nWet, too.\n\n* * *\n\nAfter & more.\n\n- bread"
    )
    assert len(chapter.scenes) == 2


def test_missing_parts_and_pictures_are_told(tmp_path: Path):
    data = epub({"one.xhtml": xhtml("<p>One.</p><img src='a.png'/>"), "OEBPS/../../gone.xhtml": ""})
    members = epub({"one.xhtml": xhtml("<p>One.</p><img src='a.png'/>")})
    assert "Left out of the text: 1 pictures." in read(tmp_path, members).warnings
    with pytest.raises(UnreadableFile, match="outside"):
        read(tmp_path, data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (one("<p>&b;</p>", doctype=BOMB), "entities"),
        (one("<p>&x;</p>", doctype="<!DOCTYPE x [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"), "entities"),
        (one("<div>" * 5_000 + "x" + "</div>" * 5_000), "deep"),
        (one("<p> </p>"), "no text"),
        (zipped({"META-INF/container.xml": "<container/>"}), "names no book"),
        (
            epub(
                {"one.xhtml": xhtml("<p>x</p>")},
                **{"META-INF/encryption.xml": '<e><CipherReference URI="OEBPS/one.xhtml"/></e>'},
            ),
            "DRM",
        ),
    ],
)
def test_hostile_and_damaged_books_are_refused(tmp_path: Path, data: bytes, reason: str):
    with pytest.raises(UnreadableFile, match=reason):
        read(tmp_path, data)


def test_without_the_extra_the_way_to_get_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "lxml.etree", None)
    with pytest.raises(MissingExtra, match=r"Reading \.epub needs"):
        read(tmp_path, one("<p>x</p>"))
