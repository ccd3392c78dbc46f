"""Bibles as people really have them: kinds of files that were read wrongly once, each with siblings of its kind.

The numbers are the rows of `faults/README.md`; where that folder is at hand, its own files are read, too.
"""

import base64
import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from saga_agent.errors import UnreadableFile
from saga_agent.formats.card import parse_card, write_card
from saga_agent.formats.lorebook import parse_lorebook, write_lorebook
from saga_agent.formats.png import Chunk
from saga_agent.story.exchange.bible_file import read_bible
from saga_agent.story.exchange.draft import BibleDraft, EntityDraft
from saga_agent.story.service import StoryService
from tests.unit.formats.books import zipped
from tests.unit.formats.test_card import card_json, png

FAULTS = Path(os.environ.get("SAGA_TEST_FAULTS", Path(__file__).parents[5] / "shared" / "faults"))


def draft_of(path: Path) -> BibleDraft:
    return read_bible(path).draft


def entity(draft: BibleDraft, name: str) -> EntityDraft:
    return next(each for each in draft.entities if each.name == name)


def vault(folder: Path, **notes: str | bytes) -> Path:
    """A folder of notes; `__` in a keyword is a folder, `_` a blank."""
    for key, text in notes.items():
        path = folder / "Vault" / (key.replace("__", "/").replace("_", " ") + ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / "Vault"


def book(folder: Path, value: Any) -> Path:
    path = folder / "book.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def handed(name: str) -> Path:
    if not (FAULTS / name).exists():
        pytest.skip(f"no handed input: {FAULTS / name} is not there; set SAGA_TEST_FAULTS")
    return FAULTS / name


ENTRY = {"keys": ["Nina", "the girl"], "content": "Nina is a fisher.", "enabled": True, "insertion_order": 10}
OFF = {"keys": ["Bram"], "content": "Bram is a miller.", "enabled": False, "insertion_order": 20}
NOVEL_AI = {
    "displayName": "Nina",
    "text": "Nina is a fisher.",
    "keys": ["the girl"],
    "forceActivation": True,
    "enabled": True,
}
AGNAI = {"name": "Nina", "entry": "Nina is a fisher.", "keywords": ["the girl"], "priority": 1, "enabled": True}
RISU = {
    "comment": "Nina",
    "content": "Nina is a fisher.",
    "key": "the girl, Nina",
    "mode": "normal",
    "insertorder": 100,
    "alwaysActive": False,
    "secondkey": "",
}
SPELLINGS: dict[str, Any] = {
    "a card's book without its spec": {"name": "Weir", "extensions": {}, "entries": [ENTRY, OFF]},
    "card fields in an object": {"entries": {"0": {"uid": 0, **ENTRY}}},
    "both spellings in one entry": {"entries": {"0": {**ENTRY, "key": [], "comment": "Nina", "order": 3}}},
    "world info in a list": {"entries": [{"key": ["Nina", "the girl"], "content": "Nina is a fisher."}]},
    "keys in one text": {"entries": {"0": {"key": "Nina, the girl", "content": "Nina is a fisher."}}},
    "novelai": {"lorebookVersion": 5, "entries": [NOVEL_AI]},
    "agnai": {"kind": "memory", "name": "W", "entries": [AGNAI]},
    "risuai": {"type": "risu", "ver": 1, "data": [RISU]},
    "koboldai": {"worldinfo": [{"key": "Nina,the girl", "content": "Nina is a fisher.", "keysecondary": ""}]},
    "a bare list": [ENTRY],
    "wrapped": {"character_book": {"entries": [ENTRY]}},
    "standalone with its spec": {"spec": "lorebook_v3", "data": {"entries": [ENTRY]}},
}


@pytest.mark.parametrize("value", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_32_a_lorebook_is_told_by_its_entries_own_fields(value: Any, tmp_path: Path) -> None:
    draft = draft_of(book(tmp_path, value))

    nina = entity(draft, "Nina")
    assert draft.format == "lorebook"
    assert (nina.summary, [alias.text for alias in nina.aliases]) == ("Nina is a fisher.", ["the girl"])


@pytest.mark.parametrize("value", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_32_a_change_is_written_where_the_field_was_found(value: Any) -> None:
    data = json.dumps(value).encode()
    read = parse_lorebook(data, name="b")
    first = read.entries[0].model_copy(
        update={"content": "She sings.", "keys": ("Nin", "her"), "enabled": False, "title": "Nin"}
    )

    changed = read.model_copy(update={"entries": (first, *read.entries[1:])})
    again = parse_lorebook(write_lorebook(changed), name="b")

    assert write_lorebook(read) == data
    assert (again.dialect, len(again.entries)) == (read.dialect, len(read.entries))
    entry = again.entries[0]
    assert (entry.content, entry.keys, entry.enabled, entry.title) == ("She sings.", ("Nin", "her"), False, "Nin")
    assert entry.raw.keys() - read.entries[0].raw.keys() <= {"disable", "enabled", "name", "comment"}


def test_32_what_is_switched_off_in_either_spelling_is_never_shown(tmp_path: Path) -> None:
    draft = draft_of(book(tmp_path, {"entries": [OFF, {"key": ["Odd"], "content": "x", "disable": True}]}))

    assert [each.ai_visibility for each in draft.entities] == ["never", "never"]


@pytest.mark.parametrize("folder", ["lore-v2-book-standalone", "lore-spec-fields-in-object"])
def test_32_the_handed_books_are_read(folder: str) -> None:
    draft = draft_of(handed("32-lore-v2-book-alone") / folder / "b.json")

    assert entity(draft, "Nina").summary == "Nina is a fisher."


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"comment": "The Weir"}, "The Weir"),
        ({"name": "", "comment": "The Weir"}, "The Weir"),
        ({"name": "Old Weir", "comment": "for the third act"}, "Old Weir"),
        ({"name": None}, "weir"),
        ({}, "weir"),
    ],
)
def test_34_an_entry_is_called_by_name_else_comment_else_first_key(
    fields: Mapping[str, str | None], name: str, tmp_path: Path
) -> None:
    entry = {"keys": ["weir", "dam"], "content": "A place on the river.", "enabled": True, **fields}
    card = card_json(character_book={"entries": [entry]})

    assert [each.name for each in draft_of(book(tmp_path, card)).entities] == ["Mira", name]


def test_34_the_handed_card_names_its_entry() -> None:
    draft = draft_of(handed("34-card-entry-title-comment") / "card-book-comment-title" / "b.json")

    assert [each.name for each in draft.entities] == ["Nina", "The Weir"]


def packed(card: Any, *, urlsafe: bool = False, lines: bool = False, padded: bool = True) -> bytes:
    text = json.dumps(card).encode()
    encoded = base64.urlsafe_b64encode(text) if urlsafe else base64.b64encode(text)
    encoded = encoded if padded else encoded.rstrip(b"=")
    return b"\n".join(encoded[at : at + 76] for at in range(0, len(encoded), 76)) if lines else encoded


def picture(*chunks: Chunk) -> bytes:
    whole = png()
    return whole[:-12] + b"".join(chunk.packed() for chunk in chunks) + whole[-12:]


V2, V3 = card_json(version=2, name="Nina?>é"), card_json(name="Nina?>é")
PICTURES = {
    "zTXt": picture(Chunk(b"zTXt", b"chara\0\0" + zlib.compress(packed(V2)))),
    "iTXt": picture(Chunk(b"iTXt", b"chara\0\0\0en\0Karte\0" + packed(V2))),
    "iTXt, packed": picture(Chunk(b"iTXt", b"ccv3\0\1\0\0\0" + zlib.compress(packed(V3)))),
    "keyword in capitals": picture(Chunk(b"tEXt", b"Chara\0" + packed(V2))),
    "all in capitals, packed": picture(Chunk(b"zTXt", b"CCV3\0\0" + zlib.compress(packed(V3)))),
    "base64 in lines": picture(Chunk(b"tEXt", b"chara\0" + packed(V2, lines=True))),
    "base64 of the other alphabet": picture(Chunk(b"tEXt", b"chara\0" + packed(V2, urlsafe=True))),
    "base64 without padding": picture(Chunk(b"tEXt", b"chara\0" + packed(V2, padded=False))),
    "plain json": picture(Chunk(b"tEXt", b"chara\0" + json.dumps(V2).encode())),
}


@pytest.mark.parametrize("data", PICTURES.values(), ids=PICTURES.keys())
def test_36_a_card_is_found_in_every_form_of_text_chunk(data: bytes) -> None:
    card = parse_card(data, name="c.png")

    assert (card.name, card.container, card.lost) == ("Nina?>é", "png", ())
    assert write_card(card) == data


@pytest.mark.parametrize("data", PICTURES.values(), ids=PICTURES.keys())
def test_36_a_changed_card_stands_in_the_same_chunk(data: bytes) -> None:
    card = parse_card(data, name="c.png").model_copy(update={"name": "Bram"})
    written = write_card(card)

    assert parse_card(written, name="c.png").name == "Bram"
    assert b"Nina" not in written
    assert sum(written.lower().count(word) for word in (b"chara\0", b"ccv3\0")) == 1


def test_36_a_damaged_text_gives_way_to_the_other() -> None:
    data = picture(Chunk(b"zTXt", b"ccv3\0\0" + b"no zlib"), Chunk(b"tEXt", b"chara\0" + packed(V2)))
    card = parse_card(data, name="c.png")

    assert card.name == "Nina?>é"
    assert "second card" in card.lost[0]


def test_36_a_text_that_inflates_without_end_is_refused() -> None:
    bomb = picture(Chunk(b"zTXt", b"chara\0\0" + zlib.compress(bytes(60 * 1024 * 1024))))

    with pytest.raises(UnreadableFile, match="more than 40 MB once unpacked"):
        parse_card(bomb, name="c.png")


def test_36_the_handed_picture_holds_its_card() -> None:
    assert entity(draft_of(handed("36-card-png-compressed") / "card-png-ztxt" / "z.png"), "Nina")


FLAT = {
    "name": "Nina",
    "description": "A fisher.",
    "personality": "",
    "scenario": "",
    "first_mes": "Well?",
    "mes_example": "",
}
CARDS = {
    "version 1": FLAT,
    "no spec": {"data": FLAT},
    "spec in capitals": {"spec": "CHARA_CARD_V2", "data": FLAT},
    "a newer spec": {"spec": "chara_card_v4", "spec_version": "4.0", "data": FLAT},
    "pygmalion": {"char_name": "Nina", "char_persona": "A fisher.", "char_greeting": "Well?"},
    "a book without entries": {"spec": "chara_card_v2", "data": {**FLAT, "character_book": {"name": "x"}}},
}


@pytest.mark.parametrize("value", CARDS.values(), ids=CARDS.keys())
def test_a_card_is_told_by_its_own_fields(value: Any, tmp_path: Path) -> None:
    data = json.dumps(value).encode()
    nina = entity(draft_of(book(tmp_path, value)), "Nina")
    changed = parse_card(data, name="c").model_copy(update={"name": "Bram", "description": "A miller."})

    assert (nina.type, nina.summary, nina.fields["first_message"]) == ("character", "A fisher.", "Well?")
    assert write_card(parse_card(data, name="c")) == data
    again = parse_card(write_card(changed), name="c")
    assert (again.name, again.description, again.first_message) == ("Bram", "A miller.", "Well?")


def test_a_charx_behind_a_picture_is_read_and_keeps_it() -> None:
    cover = b"\xff\xd8\xff\xe0" + b"picture" * 9
    data = cover + zipped({"card.json": json.dumps(card_json())})
    card = parse_card(data, name="c.charx")

    assert (card.name, card.container, write_card(card)) == ("Mira", "charx", data)
    written = write_card(card.model_copy(update={"name": "Bram"}))
    assert written.startswith(cover)
    assert parse_card(written, name="c.charx").name == "Bram"


MILLER = "---\ntype: character\n---\nA miller.\n"


@pytest.mark.parametrize(
    "text",
    [
        "| Who | What |\n|---|---|\n| [[Bram\\|the miller]] | friend |\n",
        "See [[Bram#The mill\\|him]].\n",
        "See ![[Bram\\|him]].\n",
        "Knows [Bram](Bram.md) well.\n",
        "Knows [him](<Bram.md>).\n",
        'Knows [him](./Bram.md#The%20mill "his note").\n',
        "Knows [him](Bram).\n",
        "Knows [him][b].\n\n[b]: Bram.md\n",
    ],
)
def test_38_39_every_way_to_link_a_note_makes_a_tie(text: str, tmp_path: Path) -> None:
    draft = draft_of(vault(tmp_path, Bram=MILLER, Nina=f"---\ntype: character\n---\nA fisher.\n\n{text}"))

    assert [tie.target for tie in entity(draft, "Nina").ties] == ["Bram"]


@pytest.mark.parametrize(
    "text",
    [
        "[a page](https://example.org/Bram.md)",
        "[a picture](Bram.png)",
        "[mail](mailto:bram@example.org)",
        "[below](#Bram)",
        "`[him](Bram.md)`",
        "```\n[him](Bram.md)\n```",
    ],
)
def test_39_what_leads_to_no_note_makes_no_tie(text: str, tmp_path: Path) -> None:
    draft = draft_of(vault(tmp_path, Bram=MILLER, Nina=f"---\ntype: character\n---\nA fisher.\n\n{text}\n"))

    assert entity(draft, "Nina").ties == ()


def test_39_a_link_finds_the_note_that_its_path_leads_to(tmp_path: Path) -> None:
    yaml = "---\ntype: character\nmother: '[Anna](../Old/Anna.md)'\n---\n"
    nina = f"{yaml}Knows [her](Anna.md), [him](/Old/Bram%20Odd.md).\n"
    folder = vault(tmp_path, New__Anna=MILLER, Old__Anna=MILLER, Old__Bram_Odd=MILLER, New__Nina=nina)

    ties = {(tie.type, tie.target) for tie in entity(draft_of(folder), "Nina").ties}

    assert ties == {("mother", "Old/Anna"), ("related_to", "New/Anna"), ("related_to", "Old/Bram Odd")}


async def test_39_ties_of_markdown_links_are_stored(story: StoryService, project_id: str, tmp_path: Path) -> None:
    folder = vault(
        tmp_path,
        People__Bram_Odd=MILLER,
        Nina="---\ntype: character\n---\nKnows [the miller](<People/Bram Odd.md>) and [him](People/Bram%20Odd.md).\n",
    )

    report = await story.bibles.run(project_id, folder)

    assert (report.ties_added, report.lost) == (1, ())


@pytest.mark.parametrize(
    ("folder", "target"),
    [
        ("38-vault-escaped-pipe/vault-escaped-pipe-in-table/v1", "Bram"),
        ("39-vault-markdown-links/vault-markdown-links/v2", "Bram"),
        ("39-vault-markdown-links/vault-markdown-links-percent/v3", "People/Bram Odd"),
    ],
)
def test_38_39_the_handed_vaults_have_their_ties(folder: str, target: str) -> None:
    assert [tie.target for tie in entity(draft_of(handed(folder)), "Nina").ties] == [target]


@pytest.mark.parametrize(
    ("yaml", "names"),
    [
        ("aliases: the girl, Nin", ["the girl", "Nin"]),
        ("Aliases: [the girl, Nin]", ["the girl", "Nin"]),
        ("alias: the girl\naliases:\n  - Nin", ["Nin", "the girl"]),
        ("aliases:\n  - the girl\n  -\n  - 7\n  - ['Nin']", ["the girl", "7", "Nin"]),
        ("aliases: |\n  the girl\n  Nin", ["the girl", "Nin"]),
        ("aliases: '[[Nina|the girl]]'", ["the girl"]),
        ("aliases: {a: b}", []),
    ],
)
def test_aliases_are_read_in_all_their_forms(yaml: str, names: list[str], tmp_path: Path) -> None:
    draft = draft_of(vault(tmp_path, Nina=f"---\ntype: character\n{yaml}\n---\nA fisher.\n"))

    assert [alias.text for alias in entity(draft, "Nina").aliases] == names


@pytest.mark.parametrize(
    ("yaml", "fields"),
    [
        ("type: character\nmotto: Up: and away", {"motto": "Up: and away"}),
        ("motto: Up: and away\ntype: character\nage: 7", {"motto": "Up: and away", "age": 7}),
        ("type: character\nage: 7\nage: 8", {"age": 8}),
        ("type: character\nhome:\n\t- the weir\n\t- the mill", {"home": ["the weir", "the mill"]}),
        ("type: character\nsaid: 'it's late'", {}),
        ("type: character\nsize: @large\nage: 7", {"age": 7}),
        ("type: character\nlist: [a, b\nage: 7", {"age": 7}),
        ("type: character\nwhen: 2024-02-31", {"when": "2024-02-31"}),
        ("type: character\nlong: " + "y" * 16_001 + "\nage: 7", {"age": 7}),
        ("type: character\nage: 7\njust words\n", {}),
    ],
)
def test_42_one_bad_property_costs_no_more_than_itself(yaml: str, fields: dict[str, Any], tmp_path: Path) -> None:
    draft = draft_of(vault(tmp_path, Nina=f"---\n{yaml}\n---\nA fisher.\n", Bram=MILLER))

    nina = entity(draft, "Nina")
    assert (nina.type, nina.summary) == ("character", "A fisher.")
    assert nina.fields == fields
    told = [sentence for sentence in draft.lost if sentence.startswith("Nina.md: ")]
    assert bool(told) is ("\t" not in yaml)


@pytest.mark.parametrize(
    "yaml",
    [
        "type: [character]",
        'type: "[[Character]]"',
        "type: [[Character]]",
        "type: '[[Types/Character|cast]]'",
        "Type: Character",
        "type: [npc, friend]",
        "type: '#character'",
        "type: Character/Main",
        "type: '[Character](Types/Character.md)'",
        "type:\n  - '[[Character]]'",
        "category: cast, river",
    ],
)
def test_42_a_type_is_read_from_lists_links_and_tags(yaml: str, tmp_path: Path) -> None:
    assert entity(draft_of(vault(tmp_path, Nina=f"---\n{yaml}\n---\nA fisher.\n")), "Nina").type == "character"


@pytest.mark.parametrize(
    "folder", ["duplicate-yaml-key/v14", "list-type-property/v24", "type-wikilink/v25", "yaml-tab-and-colon/v15"]
)
def test_42_the_handed_notes_are_characters(folder: str) -> None:
    draft = draft_of(handed("42-vault-one-bad-line") / f"vault-{folder}")

    assert (entity(draft, "Nina").type, entity(draft, "Nina").summary) == ("character", "A fisher.")


COMMENTS = {
    "inline": ("A fisher. %%she dies%% Of the weir.", "A fisher.  Of the weir."),
    "html": ("<!-- she dies -->\nA fisher.", "A fisher."),
    "a block": ("%%\nshe dies\n\n[[Bram]] #dead\n%%\n\nA fisher.", "A fisher."),
    "html over lines": ("A fisher.<!-- she\ndies [him](Bram.md) -->", "A fisher."),
    "never closed": ("A fisher.\n\n%%\nshe dies [[Bram]]", "A fisher."),
    "html never closed": ("A fisher.\n\n<!-- she dies", "A fisher."),
}


@pytest.mark.parametrize(("body", "summary"), COMMENTS.values(), ids=COMMENTS.keys())
@pytest.mark.parametrize("header", ["---\ntype: character\n---\n", ""])
async def test_43_private_comments_reach_no_record_and_stay_in_the_file(
    body: str, summary: str, header: str, story: StoryService, project_id: str, tmp_path: Path
) -> None:
    folder = vault(tmp_path, Nina=header + body + "\n", Bram=MILLER)
    before = (folder / "Nina.md").read_bytes()

    await story.bibles.run(project_id, folder)
    await story.exports.run(project_id, tmp_path / "out", format="vault")

    records: list[Any] = [each async for each in story.entities.all(project_id)]
    records += [each async for each in story.captures.all(project_id)]
    assert summary in str(records).replace("\\n", "\n")
    assert not any(word in str(records) for word in ("dies", "dead", "%%", "<!--"))
    assert [each async for each in story.relationships.all(project_id)] == []
    assert (tmp_path / "out" / "Nina.md").read_bytes() == before


def test_43_comments_in_properties_and_marks_in_code_are_told_apart(tmp_path: Path) -> None:
    yaml = "type: character\nsummary: A fisher. %%she dies%%\nfear: '<!-- water -->'\nmood: calm %%no%%"
    body = "Text.\n\n```\n%% kept %%\n```\n`%%` and `%%` too, at 100 %% of it\n"
    nina = entity(draft_of(vault(tmp_path, Nina=f"---\n{yaml}\n---\n{body}")), "Nina")

    assert nina.summary == "A fisher."
    assert nina.fields == {"mood": "calm ", "notes": body.strip()}


async def test_43_a_changed_body_keeps_the_comments(story: StoryService, project_id: str, tmp_path: Path) -> None:
    text = "---\ntype: character\n---\nA fisher.\n\nLong %%she dies%% ago.\n\n<!-- so sad -->\n"
    folder = vault(tmp_path, Nina=text, Idea="What %%not%% now?\n")
    await story.bibles.run(project_id, folder)
    nina = await story.entities.resolve(project_id, "Nina")
    await story.entities.update(project_id, nina.id, fields={**nina.fields, "notes": "A fisher.\n\nOf late."})
    idea = next([each async for each in story.captures.all(project_id) if each.text].__iter__())
    await story.captures.update(project_id, idea.id, text="When?")

    await story.exports.run(project_id, tmp_path / "out", format="vault")

    written = (tmp_path / "out" / "Nina.md").read_text()
    assert "Of late." in written
    assert "%%she dies%%" in written
    assert "<!-- so sad -->" in written
    assert (tmp_path / "out" / "Idea.md").read_text() == "When?\n\n%%not%%\n"


@pytest.mark.parametrize("folder", ["html-comment/v13", "obsidian-comment/v12"])
def test_43_the_handed_comments_are_left_out(folder: str) -> None:
    nina = entity(draft_of(handed("43-vault-comments-shown") / f"vault-{folder}"), "Nina")

    assert "fisher" in nina.summary
    assert "dies" not in nina.model_dump_json()


@pytest.mark.parametrize(
    "data",
    [
        "---\ntype: character\n---\nA fisher of Dünen.\n".encode("cp1252"),
        "---\ntype: character\n---\nA fisher.\n".encode("utf-16"),
        "Рыбачка.\n".encode("koi8-r"),
        b"\xff\xfe\xff",
    ],
)
async def test_44_one_note_in_another_encoding_is_passed_over_and_told(
    data: bytes, story: StoryService, project_id: str, tmp_path: Path
) -> None:
    folder = vault(tmp_path, Nina=data, Bram=MILLER)

    report = await story.bibles.run(project_id, folder)
    again = await story.bibles.run(project_id, folder)

    assert [entry.name for entry in report.entries] == ["Bram"]
    assert any(sentence.startswith("Nina.md: the note was passed over") for sentence in report.lost)
    assert again.changes == 0


def test_44_a_note_of_a_name_that_is_no_utf_8_is_passed_over(tmp_path: Path) -> None:
    folder = vault(tmp_path, Bram=MILLER)
    Path(os.fsdecode(os.fsencode(folder) + b"/N\xefna.md")).write_text("A fisher.")

    draft = draft_of(folder)

    assert [each.name for each in draft.entities] == ["Bram"]
    assert any("passed over" in sentence for sentence in draft.lost)
    assert json.dumps(draft.lost).encode()


@pytest.mark.parametrize("folder", ["cp1252-note/v18", "utf16-note/v19"])
def test_44_the_handed_vaults_keep_their_other_note(folder: str) -> None:
    draft = draft_of(handed("44-vault-one-note-refuses-all") / f"vault-{folder}")

    assert [each.name for each in draft.entities] == ["Bram"]
    assert any("Nina.md" in sentence for sentence in draft.lost)


async def test_a_long_title_in_any_script_becomes_a_file(story: StoryService, project_id: str, tmp_path: Path) -> None:
    for name in ("長" * 199, "長" * 200, "🛶" * 120, "a" * 200):
        await story.entities.create(project_id, type="character", name=name, summary="x")

    await story.exports.run(project_id, tmp_path / "out", format="vault")

    names = [path.name for path in (tmp_path / "out" / "Characters").iterdir()]
    assert len(names) == 4
    assert all(len(name.encode()) <= 255 for name in names)
