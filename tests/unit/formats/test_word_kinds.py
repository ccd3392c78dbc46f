"""Word files as programs and people make them: every word comes into the text once, or is told aside."""

from pathlib import Path

import pytest

from saga_agent.formats.emphasis import runs_of
from saga_agent.formats.manuscript import Manuscript, read_manuscript
from saga_agent.story.import_account import weigh_import
from tests.unit.formats.word_files import h, p, r, word_file

NUMBERED = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
BOX = "<w:txbxContent><w:p><w:r><w:t>In the box.</w:t></w:r></w:p></w:txbxContent>"
VANISH = '<w:vanish w:val="1"/>'
BY_STYLE = '<w:rStyle w:val="H"/>'
CENTRED = '<w:jc w:val="center"/>'


def read(folder: Path, data: bytes, name: str = "t.docx") -> Manuscript:
    path = folder / name
    path.write_bytes(data)
    book = read_manuscript(path)
    balance = weigh_import(data, book)
    assert (balance.lost, balance.doubled) == (0, 0)
    return book


def texts(book: Manuscript) -> list[str]:
    return [each.text for each in book.documents]


def chapters(book: Manuscript) -> list[tuple[int | None, str, str]]:
    return [(each.number, each.title, each.text) for each in book.chapters]


def aside(book: Manuscript) -> list[tuple[str, str]]:
    return [(each.reason, each.text) for each in book.asides]


def lists(*levels: str, more: str = "") -> dict[str, str]:
    inner = "".join(f'<w:lvl w:ilvl="{n}">{level}</w:lvl>' for n, level in enumerate(levels))
    return {
        "word/numbering.xml": f'<w:numbering><w:abstractNum w:abstractNumId="0">{inner}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/>{more}</w:num></w:numbering>'
    }


NUMBERING = {"n": ("numbering", "numbering.xml")}


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (
            "<w:ruby><w:rt><w:r><w:t>みずうみ</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>湖</w:t></w:r></w:rubyBase></w:ruby>",
            "湖",
        ),
        ('<w:sym w:font="Symbol" w:char="F0B3"/>', "≥"),
        ('<w:sym w:font="Wingdings" w:char="F0FC"/>', "✓"),
        ('<w:sym w:font="Wingdings" w:char="F04A"/>', "☺"),
        ('<w:sym w:font="Segoe UI Symbol" w:char="2665"/>', "♥"),
        ('<w:sym w:font="Times New Roman" w:char="F0E9"/>', "é"),
        ('<w:sym w:font="Wingdings 3" w:char="F0AA"/>', "\ufffd"),
        ("<w:softHyphen/>", ""),
        ("<w:noBreakHyphen/>", "-"),
        ("<w:cr/>", "  \n"),
        ('<w:br w:type="page"/>', "  \n"),
        (
            '<mc:AlternateContent><mc:Choice Requires="w16se"><w16se:symEx w16se:font="Segoe UI" w16se:char="1F60A"/>'
            "</mc:Choice><mc:Fallback><w:t>😊</w:t></mc:Fallback></mc:AlternateContent>",
            "😊",
        ),
        (
            '<mc:AlternateContent><mc:Choice Requires="x"><w:drawing/></mc:Choice><mc:Fallback><w:t>plain</w:t>'
            "</mc:Fallback></mc:AlternateContent>",
            "plain",
        ),
    ],
)
def test_what_stands_in_a_run_is_read(tmp_path: Path, inside: str, text: str):
    book = read(tmp_path, word_file(p(f"<w:r><w:t>a</w:t></w:r><w:r>{inside}</w:r><w:r><w:t>b</w:t></w:r>")))
    assert texts(book) == [f"a{text}b"]


@pytest.mark.parametrize("tag", ["tab", "ptab"])
def test_tabs_part_words(tmp_path: Path, tag: str):
    assert texts(read(tmp_path, word_file(p(f"<w:r><w:t>a</w:t><w:{tag}/><w:t>b</w:t></w:r>"))))[0].split() == [
        "a",
        "b",
    ]


def test_symbols_that_nothing_names_are_told(tmp_path: Path):
    book = read(tmp_path, word_file(p('<w:r><w:t>a</w:t><w:sym w:font="Wingdings 3" w:char="F0AA"/></w:r>')))
    assert any("Wingdings 3 F0AA" in warning for warning in book.warnings)


@pytest.mark.parametrize(
    "paragraph",
    [
        p(f"<w:smartTag>{r('Nina ran.')}</w:smartTag>"),
        p(f"<w:customXml>{r('Nina ran.')}</w:customXml>"),
        p(f"<w:sdt><w:sdtPr/><w:sdtContent>{r('Nina ran.')}</w:sdtContent></w:sdt>"),
        f"<w:sdt><w:sdtPr/><w:sdtContent>{p('Nina ran.')}</w:sdtContent></w:sdt>",
        p(f'<w:hyperlink w:anchor="x">{r("Nina ran.")}</w:hyperlink>'),
        p(f'<w:fldSimple w:instr="DATE">{r("Nina ran.")}</w:fldSimple>'),
        p(
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF x</w:instrText></w:r><w:r><w:fldChar'
            f' w:fldCharType="separate"/></w:r>{r("Nina ran.")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        ),
        f"<w:tbl><w:tr><w:tc><w:tbl><w:tr><w:tc>{p('Nina ran.')}</w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>",
        f"<w:ins w:id='1'>{p('Nina ran.')}</w:ins>",
        f"<w:tbl><w:tr><w:sdt><w:sdtContent><w:tc>{p('Nina ran.')}</w:tc></w:sdtContent></w:sdt></w:tr></w:tbl>",
        p(f"<w:bdo w:val='rtl'>{r('Nina ran.')}</w:bdo>"),
        p(
            "<w:moveTo w:id='1'><w:r><w:t>Nina ran.</w:t></w:r></w:moveTo>"
            "<w:moveFrom w:id='2'><w:r><w:t>X</w:t></w:r></w:moveFrom>"
        ),
    ],
)
def test_what_is_wrapped_around_text_does_not_hide_it(tmp_path: Path, paragraph: str):
    assert texts(read(tmp_path, word_file(paragraph))) == ["Nina ran."]


@pytest.mark.parametrize("main", ["word/document2.xml", "word/text.xml", "document.xml", "docs/Main.XML"])
@pytest.mark.parametrize("strict", [False, True])
def test_the_document_is_found_by_its_relation(tmp_path: Path, main: str, strict: bool):
    book = read(tmp_path, word_file(h("Chapter 1: The Weir"), p("Nina ran."), styles="", main=main, strict=strict))
    assert chapters(book) == [(1, "The Weir", "Nina ran.")]


@pytest.mark.parametrize(
    ("relations", "parts"),
    [
        ({"x": ("hyperlink", "#_top")}, {}),
        ({"x": ("image", "../NULL")}, {}),
        ({"x": ("image", "NULL")}, {}),
        ({"x": ("numbering", "gone.xml"), "y": ("footnotes", "gone too.xml")}, {}),
        ({}, {"customXml/item1.xml": '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16")}),
        ({}, {"word/vbaProject.bin": b"\0\1\2", "docProps/thumbnail.xml": "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}),
        ({"x": ("theme", "theme.xml")}, {"word/theme.xml": "<not closed"}),
        ({"x": ("numbering", "numbering.xml")}, {"word/numbering.xml": "<not closed"}),
    ],
)
def test_odd_parts_do_not_refuse_the_book(
    tmp_path: Path, relations: dict[str, tuple[str, str]], parts: dict[str, str | bytes]
):
    data = word_file(h("Chapter 1"), p("Nina ran."), styles="", relations=relations, parts=parts)
    assert chapters(read(tmp_path, data)) == [(1, "", "Nina ran.")]


@pytest.mark.parametrize(
    ("level", "titles", "found"),
    [
        ('<w:lvlText w:val="Chapter %1"/>', ["", "", ""], [(1, ""), (2, ""), (3, "")]),
        ('<w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1."/>', ["", "", ""], [(1, ""), (2, ""), (3, "")]),
        ('<w:numFmt w:val="cardinalText"/><w:lvlText w:val="Chapter %1"/>', ["", "", ""], [(1, ""), (2, ""), (3, "")]),
        ('<w:start w:val="7"/><w:lvlText w:val="Chapter %1"/>', ["", "", ""], [(7, ""), (8, ""), (9, "")]),
        ('<w:lvlText w:val="Chapter %1:"/>', ["Low", "High", "No"], [(1, "Low"), (2, "High"), (3, "No")]),
        ('<w:lvlText w:val="%1."/>', ["Low", "High", "No"], [(1, "Low"), (2, "High"), (3, "No")]),
    ],
)
def test_headings_that_a_list_numbers_are_chapters(
    tmp_path: Path, level: str, titles: list[str], found: list[tuple[int, str]]
):
    body = [part for title in titles for part in (p(title, "Heading1", NUMBERED), p("Text here."))]
    book = read(tmp_path, word_file(*body, styles="", relations=NUMBERING, parts=lists(level)))
    assert [(number, title) for number, title, _ in chapters(book)] == found


def test_a_style_may_bring_the_list_that_numbers_it(tmp_path: Path):
    style = (
        '<w:style w:type="paragraph" w:styleId="Ch"><w:name w:val="Numbered"/><w:basedOn w:val="Heading1"/><w:pPr>'
        '<w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    body = [p("", "Ch"), p("One."), p("", "Ch"), p("Two.")]
    parts = lists('<w:lvlText w:val="Chapter %1"/><w:pStyle w:val="Ch"/>')
    book = read(tmp_path, word_file(*body, styles=style, relations=NUMBERING, parts=parts))
    assert chapters(book) == [(1, "", "One."), (2, "", "Two.")]


def test_empty_headings_alone_still_divide(tmp_path: Path):
    body = [p("", "Heading1"), p("One."), p("", "Heading1"), p("Two.")]
    assert [text for *_, text in chapters(read(tmp_path, word_file(*body, styles="")))] == ["One.", "Two."]


@pytest.mark.parametrize("style", ["Title", "Subtitle"])
def test_titles_within_the_text_are_headings(tmp_path: Path, style: str):
    body = [
        part for title in ("Low Water", "High Water", "No Water") for part in (p(title, style), p(f"{title} rose."))
    ]
    book = read(tmp_path, word_file(*body, styles=""))
    assert [(title, text) for _, title, text in chapters(book)] == [
        ("Low Water", "Low Water rose."),
        ("High Water", "High Water rose."),
        ("No Water", "No Water rose."),
    ]


def test_a_title_before_the_text_is_the_title_of_the_book(tmp_path: Path):
    body = [
        p("The Weir", "Title"),
        p("A Novel", "Subtitle"),
        h("Low Water"),
        p("Nina ran."),
        h("High Water"),
        p("Odd left."),
    ]
    book = read(tmp_path, word_file(*body, styles=""))
    assert book.title == "The Weir"
    assert [title for _, title, _ in chapters(book)] == ["Low Water", "High Water"]
    assert ("title", "The Weir") in aside(book)


def test_a_subtitle_belongs_to_the_title_above_it(tmp_path: Path):
    body = [
        part for n in (1, 2, 3) for part in (p(f"Chapter {n}", "Title"), p(f"Water {n}", "Subtitle"), p("It rose."))
    ]
    assert [(n, title) for n, title, _ in chapters(read(tmp_path, word_file(*body, styles="")))] == [
        (1, "Water 1"),
        (2, "Water 2"),
        (3, "Water 3"),
    ]


@pytest.mark.parametrize(
    ("styles", "paragraph"),
    [
        ("", p(f"{r('Nina smiled.')}{r(' SECRET', '<w:vanish/>')}")),
        ("", p(f"{r('Nina smiled.')}{r(' SECRET', VANISH)}")),
        (
            '<w:style w:type="character" w:styleId="H"><w:name w:val="H"/><w:rPr><w:vanish/></w:rPr></w:style>',
            p(f"{r('Nina smiled.')}{r(' SECRET', BY_STYLE)}"),
        ),
        (
            '<w:style w:type="paragraph" w:styleId="A"><w:name w:val="A"/><w:rPr><w:vanish/></w:rPr></w:style>'
            '<w:style w:type="paragraph" w:styleId="B"><w:name w:val="B"/><w:basedOn w:val="A"/></w:style>',
            p("Nina smiled.") + p("SECRET", "B"),
        ),
    ],
)
def test_hidden_text_is_told_and_not_read(tmp_path: Path, styles: str, paragraph: str):
    book = read(tmp_path, word_file(h("Chapter 1"), paragraph, styles=styles))
    assert texts(book) == ["Nina smiled."]
    assert ("hidden", "SECRET") in aside(book)


def test_text_that_only_the_web_view_hides_is_read(tmp_path: Path):
    assert texts(read(tmp_path, word_file(p(r("Seen.", "<w:webHidden/>"))))) == ["Seen."]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", "<html><body><p>Bram sang in the chunk.</p></body></html>"),
        (
            "a.xhtml",
            "<html xmlns='http://www.w3.org/1999/xhtml'><body><div>Bram sang in the chunk.</div></body></html>",
        ),
        ("a.htm", "<p>Bram sang<br>in the chunk."),
        ("a.txt", "Bram sang in the chunk.\n"),
        ("a.mht", "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<p>Bram sang in the chunk.</p>"),
        ("a.docx", word_file(p("Bram sang in the chunk."))),
    ],
)
def test_chunks_are_read_where_they_stand(tmp_path: Path, name: str, content: str | bytes):
    body = [h("Chapter 1"), p("Before."), '<w:altChunk r:id="c"/>', p("After.")]
    data = word_file(*body, styles="", relations={"c": ("aFChunk", name)}, parts={f"word/{name}": content})
    (text,) = texts(read(tmp_path, data))
    assert text.split() == ["Before.", "Bram", "sang", "in", "the", "chunk.", "After."]


def test_chunks_that_cannot_be_read_are_told(tmp_path: Path):
    body = [h("Chapter 1"), p("Before."), '<w:altChunk r:id="c"/>', '<w:altChunk r:id="gone"/>']
    data = word_file(*body, styles="", relations={"c": ("aFChunk", "a.rtf")}, parts={"word/a.rtf": "{\\rtf1 Bram}"})
    told = " ".join(read(tmp_path, data).warnings)
    assert "documents set in that are no text" in told
    assert "set in and are missing" in told


@pytest.mark.parametrize(
    "inside",
    [
        f"<w:pict><v:shape><v:textbox>{BOX}</v:textbox></v:shape></w:pict>",
        f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{BOX}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{BOX}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>",
        f'<mc:AlternateContent><mc:Choice Requires="wpg"><w:drawing/></mc:Choice><mc:Fallback><w:pict><v:textbox>{BOX}'
        "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>",
        f"<w:drawing><wps:txbx>{BOX}</wps:txbx></w:drawing>",
    ],
)
def test_text_boxes_are_read_once_after_their_paragraph(tmp_path: Path, inside: str):
    book = read(
        tmp_path, word_file(h("Chapter 1"), p(f"<w:r><w:t>Before.</w:t>{inside}</w:r>"), p("After."), styles="")
    )
    assert texts(book) == ["Before.\n\nIn the box.\n\nAfter."]


def test_notes_margins_and_comments_are_told(tmp_path: Path):
    relations = {"f": ("footnotes", "f.xml"), "c": ("comments", "c.xml"), "h": ("header", "h1.xml")}
    parts: dict[str, str | bytes] = {
        "word/f.xml": f'<w:footnotes><w:footnote w:type="separator" w:id="0"/><w:footnote w:id="1">{p("An oath.")}'
        "</w:footnote></w:footnotes>",
        "word/c.xml": f'<w:comments><w:comment w:id="1">{p("Cut this?")}</w:comment></w:comments>',
        "word/h1.xml": f"<w:hdr>{p('THE WEIR')}</w:hdr>",
    }
    body = p('<w:r><w:t>Nina swore.</w:t><w:footnoteReference w:id="1"/></w:r>')
    book = read(tmp_path, word_file(h("Chapter 1"), body, styles="", relations=relations, parts=parts))
    assert texts(book) == ["Nina swore."]
    assert set(aside(book)) >= {("notes", "An oath."), ("comments", "Cut this?"), ("headers and footers", "THE WEIR")}


def test_what_can_be_saved_of_a_damaged_part_is_told(tmp_path: Path):
    notes = f"<w:footnotes><w:footnote w:id='1'>{p('An oath.')}</w:footnote><broken"
    data = word_file(p("Nina swore."), relations={"f": ("footnotes", "f.xml")}, parts={"word/f.xml": notes})
    book = read(tmp_path, data)
    assert ("notes", "An oath.") in aside(book)
    assert any("word/f.xml" in warning for warning in book.warnings)


def test_a_page_that_nothing_leads_to_is_told(tmp_path: Path):
    page = "<html><body><p>Bram sang.</p><template>Not yet.</template></body></html>"
    book = read(tmp_path, word_file(p("Nina ran."), parts={"word/chunk.html": page}))
    assert [reason for reason, text in aside(book) if "Bram sang." in text] == ["unread pages"]


def test_deletions_and_contents_are_told(tmp_path: Path):
    toc = '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="toc 1"/></w:style>'
    deleted = "<w:del w:id='1'><w:r><w:delText>Never.</w:delText></w:r></w:del>"
    book = read(tmp_path, word_file(p("Low Water 3", "T"), h("Low Water"), p(f"{r('Nina ran.')}{deleted}"), styles=toc))
    assert texts(book) == ["Nina ran."]
    assert set(aside(book)) >= {("contents", "Low Water 3"), ("deleted", "Never.")}


@pytest.mark.parametrize(
    "typed",
    [
        "# 7 was the boat she wanted.",
        "_sigh_",
        "*grin* and **shout**",
        "[x](y)",
        "C:\\_old",
        "```",
        "a_b_c",
        "***bang***!",
    ],
)
def test_marks_that_were_typed_are_text(tmp_path: Path, typed: str):
    data = word_file(h("Chapter 1"), p("Nina read."), p(typed), h("Chapter 2"), p("Bram waited."), styles="")
    book = read(tmp_path, data)
    first, second = book.chapters
    assert second.text == "Bram waited."
    runs = list(runs_of(first.text.removeprefix("Nina read.\n\n")))
    assert "".join(run.text for run in runs) == typed
    assert not any(run.italic or run.bold for run in runs)


@pytest.mark.parametrize(
    ("properties", "run"), [(CENTRED, "<w:b/>"), ("", "<w:b/>"), (CENTRED, ""), (CENTRED, '<w:b/><w:sz w:val="32"/>')]
)
def test_lines_that_stand_out_alike_are_titles_where_nothing_else_is(tmp_path: Path, properties: str, run: str):
    body = [
        part
        for title in ("Low Water", "High Water", "No Water")
        for part in (
            p(title, "", properties, f"<w:rPr>{run}</w:rPr>"),
            p("Nina ran all the way down."),
            p("Nobody called her back."),
        )
    ]
    assert [title for _, title, _ in chapters(read(tmp_path, word_file(*body)))] == [
        "Low Water",
        "High Water",
        "No Water",
    ]


def test_bold_lines_in_a_chapter_stay_text(tmp_path: Path):
    body = [
        h("Chapter 1"),
        p("A Letter", run="<w:rPr><w:b/></w:rPr>"),
        p("Dear Odd."),
        p("A Reply", run="<w:rPr><w:b/></w:rPr>"),
        p("No."),
    ]
    book = read(tmp_path, word_file(*body, styles=""))
    assert texts(book) == ["**A Letter**\n\nDear Odd.\n\n**A Reply**\n\nNo."]


@pytest.mark.parametrize(
    "style",
    [
        '<w:style w:styleId="K"><w:name w:val="Eins"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>',
        '<w:style w:type="paragraph" w:styleId="K"><w:name w:val="Mine"/><w:basedOn w:val="Heading1"/></w:style>',
        '<w:style w:type="paragraph" w:styleId="K"><w:name w:val="Überschrift 1"/></w:style>',
        '<w:style w:type="paragraph" w:styleId="K"><w:name w:val="Chapter Title"/></w:style>',
    ],
)
def test_chapters_are_found_by_any_style_that_makes_them(tmp_path: Path, style: str):
    body = [p("Eins", "K"), p("One."), p("Zwei", "K"), p("Two.")]
    assert [t for _, t, _ in chapters(read(tmp_path, word_file(*body, styles=style)))] == ["Eins", "Zwei"]


def test_a_large_initial_belongs_to_its_word(tmp_path: Path):
    initial = p("N", properties='<w:framePr w:dropCap="drop" w:lines="3"/>')
    assert texts(read(tmp_path, word_file(initial, p("ina ran.")))) == ["Nina ran."]


def test_rules_and_drawn_lines_are_scene_breaks(tmp_path: Path):
    line = '<w:r><w:pict><v:rect o:hr="t"/></w:pict></w:r>'
    border = p("", properties='<w:pBdr><w:bottom w:val="single"/></w:pBdr>')
    book = read(tmp_path, word_file(p("Nina ran."), p(line), p("Bram hid."), border, p("Odd left.")))
    assert [len(each.scenes) for each in book.documents] == [3]


def test_an_instruction_without_an_end_does_not_eat_the_book(tmp_path: Path):
    begun = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC</w:instrText></w:r>'
    assert texts(read(tmp_path, word_file(p(begun), p("Nina ran.")))) == ["Nina ran."]
