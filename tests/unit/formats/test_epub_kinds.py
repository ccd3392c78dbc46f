"""EPUB files as the world makes them: every word comes into the text once, or is told aside."""

import io
import re
import zipfile
from pathlib import Path

import pytest

from saga_agent.errors import UnreadableFile
from saga_agent.formats.manuscript import Manuscript, read_manuscript
from saga_agent.story.import_account import weigh_import
from tests.unit.formats.epub_files import epub_file, ncx, page, toc

RAN = "<p>Nina ran to the weir before dawn.</p>"
FONT_LOCKED = {"META-INF/encryption.xml": '<e><CipherReference URI="f.ttf"/></e>'}
WAITED = "<p>Bram waited on the bank all day.</p>"


def read(folder: Path, data: bytes) -> Manuscript:
    path = folder / "book.epub"
    path.write_bytes(data)
    book = read_manuscript(path)
    balance = weigh_import(data, book)
    assert (balance.lost, balance.doubled) == (0, 0)
    return book


def texts(book: Manuscript) -> list[str]:
    return [each.text for each in book.documents]


def titles(book: Manuscript) -> list[str]:
    return [each.title for each in book.chapters]


def aside(book: Manuscript) -> list[tuple[str, str]]:
    return [(each.reason, each.text) for each in book.asides]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>Nina ran<br>to the weir.</p>", "Nina ran  \nto the weir."),
        ("<p>Nina & Bram ran.</p>", "Nina & Bram ran."),
        ("<p>Nina ran.<p>Bram hid.", "Nina ran.\n\nBram hid."),
        ("<p><i>Nina <b>ran</i></b> off.</p>", None),
        ("<p>Nina ran.</p><img src=a.png><hr><p>Bram hid.</p>", "Nina ran.\n\n* * *\n\nBram hid."),
        ("<p>Nina&nbspran &copy 1999.</p>", "Nina\u00a0ran © 1999."),
        ("<p>Nina ran.</p><script>if (a < b && c) no()</script><p>Bram hid.</p>", "Nina ran.\n\nBram hid."),
        ("<p a=1 a=2>Nina ran.</p></div></p>", "Nina ran."),
        ("<p>Nina ran.</p><a id='x'/><p>Bram hid & sang.</p>", "Nina ran.\n\nBram hid & sang."),
        ("<p>Nina ran \x0c\x01away.</p>", "Nina ran away."),
    ],
)
def test_pages_that_are_no_xml_are_read_as_browsers_read_them(tmp_path: Path, body: str, text: str | None):
    book = read(tmp_path, epub_file(page(f"<h1>Chapter 1</h1>{body}"), "<h1>Chapter 2</h1><p>Odd left.</p>"))
    first, second = book.chapters
    assert second.text == "Odd left."
    assert text in (None, first.text)
    assert "Nina" in first.text


def test_what_was_mended_is_told(tmp_path: Path):
    warnings = read(tmp_path, epub_file("<h1>Chapter 1</h1><p>Nina ran<br>off.</p>")).warnings
    assert any("p0.xhtml" in warning and "well-formed" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>caf&eacute; &hellip;</p>", "café …"),
        ("<p>&#x201C;No,&#8221; she said.</p>", "“No,” she said."),
        ("<p>R&amp;D &lt;tag&gt;</p>", "R&D <tag>"),
        ("<p>&unknown; thing</p>", "&unknown; thing"),
    ],
)
def test_entities_are_characters(tmp_path: Path, body: str, text: str):
    assert texts(read(tmp_path, epub_file(f"<h1>Chapter 1</h1>{body}"))) == [text]


@pytest.mark.parametrize(
    ("body", "nav"),
    [
        (
            f'<p id="c0">Low Water</p>{RAN}<p id="c1">High Water</p>{WAITED}',
            toc(("Low Water", "p0.xhtml#c0"), ("High Water", "p0.xhtml#c1")),
        ),
        (
            f'<div id="c0"><p>Low Water</p>{RAN}</div><div id="c1"><p>High Water</p>{WAITED}</div>',
            toc(("Low Water", "p0.xhtml#c0"), ("High Water", "./p0.xhtml#c1")),
        ),
        (
            f'<p><a id="c%200"></a><b>Low Water</b></p>{RAN}<p><span id="c1">High</span> Water</p>{WAITED}'.replace(
                "%20", "-"
            ),
            toc(("Low Water", "p0.xhtml#c-0"), ("High Water", "p0.xhtml#c1")),
        ),
        (
            f'<a name="c0"></a>{RAN}<a name="c1"></a>{WAITED}',
            toc(("Low Water", "p0.xhtml#c0"), ("High Water", "p0.xhtml#c1")),
        ),
        (
            f'<a id="c0"></a><h2>Low Water</h2>{RAN}<a id="c1"></a><h2>High Water</h2>{WAITED}',
            toc(("Low Water", "p0.xhtml#c0"), ("High Water", "p0.xhtml#c1")),
        ),
        (f'{RAN}<div id="c1">{WAITED}</div>', toc(("Low Water", "p0.xhtml"), ("High Water", "p0.xhtml#c1"))),
        (
            f'<p id="ca">Low Water</p>{RAN}<p id="cb">High Water</p>{WAITED}',
            toc(("Low <i>Water</i>", "p0%2Exhtml#ca"), ("High\nWater", "p0.xhtml#cb")),
        ),
    ],
)
def test_the_anchors_of_the_contents_divide_a_page(tmp_path: Path, body: str, nav: str):
    book = read(tmp_path, epub_file(body, nav=nav))
    assert [(each.title, each.text) for each in book.chapters] == [
        ("Low Water", "Nina ran to the weir before dawn."),
        ("High Water", "Bram waited on the bank all day."),
    ]


def test_the_contents_of_epub_2_divide_a_page_too(tmp_path: Path):
    body = f'<p id="c0">Low Water</p>{RAN}<p id="c1">High Water</p>{WAITED}'
    table = ncx(("Low Water", "p0.xhtml#c0"), ("High Water", "p0.xhtml#c1"))
    assert titles(read(tmp_path, epub_file(body, table=table))) == ["Low Water", "High Water"]


def test_contents_below_contents_make_parts(tmp_path: Path):
    nav = toc(
        ("Part One", "p0.xhtml", [("Low Water", "p1.xhtml"), ("High Water", "p2.xhtml")]),
        ("Part Two", "p3.xhtml", [("No Water", "p4.xhtml")]),
    )
    pages = ["<p>Part One</p>", RAN, WAITED, "<p>Part Two</p>", "<p>Odd left.</p>"]
    book = read(tmp_path, epub_file(*pages, nav=nav))
    assert titles(book) == ["Low Water", "High Water", "No Water"]
    assert [part.heading for part in book.parts] == ["Part One", "Part Two"]


def test_a_chapter_over_two_pages_is_one(tmp_path: Path):
    nav = toc(("Low Water", "p0.xhtml"), ("High Water", "p2.xhtml"))
    book = read(tmp_path, epub_file(RAN, "<p>She hid.</p>", WAITED, nav=nav))
    assert texts(book) == ["Nina ran to the weir before dawn.\n\nShe hid.", "Bram waited on the bank all day."]


@pytest.mark.parametrize(
    ("mark", "reason", "told"),
    [
        ('<span class="pagenum"><a id="p12">[Pg 12]</a></span>', "page marks", "[Pg 12]"),
        ('<span epub:type="pagebreak" id="p1">12</span>', "page marks", "12"),
        ('<span role="doc-pagebreak">xii</span>', "page marks", "xii"),
        ('<a class="page-number" id="p">{12}</a>', "page marks", "{12}"),
        ('<a epub:type="noteref" href="#n1"><sup>1</sup></a>', "notes", "1"),
        ('<sup><a href="#fn1">1</a></sup>', "notes", "1"),
        ('<a href="n.xhtml#note_2"><sup>2</sup></a>', "notes", "2"),
        ('<a role="doc-noteref" href="#x">*</a>', "notes", "*"),
        ('<a class="footnote-ref" href="#fn3">[3]</a>', "notes", "[3]"),
        ('<a href="#_ftn4" name="_ftnref4">[4]</a>', "notes", "[4]"),
    ],
)
def test_marks_of_pages_and_notes_are_told_and_not_glued_to_words(tmp_path: Path, mark: str, reason: str, told: str):
    book = read(tmp_path, epub_file(f"<h1>Chapter 1</h1><p>Nina swore{mark} at Bram.</p>"))
    assert texts(book) == ["Nina swore at Bram."]
    assert (reason, told) in aside(book)


@pytest.mark.parametrize(
    "kept",
    [
        "the 1<sup>st</sup> of May",
        'see <a href="p1.xhtml#c1">chapter two</a> first',
        '<span class="pagebreak">all of this stays</span>',
        "x<sup>2</sup> apples",
        '<a href="#top">I</a> was there',
    ],
)
def test_what_only_looks_like_a_mark_stays(tmp_path: Path, kept: str):
    book = read(tmp_path, epub_file(f"<h1>Chapter 1</h1><p>Well, {kept}.</p>"))
    assert texts(book) == [f"Well, {re.sub('<[^>]*>', '', kept)}."]


@pytest.mark.parametrize(
    "note",
    [
        '<aside epub:type="footnote" id="n"><p>An oath.</p></aside>',
        '<div class="footnote"><p>An oath.</p></div>',
        '<section epub:type="endnotes" role="doc-endnotes"><p>An oath.</p></section>',
        '<li role="doc-endnote"><p>An oath.</p></li>',
    ],
)
def test_notes_are_told(tmp_path: Path, note: str):
    book = read(tmp_path, epub_file(f"<h1>Chapter 1</h1>{RAN}{note}"))
    assert texts(book) == ["Nina ran to the weir before dawn."]
    assert ("notes", "An oath.") in aside(book)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('<p><img src="t.png" alt="N"/>ina ran.</p>', "Nina ran."),
        ('<p><img src="t.png" alt="N"/>INA ran.</p>', "NINA ran."),
        ('<p><span><img class="dropcap" src="t.png" alt="Drop cap N"/></span><small>INA</small> ran.</p>', "NINA ran."),
        ('<p><img alt="“I" src="i.png"/> was there.”</p>', "“I was there.”"),
        ('<p><span class="dropcap">N</span>ina ran.</p>', "Nina ran."),
        ('<div class="dropcap">N</div><p>ina ran.</p>', "Nina ran."),
        ('<p><b class="first-letter">N</b>ina ran.</p>', "Nina ran."),
        ('<p><img alt="A map" src="m.png"/>Nina ran.</p>', "Nina ran."),
        ('<p><img alt="N" src="n.png"/></p><p>Nina ran.</p>', "Nina ran."),
    ],
)
def test_a_picture_of_an_initial_is_its_letter(tmp_path: Path, body: str, text: str):
    assert texts(read(tmp_path, epub_file(f"<h1>Chapter 1</h1>{body}"))) == [text]


@pytest.mark.parametrize(
    "between",
    [
        "<hr/>",
        "<p>* * *</p>",
        "<p>⁂</p>",
        "<p>&#160;</p>",
        '<p class="space-break">&#160;</p>',
        '<p class="space-break"></p>',
        '<p role="separator">* * *</p>',
        '<div role="separator"></div>',
        '<div class="ornamental-break"><img src="o.png" alt="* * *"/></div>',
        '<p><img src="o.png" alt="ornament"/></p>',
        '<p class="scene-break"><img src="o.png"/></p>',
        '<figure><img src="o.png" alt="Section break"/></figure>',
        "<p><br/></p>",
        "<p>\u00a0<br/>\u00a0</p>",
    ],
)
def test_breaks_between_scenes(tmp_path: Path, between: str):
    (chapter,) = read(tmp_path, epub_file(f"<h1>Chapter 1</h1>{RAN}{between}{WAITED}")).chapters
    assert [chapter.text[scene.start : scene.end] for scene in chapter.scenes] == [
        "Nina ran to the weir before dawn.",
        "Bram waited on the bank all day.",
    ]


def test_blank_paragraphs_between_all_others_are_no_breaks(tmp_path: Path):
    body = "<p>&#160;</p>".join(f"<p>Nina ran {n} miles.</p>" for n in range(20))
    (chapter,) = read(tmp_path, epub_file(f"<h1>Chapter 1</h1>{body}")).chapters
    assert len(chapter.scenes) == 1


@pytest.mark.parametrize(
    "heads",
    [
        ("<h2>1</h2><h3>The Weir</h3>", "<h2>2</h2><h3>The Ford</h3>"),
        ("<hgroup><h2>1</h2><p>The Weir</p></hgroup>", "<hgroup><h2>2</h2><p>The Ford</p></hgroup>"),
        ("<hgroup><p>Chapter 1</p><h2>The Weir</h2></hgroup>", "<hgroup><p>Chapter 2</p><h2>The Ford</h2></hgroup>"),
        ("<h2>Chapter 1<br/>The Weir</h2>", "<h2>Chapter 2<br/>The Ford</h2>"),
        (
            '<h2><span epub:type="ordinal">I</span> <span epub:type="title">The Weir</span></h2>',
            '<h2><span epub:type="ordinal">II</span> <span epub:type="title">The Ford</span></h2>',
        ),
        ('<h2>I</h2><p class="chapter-title">The Weir</p>', '<h2>II</h2><p class="chapter-title">The Ford</p>'),
        ('<p class="chapter-number">1</p><h2>The Weir</h2>', '<p class="chapter-number">2</p><h2>The Ford</h2>'),
        (
            '<h2>Chapter One</h2><h2 class="x" epub:type="subtitle">The Weir</h2>',
            '<h2>Chapter Two</h2><h2 class="x" epub:type="subtitle">The Ford</h2>',
        ),
    ],
)
def test_the_title_beside_a_number_is_the_chapters(tmp_path: Path, heads: tuple[str, str]):
    book = read(tmp_path, epub_file(f"{heads[0]}{RAN}", f"{heads[1]}{WAITED}"))
    assert [(each.number, each.title) for each in book.chapters] == [(1, "The Weir"), (2, "The Ford")]
    assert texts(book) == ["Nina ran to the weir before dawn.", "Bram waited on the bank all day."]


def test_sections_of_a_chapter_are_not_its_title(tmp_path: Path):
    body = f"<h2>1</h2><h3>Morning</h3>{RAN}<h3>Evening</h3>{WAITED}"
    first, second = read(tmp_path, epub_file(body, f"<h2>2</h2>{RAN}")).chapters
    assert first.text.startswith("### Morning")
    assert (second.number, second.title) == (2, "")


@pytest.mark.parametrize(
    ("front", "back"),
    [
        (
            page('<section epub:type="imprint"><h2>Imprint</h2><p>Made by hand.</p></section>'),
            page('<section epub:type="colophon"><h2>Colophon</h2><p>Set in lead.</p></section>'),
        ),
        (
            page("<h2>Imprint</h2><p>Made by hand.</p>", attributes='epub:type="frontmatter"'),
            page("<h2>Uncopyright</h2><p>Set in lead.</p>", attributes='epub:type="backmatter copyright-page"'),
        ),
        (
            page('<section role="doc-dedication"><p>Made by hand.</p></section>'),
            page('<section role="doc-colophon"><p>Set in lead.</p></section>'),
        ),
        (
            page('<section epub:type="halftitlepage"><h1>The Weir</h1><p>Made by hand.</p></section>'),
            page('<section epub:type="bibliography"><h1>Books</h1><p>Set in lead.</p></section>'),
        ),
    ],
)
def test_matter_is_no_chapter(tmp_path: Path, front: str, back: str):
    book = read(tmp_path, epub_file(front, f"<h2>Low Water</h2>{RAN}", f"<h2>High Water</h2>{WAITED}", back))
    assert [(each.number, each.title) for each in book.chapters] == [(1, "Low Water"), (2, "High Water")]
    assert [each.text for each in book.front] == ["Made by hand."]
    assert [each.text for each in book.back] == ["Set in lead."]


def test_landmarks_and_the_guide_tell_matter_too(tmp_path: Path):
    guide = '<reference type="copyright-page" title="x" href="p0.xhtml"/>'
    book = read(tmp_path, epub_file("<p>All rights.</p>", f"<h2>Low</h2>{RAN}", f"<h2>High</h2>{WAITED}", guide=guide))
    assert titles(book) == ["Low", "High"]
    assert [each.text for each in book.front] == ["All rights."]


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        (epub_file(f"<h1>Chapter 1</h1>{RAN}", drop=("mimetype",)), "Nina"),
        (epub_file(f"<h1>Chapter 1</h1>{RAN}", drop=("META-INF/container.xml",)), "Nina"),
        (epub_file(f"<h1>Chapter 1</h1>{RAN}", names=("a b é.xhtml",)), "Nina"),
        (epub_file(f"<h1>Chapter 1</h1>{RAN}", names=("P0.XHTML",)), "Nina"),
        (epub_file(f"<h1>Chapter 1</h1>{RAN}", spine='<itemref idref="i0" linear="no"/>'), "Nina"),
        (epub_file(f"<h1>Chapter 1</h1>{RAN}", spine='<itemref idref="gone"/><itemref idref="i0"/>'), "Nina"),
        (epub_file(f"<h1>Chapter 1</h1>{RAN}", spine="<!-- none -->"), "Nina"),
        (epub_file(f"<h1>Chapter 1</h1>{RAN}", table="<ncx><navMap>"), "Nina"),
        (epub_file(f"<h1>Chapter 1</h1>{RAN}", more=FONT_LOCKED), "Nina"),
        (epub_file("<h1>Chapter 1</h1>Nina ran<p>Bram hid.</p>to the weir."), "to the weir."),
        (epub_file("<h1>Chapter 1</h1><table><tr><td>Nina</td><td>ran</td></tr></table>"), "Nina\n\nran"),
        (epub_file("<h1>Chapter 1</h1><pre>Nina ran\n  to the weir</pre>"), "Nina ran  \nto the weir"),
        (epub_file("<h1>Chapter 1</h1><p>湖<ruby>湖<rt>みずうみ</rt></ruby>を渡った。</p>"), "湖湖を渡った。"),
        (epub_file("<h1>Chapter 1</h1><p>One line<br/>two line<br/><br/>Three.</p>"), "One line  \ntwo line\n\nThree."),
        (epub_file('<h1>Chapter 1</h1><div class="stanza"><div>One</div><div>two</div></div>'), "One  \ntwo"),
    ],
)
def test_odd_books_are_read(tmp_path: Path, data: bytes, kept: str):
    assert kept in texts(read(tmp_path, data))[0]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("windows-1251", "Нина бежала"),
        ("shift_jis", "ニナは走った"),
        ("iso-8859-1", "Où — non"),
        ("utf-16", "Nina ran"),
        ("gb18030", "尼娜跑了"),
    ],
)
def test_pages_say_how_they_are_encoded(tmp_path: Path, encoding: str, text: str):
    body = page(f"<h1>Chapter 1</h1><p>{text.replace('—', '-')}</p>")
    data = f'<?xml version="1.0" encoding="{encoding}"?>{body}'.encode(encoding)
    assert texts(read(tmp_path, epub_file(data))) == [text.replace("—", "-")]


@pytest.mark.parametrize(
    "hidden", ['<p hidden="hidden">SECRET</p>', '<p style="display: none">SECRET</p>', '<p class="gone">SECRET</p>']
)
def test_hidden_text_is_told(tmp_path: Path, hidden: str):
    data = epub_file(f"<h1>Chapter 1</h1>{RAN}{hidden}", more={"OEBPS/a.css": "p { x: y } .gone, .b { display:none }"})
    book = read(tmp_path, data)
    assert texts(book) == ["Nina ran to the weir before dawn."]
    assert ("hidden", "SECRET") in aside(book)


def test_pages_outside_of_the_order_of_reading_are_told(tmp_path: Path):
    data = epub_file(f"<h1>Chapter 1</h1>{RAN}", "<p>A note in a window.</p>", spine='<itemref idref="i0"/>')
    assert ("unread pages", "A note in a window.") in aside(read(tmp_path, data))


def test_protected_books_are_named_as_such(tmp_path: Path):
    locked = '<e><EncryptedData><CipherReference URI="OEBPS/p0.xhtml"/></EncryptedData></e>'
    with pytest.raises(UnreadableFile, match="DRM"):
        read(tmp_path, epub_file(b"\x93\x01\xfe", more={"META-INF/encryption.xml": locked}))


def test_names_with_the_slashes_of_windows_are_found(tmp_path: Path):
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(epub_file(f"<h1>Chapter 1</h1>{RAN}"))) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            new.writestr(name.replace("/", "\\"), old.read(name))
    assert texts(read(tmp_path, packed.getvalue())) == ["Nina ran to the weir before dawn."]


VELLUM = (
    '<div class="heading"><div class="element-number"><span>Chapter</span> <span>{0}</span></div>'
    '<h2 class="element-title">{1}</h2></div><div class="text"><p>Nina ran.</p></div>'
)
PANDOC = '<section><h1><span class="header-section-number">{0}</span> {1}</h1><p>Nina ran.</p></section>'


@pytest.mark.parametrize(
    "form",
    [VELLUM, PANDOC, "<p>Chapter {0}</p><h2>{1}</h2><p>Nina ran.</p>", "<p>{0}</p><div><h1>{1}</h1></div><p>x</p>"],
)
def test_a_number_set_apart_belongs_to_the_title_after_it(tmp_path: Path, form: str):
    book = read(tmp_path, epub_file(form.format(1, "The Ferry"), form.format(2, "The Night")))
    assert [(each.number, each.title) for each in book.documents] == [(1, "The Ferry"), (2, "The Night")]


def test_matter_is_front_or_back_by_where_it_stands(tmp_path: Path):
    rights = '<section epub:type="copyright-page"><h2>Uncopyright</h2><p>May you do good.</p></section>'
    author = '<div class="about-the-author"><h2>Ann Other</h2><p>Ann lives by a river.</p></div>'
    chapters = [f"<h2>Chapter {number}</h2><p>Nina ran.</p>" for number in (1, 2)]
    book = read(tmp_path, epub_file(rights, *chapters, author))
    assert [each.kind for each in book.documents] == ["front", "chapter", "chapter", "back"]
    book = read(tmp_path, epub_file(*chapters, rights))
    assert [each.kind for each in book.documents] == ["chapter", "chapter", "back"]


@pytest.mark.parametrize(
    ("span", "text"),
    [
        ('<span class="italic">ran</span>', "_ran_"),
        ('<span style="font-style: italic">ran</span>', "_ran_"),
        ('<span style="font-weight:700">ran</span>', "**ran**"),
        ('<span class="bold">ran</span>', "**ran**"),
        ('<span class="initials">ran</span>', "ran"),
    ],
)
def test_emphasis_may_be_a_style_or_a_class(tmp_path: Path, span: str, text: str):
    book = read(tmp_path, epub_file(f"<h1>Chapter 1</h1><p>Nina {span} home.</p>", "<h1>Chapter 2</h1><p>x</p>"))
    assert book.documents[0].text == f"Nina {text} home."


@pytest.mark.parametrize(
    "page",
    [
        "<html><head/><body><h1>Chapter 1</h1><p>Nina ran.</p></body><body><p>Odd left.</p></body></html>",
        "<html><head/><body><h1>Chapter 1</h1><p>Nina ran.</p></body><p>Odd left.</p></html>",
        "<html><head/><body><h1>Chapter 1</h1><p>Nina ran.<br>Odd left.</br></p></body></html>",
    ],
)
def test_text_in_odd_places_is_read(tmp_path: Path, page: str):
    book = read(tmp_path, epub_file(page, "<h1>Chapter 2</h1><p>x</p>"))
    assert " ".join(book.documents[0].text.split()) == "Nina ran. Odd left."
