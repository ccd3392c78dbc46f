"""Every import weighs its words: told in a dry run, refused unless the writer says otherwise."""

from pathlib import Path

import pytest

from saga_agent.errors import InvalidInput
from saga_agent.formats.book import Manuscript
from saga_agent.formats.manuscript import parse_manuscript
from saga_agent.story.import_account import refusals, weigh_import
from saga_agent.story.service import StoryService

SENTENCE = "Nina walked along the bank until the light went, and nobody called her back. "
LICENCE = "This work may be copied by anyone who keeps these terms with it, and by nobody else at all. " * 8
BOOK = (
    "Terms.\n\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\nThe Weir\n\nby Ann Other\n\n"
    f"Chapter 1\n\n{SENTENCE * 20}\n\nChapter 2\n\n{SENTENCE * 20}\n\n"
    f"*** END OF THE PROJECT GUTENBERG EBOOK X ***\n\n{LICENCE}"
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "weir.txt"
    path.write_text(BOOK, "utf-8")
    return path


async def test_a_dry_run_tells_every_word_and_would_be_refused(story: StoryService, book: Path) -> None:
    project = await story.projects.create(name="The Weir")
    report = await story.imports.run(project.id, book, dry_run=True)
    balance = report.balance
    assert balance.source == balance.documents + balance.aside
    assert (balance.lost, balance.doubled, balance.is_kept) == (0, 0, True)
    assert [(each.reason, each.words > 0, each.first_words[:8]) for each in report.asides] == [
        ("boilerplate", True, "Terms. *"),
        ("boilerplate", True, "*** END "),
        ("title", True, "The Weir"),
        ("title page", True, "by Ann O"),
    ]
    (refusal,) = report.refusals
    assert "--yes" in refusal
    assert "boilerplate, title page" in refusal


async def test_much_aside_needs_a_yes(story: StoryService, book: Path) -> None:
    project = await story.projects.create(name="The Weir")
    with pytest.raises(InvalidInput, match="accept_asides=True"):
        await story.imports.run(project.id, book)
    assert [head async for head in story.documents.all(project.id)] == []
    report = await story.imports.run(project.id, book, accept_asides=True)
    assert report.chapters == 2


async def test_asides_can_be_brought_in(story: StoryService, book: Path) -> None:
    project = await story.projects.create(name="The Weir")
    report = await story.imports.run(project.id, book, keep=("boilerplate", "title page"))
    assert [each.reason for each in report.asides] == ["title"]
    heads = [(head.kind, head.title) async for head in story.documents.all(project.id)]
    assert heads == [
        ("front", "Boilerplate"),
        ("front", "Title page"),
        ("chapter", ""),
        ("chapter", ""),
        ("back", "Boilerplate"),
    ]
    assert report.balance.is_kept


def test_a_reader_that_loses_words_is_refused() -> None:
    whole = parse_manuscript(BOOK, name="weir")
    less = Manuscript(whole.title, whole.documents[:1], asides=whole.asides)
    balance = weigh_import(BOOK.encode(), less)
    assert not balance.is_kept
    assert balance.lost == pytest.approx(14 * 20 + 2, abs=20)
    (told,) = refusals(balance, less.asides, accept_asides=True)
    assert "--allow-loss" in told
    assert refusals(balance, less.asides, accept_asides=True, allow_loss=True) == ()
