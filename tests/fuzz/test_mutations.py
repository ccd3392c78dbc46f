"""Files of every format with random damage: read whole or refused; what ever failed is kept in seeds/."""

import io
import random
import resource
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from saga_agent.domain.document import Document
from saga_agent.errors import SagaError
from saga_agent.formats.manuscript import parse_file
from saga_agent.story.exchange.manuscript_export import write_book
from saga_agent.story.import_account import weigh_import

SEEDS = Path(__file__).parent / "seeds"
MAX_SECONDS = 20
"""For one small file, on a machine that is busy with other work."""
MAX_GROWTH = 500 * 1024
"""Of the peak of the memory of the process, in KB, over all files of a kind."""
MARKDOWN = (
    "---\ntitle: x\n---\n# Book\n\n## Part One\n\ntext here\n\n### Chapter 1 {#a}\n\nNina _ran_.\n\n<!-- c -->\n\n"
    "```\n# code\n```\n\n%% secret %%\n\n# Prologue\n\n**Low**\n\nab.\n\n"
    "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\nContents\n\n"
    "Chapter 1\nChapter 2\n\n::: {.x}\n\n[^1]: note\n\nﬁne e\u0301 ß ſ İ 第三回 제1장 ٣\n\nsoft\u00ad\nhyphen\u00ada\n"
)
DOCUMENTS = [
    Document(
        id="doc_1", project_id="prj_1", number=1, title="Low <Water>", text="Nina _ran_.\n\n***\n\n第三回 & **more**."
    ),
    Document(
        id="doc_2", project_id="prj_1", kind="front", title="Notes", text="The river, the river,\nit never will rest."
    ),
]


def damaged(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(out) + 1)
        kind = rng.random()
        if kind < 0.3:
            del out[at : at + rng.randint(1, 20)]
        elif kind < 0.6:
            out[at:at] = rng.randbytes(rng.randint(1, 3))
        else:
            start = rng.randrange(len(data))
            out[at:at] = data[start : start + rng.randint(1, 30)]
    return bytes(out)


def damaged_inside(data: bytes, rng: random.Random) -> bytes:
    """An archive with one member damaged, so that the damage reaches the readers of XML."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice([name for name, content in members.items() if content])
    members[name] = damaged(members[name], rng)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for each, content in members.items():
            archive.writestr(each, content)
    return out.getvalue()


def check(data: bytes, suffix: str) -> None:
    """The law: whatever is read is balanced, or the file is refused in words, in bounded time."""
    began = time.process_time()
    try:
        book = parse_file(data, path=Path(f"book.{suffix}"))
    except SagaError:
        pass  # refused, with a reason
    else:
        for document in book.documents:
            document.text.encode()
        balance = weigh_import(data, book)
        if not any("no well-formed XHTML" in told for told in book.warnings):  # two parsers mend one page in two ways
            assert (balance.lost, balance.doubled) == (0, 0)
    assert time.process_time() - began < MAX_SECONDS


FORMATS: dict[str, tuple[bytes, Callable[[bytes, random.Random], bytes]]] = {
    "md": (MARKDOWN.encode(), damaged),
    "txt": (MARKDOWN.encode(), damaged),
    "docx": (write_book("Weir", DOCUMENTS, "docx").data, damaged_inside),
    "epub": (write_book("Weir", DOCUMENTS, "epub").data, damaged_inside),
}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("tries", [500, pytest.param(25_000, marks=pytest.mark.slow)])
def test_a_damaged_file_is_read_whole_or_refused(suffix: str, tries: int, tmp_path: Path):
    data, damage = FORMATS[suffix]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(tries):
        mutated = damage(data, random.Random(number))
        try:
            check(mutated, suffix)
        except BaseException:
            seed = tmp_path / f"{number}.{suffix}"
            seed.write_bytes(mutated)
            print(f"keep {seed} in {SEEDS}")
            raise
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < MAX_GROWTH


@pytest.mark.parametrize("seed", sorted(SEEDS.glob("*.*")), ids=lambda path: path.name)
def test_what_once_failed_is_read_or_refused(seed: Path):
    check(seed.read_bytes(), seed.suffix[1:])
