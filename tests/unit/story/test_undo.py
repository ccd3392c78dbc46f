"""History and undo: what an agent changed is on record, can be taken back, and nobody else's words are touched."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saga_agent.domain.document import Document
from saga_agent.domain.entity import Entity
from saga_agent.domain.history import Change
from saga_agent.domain.record import Provenance
from saga_agent.domain.time import Scene
from saga_agent.errors import Conflict, NotFound, StorageUnavailable
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.story.service import StoryService
from saga_agent.testing.faults import Fault, FaultPlan, FaultyStorage

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82"
)
AGENT = Provenance(by="agent", run_id="run_1", call_id="call_1", agent="draft")
TEXT = (
    "Mira came down to the Kennels before the bell, and the hounds knew her step.\n\n"
    "Old Tam had not slept. The lamp stood where he had left it, burning for nobody.\n\n"
    "She drew her rusty sword and laid it on the table between them without a word.\n"
)


@pytest.fixture
async def storage() -> AsyncIterator[Storage]:
    async with MemoryStorage() as storage:
        yield storage


@pytest.fixture
def story(storage: Storage) -> StoryService:
    return StoryService(storage, "local")


@pytest.fixture
async def project_id(story: StoryService) -> str:
    return (await story.projects.create(name="Crossing")).id


def call(number: int, *, run: str = "run_1") -> Provenance:
    return AGENT.model_copy(update={"call_id": f"call_{number}", "run_id": run})


async def changes_of(story: StoryService, project_id: str, **where: str) -> list[Change]:
    return [change async for change in story.history.all(project_id, **where)]


async def document(story: StoryService, project_id: str) -> Document:
    scenes = [Scene(id="doc.1", start=0, end=78), Scene(id="doc.2", start=78, end=len(TEXT))]
    return await story.documents.create(project_id, id="doc", text=TEXT, title="Ice", scenes=scenes)


async def test_the_writers_own_changes_are_not_kept_and_an_agents_are(story: StoryService, project_id: str) -> None:
    mira = await story.entities.create(project_id, type="character", name="Mira")
    await story.entities.update(project_id, mira.id, summary="A smith.")
    assert await changes_of(story, project_id) == []

    await story.written_by(AGENT).entities.update(project_id, mira.id, summary="A thief.", fields={"want": "home"})

    (change,) = await changes_of(story, project_id)
    assert (change.kind, change.record_id, change.action, change.author) == ("entity", mira.id, "update", AGENT)
    assert change.before == {"summary": "A smith.", "fields": {}}
    assert change.after == {"summary": "A thief.", "fields": {"want": "home"}}
    assert (change.base_rev, change.rev, change.state) == (2, 3, "done")


async def test_history_is_listed_by_record_run_and_call(story: StoryService, project_id: str) -> None:
    one = await story.written_by(call(1)).entities.create(project_id, type="character", name="Mira")
    await story.written_by(call(2)).entities.update(project_id, one.id, summary="A smith.")
    two = await story.written_by(call(1, run="run_2")).entities.create(project_id, type="location", name="Kennels")

    def ids(changes: list[Change]) -> list[str]:
        return [change.record_id for change in changes]

    assert ids(await changes_of(story, project_id)) == [two.id, one.id, one.id]
    assert ids(await changes_of(story, project_id, record_id=one.id)) == [one.id, one.id]
    assert ids(await changes_of(story, project_id, run_id="run_2")) == [two.id]
    assert len(await changes_of(story, project_id, run_id="run_1", call_id="call_2")) == 1


async def test_another_owner_sees_no_history(storage: Storage, story: StoryService, project_id: str) -> None:
    await story.written_by(AGENT).entities.create(project_id, type="character", name="Mira")

    with pytest.raises(NotFound):
        await StoryService(storage, "other").history.list(project_id)


async def test_undoing_a_run_restores_everything_it_changed(story: StoryService, project_id: str) -> None:
    kept = await story.entities.create(project_id, type="character", name="Tam", summary="Old.", fields={"fear": "ice"})
    text = await document(story, project_id)
    agent = story.written_by(AGENT)
    made = await agent.entities.create(project_id, type="character", name="Mira")
    await agent.facts.create(project_id, subject_id=made.id, predicate="eyes", value="grey")
    await story.written_by(call(2)).entities.update(project_id, kept.id, fields={"fear": "fire", "want": "sleep"})
    await story.written_by(call(3)).documents.update(project_id, text.id, text=TEXT.replace("rusty", "bright"))

    report = await story.undo.run(project_id, "run_1")

    assert (len(report.undone), report.conflicts, report.unchanged) == (4, (), ())
    assert await story.entities.find(project_id, made.id) is None
    assert (await story.facts.list(project_id)).items == ()
    back = await story.entities.get(project_id, kept.id)
    assert back.model_copy(update={"rev": kept.rev}) == kept
    restored = await story.documents.get(project_id, text.id)
    assert (restored.text, restored.scenes) == (TEXT, text.scenes)


async def test_an_undo_leaves_what_the_writer_changed_since_and_says_so(story: StoryService, project_id: str) -> None:
    tam = await story.entities.create(project_id, type="character", name="Tam", fields={"fear": "ice", "want": "rest"})
    await story.written_by(AGENT).entities.update(project_id, tam.id, fields={"fear": "fire", "want": "sleep"})
    await story.entities.update(project_id, tam.id, fields={"fear": "drowning", "want": "sleep", "home": "here"})

    report = await story.undo.run(project_id, "run_1")

    after = await story.entities.get(project_id, tam.id)
    assert after.fields == {"fear": "drowning", "want": "rest", "home": "here"}
    (conflict,) = report.conflicts
    assert (conflict.part, conflict.expected, conflict.found) == ("fields.fear", "fire", "drowning")


async def test_an_undo_takes_its_hunk_out_of_a_text_that_was_written_on(story: StoryService, project_id: str) -> None:
    await document(story, project_id)
    await story.written_by(AGENT).documents.update(project_id, "doc", text=TEXT.replace("rusty", "bright"))
    now = await story.documents.get(project_id, "doc")
    await story.documents.update(project_id, "doc", text=now.text.replace("Old Tam", "Tam the Elder"))

    report = await story.undo.run(project_id, "run_1")

    assert report.conflicts == ()
    assert (await story.documents.get(project_id, "doc")).text == TEXT.replace("Old Tam", "Tam the Elder")


async def test_an_undo_leaves_a_hunk_that_the_writer_wrote_on(story: StoryService, project_id: str) -> None:
    await document(story, project_id)
    edited = TEXT.replace("rusty sword", "bright sword").replace("came down", "ran down")
    await story.written_by(AGENT).documents.update(project_id, "doc", text=edited)
    mine = edited.replace("bright sword", "shining sword")
    await story.documents.update(project_id, "doc", text=mine)

    report = await story.undo.run(project_id, "run_1")

    assert [conflict.part for conflict in report.conflicts] == ["text"]
    assert (await story.documents.get(project_id, "doc")).text == mine.replace("ran down", "came down")


async def test_an_undo_can_be_undone(story: StoryService, project_id: str) -> None:
    tam = await story.entities.create(project_id, type="character", name="Tam", summary="Old.")
    await story.written_by(AGENT).entities.update(project_id, tam.id, summary="Young.")
    (change,) = await changes_of(story, project_id)
    await story.undo.change(project_id, change.id)
    undo = (await changes_of(story, project_id))[0]
    assert undo.undoes == change.id

    report = await story.undo.change(project_id, undo.id)

    assert report.undone == (undo.id,)
    assert (await story.entities.get(project_id, tam.id)).summary == "Young."


async def test_a_created_entity_comes_back_whole_when_its_undo_is_undone(story: StoryService, project_id: str) -> None:
    made = await story.written_by(AGENT).entities.create(project_id, type="character", name="Mira", tags=["a"])
    await story.undo.call(project_id, "run_1", "call_1")
    undo = (await changes_of(story, project_id))[0]

    await story.undo.change(project_id, undo.id)

    assert await story.entities.get(project_id, made.id) == made


async def test_the_same_undo_again_changes_nothing(story: StoryService, project_id: str) -> None:
    tam = await story.entities.create(project_id, type="character", name="Tam", summary="Old.")
    await story.written_by(AGENT).entities.update(project_id, tam.id, summary="Young.")
    await story.undo.run(project_id, "run_1")
    before = await story.entities.get(project_id, tam.id)

    report = await story.undo.run(project_id, "run_1")

    assert (report.undone, report.conflicts, len(report.unchanged)) == ((), (), 1)
    assert await story.entities.get(project_id, tam.id) == before


async def test_an_entity_that_somebody_built_on_is_not_taken_away(story: StoryService, project_id: str) -> None:
    made = await story.written_by(AGENT).entities.create(project_id, type="character", name="Mira")
    await story.facts.create(project_id, subject_id=made.id, predicate="eyes", value="grey")

    report = await story.undo.run(project_id, "run_1")

    assert [(conflict.part, conflict.found) for conflict in report.conflicts] == [("facts", 1)]
    assert await story.entities.find(project_id, made.id) == made


async def test_two_changes_of_one_field_go_back_to_the_first_value(story: StoryService, project_id: str) -> None:
    tam = await story.entities.create(project_id, type="character", name="Tam", summary="one")
    for number, summary in enumerate(("two", "three"), start=1):
        await story.written_by(call(number)).entities.update(project_id, tam.id, summary=summary)

    await story.undo.run(project_id, "run_1")

    assert (await story.entities.get(project_id, tam.id)).summary == "one"


async def test_the_earlier_of_two_changes_alone_is_a_conflict(story: StoryService, project_id: str) -> None:
    tam = await story.entities.create(project_id, type="character", name="Tam", summary="one")
    for number, summary in enumerate(("two", "three"), start=1):
        await story.written_by(call(number)).entities.update(project_id, tam.id, summary=summary)

    report = await story.undo.call(project_id, "run_1", "call_1")

    assert [(conflict.expected, conflict.found) for conflict in report.conflicts] == [("two", "three")]
    assert (await story.entities.get(project_id, tam.id)).summary == "three"


async def test_a_refused_write_leaves_no_trace_in_the_history(story: StoryService, project_id: str) -> None:
    tam = await story.entities.create(project_id, type="character", name="Tam")
    await story.entities.update(project_id, tam.id, summary="Old.")

    with pytest.raises(Conflict):
        await story.written_by(AGENT).entities.update(project_id, tam.id, expected_rev=1, summary="Young.")

    assert await changes_of(story, project_id) == []


@pytest.mark.parametrize("how", ["before", "after"])
async def test_a_change_whose_outcome_was_not_written_down_is_found_by_the_record(
    storage: Storage, story: StoryService, project_id: str, how: str
) -> None:
    """The process dies between the write and the note of it; the history tells of it all the same."""
    tam = await story.entities.create(project_id, type="character", name="Tam", summary="Old.")
    faulty = FaultyStorage(storage, FaultPlan(Fault("changes.settle", how)))  # type: ignore[arg-type]
    with pytest.raises(StorageUnavailable):
        await StoryService(faulty, "local").written_by(AGENT).entities.update(project_id, tam.id, summary="Young.")

    (change,) = await changes_of(story, project_id)

    assert (change.state, change.base_rev, change.rev) == ("done", 1, 2)
    await story.undo.change(project_id, change.id)
    assert (await story.entities.get(project_id, tam.id)).summary == "Old."


async def test_a_call_that_runs_again_after_a_crash_is_one_change(
    storage: Storage, story: StoryService, project_id: str
) -> None:
    tam = await story.entities.create(project_id, type="character", name="Tam", summary="Old.")
    faulty = FaultyStorage(storage, FaultPlan(Fault("changes.settle", "before", on=1)))
    again = StoryService(faulty, "local").written_by(AGENT)
    with pytest.raises(StorageUnavailable):
        await again.entities.update(project_id, tam.id, expected_rev=1, summary="Young.")

    updated = await again.entities.update(project_id, tam.id, expected_rev=1, summary="Young.")

    assert updated.rev == 2
    assert len(await changes_of(story, project_id)) == 1


async def test_an_intent_whose_write_never_happened_is_no_change(
    storage: Storage, story: StoryService, project_id: str
) -> None:
    tam = await story.entities.create(project_id, type="character", name="Tam", summary="Old.")
    faulty = FaultyStorage(storage, FaultPlan(Fault("changes.open", "after")))
    with pytest.raises(StorageUnavailable):
        await StoryService(faulty, "local").written_by(AGENT).entities.update(project_id, tam.id, summary="Young.")

    assert await changes_of(story, project_id) == []
    assert await story.entities.get(project_id, tam.id) == tam


async def test_deleting_the_project_takes_its_history_and_images_with_it(
    storage: Storage, story: StoryService, project_id: str
) -> None:
    await story.written_by(AGENT).entities.create(project_id, type="character", name="Mira")

    await story.projects.delete(project_id)

    assert (await storage.journal.changes.list(project_id)).items == ()


WORDS = st.text(alphabet="ab \né", max_size=30)
VALUES = st.one_of(st.none(), st.integers(-3, 3), WORDS, st.lists(WORDS, max_size=2))
FIELDS = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    states=st.lists(st.tuples(WORDS, FIELDS, st.lists(st.sampled_from("xyz"), unique=True)), min_size=2, max_size=5),
    texts=st.lists(WORDS, min_size=2, max_size=5),
)
async def test_undoing_a_run_restores_the_bytes(
    states: list[tuple[str, dict[str, object], list[str]]], texts: list[str]
) -> None:
    async with MemoryStorage() as storage:
        story = StoryService(storage, "local")
        project_id = (await story.projects.create(name="Crossing")).id
        summary, fields, tags = states[0]
        entity = await story.entities.create(
            project_id, type="character", name="Tam", summary=summary, fields=fields, tags=tags
        )
        text = await story.documents.create(project_id, text=texts[0])
        for number, (summary, fields, tags) in enumerate(states[1:]):
            agent = story.written_by(call(number))
            await agent.entities.update(project_id, entity.id, summary=summary, fields=fields, tags=tags)
        for number, words in enumerate(texts[1:]):
            await story.written_by(call(number + 10)).documents.update(project_id, text.id, text=words)

        report = await story.undo.run(project_id, "run_1")

        assert report.conflicts == ()
        back = await story.entities.get(project_id, entity.id)
        assert _bytes(back) == _bytes(entity)
        assert (await story.documents.get(project_id, text.id)).text == texts[0]


def _bytes(entity: Entity) -> str:
    return entity.model_copy(update={"rev": 1}).model_dump_json()


async def _tied(story: StoryService, project_id: str) -> tuple[str, str]:
    """The ids of Mira, who has a tie and two facts, and of Tam, whom she knows."""
    mira = await story.entities.create(project_id, type="character", name="Mira")
    tam = await story.entities.create(project_id, type="character", name="Tam")
    await story.relationships.create(project_id, id="rel", type="knows", source_id=mira.id, target_id=tam.id)
    for name in ("eyes", "hair"):
        await story.facts.create(project_id, id=name, subject_id=mira.id, predicate=name, value="grey")
    return mira.id, tam.id


async def _hanging(story: StoryService, project_id: str) -> list[str]:
    ties = [tie.id async for tie in story.relationships.all(project_id)]
    return [*ties, *[fact.id async for fact in story.facts.all(project_id)]]


@pytest.mark.parametrize("by", ["change", "call", "run"])
async def test_an_entity_that_was_removed_comes_back_with_its_ties_and_facts(
    story: StoryService, project_id: str, by: str
) -> None:
    mira, _ = await _tied(story, project_id)
    await story.documents.create(project_id, id="doc", text=TEXT, title="Ice")
    await story.written_by(AGENT).entities.delete(project_id, mira)
    assert await _hanging(story, project_id) == []
    changes = await changes_of(story, project_id, run_id="run_1")
    assert [change.kind for change in changes] == ["fact", "fact", "relationship", "entity"]
    assert {change.part_of for change in changes[:3]} == {changes[3].id}

    if by == "change":
        report = await story.undo.change(project_id, changes[3].id)
    elif by == "call":
        report = await story.undo.call(project_id, "run_1", "call_1")
    else:
        report = await story.undo.run(project_id, "run_1")

    assert (set(report.undone), report.conflicts) == ({change.id for change in changes}, ())
    assert await _hanging(story, project_id) == ["rel", "eyes", "hair"]
    assert (await story.entities.get(project_id, mira)).name == "Mira"
    assert mira in {each.entity_id for each in await story.mentions.count(project_id)}


async def test_what_came_back_with_an_entity_goes_with_it_when_that_is_taken_back(
    story: StoryService, project_id: str
) -> None:
    mira, _ = await _tied(story, project_id)
    await story.written_by(AGENT).entities.delete(project_id, mira)
    (removal,) = [change for change in await changes_of(story, project_id) if change.kind == "entity"]
    await story.undo.change(project_id, removal.id)
    (restored,) = [change for change in await changes_of(story, project_id) if change.undoes == removal.id]

    again = await story.undo.change(project_id, restored.id)

    assert (len(again.undone), again.conflicts) == (4, ())
    assert await _hanging(story, project_id) == []
    assert await story.entities.find(project_id, mira) is None


async def test_a_tie_whose_other_end_is_gone_since_stays_away_and_is_reported(
    story: StoryService, project_id: str
) -> None:
    mira, tam = await _tied(story, project_id)
    await story.written_by(AGENT).entities.delete(project_id, mira)
    await story.entities.delete(project_id, tam)

    report = await story.undo.run(project_id, "run_1")

    assert [(each.part, each.expected, each.found) for each in report.conflicts] == [("target_id", tam, "removed")]
    assert await _hanging(story, project_id) == ["eyes", "hair"]


async def test_a_picture_comes_back_with_its_bytes(story: StoryService, project_id: str) -> None:
    picture = await story.captures.add(project_id, title="Map", image=PNG)
    await story.written_by(AGENT).captures.delete(project_id, picture.id)

    await story.undo.run(project_id, "run_1")

    assert (await story.captures.image(project_id, picture.id)).data == PNG
