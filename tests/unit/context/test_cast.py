"""Who a turn is about: the entities the model is told of, in a bible too large to tell all."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saga_agent.app import Saga
from saga_agent.context.builder import ContextBuilder
from saga_agent.context.cast import MAX_ENTITIES
from saga_agent.context.manifest import Manifest
from saga_agent.domain.entity import Entity
from saga_agent.domain.journal import Run, Thread
from saga_agent.models.scripted import Say, ScriptedModel


@pytest.fixture(params=["memory", "sqlite"])
async def saga(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Saga]:
    database = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path / 'saga.db'}"
    async with Saga.open(database=database, model=ScriptedModel([Say("Fine.")] * 4)) as saga:
        yield saga


@pytest.fixture
async def thread(saga: Saga) -> Thread:
    """A thread of a project with 300 extras, whose ids come first."""
    project = await saga.story.projects.create(name="Crossing")
    for number in range(300):
        await entity(saga, project.id, f"Extra{number} Brown", id=f"ent_0{number:03}")
    return await saga.threads.create(project_id=project.id)


async def entity(saga: Saga, project_id: str, name: str, **fields: object) -> Entity:
    return await saga.story.entities.create(project_id, type="character", name=name, **fields)


async def turn(saga: Saga, thread: Thread, text: str) -> Run:
    run = await saga.send(thread.id, text)
    await run.result()
    return await run.state()


def builder(saga: Saga) -> ContextBuilder:
    return ContextBuilder(saga.story, saga.storage.journal.threads)


def whys(manifest: Manifest, *entities: Entity) -> list[str | None]:
    found = {ref.id: ref.why for ref in manifest.entities}
    return [found.get(entity.id) for entity in entities]


async def test_who_is_named_comes_first_by_name_alias_or_part_of_a_name_in_any_case(saga: Saga, thread: Thread) -> None:
    named = [
        await entity(saga, thread.project_id, "Tove Askel", id="ent_z1"),
        await entity(saga, thread.project_id, "Ludo", id="ent_z2", aliases=[{"text": "the Ferryman"}]),
        await entity(saga, thread.project_id, "Žofie Brandt", id="ent_z3"),
    ]
    unnamed = await entity(saga, thread.project_id, "Runa", id="ent_z9")

    manifest = await builder(saga).build(await turn(saga, thread, "does tove trust the ferryman, or zofie brandt?"))

    assert {ref.id for ref in manifest.entities[:3]} == {each.id for each in named}
    assert whys(manifest, *named, unnamed) == ["named", "named", "named", None]
    assert 50 <= len(manifest.entities) <= MAX_ENTITIES
    assert any(each.startswith("entities beyond") for each in manifest.left_out)


async def test_who_was_named_just_before_still_matters(saga: Saga, thread: Thread) -> None:
    tove = await entity(saga, thread.project_id, "Tove Askel", id="ent_z1")
    await turn(saga, thread, "What does Tove Askel want?")

    manifest = await builder(saga).build(await turn(saga, thread, "And why is that?"))

    assert whys(manifest, tove) == ["named"]


async def test_a_word_that_many_names_share_names_nobody(saga: Saga, thread: Thread) -> None:
    manifest = await builder(saga).build(await turn(saga, thread, "Is the brown one here?"))

    assert {ref.why for ref in manifest.entities} == {"known"}


async def test_always_is_always_there_and_never_never(saga: Saga, thread: Thread) -> None:
    always = await entity(saga, thread.project_id, "Narrator", id="ent_z1", ai_visibility="always")
    never = await entity(saga, thread.project_id, "Hidden One", id="ent_00", ai_visibility="never", summary="A spy.")

    run = await turn(saga, thread, "Who is the Hidden One?")
    manifest = await builder(saga).build(run)
    system = (await builder(saga).load(manifest, ""))[0].text

    assert whys(manifest, always, never) == ["always", None]
    assert "Hidden" not in system
    assert "spy" not in system


async def test_with_relation_enters_only_beside_somebody_it_is_tied_to(saga: Saga, thread: Thread) -> None:
    project_id = thread.project_id
    tove = await entity(saga, project_id, "Tove Askel", id="ent_z1")
    knife = await entity(saga, project_id, "Knife", id="ent_00", ai_visibility="with_relation")
    await saga.story.relationships.create(project_id, type="owns", source_id=tove.id, target_id=knife.id)

    beside = await builder(saga).build(await turn(saga, thread, "What does Tove carry?"))
    other = await saga.threads.create(project_id=project_id)
    apart = await builder(saga).build(await turn(saga, other, "What does one carry?"))
    named = await builder(saga).build(await turn(saga, other, "Is there a knife?"))

    assert [whys(manifest, tove, knife) for manifest in (beside, apart, named)] == [
        ["named", "related"],
        [None, None],
        [None, "named"],
    ]


async def test_who_is_named_is_described_and_a_secret_is_not(saga: Saga, thread: Thread) -> None:
    tove = await entity(saga, thread.project_id, "Tove", id="ent_z1", summary="The ferryman's\nchild.")
    await entity(saga, thread.project_id, "Runa", id="ent_z2", summary="Is the murderer.", secret=True)
    await entity(saga, thread.project_id, "Sunniva", id="ent_z3", summary="Not in this talk.")

    manifest = await builder(saga).build(await turn(saga, thread, "Do Tove and Runa meet?"))
    system = (await builder(saga).load(manifest, ""))[0].text

    assert "Tove (character): The ferryman's child." in system
    assert "Runa" in system
    assert "murderer" not in system
    assert "Not in this talk" not in system
    assert {ref.id for ref in manifest.entities if ref.tokens} == {tove.id}
    assert manifest.tokens >= sum(ref.tokens for ref in manifest.entities) > 0


async def test_descriptions_that_find_no_room_are_told_as_left_out(saga: Saga, thread: Thread) -> None:
    for number in range(20):
        await entity(saga, thread.project_id, f"Guard{number}", id=f"ent_z{number:02}", summary="word " * 80)

    text = "Where are " + ", ".join(f"Guard{number}" for number in range(20)) + "?"
    manifest = await builder(saga).build(await turn(saga, thread, text))

    assert sum(ref.tokens for ref in manifest.entities) <= 1_500
    (left_out,) = [each for each in manifest.left_out if each.startswith("descriptions of Guard")]
    assert left_out.count("Guard") + sum(1 for ref in manifest.entities if ref.tokens) == 20


async def test_another_process_loads_the_same_prompt_from_the_manifest_alone(saga: Saga, thread: Thread) -> None:
    project_id = thread.project_id
    tove = await entity(saga, project_id, "Tove", id="ent_z1", summary="A child.")
    await entity(saga, project_id, "Knife", id="ent_z2", ai_visibility="with_relation", summary="Sharp.")
    await saga.story.relationships.create(project_id, type="owns", source_id=tove.id, target_id="ent_z2")
    for number in range(70):
        await saga.story.documents.create(
            project_id, title=f"Part {number}", reading_order=number, text=f"Tove slept {'well ' * number}."
        )
    run = await turn(saga, thread, "How did Tove sleep?")

    first = builder(saga)
    manifest = await first.build(run)
    prompt = await first.load(manifest, "Be kind.")
    stored = Manifest.model_validate_json(manifest.model_dump_json())

    assert await builder(saga).load(stored, "Be kind.") == prompt
    assert all(text in prompt[0].text for text in ("A child.", "Sharp.", "Tove slept"))


async def test_who_is_hidden_or_gone_since_is_not_loaded(saga: Saga, thread: Thread) -> None:
    tove = await entity(saga, thread.project_id, "Tove", id="ent_z1", summary="A child.")
    runa = await entity(saga, thread.project_id, "Runa", id="ent_z2", summary="A ferrywoman.")
    manifest = await builder(saga).build(await turn(saga, thread, "Do Tove and Runa meet?"))
    await saga.story.entities.update(thread.project_id, tove.id, ai_visibility="never")
    await saga.story.entities.delete(thread.project_id, runa.id)

    system = (await builder(saga).load(manifest, ""))[0].text

    assert not any(text in system for text in ("Tove", "A child.", "Runa", "A ferrywoman."))


async def test_a_small_bible_is_told_whole(saga: Saga) -> None:
    project = await saga.story.projects.create(name="Small")
    for name in ("Tove", "Runa", "Ludo"):
        await entity(saga, project.id, name)
    thread = await saga.threads.create(project_id=project.id)

    manifest = await builder(saga).build(await turn(saga, thread, "What now?"))

    assert len(manifest.entities) == 3
    assert manifest.left_out == ()
