"""Story services: records, documents with their index and mentions, and the import of a manuscript."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saga_agent.errors import AlreadyExists, AmbiguousReference, Conflict, InvalidInput, NotFound, UnreadableFile
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.story.service import StoryService

BOOK = """# The Crossing

## Chapter One: Ice

Mara Venn crossed the ice. Old Tam watched her go.

***

"Wait," said Tam.

## Chapter Two: The Kennels

The dogs knew Mara before she spoke. Mara smiled.
"""


@pytest.fixture
async def story() -> AsyncIterator[StoryService]:
    async with MemoryStorage() as storage:
        yield StoryService(storage, "local")


@pytest.fixture
async def project_id(story: StoryService) -> str:
    return (await story.projects.create(name="Crossing")).id


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "crossing.md"
    path.write_text(BOOK, encoding="utf-8")
    return path


async def test_importing_makes_documents_passages_and_mentions(
    story: StoryService, project_id: str, book: Path
) -> None:
    mara = await story.entities.create(project_id, type="character", name="Mara Venn")

    report = await story.imports.run(project_id, book)

    assert [(d.title, d.action, d.scenes) for d in report.documents] == [
        ("Chapter 1: Ice", "added", 2),
        ("Chapter 2: The Kennels", "added", 1),
    ]
    counts = {(a.entity_id, a.surface): a.count for a in await story.mentions.count(project_id) if a.entity_id}
    assert sum(counts.values()) == 3
    assert {entity_id for entity_id, _ in counts} == {mara.id}
    (hit, *_) = await story.documents.search(project_id, "dogs")
    document = await story.documents.get(project_id, hit.document_id)
    assert document.title == "The Kennels"
    assert document.text[hit.start : hit.end] == hit.text


async def test_a_second_import_changes_nothing_and_a_changed_file_only_what_changed(
    story: StoryService, project_id: str, book: Path
) -> None:
    first = await story.imports.run(project_id, book)

    again = await story.imports.run(project_id, book)
    book.write_text(BOOK.replace("Mara smiled", "Mara wept"), encoding="utf-8")
    changed = await story.imports.run(project_id, book)

    assert [d.document_id for d in again.documents] == [d.document_id for d in first.documents]
    assert [d.action for d in again.documents] == ["unchanged", "unchanged"]
    assert [d.action for d in changed.documents] == ["unchanged", "updated"]
    assert (await story.documents.get(project_id, changed.documents[1].document_id)).rev == 2
    assert await story.documents.search(project_id, "wept")


async def test_a_dry_run_reports_and_stores_nothing(story: StoryService, project_id: str, book: Path) -> None:
    seen: list[tuple[int, int]] = []
    report = await story.imports.run(project_id, book, dry_run=True, progress=lambda n, of, what: seen.append((n, of)))

    assert [d.action for d in report.documents] == ["added", "added"]
    assert seen == [(0, 2), (1, 2), (2, 2)]
    assert (await story.documents.list(project_id)).items == ()


async def test_a_file_that_cannot_be_read_leaves_no_trace(story: StoryService, project_id: str, tmp_path: Path) -> None:
    binary = tmp_path / "picture.txt"
    binary.write_bytes(b"\x89PNG\x00\x01\x02" * 100)

    for path in (binary, tmp_path / "missing.md", tmp_path):
        with pytest.raises(UnreadableFile, match=path.name):
            await story.imports.run(project_id, path)
    assert (await story.documents.list(project_id)).items == ()


async def test_a_chapter_that_left_the_file_stays_and_is_named(
    story: StoryService, project_id: str, book: Path
) -> None:
    await story.imports.run(project_id, book)
    book.write_text(BOOK.partition("## Chapter Two")[0], encoding="utf-8")

    report = await story.imports.run(project_id, book)

    assert any("The Kennels" in warning for warning in report.warnings)
    assert len((await story.documents.list(project_id)).items) == 2


async def test_mentions_follow_the_bible(story: StoryService, project_id: str, book: Path) -> None:
    """A new name is found in the text at once, a new alias too, and a removed entity leaves no link behind."""
    await story.imports.run(project_id, book)

    async def linked() -> int:
        return sum(a.count for a in await story.mentions.count(project_id) if a.entity_id)

    tam = await story.entities.create(project_id, type="character", name="Tam")
    assert await linked() == 2
    await story.entities.update(project_id, tam.id, aliases=[{"text": "Mara"}])
    assert await linked() == 4  # 'Mara Venn' is a longer name, of nobody yet
    await story.entities.delete(project_id, tam.id)
    assert await linked() == 0


async def test_deleting_an_entity_removes_its_ties_and_facts(story: StoryService, project_id: str) -> None:
    tam = await story.entities.create(project_id, type="character", name="Tam")
    mara = await story.entities.create(project_id, type="character", name="Mara")
    await story.relationships.create(project_id, type="knows", source_id=mara.id, target_id=tam.id)
    await story.facts.create(project_id, subject_id=tam.id, predicate="eyes", value="grey")
    kept = await story.facts.create(project_id, subject_id=mara.id, predicate="eyes", value="green")

    await story.entities.delete(project_id, tam.id)

    assert (await story.relationships.list(project_id)).items == ()
    assert (await story.facts.list(project_id)).items == (kept,)


async def test_deleting_a_project_takes_all_with_it_and_nothing_else(story: StoryService, book: Path) -> None:
    one = await story.projects.create(name="One")
    two = await story.projects.create(name="Two")
    for project in (one, two):
        await story.imports.run(project.id, book)
        await story.entities.create(project.id, type="character", name="Tam")

    await story.projects.delete(one.id)

    with pytest.raises(NotFound):
        await story.documents.list(one.id)
    assert len((await story.documents.list(two.id)).items) == 2
    assert await story.documents.search(two.id, "dogs")


@pytest.mark.parametrize(
    "reference", ["chapter 2", "Chapter 2", "2", "the kennels", "Chapter 2: The Kennels", "kennel"]
)
async def test_a_document_is_found_by_what_people_call_it(
    story: StoryService, project_id: str, book: Path, reference: str
) -> None:
    await story.imports.run(project_id, book)
    assert (await story.documents.resolve(project_id, reference)).title == "The Kennels"


async def test_references_that_fit_nothing_or_several_say_so(story: StoryService, project_id: str, book: Path) -> None:
    await story.imports.run(project_id, book)
    for name in ("Edward", "Edmund"):
        await story.entities.create(project_id, type="character", name=name, aliases=[{"text": "Ed"}])

    with pytest.raises(NotFound, match="Chapter 1: Ice"):
        await story.documents.resolve(project_id, "chapter 9")
    with pytest.raises(AmbiguousReference, match="Edmund"):
        await story.entities.resolve(project_id, "ed")
    assert (await story.entities.resolve(project_id, "EDWARD")).name == "Edward"


async def test_creating_the_same_record_twice_is_success_and_another_under_its_id_is_not(
    story: StoryService, project_id: str
) -> None:
    fields = {"id": "ent_x", "type": "character", "name": "Tam"}
    first = await story.entities.create(project_id, **fields)

    assert await story.entities.create(project_id, **fields) == first
    with pytest.raises(AlreadyExists):
        await story.entities.create(project_id, **{**fields, "name": "Tom"})


async def test_updates_keep_revisions(story: StoryService, project_id: str) -> None:
    tam = await story.entities.create(project_id, type="character", name="Tam")
    newer = await story.entities.update(project_id, tam.id, summary="A ferryman.", expected_rev=1)
    assert newer.rev == 2

    with pytest.raises(Conflict, match="revision 2, not 1"):
        await story.entities.update(project_id, tam.id, summary="A king.", expected_rev=1)
    # A conflict whose stored value already is the wanted one is success.
    assert (await story.entities.update(project_id, tam.id, summary="A ferryman.", expected_rev=1)).rev == 2
    with pytest.raises(InvalidInput, match="'id' cannot be changed"):
        await story.entities.update(project_id, tam.id, id="x")


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"type": "character", "name": " "}, "name"),
        ({"type": "dragonrider", "name": "Tam"}, "type"),
        ({"type": "character", "name": "Tam", "nmae": "x"}, "nmae"),
        ({"type": "character", "name": "x" * 201}, "name"),
    ],
)
async def test_what_cannot_be_stored_is_named(
    story: StoryService, project_id: str, fields: dict[str, str], where: str
) -> None:
    with pytest.raises(InvalidInput, match=where):
        await story.entities.create(project_id, **fields)


async def test_a_host_tells_what_it_changed_behind_the_port(story: StoryService, project_id: str, book: Path) -> None:
    report = await story.imports.run(project_id, book)
    document_id = report.documents[1].document_id
    ports, stored = story.documents._access.ports, await story.documents.get(project_id, document_id)
    await ports.documents.update(stored.model_copy(update={"text": "Only cats here."}), expected_rev=1)

    await story.changed(project_id, document_id)
    assert [hit.document_id for hit in await story.documents.search(project_id, "cats")] == [document_id]
    assert await story.documents.search(project_id, "dogs") == []

    await ports.documents.delete(project_id, document_id)
    await story.changed(project_id, document_id)
    assert await story.documents.search(project_id, "cats") == []


async def test_a_project_that_cannot_be_stored_is_named(story: StoryService, project_id: str) -> None:
    with pytest.raises(InvalidInput, match="name"):
        await story.projects.create(name="")
    with pytest.raises(InvalidInput, match="kind"):
        await story.projects.update(project_id, kind="opera")
    with pytest.raises(InvalidInput, match="owner_id"):
        await story.projects.update(project_id, owner_id="somebody else")


async def test_a_project_is_found_by_name_and_a_wrong_name_lists_what_there_is(story: StoryService) -> None:
    project = await story.projects.create(name="The Hollow Crown")

    assert await story.projects.get_by_name("the hollow crown") == project
    with pytest.raises(NotFound, match="The Hollow Crown"):
        await story.projects.get_by_name("hollow")
