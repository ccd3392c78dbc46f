"""Files as people have them, and the ones refused."""

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saga_agent.errors import InvalidInput, UnreadableFile
from saga_agent.formats.manuscript import read_manuscript
from saga_agent.formats.textfile import MAX_BYTES

STORY = "Chapter 1\n\n“Café,” said Jørn — naïvely.\n"


def text_of(path: Path) -> str:
    return read_manuscript(path).chapters[0].text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_unicode_encodings_are_recognised(tmp_path: Path, encoding: str):
    path = tmp_path / "story.txt"
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    path.write_bytes(mark + STORY.encode(encoding))
    assert text_of(path) == "“Café,” said Jørn — naïvely."
    assert read_manuscript(path).warnings == ()


def test_windows_1252_is_read_with_a_warning(tmp_path: Path):
    path = tmp_path / "story.txt"
    path.write_bytes(STORY.encode("cp1252"))
    assert text_of(path) == "“Café,” said Jørn — naïvely."
    assert "Windows-1252" in read_manuscript(path).warnings[0]


def test_one_bad_byte_does_not_spoil_a_utf8_file(tmp_path: Path):
    path = tmp_path / "story.txt"
    path.write_bytes((STORY * 20).encode() + b"\xff end\n")
    book = read_manuscript(path)
    assert "Jørn" in book.chapters[0].text
    assert "1 damaged" in book.warnings[0]


def test_the_name_and_the_suffix_count(tmp_path: Path):
    path = tmp_path / "the_river.md"
    path.write_text("One here.  \nTwo there.", encoding="utf-8")
    book = read_manuscript(str(path))
    assert (book.title, book.chapters[0].text) == ("the river", "One here.  \nTwo there.")


SENTENCES = {
    "cp1251 koi8-r iso8859-5 cp866 mac-cyrillic": (
        "Глава 1\n\nНина шла по берегу, пока не погас свет, и никто её не звал. "
    ),
    "cp1253 iso8859-7": "Κεφάλαιο 1\n\nΗ Νίνα περπατούσε στην όχθη μέχρι που έσβησε το φως. ",
    "cp1250 iso8859-2": "Nina szła brzegiem, aż zgasło światło, i nikt jej nie zawołał. Źdźbło łagodnie się kołysało. ",
    "cp1254": "Nina ışık sönene kadar kıyı boyunca yürüdü ve kimse onu geri çağırmadı. ",
    "cp1255": "נינה הלכה לאורך הגדה עד שהאור כבה, ואיש לא קרא לה לחזור. ",
    "cp1256": "مشت نينا على طول الضفة حتى خفت الضوء ولم ينادها أحد. ",
    "euc-kr": "제1장\n\n니나는 불빛이 꺼질 때까지 강둑을 따라 걸었고 아무도 그녀를 부르지 않았다. ",
    "gb18030 gbk": "第一章 初入江湖\n\n尼娜沿着河岸走到光线消失，没有人叫她回来。她一直走。",
    "big5": "第一章\n\n尼娜沿著河岸走到光線消失，沒有人叫她回來。她一直走。",
    "shift-jis euc-jp iso2022-jp": "第一章\n\nニナは光が消えるまで岸辺を歩いた。誰も彼女を呼び戻さなかった。",
    "cp1252 iso8859-1": "Nina marchait jusqu'à ce que la lumière s'éteigne, et nul ne l'a rappelée. Là-bas, déjà. ",
    "utf-16-le utf-16-be": "Nina walked along the bank until the light went, and nobody called her back. ",
}


@pytest.mark.parametrize(
    ("encoding", "text"), [(name, text) for names, text in SENTENCES.items() for name in names.split()]
)
def test_an_encoding_that_the_file_does_not_say_is_found_and_told(tmp_path: Path, encoding: str, text: str):
    path = tmp_path / "story.txt"
    for times in (1, 40):
        path.write_bytes((text * times).encode(encoding))
        book = read_manuscript(path)
        assert "".join(f"{each.heading}{each.text}" for each in book.documents).count(text[-20:-1]) == times
        assert "confidence" in book.warnings[0]
        assert "encoding" in book.warnings[0]


@pytest.mark.parametrize(
    "line", ["-*- coding: cp1250 -*-", "Character set encoding: ISO-8859-2", "charset=windows-1250"]
)
def test_an_encoding_that_the_file_declares_is_believed(tmp_path: Path, line: str):
    path = tmp_path / "story.txt"
    path.write_bytes(f"{line}\n\nŻółć gęślą jaźń.".encode("iso8859-2" if "8859" in line else "cp1250"))
    assert "Żółć gęślą jaźń." in text_of(path)


def test_an_encoding_can_be_named(tmp_path: Path):
    path = tmp_path / "story.txt"
    path.write_bytes("Żółć.".encode("cp852"))
    assert read_manuscript(path, encoding="cp852").documents[0].text == "Żółć."
    with pytest.raises(UnreadableFile, match="byte 0 does not fit"):
        read_manuscript(path, encoding="utf-8")
    for name in ("no-such-thing", "base64"):
        with pytest.raises(InvalidInput, match=f"There is no encoding '{name}'"):
            read_manuscript(path, encoding=name)


def test_accents_far_behind_are_found(tmp_path: Path):
    path = tmp_path / "story.txt"
    path.write_bytes(b"Nina walked along the bank. " * 20_000 + SENTENCES["cp1253 iso8859-7"].encode("cp1253"))
    assert "Η Νίνα περπατούσε" in text_of(path)


def test_text_is_stored_composed_and_on_lines_of_one_kind(tmp_path: Path):
    path = tmp_path / "story.txt"
    told = "The cafe\u0301 was a fu\u00adrther walk than any of them had thought,\rand \u1112\u1161\u11ab was "
    path.write_bytes(f"{told}too hard\u00ad\nly sung.\r\n\r\nA\u2029B\u0085C\0D".encode())
    first = "The café was a further walk than any of them had thought, and 한 was too hardly sung."
    assert text_of(path).split("\n\n") == [first, "A", "B\nC D"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        ("\ufeff \n".encode(), "empty"),
        (b"Text\0with NUL", "NUL"),
        (b"Text " + b"\x01\x02" * 50, "control characters|no encoding"),
        (b"PK\x03\x04rest of a document", "Word"),
        (b"%PDF-1.7 rest", "PDF"),
        (b"{\\rtf1 text}", "RTF"),
        (b"\xff\xfeA\x00B", "damaged"),
        (b"\xef\xbb\xbfok \xff", "damaged at byte"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(tmp_path: Path, content: bytes, reason: str):
    path = tmp_path / "story.txt"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=reason) as caught:
        read_manuscript(path)
    assert caught.value.path == str(path)


def test_folders_missing_files_and_pipes_are_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (("", "folder"), ("none.txt", "no such file"), ("pipe", "regular file"), ("a\0b", "null")):
        with pytest.raises(UnreadableFile, match=reason):
            read_manuscript(tmp_path / name)


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path):
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(UnreadableFile, match="the limit is 50 MB"):
        read_manuscript(path)


@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_a_manuscript_or_a_typed_error(tmp_path: Path, content: bytes):
    path = tmp_path / "any.md"
    path.write_bytes(content)
    with contextlib.suppress(UnreadableFile):
        for chapter in read_manuscript(path).documents:
            assert chapter.text.encode("utf-8").strip() or chapter.heading
