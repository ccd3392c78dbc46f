"""What is refused leaves nothing behind, and what is stored breaks nothing that comes after it."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from saga_agent.app import Saga
from saga_agent.domain.entity import Entity, Relationship
from saga_agent.domain.record import JsonObject
from saga_agent.errors import InvalidInput, NotFound, StorageUnavailable
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.testing.faults import Fault, FaultPlan, FaultyStorage
from tests.acceptance.server.serving import Page, serving


def nested(levels: int) -> JsonObject:
    """An object in an object, that many times."""
    value: JsonObject = {}
    for _ in range(levels):
        value = {"in": value}
    return value


UNREADABLE: Mapping[str, object] = {
    "480 levels of objects": nested(480),
    "480 levels of lists": json.loads("[" * 480 + "]" * 480),
    "no number": math.nan,
    "infinity": -math.inf,
    "an integer of 5,000 digits": 10**5000,
    "an integer of 65 bits": 2**64,
    "half a character": "a\ud83d",
    "half a character as a key": {"\ud83d": 1},
}
POLICIES: Mapping[str, object] = {
    "a text": "deny everything",
    "a number": 7,
    "no tool": [{"decision": "ask"}],
    "no decision of ours": [{"tool": "*", "decision": "maybe"}],
    "a misspelt key": [{"tool": "*", "decison": "ask"}],
    "rules in rules": [[{"tool": "*", "decision": "ask"}]],
}
BLANK_NAMES: Mapping[str, Mapping[str, object]] = {
    "a blank alias": {"aliases": [{"text": "  "}]},
    "an alias of marks": {"aliases": [{"text": "**"}]},
    "an excluded phrase of nothing": {"aliases": [{"text": "Mara", "exclude": [""]}]},
    "a name of marks": {"name": "__"},
}


@pytest.fixture(params=["memory", "sqlite"])
async def saga(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Saga]:
    storage = MemoryStorage() if request.param == "memory" else SqlStorage(f"sqlite:///{tmp_path}/saga.db")
    async with Saga.open(storage=storage, model="offline") as saga:
        yield saga


@pytest.mark.parametrize("value", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_a_value_that_nobody_could_read_again_is_not_stored(saga: Saga, value: object):
    project = await saga.story.projects.create(name="Mine")
    mara = await saga.story.entities.create(project.id, type="character", name="Mara")
    story = saga.story
    doors = {
        "a project": lambda: story.projects.create(name="Other", settings={"x": value}),
        "a project's change": lambda: story.projects.update(project.id, settings={"x": value}),
        "an entity": lambda: story.entities.create(project.id, type="item", name="Key", fields={"x": value}),
        "an entity's change": lambda: story.entities.update(project.id, mara.id, fields={"x": value}),
        "a fact": lambda: story.facts.create(project.id, subject_id=mara.id, predicate="x", value=value),
        "an agent's entity": lambda: story.written_by(mara.provenance).entities.create(
            project.id, type="item", name="Key", fields={"x": value}
        ),
    }

    for door, store in doors.items():
        with pytest.raises(InvalidInput) as refused:
            await store()
        assert "cannot be stored" in str(refused.value), door
        assert len(str(refused.value)) < 400, door
        str(refused.value).encode()

    assert [each.id for each in (await story.projects.list()).items] == [project.id]
    assert (await story.projects.get(project.id)) == project
    assert [each async for each in story.entities.all(project.id)] == [mara]
    assert (await story.facts.list(project.id)).items == ()


async def test_numbers_beyond_a_column_are_refused_alike_everywhere(saga: Saga):
    project = await saga.story.projects.create(name="Mine")
    for fields in ({"reading_order": 2**63}, {"number": -(2**70)}):
        with pytest.raises(InvalidInput, match="64 bits"):
            await saga.story.documents.create(project.id, **cast("dict[str, Any]", fields))


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
async def test_a_policy_of_nonsense_is_refused_and_chats_go_on(saga: Saga, policy: object):
    project = await saga.story.projects.create(name="Mine")
    with pytest.raises(InvalidInput, match="policy"):
        await saga.story.projects.update(project.id, settings={"policy": policy})
    with pytest.raises(InvalidInput, match="policy"):
        await saga.story.projects.create(name="Other", settings={"policy": policy})

    thread = await saga.threads.create(project_id=project.id)
    assert (await (await saga.send(thread.id, "Hello.")).result()).state == "finished"
    await saga.story.projects.update(project.id, settings={"policy": [{"tool": "*", "decision": "ask"}]})


@pytest.mark.parametrize("fields", BLANK_NAMES.values(), ids=BLANK_NAMES.keys())
async def test_an_entity_that_cannot_be_linked_is_refused_and_documents_go_on(saga: Saga, fields: Mapping[str, object]):
    project = await saga.story.projects.create(name="Mine")
    with pytest.raises(InvalidInput):
        await saga.story.entities.create(project.id, **{"type": "character", "name": "Mara", **fields})

    assert (await saga.story.entities.list(project.id)).items == ()
    await saga.story.documents.create(project.id, text="Mara met Tam.")


async def test_an_entity_stored_by_other_means_keeps_no_document_from_being_written(saga: Saga):
    project = await saga.story.projects.create(name="Mine")
    await saga.storage.story.entities.create(Entity(id="", project_id=project.id, type="character", name="Nobody"))
    mara = await saga.story.entities.create(project.id, type="character", name="Mara")

    document = await saga.story.documents.create(project.id, text="Mara met Tam.")

    found = (await saga.story.mentions.list(project.id, document_id=document.id)).items
    assert mara.id in [each.entity_id for each in found]


ENDS = {
    "a source that is not there": {"source_id": "nobody", "target_id": "tam"},
    "a target that is not there": {"source_id": "mara", "target_id": "nobody"},
    "a document": {"source_id": "mara", "target_id": "doc"},
    "an entity of another project": {"source_id": "mara", "target_id": "elsewhere"},
    "itself": {"source_id": "mara", "target_id": "mara"},
    "an end of another kind": {"type": "parent_of", "source_id": "mara", "target_id": "quay"},
    "the same, told from the other end": {"type": "child_of", "source_id": "quay", "target_id": "mara"},
}


async def cast_of(saga: Saga) -> str:
    project, other = [await saga.story.projects.create(name=name) for name in ("Mine", "Other")]
    for entity_id, kind in (("mara", "character"), ("tam", "character"), ("quay", "location")):
        await saga.story.entities.create(project.id, id=entity_id, type=kind, name=entity_id.title())
    await saga.story.entities.create(other.id, id="elsewhere", type="character", name="Elsewhere")
    await saga.story.documents.create(project.id, id="doc", text="Mara met Tam.")
    return project.id


@pytest.mark.parametrize("ends", ENDS.values(), ids=ENDS.keys())
async def test_a_relationship_does_not_dangle(saga: Saga, ends: Mapping[str, str]):
    project_id = await cast_of(saga)
    tie = await saga.story.relationships.create(project_id, type="knows", source_id="mara", target_id="tam")

    with pytest.raises(InvalidInput):
        await saga.story.relationships.create(project_id, **{"type": "sister_of", **ends})
    with pytest.raises(InvalidInput):
        await saga.story.relationships.update(project_id, tie.id, **ends)
    async with serving(saga) as served, Page(served.url).client() as client:
        body = {"projectId": project_id, "type": "sister_of", **ends}
        assert (await client.post("/relationships", json=body)).status_code == 400

    assert (await saga.story.relationships.list(project_id)).items == (tie,)


async def test_a_tie_that_dangled_before_can_still_be_changed_and_removed(saga: Saga):
    project_id = await cast_of(saga)
    old = Relationship(id="old", project_id=project_id, type="knows", source_id="mara", target_id="gone")
    await saga.storage.story.relationships.create(old)

    assert (await saga.story.relationships.update(project_id, "old", note="Long ago.")).note == "Long ago."
    await saga.story.relationships.delete(project_id, "old")


async def test_no_tie_outlives_an_entity_that_goes_in_the_same_moment(saga: Saga):
    project_id = await cast_of(saga)
    for number in range(12):
        await saga.story.entities.create(project_id, id="brief", type="character", name="Brief")
        tie = saga.story.relationships.create(project_id, type="knows", source_id="mara", target_id="brief")
        await asyncio.gather(
            tie, later(number, saga.story.entities.delete(project_id, "brief")), return_exceptions=True
        )
        assert (await saga.story.relationships.list(project_id)).items == ()


async def later(turns: int, verb: Any) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
    await verb


async def test_an_index_that_fails_refuses_no_write(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """Each verb of the journal that follows a write of a document fails in turn, before and after its effect."""
    for number, how in enumerate(("before", "after")):
        plan = FaultPlan()
        async with Saga.open(storage=faulty(tmp_path / f"{number}.db", plan), model="offline") as saga:
            project = await saga.story.projects.create(name="Mine")
            mara = await saga.story.entities.create(project.id, type="character", name="Mara")
            kept = await saga.story.documents.create(project.id, text="An old lighthouse.")
            plan.add(Fault("passages.*", how))  # pyright: ignore[reportArgumentType]
            new = await saga.story.documents.create(project.id, text="Mara met the harbour master.")
            await saga.story.documents.update(project.id, kept.id, text="Mara left the lighthouse for the windmill.")
            assert "tried again" in caplog.text
            plan.clear()

            assert [hit.document_id for hit in await saga.story.documents.search(project.id, "harbour")] == [new.id]
            assert [hit.document_id for hit in await saga.story.documents.search(project.id, "windmill")] == [kept.id]
            named = (await saga.story.mentions.list(project.id, entity_id=mara.id)).items
            assert {each.document_id for each in named} == {new.id, kept.id}


async def test_what_a_process_left_undone_is_made_up_for_by_the_next(tmp_path: Path):
    plan = FaultPlan()
    async with Saga.open(storage=faulty(tmp_path / "saga.db", plan)) as saga:
        project = await saga.story.projects.create(name="Mine")
        gone = await saga.story.documents.create(project.id, text="A windmill.")
        plan.add(Fault("passages.*"))
        new = await saga.story.documents.create(project.id, text="Mara met the harbour master.")
        await saga.storage.story.documents.delete(project.id, gone.id)  # as a process that dies half way leaves it
    async with Saga.open(database=f"sqlite:///{tmp_path / 'saga.db'}") as saga:
        assert [hit.document_id for hit in await saga.story.documents.search(project.id, "harbour")] == [new.id]
        assert list(await saga.story.documents.search(project.id, "windmill")) == []


async def test_names_that_could_not_be_followed_are_made_up_for():
    """A host's port of mentions fails while an entity comes, is renamed and goes."""
    inner = MemoryStorage()
    mentions = FailingMentions(inner.story.mentions)
    async with Saga.open(storage=Storage.compose(story={"mentions": mentions}, rest=inner)) as saga:
        project = await saga.story.projects.create(name="Mine")
        document = await saga.story.documents.create(project.id, text="Mara met Tam, and Tam met Asa.")

        async def linked() -> set[str | None]:
            mentions.fails = False
            found = (await saga.story.mentions.list(project.id, document_id=document.id)).items
            return {each.surface for each in found if each.entity_id}

        mentions.fails = True
        mara = await saga.story.entities.create(project.id, type="character", name="Mara")
        assert await linked() == {"Mara"}
        mentions.fails = True
        await saga.story.entities.update(project.id, mara.id, name="Tam")
        assert await linked() == {"Tam"}
        mentions.fails = True
        await saga.story.entities.delete(project.id, mara.id)
        assert await linked() == set()
        with pytest.raises(NotFound):
            await saga.story.entities.get(project.id, mara.id)


class FailingMentions:
    """A host's port that cannot be written while `fails`."""

    def __init__(self, inner: Any) -> None:
        self._inner, self.fails = inner, False

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._inner, verb)

    async def replace(self, *args: Any) -> None:
        if self.fails:
            raise StorageUnavailable("The host's table is locked.")
        await self._inner.replace(*args)


def faulty(file: Path, plan: FaultPlan) -> Storage:
    return FaultyStorage(SqlStorage(f"sqlite:///{file}"), plan)
