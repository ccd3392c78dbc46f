"""Text and Markdown files that once were read wrongly, from the shared folder of faults."""

import os
from pathlib import Path

import pytest

from saga_agent.formats.manuscript import read_manuscript
from saga_agent.story.import_account import weigh_import

FAULTS = Path(os.environ.get("SAGA_TEST_FAULTS", Path(__file__).parents[4] / "shared" / "faults"))
Told = list[tuple[int | None, str]]
THREE: Told = [(1, ""), (2, ""), (3, "")]
TITLED: Told = [(1, "the boat that came back"), (2, "who was there?"), (3, "ما هو النهر")]
RIGHT: dict[str, Told] = {
    "01-part-text-dropped/md-part-with-text/c.md": [(1, ""), (1, "Low Water"), (2, ""), (2, "High Water")],
    "01-part-text-dropped/md-collection-one-story-has-chapters/a.md": [
        (None, "The Fir Tree"),
        (None, "The Tin Soldier"),
        (1, ""),
        (2, ""),
        (None, "The Clover"),
    ],
    "03-opening-before-first-heading-dropped/txt-dialogue-before-first-heading/d.txt": [
        (None, "Front matter"),
        (1, ""),
        (2, ""),
    ],
    "05-chapter-words-of-other-languages/txt-cjk-di-zhang/txt-cjk-di-zhang.txt": [
        (1, "初入江湖"),
        (2, "风雨欲来"),
        (3, "再会故人"),
    ],
    "05-chapter-words-of-other-languages/txt-french-premier/txt-french-premier.txt": THREE,
    "05-chapter-words-of-other-languages/txt-german-erstes/txt-german-erstes.txt": THREE,
    "05-chapter-words-of-other-languages/txt-russian-words/txt-russian-words.txt": THREE,
    "05-chapter-words-of-other-languages/txt-spanish-primero/txt-spanish-primero.txt": THREE,
    "05-chapter-words-of-other-languages/txt-hundred/txt-hundred.txt": [(99, ""), (100, ""), (101, "")],
    "19-bold-lines-as-titles/md-bold-plain-titles/b2.md": [(1, "Low Water"), (2, "High Water")],
    "20-md-fenced-hash/md-hash-in-code-fence/e.md": [(1, "Low Water"), (2, "High Water")],
    "20-md-fenced-hash/md-heading-attributes/d.md": [(1, "Low Water"), (2, "High Water")],
    "21-md-title-act-chapter/md-unnumbered-novelcrafter/j.md": [(1, "Low Water"), (2, "High Water"), (3, "No Water")],
    "22-md-trip-subheading/trip-md-subheading-in-chapter/g.md": [(1, "Low Water"), (2, "High Water")],
    "23-trip-titles-grow/trip-md-titles-not-in-capitals/l.md": TITLED,
}
ENCODED = {"txt-gb18030": "她在水边等了很久", "txt-shift-jis": "第一章", "txt-windows-1251": "Она долго ждала у воды"}


def fault(name: str) -> Path:
    path = FAULTS / name
    if not path.is_file():
        pytest.skip(f"the shared faults are not at {FAULTS}")
    return path


@pytest.mark.parametrize("name", RIGHT)
def test_it_is_read_rightly_and_whole(name: str):
    path = fault(name)
    book = read_manuscript(path)
    assert [(each.number, each.title) for each in book.documents] == RIGHT[name]
    balance = weigh_import(path.read_bytes(), book)
    assert (balance.lost, balance.doubled, balance.source) == (0, 0, balance.documents + balance.aside)


@pytest.mark.parametrize("name", ENCODED)
def test_its_encoding_is_found(name: str):
    book = read_manuscript(fault(f"07-legacy-encodings/{name}/{name}.txt"))
    assert ENCODED[name] in "".join(f"{each.heading}\n{each.text}" for each in book.documents)
