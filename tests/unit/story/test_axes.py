"""Facts on two axes: story time and reading order."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.domain.entity import Fact
from saga_agent.domain.time import AsOf, Scene, StoryInterval, TimeValue, When
from saga_agent.errors import NotFound
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.story.axes import clash, ended, facts_as_of, overlap
from saga_agent.story.facts import entity_as_of
from saga_agent.story.service import StoryService


def day(number: int | None) -> TimeValue | None:
    return None if number is None else TimeValue(earliest=number, latest=number)


def fact(
    number: int,
    value: object = None,
    *,
    start: int | None = None,
    end: int | None = None,
    revealed: int | None = None,
    mode: str = "replace",
    predicate: str = "eyes",
    truth: str = "canon",
) -> Fact:
    return Fact.model_validate(
        {
            "id": f"fct_{number:03}",
            "project_id": "p",
            "subject_id": "ent_1",
            "predicate": predicate,
            "mode": mode,
            "value": number if value is None else value,
            "valid": StoryInterval(start=day(start), end=day(end)),
            "revealed_at": revealed,
            "truth": truth,
        }
    )


def values(facts: list[Fact]) -> list[object]:
    return [each.value for each in facts]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8, unique=True), st.integers(0, 30))
def test_in_a_story_told_in_order_both_axes_give_the_same_facts(days: list[int], asked: int) -> None:
    """Each chapter plays on its own day and tells what is so from that day on."""
    in_order = sorted(days)
    facts = [
        fact(number, start=start, end=following, revealed=start)
        for number, (start, following) in enumerate(zip(in_order, [*in_order[1:], None], strict=True))
    ]

    on_story_time = facts_as_of(facts, AsOf(story_time=asked))
    on_reading_order = facts_as_of(facts, AsOf(reading_order=asked))
    on_both = facts_as_of(facts, AsOf(story_time=asked, reading_order=asked))

    assert on_story_time == on_reading_order == on_both


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(1, 9), st.integers(0, 9), st.sampled_from(["add", "replace"])),
        max_size=6,
    ),
    st.integers(-1, 20),
    st.integers(-1, 20),
)
def test_what_holds_on_both_axes_holds_on_each(
    spans: list[tuple[int, int, int, str]], story_time: int, reading_order: int
) -> None:
    facts = [
        fact(number, start=start, end=start + length, revealed=revealed, mode=mode, predicate=str(number))
        for number, (start, length, revealed, mode) in enumerate(spans)
    ]

    def ids(at: AsOf) -> set[str]:
        return {each.id for each in facts_as_of(facts, at)}

    both = ids(AsOf(story_time=story_time, reading_order=reading_order))

    assert both == ids(AsOf(story_time=story_time)) & ids(AsOf(reading_order=reading_order))


def test_a_fact_revealed_in_chapter_12_is_absent_in_chapter_3_and_there_in_a_flashback_told_in_chapter_15() -> None:
    secret = fact(1, start=1, revealed=12)

    assert facts_as_of([secret], AsOf(story_time=3, reading_order=3)) == []
    assert facts_as_of([secret], AsOf(story_time=2, reading_order=15)) == [secret]


def test_a_flashback_sees_what_was_so_then_though_the_reader_knows_what_came_later() -> None:
    blue, green = fact(1, "blue", start=0, end=10, revealed=1), fact(2, "green", start=10, revealed=5)

    assert values(facts_as_of([blue, green], AsOf(story_time=3, reading_order=15))) == ["blue"]


def test_an_interval_ends_before_its_end() -> None:
    assert values(facts_as_of([fact(1, start=2, end=5)], AsOf(story_time=4))) == [1]
    assert facts_as_of([fact(1, start=2, end=5)], AsOf(story_time=5)) == []


def test_what_is_added_stands_beside_what_it_was_added_to_until_something_replaces_both() -> None:
    facts = [fact(1, start=0), fact(2, start=3, mode="add"), fact(3, start=6)]

    assert values(facts_as_of(facts, AsOf(story_time=4))) == [1, 2]
    assert values(facts_as_of(facts, AsOf(story_time=7))) == [3]


def test_a_lie_does_not_take_the_place_of_the_truth() -> None:
    facts = [fact(1, "blue", start=0), fact(2, "green", start=5, truth="lie")]

    assert values(facts_as_of(facts, AsOf(story_time=9))) == ["blue", "green"]
    assert not clash(*facts)


def test_values_clash_only_when_they_must_be_true_at_once() -> None:
    open_end = fact(1, "Asa", start=0)
    assert clash(open_end, fact(2, "Brida", start=5))
    assert not clash(open_end, fact(2, "Asa", start=5)), "the same value is no contradiction"
    assert not clash(fact(1, "Asa", start=0, end=5), fact(2, "Brida", start=5))
    roughly = TimeValue(earliest=3, latest=8)
    assert not overlap(StoryInterval(start=day(0), end=roughly), StoryInterval(start=roughly)), "they may follow"


def test_a_fact_ends_on_story_time_where_that_is_known_and_else_in_the_order_of_reading() -> None:
    old = fact(1, start=0, revealed=1)

    assert ended(old, day(10), 4).valid.end == day(10)
    assert (ended(old, None, 4).retired_at, ended(old, None, 4).status) == (4, "accepted")
    assert ended(old, None, None).status == "superseded"
    assert ended(old, day(0), 4).status == "superseded", "nothing would be left of it"


@pytest.fixture
async def story() -> AsyncIterator[StoryService]:
    async with MemoryStorage() as storage:
        yield StoryService(storage, "local")


async def test_a_point_is_named_by_scene_chapter_day_or_place_in_the_book(story: StoryService) -> None:
    project_id = (await story.projects.create(name="Crossing")).id
    scene = Scene(id="doc.2", start=0, end=1, story=StoryInterval(start=day(40)))
    await story.documents.create(
        project_id, id="doc", number=7, text="x", reading_order=6, story=StoryInterval(start=day(12)), scenes=[scene]
    )

    async def at(**when: object) -> AsOf:
        return (await story.moments.resolve(project_id, When.model_validate(when))).as_of

    assert await at(scene="chapter 7") == AsOf(story_time=12, reading_order=6)
    assert await at(scene="doc.2") == AsOf(story_time=40, reading_order=6)
    assert await at(day=3) == AsOf(story_time=3)
    assert await at(reading_order=2) == AsOf(reading_order=2)
    with pytest.raises(NotFound):
        await at(scene="chapter 8")


async def test_hidden_facts_and_fields_and_entities_are_not_for_models(story: StoryService) -> None:
    project_id = (await story.projects.create(name="Crossing")).id
    mira = await story.entities.create(project_id, type="character", name="Mira", hidden_fields=("secret",))
    ghost = await story.entities.create(project_id, type="character", name="Ghost", ai_visibility="never")
    for subject, predicate, hidden in (
        (mira.id, "eyes", False),
        (mira.id, "secret", False),
        (mira.id, "heir", True),
        (ghost.id, "eyes", False),
    ):
        await story.facts.create(project_id, subject_id=subject, predicate=predicate, value="x", hidden_from_ai=hidden)

    everything = await story.facts.as_of(project_id, AsOf())
    shown = await story.facts.as_of(project_id, AsOf(), for_ai=True)

    assert len(everything) == 4
    assert [(each.subject_id, each.predicate) for each in shown] == [(mira.id, "eyes")]


async def test_an_entity_is_seen_as_of_a_point(story: StoryService) -> None:
    project_id = (await story.projects.create(name="Crossing")).id
    mira = await story.entities.create(project_id, type="character", name="Mira", fields={"eyes": "blue", "age": 9})
    await story.facts.create(
        project_id, subject_id=mira.id, predicate="eyes", value="green", valid=StoryInterval(start=day(10))
    )

    async def eyes(story_time: int) -> object:
        facts = await story.facts.as_of(project_id, AsOf(story_time=story_time), subject_id=mira.id)
        return entity_as_of(mira, facts).fields

    assert await eyes(9) == {"eyes": "blue", "age": 9}
    assert await eyes(10) == {"eyes": "green", "age": 9}
