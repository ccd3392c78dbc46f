"""The counter of the law: it knows letters, and nothing of books."""

import ast
import io
import zipfile
from collections import Counter
from pathlib import Path

import saga_agent.conservation
from saga_agent.conservation.account import MAX_ROUNDING, ROUNDING, weigh
from saga_agent.conservation.source import count_source
from saga_agent.conservation.tally import tally_text, tally_texts
from saga_agent.domain.words import count_words

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def packed(members: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()


def test_the_counter_imports_nothing_of_the_readers_it_judges():
    folder = Path(saga_agent.conservation.__path__[0])
    imported: set[str] = set()
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
    ours = {name for name in imported if name.startswith("saga_agent")}
    assert {name.split(".")[1] for name in ours} == {"conservation", "domain"}
    assert ours - {"saga_agent.domain.words"} == {name for name in ours if ".conservation." in name}


def test_words_of_any_script_are_counted():
    counts = {
        "don't stop—now": 3,
        "第一章 初入江湖": 7,
        "हिन्दी में लिखा": 3,
        "Сло́во о полку": 3,
        "가나다 라마": 2,
        "ما هو النهر": 3,
        "ex\u00adample": 1,
        "ภาษา": 4,
        "コーヒー": 4,
        "* * * — _": 0,
    }
    assert {text: count_words(text) for text in counts} == counts


def test_composed_and_decomposed_letters_are_one():
    assert tally_text("caf\u0065\u0301") == tally_text("café")
    assert tally_text("\u1112\u1161\u11ab") == tally_text("한")


def test_texts_beside_each_other_do_not_join():
    assert tally_texts(["one", "two"]).words == 2


def test_a_text_counts_by_its_bytes_as_they_are_encoded():
    assert count_source("Слово".encode("cp1251"), encoding="cp1251") == tally_text("Слово")
    assert count_source(b"a\xffb").letters == Counter("ab")


def test_a_word_file_counts_every_text_node_and_nothing_else():
    def part(inner: str) -> str:
        return f'<w:document xmlns:w="{W}" note="attribute">{inner}</w:document>'

    body = "<w:p><w:r><w:t>Ni</w:t></w:r><w:r><w:t>na</w:t></w:r></w:p><w:p><w:r><w:instrText>PAGE</w:instrText>"
    body += "<w:delText>ran</w:delText></w:r></w:p>"
    data = packed(
        {
            "word/anything.xml": part(body),
            "word/footnotes.xml": part("<w:t>A note.</w:t>"),
            "word/glossary/document.xml": part("<w:t>Click here</w:t>"),
            "docProps/core.xml": "<core>Title</core>",
        }
    )
    assert count_source(data) == tally_texts(["Nina\nran", "A note."])


def test_an_epub_counts_every_page_outside_of_its_head():
    head = "<html><head><title>No</title><style>p{}</style></head>"
    page = f"{head}<body><p>W<b>or</b>d &amp; &eacute;t&#233;<br>on</p></body></html>"
    data = packed({"a.xhtml": page, "toc.ncx": "<ncx><text>No</text></ncx>", "c.opf": "<package>no</package>"})
    assert count_source(data) == tally_text("Word & été\non")


def test_the_account_finds_what_is_lost_and_what_is_doubled_even_of_one_length():
    source = tally_text("Nina ran home")
    whole = weigh(source, added=[], documents=["Nina ran"], aside=["home"])
    swapped = weigh(source, added=[], documents=["Nina ran", "moth"], aside=[])
    assert (whole.lost, whole.doubled, whole.is_balanced) == (0, 0, True)
    assert (swapped.lost, swapped.doubled, swapped.is_balanced) == (1, 1, False)
    assert weigh(source, added=["One"], documents=["One Nina ran"], aside=["home"]).is_balanced


def test_one_letter_in_a_thousand_is_told_and_borne():
    source = tally_text("ab " * ROUNDING)
    one_less = weigh(source, added=[], documents=["ab " * (ROUNDING - 1)], aside=[])
    assert (one_less.lost, one_less.is_balanced) == (1, True)
    assert not weigh(source, added=[], documents=["ab " * (ROUNDING - 2)], aside=[]).is_balanced


def test_a_short_paragraph_of_a_long_book_does_not_hide_in_the_rounding():
    source = tally_text("ab " * 200_000)
    for missing, is_balanced in ((MAX_ROUNDING // 2, True), (MAX_ROUNDING // 2 + 1, False)):
        less = weigh(source, added=[], documents=["ab " * (200_000 - missing)], aside=[])
        assert (less.is_balanced, less.lost) == (is_balanced, missing)
