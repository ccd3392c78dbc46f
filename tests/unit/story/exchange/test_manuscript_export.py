"""A manuscript leaves as a file that reads back as the same chapters, with open changes tracked where wanted."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saga_agent.domain.document import Document
from saga_agent.domain.notes import Proposal
from saga_agent.domain.record import Provenance
from saga_agent.formats.archive import Archive
from saga_agent.formats.manuscript import Manuscript, parse_manuscript, read_manuscript
from saga_agent.story.exchange.manuscript_export import ManuscriptFormat, write_book
from saga_agent.story.hunks import hunks_between
from saga_agent.story.manuscript import build_documents
from saga_agent.story.service import StoryService

BOOK = """# The Crossing

## Preface

Nobody asked for this book, and yet it was written by a patient hand, night after night, while the river went by.

## Chapter 1: Low Water

Tove counted the _boats_. There were **four**, or **_five_** if one counted snake_case_names & <tags>.

***

“Nobody came,” said Reed.

> A quoted line
> and another.

The river, the river,
it never will rest.

## Chapter 2

- one thing
- another thing

### Later

Reed waited.


The gap before this is a break.
"""
FORMATS = pytest.mark.parametrize("wanted", ["md", "txt", "docx", "epub"])


def documents(text: str = BOOK) -> list[Document]:
    return build_documents("prj_1", "book.md", parse_manuscript(text, name="book", kind="markdown"))


def read_back(folder: Path, data: bytes, wanted: str, tracked: str = "accepted") -> Manuscript:
    path = folder / f"out.{wanted}"
    path.write_bytes(data)
    return read_manuscript(path, tracked=tracked)  # pyright: ignore[reportArgumentType]


def told(book: Manuscript) -> list[tuple[int | None, str, str]]:
    return [(each.number, each.title, each.text) for each in book.documents]


@FORMATS
def test_the_book_reads_back_as_the_same_chapters(tmp_path: Path, wanted: ManuscriptFormat) -> None:
    stored = documents()

    book = write_book("The Crossing", stored, wanted)

    again = read_back(tmp_path, book.data, wanted)
    assert again.title == "The Crossing"
    assert told(again) == [(each.number, each.title, each.text) for each in stored]
    assert [len(each.scenes) for each in again.documents] == [len(each.scenes) for each in stored]
    assert book.lost == ()


@FORMATS
def test_the_same_book_gives_the_same_bytes(wanted: ManuscriptFormat) -> None:
    assert write_book("The Crossing", documents(), wanted) == write_book("The Crossing", documents(), wanted)


def test_a_text_that_has_headings_of_chapters_comes_back_as_one_chapter(tmp_path: Path) -> None:
    stored = documents()
    clash = stored[1].model_copy(update={"text": "It began.\n\n## Chapter 9: Not a chapter\n\nIt went on."})

    book = write_book("The Crossing", [stored[0], clash], "md")

    assert book.lost == ()
    assert told(read_back(tmp_path, book.data, "md"))[1] == (clash.number, clash.title, clash.text)


def test_notes_are_left_out_and_told() -> None:
    note = documents()[1].model_copy(update={"kind": "note"})
    book = write_book("The Crossing", [*documents(), note], "txt")
    assert book.lost == ("1 note(s) are no part of the manuscript.",)


def test_an_epub_begins_with_its_type_unpacked() -> None:
    data = write_book("The Crossing", documents(), "epub").data
    assert data[30:58] == b"mimetypeapplication/epub+zip"
    assert Archive(data, name="a").names[0] == "mimetype"


def edit(document: Document, new: str, **fields: object) -> Proposal:
    hunks = hunks_between(document.text, new)
    made = {
        "id": "pro_1",
        "project_id": "prj_1",
        "kind": "edit",
        "target_id": document.id,
        "base_rev": document.rev,
        "hunks": hunks,
        "provenance": Provenance(by="agent", agent="revise"),
    }
    return Proposal.model_validate({**made, **fields})


def test_open_proposals_are_tracked_changes(tmp_path: Path) -> None:
    stored = documents()
    chapter = stored[1]
    new = chapter.text.replace("counted the", "had counted all the").replace("said Reed", "said\n\nReed")

    data = write_book("The Crossing", stored, "docx", proposals=[edit(chapter, new)]).data

    xml = Archive(data, name="a").read("word/document.xml").decode()
    assert 'w:author="revise"' in xml
    assert told(read_back(tmp_path, data, "docx", "original"))[1][2] == chapter.text
    assert told(read_back(tmp_path, data, "docx", "accepted"))[1][2] == new


def test_only_what_is_open_is_tracked() -> None:
    chapter = documents()[1]
    offered = edit(chapter, chapter.text.replace("counted the", "had counted all the"))
    settled = offered.model_copy(update={"settled": {hunk.id: "rejected" for hunk in offered.hunks}})
    for proposal in (settled, offered.model_copy(update={"status": "superseded"})):
        data = write_book("The Crossing", documents(), "docx", proposals=[proposal]).data
        assert b"w:ins" not in Archive(data, name="a").read("word/document.xml")


def test_changes_that_overlap_or_found_no_place_are_told() -> None:
    chapter = documents()[1]
    first = edit(chapter, chapter.text.replace("Tove counted", "Tove lost"))
    second = edit(chapter, chapter.text.replace("Tove counted", "Tove sold"), id="pro_2")

    book = write_book("The Crossing", documents(), "docx", proposals=[first, second])

    assert book.lost == ("1 open change(s) of 'Chapter 1: Low Water' overlap or found no place, and are left out.",)


WORDS = ["Tove", "ran.", "The", "_old_", "boat", "**sank**", "<b>", "&"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1).map(" ".join), min_size=1, max_size=5).map("\n\n".join)


@settings(max_examples=60, deadline=None)
@given(old=TEXTS, new=TEXTS)
def test_any_change_reads_back_as_before_and_as_after(
    tmp_path_factory: pytest.TempPathFactory, old: str, new: str
) -> None:
    chapter = Document(id="doc_1", project_id="prj_1", number=1, text=old)

    data = write_book("T", [chapter], "docx", proposals=[edit(chapter, new)] if old != new else []).data

    folder = tmp_path_factory.mktemp("docx")
    assert read_back(folder, data, "docx", "original").chapters[0].text == old
    assert read_back(folder, data, "docx", "accepted").chapters[0].text == new


async def test_a_project_goes_out_and_comes_in_as_the_same_documents(story: StoryService, tmp_path: Path) -> None:
    source = tmp_path / "book.md"
    source.write_text(BOOK, encoding="utf-8")
    project = await story.projects.create(name="The Crossing")
    await story.imports.run(project.id, source)

    await story.exports.run(project.id, tmp_path / "out" / "book.md")
    report = await story.imports.run(project.id, tmp_path / "out" / "book.md", dry_run=True)

    assert {each.action for each in report.documents} == {"unchanged"}
