"""genesis_world: a seeded world with a conflict in it, offered item by item."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from saga_agent.errors import ModelUnavailable
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.story.genesis.draft import dangling, unbalanced_triads
from saga_agent.story.genesis.skeleton import WorldRequest, build_skeleton
from saga_agent.story.genesis.writing import Addition, WorldBrief, WorldWords
from tests.unit.tools.story.desk import Desk, build_desk


class Writer:
    """Answers by script, and keeps what it was told."""

    def __init__(self, *answers: WorldWords) -> None:
        self._answers = list(answers)
        self.told: list[WorldBrief] = []

    async def write(self, brief: WorldBrief) -> WorldWords:
        self.told.append(brief)
        if not self._answers:
            raise ModelUnavailable("The model is away.")
        return self._answers.pop(0)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with MemoryStorage() as storage:
        yield await build_desk(storage)


async def test_the_same_seed_gives_the_same_world_and_another_seed_another(desk: Desk) -> None:
    hashes = [
        (await desk.done("genesis_world", premise="A frozen river.", seed=seed))["report"]["hash"]  # type: ignore[index, call-overload]
        for seed in (7, 7, 8)
    ]

    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("scale", ["small", "medium", "large"])
def test_fifty_seeds_hold_together_and_hold_a_conflict_each(scale: str) -> None:
    for seed in range(50 if scale == "small" else 5):
        drafts = build_skeleton(WorldRequest(seed=seed, scale=scale))  # type: ignore[arg-type]

        assert dangling(drafts) == []
        assert unbalanced_triads(drafts)
        assert len({draft.id for draft in drafts}) == len(drafts)


async def test_nothing_of_it_is_in_the_story_before_it_is_taken(desk: Desk) -> None:
    data = await desk.done("genesis_world", premise="A frozen river.")
    assert (await desk.story.entities.list(desk.project_id)).items == ()

    outcome = await desk.story.proposals.accept(desk.project_id, str(data["proposal_id"]))

    assert outcome.unplaced == ()
    entities = (await desk.story.entities.list(desk.project_id)).items
    ties = (await desk.story.relationships.list(desk.project_id, limit=500)).items
    assert (len(entities), len(ties)) == (17, data["report"]["relationships"])  # type: ignore[index, call-overload]
    known = {entity.id for entity in entities}
    assert all({tie.source_id, tie.target_id} <= known for tie in ties)


async def test_every_tie_of_a_world_fits_its_type(desk: Desk) -> None:
    data = await desk.done("genesis_world", premise="A frozen river.", scale="medium", seed=3)
    await desk.story.proposals.accept(desk.project_id, str(data["proposal_id"]))

    ties = desk.story.relationships
    entities = {entity.id: entity async for entity in desk.story.entities.all(desk.project_id)}
    stored = [tie async for tie in ties.all(desk.project_id)]
    for tie in stored:
        checked = await ties.check(tie, entities[tie.source_id], entities[tie.target_id])
        assert checked.ends == ()


async def test_a_call_that_runs_again_is_one_proposal(desk: Desk) -> None:
    for _ in range(2):
        await desk.done("genesis_world", call_id="c", premise="A frozen river.")

    assert len((await desk.story.proposals.list(desk.project_id)).items) == 1


async def test_an_item_that_names_what_does_not_exist_is_dropped_with_a_warning(desk: Desk) -> None:
    wrong = Addition(id="relic", type="item", name="The Relic", related_to=("faction-99",))
    right = Addition(id="oath", type="concept", name="The Oath", related_to=("faction-1",))
    words = WorldWords(summaries={"faction-1": "River lords."}, additions=(wrong, right))
    writer = Writer(words, words, words)
    desk.context = replace(desk.context, world_writer=writer)

    result = await desk.call("genesis_world", premise="A frozen river.")

    assert result.warnings == ("Left out: 'The Relic' names 'faction-99', which does not exist",)
    assert [brief.problems != () for brief in writer.told] == [False, True, True]
    proposal = await desk.story.proposals.get(desk.project_id, result.proposals[0])
    items = {item.id: item for item in proposal.items}
    assert "relic" not in items
    assert items["oath-related_to-faction-1"].needs == ("oath", "faction-1")
    assert items["faction-1"].record["summary"] == "River lords."
    assert (result.engine, result.truncated) == ("mixed", False)


async def test_a_model_that_fails_leaves_the_skeleton_and_says_so(desk: Desk) -> None:
    desk.context = replace(desk.context, world_writer=Writer())

    result = await desk.call("genesis_world", premise="A frozen river.")

    assert (result.ok, result.truncated) == (True, True)
    assert "The model is away" in result.warnings[0]


async def test_an_empty_premise_is_refused(desk: Desk) -> None:
    assert (await desk.refused("genesis_world", premise="  "))["code"] == "invalid_argument"


async def test_what_the_project_has_is_reported_and_left_as_it_is(desk: Desk) -> None:
    mine = await desk.entity("The Oath", type="concept", summary="Mine.")
    addition = Addition(id="oath", type="concept", name="The Oath", related_to=("faction-1",))
    desk.context = replace(desk.context, world_writer=Writer(WorldWords(additions=(addition,))))

    data = await desk.done("genesis_world", premise="A frozen river.")

    assert data["report"]["duplicates"] == ["The Oath"]  # type: ignore[index, call-overload]
    await desk.story.proposals.accept(desk.project_id, str(data["proposal_id"]))
    assert await desk.story.entities.get(desk.project_id, mine.id) == mine


async def test_only_the_modules_asked_for_are_there(desk: Desk) -> None:
    data = await desk.done("genesis_world", premise="A frozen river.", modules=["places"])

    assert data["report"]["entities"] == {"location": 5}  # type: ignore[index, call-overload]
