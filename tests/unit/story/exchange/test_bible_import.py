"""Lorebooks, cards and vaults become a bible; a second import changes nothing, and the writer's work stays."""

import json
from pathlib import Path

import pytest

from saga_agent.domain.entity import Entity
from saga_agent.errors import NotFound, UnreadableFile
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.story.service import StoryService
from tests.unit.story.exchange.bibles import NOTES, WORLD

KINDS = pytest.mark.parametrize("kind", ["vault", "lorebook", "json", "png", "charx"])


async def entities(story: StoryService, project_id: str) -> dict[str, Entity]:
    return {entity.name: entity async for entity in story.entities.all(project_id)}


async def ties(story: StoryService, project_id: str) -> set[tuple[str, str, str]]:
    names = {entity.id: entity.name for entity in (await entities(story, project_id)).values()}
    return {(names[tie.source_id], tie.type, names[tie.target_id]) async for tie in story.relationships.all(project_id)}


async def test_notes_of_a_vault_become_entities_with_names_fields_and_facts(
    story: StoryService, project_id: str, files: dict[str, Path]
) -> None:
    await story.bibles.run(project_id, files["vault"])

    found = await entities(story, project_id)
    assert {name: entity.type for name, entity in found.items()} == {
        "Mira Vance": "character",
        "Anna Vance": "character",
        "Reed": "character",
        "Lower Ferry": "location",
        "The Shire": "location",
    }
    mira = found["Mira Vance"]
    assert [alias.text for alias in mira.aliases] == ["Mira", "the ferrywoman"]
    assert mira.summary == "Mira rows the ferry to [[Lower Ferry|the landing]]."
    said = {key: mira.fields[key] for key in ("mother", "born", "awake")}
    assert said == {"mother": "Anna Vance", "born": "0112-01-10", "awake": "no"}
    assert str(mira.fields["notes"]).endswith("She fears the weir.")
    facts = [fact async for fact in story.facts.all(project_id)]
    assert [(fact.subject_id, fact.predicate, fact.value) for fact in facts] == [(mira.id, "eye colour", "grey")]


async def test_links_become_ties_of_the_type_their_property_names(
    story: StoryService, project_id: str, files: dict[str, Path]
) -> None:
    report = await story.bibles.run(project_id, files["vault"])

    assert await ties(story, project_id) == {
        ("Anna Vance", "parent_of", "Mira Vance"),
        ("Mira Vance", "enemy_of", "Reed"),
        ("Mira Vance", "related_to", "Lower Ferry"),
        ("Lower Ferry", "located_in", "The Shire"),
    }
    assert "1 link(s) lead to no entity and make no tie: Nobody." in report.lost


async def test_a_note_about_nothing_in_particular_stays_a_note(
    story: StoryService, project_id: str, files: dict[str, Path]
) -> None:
    report = await story.bibles.run(project_id, files["vault"])

    notes = [capture async for capture in story.captures.all(project_id, kind="note")]
    mira = (await entities(story, project_id))["Mira Vance"]
    assert [(note.title, note.text, note.tags, note.entity_ids) for note in notes] == [
        ("Ideas", NOTES["Ideas.md"], ("later",), (mira.id,))
    ]
    assert any("were taken as notes" in told for told in report.lost)


async def test_entries_of_a_lorebook_become_entities_typed_by_what_they_say(
    story: StoryService, project_id: str, files: dict[str, Path]
) -> None:
    report = await story.bibles.run(project_id, files["lorebook"])

    found = await entities(story, project_id)
    assert {name: (entity.type, entity.ai_visibility) for name, entity in found.items()} == {
        "Mira Vance": ("character", "always"),
        "Lower Ferry": ("location", "when_mentioned"),
        "Lamplighters": ("faction", "never"),
        "oarlock": ("concept", "when_mentioned"),
    }
    assert [alias.text for alias in found["Mira Vance"].aliases] == ["Mira", "the ferrywoman"]
    assert found["Lamplighters"].aliases == ()  # its other key is an expression
    assert "Nothing tells the type of 1 entries, so they are concepts: oarlock." in report.lost
    assert any("neither a title nor a plain key" in told for told in report.lost)


@pytest.mark.parametrize("kind", ["json", "png", "charx"])
async def test_a_card_becomes_its_character_and_the_entries_of_its_book(
    story: StoryService, project_id: str, files: dict[str, Path], kind: str
) -> None:
    report = await story.bibles.run(project_id, files[kind])

    found = await entities(story, project_id)
    assert (found["Mira"].type, found["Mira"].summary, found["Mira"].tags) == (
        "character",
        "{{char}} rows.",
        ("river",),
    )
    assert found["Mira"].fields == {"first_message": "“Well?”"}
    assert found["oar"].summary == "Ash wood."
    assert report.ids == {"card": found["Mira"].id, "entry 0": found["oar"].id}


@KINDS
async def test_a_second_import_changes_nothing(
    story: StoryService, project_id: str, files: dict[str, Path], kind: str
) -> None:
    first = await story.bibles.run(project_id, files[kind])
    before = await entities(story, project_id)

    second = await story.bibles.run(project_id, files[kind])

    assert first.changes > 0
    assert second.changes == 0
    assert second.ids == first.ids
    assert await entities(story, project_id) == before


@KINDS
async def test_a_dry_run_tells_the_same_and_stores_nothing(
    story: StoryService, project_id: str, files: dict[str, Path], kind: str
) -> None:
    tried = await story.bibles.run(project_id, files[kind], dry_run=True)

    assert await entities(story, project_id) == {}
    assert [capture async for capture in story.captures.all(project_id)] == []
    done = await story.bibles.run(project_id, files[kind])
    assert tried == done.model_copy(update={"dry_run": True})


async def test_a_changed_file_updates_what_the_writer_left_alone(
    story: StoryService, project_id: str, files: dict[str, Path]
) -> None:
    await story.bibles.run(project_id, files["vault"])
    found = await entities(story, project_id)
    await story.entities.update(project_id, found["Mira Vance"].id, summary="The writer's words.")
    path = files["vault"] / "Characters/Mira Vance.md"
    path.write_bytes(path.read_bytes().replace(b"rows the ferry", b"steers the ferry").replace(b"- river", b"- sea"))

    report = await story.bibles.run(project_id, files["vault"])

    mira = (await entities(story, project_id))["Mira Vance"]
    assert (mira.summary, mira.tags) == ("The writer's words.", ("sea",))
    assert "Differs from the file and was left as it is here: Mira Vance (summary)." in report.lost
    assert [entry.name for entry in report.entries if entry.action == "updated"] == ["Mira Vance"]
    assert (await story.bibles.run(project_id, files["vault"])).changes == 0


async def test_a_file_adds_to_an_entity_the_writer_made_and_takes_nothing_away(
    story: StoryService, project_id: str, files: dict[str, Path]
) -> None:
    mine = await story.entities.create(project_id, type="character", name="mira vance", summary="Mine.")

    report = await story.bibles.run(project_id, files["vault"])

    stored = await story.entities.get(project_id, mine.id)
    assert (stored.name, stored.summary, stored.tags) == ("mira vance", "Mine.", ("river",))
    assert [alias.text for alias in stored.aliases] == ["Mira", "the ferrywoman"]
    assert {entry.name: entry.action for entry in report.entries}["Mira Vance"] == "joined"
    assert ("Anna Vance", "parent_of", "mira vance") in await ties(story, project_id)
    assert (await story.bibles.run(project_id, files["vault"])).changes == 0


async def test_what_is_gone_from_the_file_stays_and_is_told(
    story: StoryService, project_id: str, files: dict[str, Path]
) -> None:
    await story.bibles.run(project_id, files["lorebook"])
    fewer = {**WORLD, "entries": {key: entry for key, entry in WORLD["entries"].items() if key != "8"}}
    files["lorebook"].write_text(json.dumps(fewer), encoding="utf-8")

    report = await story.bibles.run(project_id, files["lorebook"])

    assert "oarlock" in await entities(story, project_id)
    assert "No longer in the file, left as it is here: oarlock." in report.lost


async def test_the_file_is_kept_once_with_its_creator(
    story: StoryService, project_id: str, files: dict[str, Path]
) -> None:
    for _ in range(2):
        await story.bibles.run(project_id, files["png"])

    (capture,) = [capture async for capture in story.captures.all(project_id)]
    assert (capture.kind, capture.title, capture.tags) == ("image", "mira.png", ("imported", "card"))
    assert (await story.captures.image(project_id, capture.id)).data == files["png"].read_bytes()


async def test_progress_tells_each_entry(story: StoryService, project_id: str, files: dict[str, Path]) -> None:
    told: list[tuple[int, int, str]] = []

    await story.bibles.run(project_id, files["lorebook"], progress=lambda *each: told.append(each))

    assert told == [
        (0, 4, "Mira Vance"),
        (1, 4, "Lower Ferry"),
        (2, 4, "Lamplighters"),
        (3, 4, "oarlock"),
        (4, 4, "done"),
    ]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("novel.txt", b"It was a night.", "neither a lorebook"),
        ("other.json", b'{"a": 1}', "no 'entries'"),
        ("broken.png", b"\x89PNG\r\n\x1a\n\0\0\0\xffIHDR", "cut off"),
        ("bomb.charx", b"PK\x03\x04 nothing", "damaged"),
    ],
)
async def test_what_is_no_bible_is_refused_and_nothing_is_stored(
    story: StoryService, project_id: str, tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(data)

    with pytest.raises(UnreadableFile, match=reason):
        await story.bibles.run(project_id, tmp_path / name)

    assert [capture async for capture in story.captures.all(project_id)] == []


async def test_a_folder_without_notes_is_refused(story: StoryService, project_id: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no Markdown notes"):
        await story.bibles.run(project_id, tmp_path)


async def test_another_owner_s_project_is_not_found(story: StoryService, files: dict[str, Path]) -> None:
    with pytest.raises(NotFound):
        await story.bibles.run("prj_other", files["vault"])


@KINDS
async def test_a_database_on_disk_keeps_the_same(files: dict[str, Path], tmp_path: Path, kind: str) -> None:
    async with SqlStorage(f"sqlite:///{tmp_path / 'saga.db'}") as storage:
        story = StoryService(storage, "local")
        project = await story.projects.create(name="Crossing")
        assert (await story.bibles.run(project.id, files[kind])).changes > 0
        assert (await story.bibles.run(project.id, files[kind])).changes == 0
