"""The documentation works as it stands: its Python runs, and its commands exist."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.doc_blocks import read_blocks, run_blocks
from tests.architecture.sources import ROOT

PAGES = sorted(
    [*ROOT.glob("*.md"), *(page for name in ("docs", "graphs", "tools") for page in (ROOT / name).rglob("*.md"))]
)
SAGA = Path(sys.executable).with_name("saga")


def page_name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands(path: Path) -> list[list[str]]:
    """The lines of the page's shell blocks, as words; continued lines are one."""
    lines = [
        line
        for block in read_blocks(path)
        if block.language in ("bash", "sh", "console")
        for line in block.text.replace("\\\n", " ").splitlines()
    ]
    words = [shlex.split(line.removeprefix("$ "), comments=True) for line in lines]
    # Variables before a command are no part of it.
    return [
        line[next((i for i, word in enumerate(line) if not re.match(r"\w+=", word)), 0) :] for line in words if line
    ]


@cache
def help_works(*subcommand: str) -> bool:
    return subprocess.run([SAGA, *subcommand, "--help"], capture_output=True).returncode == 0


@cache
def make_verbs() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_the_python_of_a_page_runs(page: Path, tmp_path: Path):
    if not any(block.language == "python" for block in read_blocks(page)):
        return
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SAGA_", "OPENAI_"))}

    done = subprocess.run(
        [sys.executable, "-m", "tests.architecture.doc_blocks", page],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=environment | {"PYTHONPATH": str(ROOT)},
        timeout=120,
    )

    assert done.returncode == 0, done.stderr[-4000:]


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_the_commands_of_a_page_exist(page: Path):
    found = commands(page)

    for words in found:
        if words[0] == "saga" and len(words) > 1 and not words[1].startswith("-"):
            assert help_works(words[1]), f"{page_name(page)}: there is no 'saga {words[1]}'"
        if words[0] == "make":
            verbs = {word for word in words[1:] if "=" not in word and not word.startswith("-")}
            assert verbs <= make_verbs(), f"{page_name(page)}: make has no {verbs - make_verbs()}"


def test_every_link_to_a_file_of_the_repository_leads_somewhere():
    targets = [
        (page, target)
        for page in PAGES
        for target in re.findall(r"\]\((?!\w+:|#)([^)\s#]+)", page.read_text(encoding="utf-8"))
    ]

    broken = [f"{page_name(page)}: {target}" for page, target in targets if not (page.parent / target).exists()]

    assert broken == []


def write_page(folder: Path, text: str) -> Path:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return page


def test_blocks_of_a_page_share_their_names_and_may_await(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    page = write_page(
        tmp_path,
        "```python\nimport asyncio\nqueue = asyncio.Queue()\nawait queue.put(2)\n```\n"
        "- a list\n\n  ```python\n  print(await queue.get() + 1)\n  ```\n",
    )

    run_blocks(page)

    assert capsys.readouterr().out == "3\n"


def test_a_block_that_fails_tells_the_line_of_the_page(tmp_path: Path):
    page = write_page(tmp_path, "# Title\n\n```python\nx = 1\nraise KeyError(x)\n```\n")

    with pytest.raises(KeyError) as caught:
        run_blocks(page)

    assert caught.traceback[-1].lineno == 4, "counted from 0: the fifth line"


def test_a_block_that_is_not_run_must_still_be_python(tmp_path: Path):
    run_blocks(write_page(tmp_path, "```python no-run\nraise KeyError\n```\n"))

    with pytest.raises(SyntaxError):
        run_blocks(write_page(tmp_path, "```python no-run\nplain prose here\n```\n"))


def test_blocks_of_other_languages_are_left_alone(tmp_path: Path):
    page = write_page(tmp_path, "```json\n{}\n```\n\n```bash\nsaga demo \\\n  --quick # fast\n```\n")

    run_blocks(page)

    assert commands(page) == [["saga", "demo", "--quick"]]
