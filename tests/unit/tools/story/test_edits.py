"""propose_edit: what the writer is shown is what is done, on the text as it is then."""

from collections.abc import AsyncIterator

import pytest

from saga_agent.storage.memory.adapter import MemoryStorage
from tests.unit.tools.story.desk import Desk, build_desk

TEXT = "Mira drew her rusty sword.\n\nTam looked up. Tam said nothing, as he had said nothing for a week.\n"
SWORD = {"find": "rusty sword", "replace": "bright sword", "why": "it was honed in chapter 2"}


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with MemoryStorage() as storage:
        desk = await build_desk(storage)
        await desk.story.documents.create(desk.project_id, id="doc", number=1, title="Ice", text=TEXT)
        yield desk


async def text(desk: Desk) -> str:
    return (await desk.story.documents.get(desk.project_id, "doc")).text


async def test_an_edit_is_made_and_kept_as_a_proposal_of_its_call(desk: Desk) -> None:
    data = await desk.done("propose_edit", document="chapter 1", edits=[SWORD], rationale="continuity")

    assert await text(desk) == TEXT.replace("rusty", "bright")
    assert (data["applied"], data["unplaced"], data["rev"]) == (1, [], 2)
    proposal = await desk.story.proposals.get(desk.project_id, str(data["proposal_id"]))
    assert (proposal.status, proposal.rationale, proposal.provenance.agent) == ("accepted", "continuity", "draft")


async def test_the_preview_shows_the_hunks_their_reasons_and_the_revision(desk: Desk) -> None:
    preview = await desk.preview("propose_edit", document="doc", edits=[SWORD])

    assert preview["title"] == "Edit Chapter 1: Ice: 1 change, +2 -2 words"
    assert preview["resources"] == {"doc": 1}
    (hunk,) = preview["hunks"]  # type: ignore[misc]
    assert "rusty sword" in hunk["before"]  # type: ignore[index, call-overload, operator]
    assert "bright sword" in hunk["after"]  # type: ignore[index, call-overload, operator]
    assert "  because it was honed in chapter 2" in preview["lines"]  # type: ignore[operator]
    assert await text(desk) == TEXT


async def test_a_held_edit_waits_for_the_writer_hunk_by_hunk(desk: Desk) -> None:
    edits = [SWORD, {"find": " for a week", "replace": ""}]

    result = await desk.call("propose_edit", document="doc", edits=edits, hold=True)

    assert await text(desk) == TEXT
    (proposal_id,) = result.proposals
    await desk.story.proposals.accept(desk.project_id, proposal_id, parts=["1"])
    assert await text(desk) == TEXT.replace("rusty", "bright")


async def test_a_call_that_runs_again_does_not_edit_twice(desk: Desk) -> None:
    arguments = {"document": "doc", "edits": [{"find": "Tam looked up.", "replace": "Tam looked up. Slowly."}]}
    first = await desk.done("propose_edit", call_id="c", **arguments)
    again = await desk.done("propose_edit", call_id="c", **arguments)

    assert again["proposal_id"] == first["proposal_id"]
    assert (await text(desk)).count("Slowly.") == 1


async def test_an_empty_find_adds_at_the_end(desk: Desk) -> None:
    await desk.done("propose_edit", document="doc", edits=[{"find": "", "replace": "\nThe lamp went out.\n"}])

    assert await text(desk) == TEXT + "\nThe lamp went out.\n"


@pytest.mark.parametrize(
    ("edits", "code", "words"),
    [
        ([{"find": "golden sword", "replace": "x"}], "not_found", "does not stand in 'Chapter 1: Ice'"),
        ([{"find": "Tam", "replace": "Tom"}], "invalid_argument", "occurs 2 times"),
        ([SWORD, {"find": "sword.", "replace": "axe."}], "invalid_argument", "overlaps"),
    ],
)
async def test_an_edit_that_has_no_one_place_is_refused_whole(
    desk: Desk, edits: list[object], code: str, words: str
) -> None:
    error = await desk.refused("propose_edit", document="doc", edits=edits)

    assert error["code"] == code
    assert words in str(error["message"])
    assert await text(desk) == TEXT
    assert (await desk.story.proposals.list(desk.project_id)).items == ()


async def test_an_edit_that_finds_no_place_any_more_stays_open_and_says_so(desk: Desk) -> None:
    held = await desk.call("propose_edit", call_id="c", document="doc", edits=[SWORD], hold=True)
    await desk.story.documents.update(desk.project_id, "doc", text=TEXT.replace("rusty sword", "old axe"))

    result = await desk.call("propose_edit", call_id="c", document="doc", edits=[SWORD])

    assert result.ok
    assert result.proposals == held.proposals
    assert "found no place" in result.warnings[0]
    assert (await desk.story.proposals.get(desk.project_id, held.proposals[0])).status == "open"
