"""Chapters counted in the words and numerals of many languages, and sentences that only begin so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.formats.counting import counted
from saga_agent.formats.languages import LANGUAGES
from saga_agent.formats.manuscript import parse_manuscript
from saga_agent.formats.numerals import number_of

HEADINGS = """
    CHAPTER ONE HUNDRED AND TWELVE=112 | Chapter the First=1 | THE SECOND PART=2 |
    CHAPITRE PREMIER=1 | Chapitre vingt et unième=21 | Chapitre quatre-vingt-dix-sept=97 |
    Premier chapitre=1 | 2e partie=2 | Chapitre soixante et onze=71 | Kapitel Eins=1 |
    Einundzwanzigstes Kapitel=21 | Kapitel siebenundneunzig=97 | 1. Kapitel=1 | III. Kapitel=3 |
    Zweiter Teil=2 | CAPÍTULO PRIMERO=1 | Capítulo veintidós=22 | Capítulo trigésimo segundo=32 |
    Capítulo treinta y cuatro=34 | Segunda parte=2 | Capítulo vigésimo primeiro=21 |
    Capitolo ventunesimo=21 | Capitolo ventidue=22 | Capitolo primo=1 | Parte seconda=2 |
    Hoofdstuk een=1 | Eerste hoofdstuk=1 | Hoofdstuk eenentwintig=21 | Kapitel ett=1 |
    Första kapitlet=1 | Kapitel tjugoett=21 | Første kapitel=1 | Kapitel enogtyve=21 |
    Kapittel tjueen=21 | Ensimmäinen luku=1 | Luku kaksikymmentäyksi=21 | 1. luku=1 |
    Rozdział pierwszy=1 | Rozdział dwudziesty pierwszy=21 | První kapitola=1 |
    Kapitola dvacátá první=21 | Kapitola druhá=2 | Első fejezet=1 | Huszonegyedik fejezet=21 |
    1. fejezet=1 | Capitolul întâi=1 | Capitolul 2=2 | Глава первая=1 | Глава двадцать первая=21 |
    Первая глава=1 | Глава 5=5 | ГЛАВА XIV=14 | ГЛАВА ХІІ=12 | Часть вторая=2 | Розділ перший=1 |
    Розділ двадцять другий=22 | Глава първа=1 | Поглавље прво=1 | Prvo poglavlje=1 |
    Κεφάλαιο πρώτο=1 | Κεφάλαιο Α΄=1 | Κεφάλαιο ΙΒ΄=12 | Birinci Bölüm=1 | On Birinci Bölüm=11 |
    Bölüm Bir=1 | 1. Bölüm=1 | Capítol primer=1 | Bab Satu=1 | Bab Pertama=1 | Chương một=1 |
    Chương thứ nhất=1 | Chương mười một=11 | الفصل الأول=1 | الفصل ٣=3 | الفصل الثاني=2 | פרק א'=1 |
    פרק י״ב=12 | פרק ראשון=1 | अध्याय १=1 | अध्याय एक=1 | पहला अध्याय=1 | บทที่ ๑=1 | บทที่1=1 |
    บทที่ 12=12 | 第一章=1 | 第十二回=12 | 第一百零八回=108 | 第２０章=20 | 第二〇章=20 | 第壹章=1 | 제1장=1 |
    제 12 장=12 |
    12화=12 | 卷一=1 | 第貳卷=2 | Chapter Ⅻ=12 | Chapter ⅳ=4 | Chapter １２=12 | CHAPTER THE TWENTY-FIRST=21 |
    Twenty-First Chapter=21 | 1st Chapter=1 | Chapitre 1er=1 | Vol. 2=2 | Chapter 3rd=3 |
    Episode IV=4 | Chapter ፲፪=12 | فصل اول=1 | প্রথম অধ্যায়=1 | Peatükk 3=3 | Skyrius pirmas=1 |
    Pirmā nodaļa=1 | Глава сто двенадцатая=112 | Hundertzwölftes Kapitel=112 |
    Chapitre cent douze=112
"""
PROSE = "Nina walked along the bank until the light went, and nobody called her back. " * 3


@pytest.mark.parametrize("case", [case.strip() for case in HEADINGS.replace("\n", " ").split(" | ")])
def test_a_heading_is_counted_in_its_language(case: str):
    heading, _, number = case.rpartition("=")
    found = counted(heading)
    assert found is not None
    assert (found.number, heading[found.end :].strip("'’׳΄ ")) == (int(number), "")


def test_at_least_twenty_languages_have_words_for_their_chapters():
    assert len({language.code for language in LANGUAGES if language.cardinals or language.ordinals}) >= 20


@pytest.mark.parametrize(
    "line",
    [
        "One story was left.",
        "Two letters",
        "Part of it was gone.",
        "The second part of it was worse",
        "first part",
        "Tom D. Hall came in.",
        "Letter from home",
        "Chapter and verse",
        "Act natural",
        "a tale of two",
        "Del uno al otro.",
        "Kapitel für Kapitel las sie.",
        "第三回他来的时候，她走了。",
        "Part I played in it.",
        "Book two tickets",
        "Chapter 3 was hard.",
        "Volume after volume",
        "第一章是他写的，没有人读过。",
    ],
)
def test_a_sentence_that_begins_so_is_no_heading(line: str):
    book = parse_manuscript(f"{PROSE}\n\n{line}\n\n{PROSE}", name="x")
    assert [document.number for document in book.documents] == [1]
    assert line in book.documents[0].text


@pytest.mark.parametrize(
    ("first", "second", "titles"),
    [
        ("第一章 初入江湖", "第二章 风雨欲来", ["初入江湖", "风雨欲来"]),
        ("第１章　水辺", "第２章　橋", ["水辺", "橋"]),
        ("제1장 강", "제2장 다리", ["강", "다리"]),
        ("الفصل الأول: النهر", "الفصل الثاني: الجسر", ["النهر", "الجسر"]),
        ("Erstes Kapitel. Der Fluß", "Zweites Kapitel. Die Brücke", ["Der Fluß", "Die Brücke"]),
        ("Глава первая. Река", "Глава вторая. Мост", ["Река", "Мост"]),
    ],
)
def test_titles_beside_the_number_in_any_script(first: str, second: str, titles: list[str]):
    book = parse_manuscript(f"{first}\n\n{PROSE}\n\n\n{second}\n\n{PROSE}", name="x")
    assert [(chapter.number, chapter.title) for chapter in book.chapters] == [(1, titles[0]), (2, titles[1])]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("１２", 12),
        ("٣", 3),
        ("१२", 12),
        ("XIV", 14),
        ("Ⅻ", 12),
        ("十二", 12),
        ("二〇", 20),
        ("一百零八", 108),
        ("壹拾貳", 12),
        ("廿一", 21),
        ("፲፪", 12),
        ("①", 1),
        ("IIX", None),
        ("x2", None),
        ("½", None),
        ("", None),
    ],
)
def test_a_numeral_of_any_system_has_its_value(text: str, value: int | None):
    assert number_of(text) == value


@given(st.text(max_size=200))
def test_any_line_is_a_heading_or_none(line: str):
    found = counted(line)
    assert found is None or (0 < found.end <= len(line) and 0 <= found.number < 10_000)


@pytest.mark.parametrize("line", ["Chapter " * 20_000, "第" * 50_000, "Kapitel " + "ein" * 30_000, "٣" * 100_000])
def test_hostile_lines_are_counted_at_once(line: str):
    assert counted(line) is None
