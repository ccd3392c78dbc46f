"""Documents that packages on the registries ship are read whole or refused with a reason; `make fixtures` has them."""

import re
from collections import Counter
from pathlib import Path

import pytest
from docx import Document

from saga_agent.errors import UnreadableFile
from saga_agent.formats.manuscript import Manuscript, parse_file
from saga_agent.story.import_account import weigh_import

PACKAGES = Path(__file__).parents[2] / "fixtures/packages"
WITHOUT_TEXT = ("it holds no text", "the file is empty", "to be text")
WORD = re.compile(r"\w+")


def files(*suffixes: str) -> list[Path]:
    found = sorted(path for path in PACKAGES.rglob("*") if path.suffix.lower() in suffixes)
    if not found:
        pytest.skip(f"no {suffixes[0]} files in {PACKAGES}; `make fixtures` fetches them")
    return found


def everything(book: Manuscript) -> str:
    kept = [f"{each.heading}\n{each.text}" for each in book.documents]
    return "\n".join([*kept, *(each.text for each in book.asides)])


@pytest.mark.parametrize("suffix", [".docx", ".epub", ".md", ".txt"])
def test_nothing_is_lost(suffix: str):
    read = words = 0
    refused: list[str] = []
    lost: list[str] = []
    for path in (found := files(suffix)):
        data = path.read_bytes()
        try:
            book = parse_file(data, path=path)
        except UnreadableFile as error:
            refused.append(f"{path.name}: {error.reason}")
            continue
        balance = weigh_import(data, book)
        read += 1
        words += balance.source
        if not balance.is_kept:
            lost.append(f"{path.name}: {balance.lost} lost, {balance.doubled} doubled of {balance.source} words")
    print(
        f"{suffix}: {len(found)} files, {read} read whole ({words:,} words), {len(refused)} refused, lost: {len(lost)}"
    )
    print("\n".join(refused))
    assert lost == []
    assert [each for each in refused if not each.endswith(WITHOUT_TEXT)] == []


def test_word_files_hold_every_word_that_another_reader_finds():
    compared = 0
    for path in files(".docx"):
        try:
            other = Document(str(path))
            book = parse_file(path.read_bytes(), path=path)
        except (UnreadableFile, KeyError, ValueError):
            continue
        theirs = Counter(WORD.findall("\n".join(each.text for each in other.paragraphs)))
        ours = Counter(WORD.findall(re.sub(r"\\(?=\W)|_", "", everything(book))))
        theirs = Counter(word.replace("_", "") for word in theirs.elements())
        assert not theirs - ours, (path.name, theirs - ours)
        compared += 1
    assert compared > 10
