"""`saga demo`: a whole story, without a key and without a terminal."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

PICTURE = Path(__file__).parents[3] / "docs" / "images" / "demo.svg"
_LINE = re.compile(r"<text[^>]*>([^<]*)</text>")
_CHANGING = re.compile(r"\b(?:[a-z]+_[0-9a-z]{8,}|[\d,]+ (?:KB|deltas|checkpoints|in,|out))")


def shown_in(picture: str) -> list[str]:
    """The words of a recording, less what differs from run to run: ids, sizes, and how the words came in."""
    words = html.unescape(" ".join(_LINE.findall(picture))).replace("\xa0", " ")
    return _CHANGING.sub("...", words).split()


@pytest.fixture
def told(saga):
    """The demo as it prints into a pipe."""
    outcome = saga("demo")
    assert outcome.code == 0, outcome.err
    return outcome


def test_the_story_is_told_from_import_to_the_way_on(told, folder: Path):
    order = [
        "A manuscript comes in",
        "Chapter 3: The Ferry",
        "Who is in it?",
        "Tove",
        "story bible joins",
        "A turn with the draft agent",
        "add Haldor Venn the ferryman",
        "search_story",
        "Offline draft",
        "What the story bible says now",
        "the ferryman, the lockkeeper",
        "Where it all is",
        "stream ",
        "How to go on",
        "saga chat --continue",
    ]

    places = [told.out.index(words) for words in order]

    assert places == sorted(places)
    assert "\x1b" not in told.out
    assert str(folder) not in told.out


def test_a_question_and_an_approval_are_answered_visibly(told):
    assert "Whose point of view to take?" in told.out
    assert "You answered: Marit Aune" in told.out
    assert "Add character 'Haldor Venn' to the story bible" in told.out
    assert "arguments > {" in told.out
    assert "Haldor Venn (character) is in the story bible" in told.out


def test_what_was_shown_is_in_the_database(saga, told, folder: Path):
    database = "demo-output/saga-demo.db"

    (run,) = saga("runs", "ls", "--json", "--database", database).json
    (project,) = saga("projects", "ls", "--json", "--database", database).json

    assert run["state"] == "finished"
    assert run["id"] in told.out
    assert run["stream_id"] in told.out
    assert (project["name"], project["documents"]) == ("The Hollow Crown", 7)
    members = saga("detect", "--limit", "99", "--json", "--database", database).json
    assert [member["known"] for member in members if member["name"] == "Haldor Venn"] == [True]


def test_a_second_demo_takes_a_file_of_its_own(saga, told, folder: Path):
    again = saga("demo")

    assert again.code == 0
    assert "demo-output/saga-demo-2.db" in again.out
    assert sorted(each.name for each in (folder / "demo-output").glob("*.db")) == ["saga-demo-2.db", "saga-demo.db"]


def test_a_file_that_exists_is_never_touched(saga, folder: Path):
    (folder / "mine.db").write_text("mine")

    outcome = saga("demo", "--database", "mine.db")

    assert outcome.code == 2
    assert (folder / "mine.db").read_text() == "mine"


def test_a_recording_is_a_picture_without_paths_or_foreign_fonts(saga, folder: Path):
    outcome = saga("demo", "--record", "demo.svg")

    picture = (folder / "demo.svg").read_text(encoding="utf-8")
    assert outcome.code == 0
    assert picture.startswith("<svg")
    assert "Haldor" in picture
    assert "https://" not in picture.replace("http://www.w3.org", "").replace("https://www.textualize.io", "")
    assert str(folder) not in picture
    assert "A turn with the draft agent" in outcome.out
    assert shown_in(picture) == shown_in(PICTURE.read_text(encoding="utf-8")), "make contracts records it anew"


def test_the_viewer_may_answer(saga):
    outcome = saga("demo", "--ask", typed="\x04")

    assert outcome.code == 0
    assert "was not approved, so nothing was written" in outcome.out
