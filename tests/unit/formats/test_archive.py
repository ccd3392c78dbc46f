"""Zip archives from strangers: judged before they are inflated."""

import contextlib
import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saga_agent.errors import UnreadableFile
from saga_agent.formats import archive
from saga_agent.formats.archive import MAX_MEMBERS, Archive
from saga_agent.formats.manuscript import read_manuscript
from tests.unit.formats.books import epub, word, xhtml, zipped

VALID = (word("Chapter 1", "One here."), epub({"one.xhtml": xhtml("<h1>One</h1><p>Text.</p>")}))


def patched(data: bytes, offset: int, value: int, size: str) -> bytes:
    """The archive with one field of its central directory changed."""
    at = data.index(b"PK\x01\x02") + offset
    return data[:at] + struct.pack(size, value) + data[at + struct.calcsize(size) :]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zipped({"bomb.xml": b"\0" * 30_000_000}), "zip bombs"),
        (zipped({"../../etc/passwd": "x"}), "outside"),
        (zipped({"/etc/passwd": "x"}), "outside"),
        (zipped({"a\\..\\b": "x"}), "outside"),
        (zipped({"C:/x": "x"}), "outside"),
        (patched(zipped({"a": "x"}), 24, 2**31, "<I"), "zip bombs|inflate"),
        (patched(zipped({"a": "x"}), 8, 1, "<H"), "encrypted"),
        (patched(zipped({"a": "x"}), 10, 14, "<H"), "packed in a way"),
        (zipped({f"{n}": b"" for n in range(MAX_MEMBERS + 1)}), "more than"),
        (b"PK\x03\x04 and no more", "damaged"),
    ],
)
def test_hostile_archives_are_refused(data: bytes, reason: str):
    with pytest.raises(UnreadableFile, match=reason):
        Archive(data, name="x.zip")


def test_all_members_together_have_a_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive, "MAX_INFLATED_BYTES", 1_000)
    Archive(zipped({"a": "x" * 500, "b": "x" * 500}), name="x.zip")
    with pytest.raises(UnreadableFile, match="inflate to more than"):
        Archive(zipped({"a": "x" * 500, "b": "x" * 501}), name="x.zip")


def test_two_members_of_one_name_are_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        data = _twice("a")
    with pytest.raises(UnreadableFile, match="same name"):
        Archive(data, name="x.zip")


def test_a_member_whose_size_is_a_lie_is_damaged():
    lying = patched(zipped({"a": b"x" * 5_000}), 24, 10, "<I")
    with pytest.raises(UnreadableFile, match="'a' is damaged"):
        Archive(lying, name="x.zip").read("a")


@given(st.sampled_from(VALID), st.data())
@settings(max_examples=150, deadline=2_000, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutated_document_is_read_or_refused_with_a_reason(tmp_path: Path, valid: bytes, data: st.DataObject):
    mutated = bytearray(valid)
    for _ in range(data.draw(st.integers(1, 8))):
        mutated[data.draw(st.integers(0, len(mutated) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "mutated.bin"
    path.write_bytes(mutated[: data.draw(st.integers(0, len(mutated)))] if data.draw(st.booleans()) else mutated)
    with contextlib.suppress(UnreadableFile):
        assert read_manuscript(path).documents


PARTS = (
    "<p>",
    "</p>",
    "<h1>",
    "</h1>",
    "<em>",
    "</em>",
    "<br/>",
    "<hr/>",
    "&nbsp;",
    "&x;",
    "<!--",
    "-->",
    "<![CDATA[",
    "text ",
    "<li>",
    "</li>",
    "<svg/>",
    "\0",
    "<?x?>",
)


@given(st.lists(st.sampled_from(PARTS), max_size=25))
@settings(max_examples=150, deadline=2_000, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_xhtml_is_read_or_refused_with_a_reason(tmp_path: Path, parts: list[str]):
    path = tmp_path / "x.epub"
    path.write_bytes(epub({"one.xhtml": xhtml("".join(parts))}))
    with contextlib.suppress(UnreadableFile):
        assert read_manuscript(path).title == "The Crossing"


RUN = "<w:r><w:t>x</w:t></w:r>"
WORD_PARTS = (
    "<w:p>",
    "</w:p>",
    "<w:r>",
    "</w:r>",
    "<w:t>",
    "</w:t>",
    "<w:ins>",
    "</w:ins>",
    "<w:del>",
    "</w:del>",
    "x",
    "<w:tbl>",
    "</w:tbl>",
    "<w:pPr>",
    "</w:pPr>",
    '<w:pStyle w:val="Heading1"/>',
    "<w:br/>",
    "<w:sdt/>",
    '<w:outlineLvl w:val="-1"/>',
    "&x;",
    "<!--y-->",
    "<?x?>",
    f"<w:p>{RUN}</w:p>",
)


@given(st.lists(st.sampled_from(WORD_PARTS), max_size=20))
@settings(max_examples=150, deadline=2_000, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_word_xml_is_read_or_refused_with_a_reason(tmp_path: Path, parts: list[str]):
    valid = Archive(word("First."), name="x.docx")
    members = {name: valid.read(name) for name in valid.names}
    inner = "".join(parts).encode()
    members["word/document.xml"] = members["word/document.xml"].replace(b"<w:body>", b"<w:body>" + inner)
    path = tmp_path / "x.docx"
    path.write_bytes(zipped(members))
    with contextlib.suppress(UnreadableFile):
        assert "First." in read_manuscript(path).documents[-1].text


def _twice(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(name, "1")
        file.writestr(name, "2")
    return packed.getvalue()
