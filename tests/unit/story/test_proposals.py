"""Proposals: taken or refused piece by piece, on the text as it is then."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saga_agent.domain.document import Document
from saga_agent.domain.notes import Proposal, ProposalItem
from saga_agent.domain.record import Provenance
from saga_agent.errors import InvalidInput, StorageUnavailable
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.story.hunks import hunks_between
from saga_agent.story.service import StoryService
from saga_agent.testing.faults import Fault, FaultPlan, FaultyStorage

AGENT = Provenance(by="agent", run_id="run_1", call_id="call_1", agent="draft")
TEXT = (
    "Mira came down to the Kennels before the bell, and the hounds knew her step.\n\n"
    "Old Tam had not slept. The lamp stood where he had left it, burning for nobody.\n\n"
    "She drew her rusty sword and laid it on the table between them without a word.\n"
)
EDITED = TEXT.replace("came down", "ran down").replace("rusty sword", "bright sword")


@pytest.fixture(params=["memory", "sqlite"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    inner = MemoryStorage() if request.param == "memory" else SqlStorage(f"sqlite:///{tmp_path / 'saga.db'}")
    async with inner as storage:
        yield storage


@pytest.fixture
def story(storage: Storage) -> StoryService:
    return StoryService(storage, "local")


@pytest.fixture
async def project_id(story: StoryService) -> str:
    project_id = (await story.projects.create(name="Crossing")).id
    await story.documents.create(project_id, id="doc", text=TEXT, title="Ice")
    return project_id


async def edit(story: StoryService, project_id: str, *, to: str = EDITED) -> Proposal:
    document = await story.documents.get(project_id, "doc")
    return await story.proposals.create(
        project_id,
        kind="edit",
        target_id="doc",
        base_rev=document.rev,
        hunks=hunks_between(document.text, to),
        provenance=AGENT,
    )


async def text(story: StoryService, project_id: str) -> str:
    return (await story.documents.get(project_id, "doc")).text


async def test_a_proposal_changes_nothing_before_it_is_taken(story: StoryService, project_id: str) -> None:
    proposal = await edit(story, project_id)

    assert proposal.status == "open"
    assert await text(story, project_id) == TEXT


async def test_taking_it_edits_the_text_as_the_agents_change(story: StoryService, project_id: str) -> None:
    proposal = await edit(story, project_id)

    outcome = await story.proposals.accept(project_id, proposal.id)

    assert await text(story, project_id) == EDITED
    assert (outcome.applied, outcome.unplaced, outcome.rev) == (("1", "2"), (), 2)
    assert outcome.proposal.status == "accepted"
    (change,) = (await story.history.list(project_id, run_id="run_1", call_id="call_1")).items
    assert change.author == AGENT
    await story.undo.change(project_id, change.id)
    assert await text(story, project_id) == TEXT


async def test_one_hunk_is_taken_and_one_refused(story: StoryService, project_id: str) -> None:
    proposal = await edit(story, project_id)

    taken = await story.proposals.accept(project_id, proposal.id, parts=["2"])
    settled = await story.proposals.reject(project_id, proposal.id, parts=["1"])

    assert taken.proposal.status == "open"
    assert (settled.status, settled.settled) == ("accepted", {"1": "rejected", "2": "accepted"})
    assert await text(story, project_id) == TEXT.replace("rusty", "bright")


async def test_a_refused_proposal_changes_nothing_and_cannot_be_taken_later(
    story: StoryService, project_id: str
) -> None:
    proposal = await edit(story, project_id)
    assert (await story.proposals.reject(project_id, proposal.id)).status == "rejected"

    outcome = await story.proposals.accept(project_id, proposal.id)

    assert outcome.applied == ()
    assert await text(story, project_id) == TEXT


async def test_hunks_land_on_the_text_as_it_is_now(story: StoryService, project_id: str) -> None:
    proposal = await edit(story, project_id)
    mine = "A line before.\n\n" + TEXT.replace("Old Tam", "Tam the Elder")
    await story.documents.update(project_id, "doc", text=mine)

    await story.proposals.accept(project_id, proposal.id)

    assert await text(story, project_id) == mine.replace("came down", "ran down").replace("rusty", "bright")


async def test_a_hunk_without_a_place_is_reported_and_stays_open(story: StoryService, project_id: str) -> None:
    proposal = await edit(story, project_id)
    mine = TEXT.replace("She drew her rusty sword and laid it on the table between them without a word.\n", "")
    await story.documents.update(project_id, "doc", text=mine)

    outcome = await story.proposals.accept(project_id, proposal.id)

    assert (outcome.applied, outcome.unplaced, outcome.proposal.status) == (("1",), ("2",), "open")
    assert await text(story, project_id) == mine.replace("came down", "ran down")


async def test_taking_it_again_changes_nothing(story: StoryService, project_id: str) -> None:
    proposal = await edit(story, project_id)
    first = await story.proposals.accept(project_id, proposal.id)

    again = await story.proposals.accept(project_id, proposal.id)

    assert again.proposal == first.proposal
    assert (await story.documents.get(project_id, "doc")).rev == 2


@pytest.mark.parametrize("to", [EDITED, TEXT.replace("slept.", "slept. Not for a week."), TEXT.replace("Old ", "")])
async def test_a_taking_that_died_half_way_is_finished_by_the_next(
    storage: Storage, story: StoryService, project_id: str, to: str
) -> None:
    """The text is stored and nothing else is known: the hunks are found in it and not put there twice."""
    proposal = await edit(story, project_id, to=to)
    faulty = FaultyStorage(storage, FaultPlan(Fault("changes.settle", "before")))
    with pytest.raises(StorageUnavailable):
        await StoryService(faulty, "local").proposals.accept(project_id, proposal.id)
    assert await text(story, project_id) == to

    outcome = await story.proposals.accept(project_id, proposal.id)

    assert (outcome.unplaced, outcome.proposal.status) == ((), "accepted")
    assert await text(story, project_id) == to
    assert len((await story.history.list(project_id)).items) == 1


async def test_scenes_move_with_the_text(story: StoryService, project_id: str) -> None:
    second = TEXT.index("Old Tam")
    scenes = [{"id": "a", "start": 0, "end": second}, {"id": "b", "start": second, "end": len(TEXT)}]
    await story.documents.update(project_id, "doc", scenes=scenes)
    proposal = await edit(story, project_id, to=TEXT.replace("the bell", "the great bell of the keep"))

    await story.proposals.accept(project_id, proposal.id)

    document: Document = await story.documents.get(project_id, "doc")
    assert [document.text[scene.start :][:7] for scene in document.scenes] == ["Mira ca", "Old Tam"]
    assert document.scenes[-1].end == len(document.text)


async def test_a_part_that_does_not_exist_is_refused(story: StoryService, project_id: str) -> None:
    proposal = await edit(story, project_id)

    with pytest.raises(InvalidInput, match="no part '9'; its parts are 1, 2"):
        await story.proposals.accept(project_id, proposal.id, parts=["9"])


def _item(id: str, name: str, *needs: str) -> ProposalItem:
    return ProposalItem(
        id=id, kind="entity", label=name, needs=needs, record={"id": f"ent_{id}", "type": "character", "name": name}
    )


def _tie() -> ProposalItem:
    record = {"id": "rel_1", "type": "knows", "source_id": "ent_a", "target_id": "ent_b"}
    return ProposalItem(id="tie", kind="relationship", label="knows", needs=("a", "b"), record=record)  # type: ignore[arg-type]


async def test_an_item_of_a_bundle_brings_what_it_needs(story: StoryService, project_id: str) -> None:
    items = [_item("a", "Mira"), _item("b", "Tam"), _item("c", "Asa"), _tie()]
    proposal = await story.proposals.create(project_id, kind="bundle", items=items, provenance=AGENT)

    outcome = await story.proposals.accept(project_id, proposal.id, parts=["tie"])

    assert outcome.applied == ("a", "b", "tie")
    assert [entity.name async for entity in story.entities.all(project_id)] == ["Mira", "Tam"]
    assert (await story.relationships.get(project_id, "rel_1")).provenance == AGENT
    await story.undo.run(project_id, "run_1")
    assert (await story.entities.list(project_id)).items == ()


async def test_an_item_whose_id_is_taken_is_reported_and_overwrites_nothing(
    story: StoryService, project_id: str
) -> None:
    await story.entities.create(project_id, id="ent_a", type="character", name="Mine")
    proposal = await story.proposals.create(
        project_id, kind="bundle", items=[_item("a", "Mira"), _item("b", "Tam"), _tie()], provenance=AGENT
    )

    outcome = await story.proposals.accept(project_id, proposal.id)

    assert (outcome.applied, outcome.unplaced) == (("b",), ("a", "tie"))
    assert (await story.entities.get(project_id, "ent_a")).name == "Mine"
