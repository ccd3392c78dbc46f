"""What was imported comes back byte for byte; what has changed is changed in place; the rest is made anew."""

import json
from pathlib import Path

import pytest

from saga_agent.domain.entity import Alias
from saga_agent.errors import InvalidInput
from saga_agent.formats.card import read_card
from saga_agent.formats.lorebook import read_lorebook
from saga_agent.story.service import StoryService
from tests.unit.story.exchange.bibles import NOTES, WORLD


def written(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in folder.rglob("*.md")}


async def test_an_unchanged_vault_comes_back_byte_for_byte(
    story: StoryService, project_id: str, files: dict[str, Path], tmp_path: Path
) -> None:
    await story.bibles.run(project_id, files["vault"])

    report = await story.exports.run(project_id, tmp_path / "out", format="vault")

    assert written(tmp_path / "out") == NOTES
    assert report.files == tuple(sorted(NOTES))
    again = await story.exports.run(project_id, tmp_path / "out")
    assert again.files == ()


@pytest.mark.parametrize(
    ("kind", "wanted"), [("lorebook", "lorebook"), ("json", "card"), ("png", "card"), ("charx", "card")]
)
async def test_an_unchanged_file_comes_back_byte_for_byte(
    story: StoryService, project_id: str, files: dict[str, Path], tmp_path: Path, kind: str, wanted: str
) -> None:
    await story.bibles.run(project_id, files[kind])
    out = tmp_path / f"out{files[kind].suffix}"

    await story.exports.run(project_id, out, format=wanted)  # pyright: ignore[reportArgumentType]

    assert out.read_bytes() == files[kind].read_bytes()


async def test_a_changed_note_differs_only_where_the_bible_does(
    story: StoryService, project_id: str, files: dict[str, Path], tmp_path: Path
) -> None:
    await story.bibles.run(project_id, files["vault"])
    mira = await story.entities.resolve(project_id, "Mira")
    reed = await story.entities.resolve(project_id, "Reed")
    await story.entities.update(
        project_id, mira.id, summary="Mira steers.", fields={**mira.fields, "born": "0113", "fear": "the weir"}
    )
    await story.relationships.create(project_id, type="loves", source_id=reed.id, target_id=mira.id)

    await story.exports.run(project_id, tmp_path / "out", format="vault")

    out = written(tmp_path / "out")
    expected = NOTES["Characters/Mira Vance.md"].replace("born: 0112-01-10", "born: '0113'")
    expected = expected.replace("Mira rows the ferry to [[Lower Ferry|the landing]].", "Mira steers.")
    expected = expected.replace('grey"\n---', 'grey"\nfear: the weir\n---')
    assert out.pop("Characters/Mira Vance.md") == expected
    assert "loves:\n- '[[Mira Vance]]'\n" in out.pop("Characters/Reed.md")
    assert out == {path: text for path, text in NOTES.items() if path in out}


async def test_a_bible_moves_to_another_project_through_a_vault(
    story: StoryService, project_id: str, tmp_path: Path
) -> None:
    fields = {"fear": "deep water", "mother": "Anna", "age": 12, "awake": "no"}
    tove = await story.entities.create(
        project_id,
        type="character",
        name="Tove: the child?",
        aliases=[Alias(text="Tove")],
        summary="One.\n\nTwo.",
        fields=fields,
        tags=["a"],
        secret=True,
        ai_visibility="always",
    )
    guild = await story.entities.create(project_id, type="faction", name="The Guild", summary="A guild.")
    await story.relationships.create(project_id, type="member_of", source_id=tove.id, target_id=guild.id)
    await story.facts.create(project_id, subject_id=tove.id, predicate="eyes", value="grey: dark")
    await story.captures.add(project_id, title="Plan", text="Burn it.", tags=["x"])

    await story.exports.run(project_id, tmp_path / "out", format="vault")
    other = (await story.projects.create(name="Other")).id
    await story.bibles.run(other, tmp_path / "out")

    child = await story.entities.resolve(other, "Tove")
    assert (child.type, child.summary, child.tags, child.secret, child.ai_visibility) == (
        "character",
        "One.\n\nTwo.",
        ("a",),
        True,
        "always",
    )
    assert {key: child.fields[key] for key in fields} == fields
    (tie,) = [tie async for tie in story.relationships.all(other)]
    assert (tie.type, tie.source_id) == ("member_of", child.id)
    (fact,) = [fact async for fact in story.facts.all(other)]
    assert (fact.predicate, fact.value) == ("eyes", "grey: dark")
    notes = [capture async for capture in story.captures.all(other, kind="note")]
    assert [(note.title, note.text.strip(), note.tags) for note in notes] == [("Plan", "Burn it.", ("x",))]


async def test_a_changed_lorebook_keeps_all_other_fields(
    story: StoryService, project_id: str, files: dict[str, Path], tmp_path: Path
) -> None:
    await story.bibles.run(project_id, files["lorebook"])
    mira = await story.entities.resolve(project_id, "Mira")
    await story.entities.update(
        project_id, mira.id, summary="She steers.", aliases=[Alias(text="Mira"), Alias(text="the pilot")]
    )
    oarlock = await story.entities.resolve(project_id, "oarlock")
    await story.entities.delete(project_id, oarlock.id)
    await story.entities.create(
        project_id, type="item", name="Duskblade", summary="It sings.", fields={"maker": "Reed"}
    )

    report = await story.exports.run(project_id, tmp_path / "out.json", format="lorebook")

    out = json.loads((tmp_path / "out.json").read_bytes())
    first = {**WORLD["entries"]["0"], "content": "She steers.", "key": ["Mira", "the pilot"]}
    assert out["entries"].pop("10")["content"] == "It sings.\nmaker: Reed"
    assert out == {**WORLD, "entries": {"0": first, **{uid: WORLD["entries"][uid] for uid in ("3", "5", "9")}}}
    assert report.lost == ()


async def test_a_changed_card_keeps_its_picture_and_its_unknown_fields(
    story: StoryService, project_id: str, files: dict[str, Path], tmp_path: Path
) -> None:
    await story.bibles.run(project_id, files["png"])
    mira = await story.entities.resolve(project_id, "Mira")
    await story.entities.update(project_id, mira.id, summary="She steers.", fields={"personality": "Dry."})

    await story.exports.run(project_id, tmp_path / "out.png")

    card = read_card(tmp_path / "out.png")
    assert (card.description, card.personality, card.first_message) == ("She steers.", "Dry.", "")
    assert card.raw["data"]["unknown"] == 1.5  # pyright: ignore
    assert card.book is not None
    assert card.book.entries[0].content == "Ash wood."


async def test_a_character_made_here_becomes_a_new_card(story: StoryService, project_id: str, tmp_path: Path) -> None:
    await story.entities.create(project_id, type="character", name="Tove", summary="Small.", fields={"fear": "dogs"})
    await story.entities.create(project_id, type="character", name="Reed")

    report = await story.exports.run(project_id, tmp_path / "tove.json", format="card", character="tove")

    assert read_card(tmp_path / "tove.json").description == "Small."
    assert any("fear" in told for told in report.lost)
    with pytest.raises(InvalidInput, match=r"say which by its name\. The characters are: "):
        await story.exports.run(project_id, tmp_path / "x.json", format="card")
    with pytest.raises(InvalidInput, match="needs a picture"):
        await story.exports.run(project_id, tmp_path / "x.png", format="card", character="Reed")


async def test_a_new_lorebook_is_one_others_can_read(story: StoryService, project_id: str, tmp_path: Path) -> None:
    await story.entities.create(project_id, type="character", name="Tove", aliases=[Alias(text="the child")])

    await story.exports.run(project_id, tmp_path / "w.json", format="lorebook")

    (entry,) = read_lorebook(tmp_path / "w.json").entries
    assert (entry.title, entry.keys) == ("Tove", ("Tove", "the child"))


async def test_nothing_that_is_there_is_replaced_unasked(
    story: StoryService, project_id: str, files: dict[str, Path]
) -> None:
    await story.bibles.run(project_id, files["vault"])
    path = files["vault"] / "Ideas.md"
    path.write_text("newer", encoding="utf-8")
    mira = await story.entities.resolve(project_id, "Mira")
    await story.entities.update(project_id, mira.id, summary="New.")

    with pytest.raises(InvalidInput, match="is there with other content"):
        await story.exports.run(project_id, files["vault"])

    assert written(files["vault"]) == {**NOTES, "Ideas.md": "newer"}
    report = await story.exports.run(project_id, files["vault"], overwrite=True)
    assert report.files == ("Characters/Mira Vance.md", "Ideas.md")


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("a.json", {}, "lorebook or a card"),
        ("a.xyz", {}, "No format is written to '.xyz'"),
        ("a.md", {"tracked": True}, "docx alone"),
        ("a.md", {}, "no documents to export"),
    ],
)
async def test_an_export_that_cannot_be_is_refused_in_a_sentence(
    story: StoryService, project_id: str, tmp_path: Path, name: str, arguments: dict[str, bool], reason: str
) -> None:
    with pytest.raises(InvalidInput, match=reason):
        await story.exports.run(project_id, tmp_path / name, **arguments)  # pyright: ignore[reportArgumentType]
    assert list(tmp_path.glob("a.*")) == []


async def test_a_dry_run_writes_nothing(
    story: StoryService, project_id: str, files: dict[str, Path], tmp_path: Path
) -> None:
    await story.bibles.run(project_id, files["vault"])

    report = await story.exports.run(project_id, tmp_path / "out", format="vault", dry_run=True)

    assert report.files == tuple(sorted(NOTES))
    assert not (tmp_path / "out").exists()
