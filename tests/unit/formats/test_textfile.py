"""Files as people have them, and the ones refused."""

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saga_agent.errors import UnreadableFile
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


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        ("\ufeff \n".encode(), "empty"),
        (b"Text\0with NUL", "NUL"),
        (b"Text " + b"\x01\x02" * 50, "control characters"),
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
