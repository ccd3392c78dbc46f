"""A bible that is kept in memory links as one that is compiled anew for each look, whoever else writes meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from random import Random

import pytest

from saga_agent.domain.document import Document
from saga_agent.domain.entity import Entity
from saga_agent.domain.notes import Mention
from saga_agent.domain.record import Page
from saga_agent.errors import AmbiguousReference, NotFound
from saga_agent.linking import compile_bible
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.memory.story import MemoryDocuments, MemoryEntities, MemoryMentions
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.story.lexicons import Lexicons
from saga_agent.story.names import find_names
from saga_agent.story.service import StoryService

NAMES = ("Tove Askel", "Tove", "Runa Askel", "Mr. Askel", "the Ferry", "Lysne Bank", "Bank Guild", "李明", "Ada", "...")
TYPES = ("character", "location", "faction", "item")
ALIASES = ((), ({"text": "the child"},), ({"text": "Askel", "exclude": ["Askel Hall"]},), ({"text": "Ada Lee"},))
PIECES = "Tove|Runa|Askel|Mr.|the|Ferry|Lysne|Bank|Guild|李明|Ada|Lee|child|Hall|said|and|.|...|Bodil|“|”|,|rain"
WORDS = PIECES.split("|")
Spans = list[tuple[int, int, str | None, str | None, str | None]]


@pytest.fixture(params=["memory", "sqlite"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    made = MemoryStorage() if request.param == "memory" else SqlStorage(f"sqlite:///{tmp_path / 'saga.db'}")
    async with made as storage:
        yield storage


def text_of(random: Random) -> str:
    return " ".join(random.choices(WORDS, k=random.randint(3, 40)))


async def stored(story: StoryService, project_id: str) -> dict[str, Spans]:
    """What is linked, by document."""
    found: dict[str, Spans] = {head.id: [] async for head in story.documents.all(project_id)}
    for each in (await story.mentions.list(project_id)).items:
        found.setdefault(each.document_id, []).append((each.start, each.end, each.entity_id, each.kind, each.group))
    return found


async def expected(story: StoryService, project_id: str) -> dict[str, Spans]:
    """What a bible that is compiled of all entities finds."""
    kinds = {"location": "place"}
    bible = compile_bible(
        {"id": each.id, "kind": kinds.get(each.type, each.type), "name": each.name, "aliases": each.aliases}
        for each in [entity async for entity in story.entities.all(project_id)]
    )
    found: dict[str, Spans] = {}
    async for head in story.documents.all(project_id):
        text = (await story.documents.get(project_id, head.id)).text
        names = find_names(text, bible)
        found[head.id] = [(each.start, each.end, each.entity_id, each.kind, each.group) for each in names]
    return found


async def write_something(story: StoryService, project_id: str, random: Random) -> None:
    """One verb of a writer, whatever it meets."""
    entity_id, document_id = f"ent_{random.randrange(5)}", f"doc_{random.randrange(4)}"
    names = {"name": random.choice(NAMES), "type": random.choice(TYPES), "aliases": random.choice(ALIASES)}
    verb = random.choice(("put", "put", "put", "drop", "save", "save", "cut"))
    if verb == "put":
        if await story.entities.find(project_id, entity_id) is None:
            await story.entities.create(project_id, id=entity_id, **names)
        else:
            await story.entities.update(project_id, entity_id, **names)
    elif verb == "save":
        if await story.documents.find(project_id, document_id) is None:
            await story.documents.create(project_id, id=document_id, title=document_id, text=text_of(random))
        else:
            await story.documents.update(project_id, document_id, text=text_of(random))
    else:
        service, record_id = (story.entities, entity_id) if verb == "drop" else (story.documents, document_id)
        if await service.find(project_id, record_id) is not None:
            await service.delete(project_id, record_id)


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_two_processes_write_in_turn_the_mentions_are_those_of_a_full_relink(
    storage: Storage, seed: int
) -> None:
    random = Random(seed)
    processes = [StoryService(storage, "local"), StoryService(storage, "local")]
    project_id = (await processes[0].projects.create(name="Crossing")).id
    for _ in range(30):
        await write_something(random.choice(processes), project_id, random)
        assert await stored(processes[0], project_id) == await expected(processes[0], project_id)


@pytest.mark.parametrize("seed", range(4))
async def test_what_two_processes_write_at_once_is_linked_in_the_end(storage: Storage, seed: int) -> None:
    """Who stores an entity and who stores a text meet: one of them sees the other."""
    random = Random(seed)
    processes = [StoryService(storage, "local"), StoryService(storage, "local")]
    project_id = (await processes[0].projects.create(name="Crossing")).id
    for round_number in range(3):
        writes = [
            processes[number % 2].documents.create(project_id, title=f"{round_number}.{number}", text=text_of(random))
            for number in range(4)
        ]
        writes += [
            processes[number % 2].entities.create(project_id, type="character", name=random.choice(NAMES))
            for number in range(4)
        ]
        random.shuffle(writes)
        await asyncio.gather(*writes)

        assert await stored(processes[0], project_id) == await expected(processes[0], project_id)


class PlainEntities(MemoryEntities):
    """A host's entities, written before there was `revisions`."""

    def __getattribute__(self, name: str) -> object:
        if name == "revisions":
            raise AttributeError(name)
        return super().__getattribute__(name)


@pytest.mark.parametrize("port", [MemoryEntities, PlainEntities])
async def test_an_entity_that_a_host_made_behind_our_back_is_known_at_the_next_look(port: type[MemoryEntities]) -> None:
    entities = port()
    async with Storage.compose(story={"entities": entities}, rest=MemoryStorage()) as storage:
        story = StoryService(storage, "local")
        project_id = (await story.projects.create(name="Crossing")).id
        assert [each.entity_id for each in await story.mentions.find(project_id, "There stood Tove.")] == [None]

        tove = await entities.create(Entity(id="tove", project_id=project_id, type="character", name="Tove"))
        assert [each.entity_id for each in await story.mentions.find(project_id, "There stood Tove.")] == ["tove"]
        await entities.update(tove.model_copy(update={"name": "Runa"}), expected_rev=1)
        assert await story.mentions.find(project_id, "There stood Tove.", known_only=True) == []
        await story.documents.create(project_id, id="doc", title="One", text="There stood Runa.")
        assert [each.entity_id for each in (await story.mentions.list(project_id)).items] == ["tove"]
        await entities.delete(project_id, "tove")
        assert await story.mentions.find(project_id, "There stood Runa.", known_only=True) == []


class CountedDocuments(MemoryDocuments):
    """A host's documents, which tells what was read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: set[str] = set()

    async def get(self, project_id: str, record_id: str) -> Document:
        self.read.add(record_id)
        return await super().get(project_id, record_id)


class CountedMentions(MemoryMentions):
    """A host's mentions, which tells what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    async def replace(self, project_id: str, document_id: str, mentions: Sequence[Mention]) -> None:
        self.written.append(document_id)
        await super().replace(project_id, document_id, mentions)


async def test_a_new_entity_reads_the_documents_with_its_words_alone() -> None:
    documents = CountedDocuments()
    async with Storage.compose(story={"documents": documents}, rest=MemoryStorage()) as storage:
        story = StoryService(storage, "local")
        project_id = (await story.projects.create(name="Crossing")).id
        for number in range(50):
            text = "Tove sang." if number == 7 else f"The rain fell on day {number}, and tove is no name."
            await story.documents.create(project_id, id=f"doc_{number}", title=str(number), text=text)
        documents.read.clear()

        await story.entities.create(project_id, type="character", name="Tove Askel")

        assert documents.read == {"doc_7"}


class CountedEntities(MemoryEntities):
    """A host's entities, which tells what was listed."""

    def __init__(self) -> None:
        super().__init__()
        self.lists = 0

    async def list(self, *args: object, **kwargs: object) -> Page[Entity]:
        self.lists += 1
        return await super().list(*args, **kwargs)  # pyright: ignore[reportArgumentType]


async def test_the_bible_is_read_once_whatever_is_written_afterwards() -> None:
    entities = CountedEntities()
    async with Storage.compose(story={"entities": entities}, rest=MemoryStorage()) as storage:
        story = StoryService(storage, "local")
        project_id = (await story.projects.create(name="Crossing")).id
        for number in range(40):
            await story.entities.create(project_id, id=f"ent_{number}", type="item", name=f"Ring {number}")
        await story.mentions.find(project_id, "Nobody spoke.")
        entities.lists = 0

        await story.documents.create(project_id, title="One", text="Ring 7 and Ring 8 lay there.")
        await story.entities.update(project_id, "ent_7", name="Ring of Ice")
        await story.entities.delete(project_id, "ent_8")
        await story.mentions.find(project_id, "Ring 7")

        assert entities.lists == 0


async def test_a_document_is_read_once_for_entities_that_are_stored_together() -> None:
    mentions = CountedMentions()
    async with Storage.compose(story={"mentions": mentions}, rest=MemoryStorage()) as storage:
        story = StoryService(storage, "local")
        project_id = (await story.projects.create(name="Crossing")).id
        await story.documents.create(project_id, id="doc_1", title="One", text="Tove met Runa, and Runa met Bodil.")
        await story.documents.create(project_id, id="doc_2", title="Two", text="It rained.")
        mentions.written.clear()

        async with story.entities.together(project_id) as entities:
            for name in ("Tove", "Runa", "Bodil"):
                await entities.create(project_id, id=name, type="character", name=name)
            await entities.update(project_id, "Bodil", name="Bothild")
            assert mentions.written == []

        assert mentions.written == ["doc_1"]
        assert await stored(story, project_id) == await expected(story, project_id)


async def test_entities_of_a_batch_that_was_cut_off_are_linked_when_they_are_found_again() -> None:
    async with MemoryStorage() as storage:
        story = StoryService(storage, "local")
        project_id = (await story.projects.create(name="Crossing")).id
        await story.documents.create(project_id, id="doc_1", title="One", text="Tove met Runa.")
        tove = await storage.story.entities.create(
            Entity(id="tove", project_id=project_id, type="character", name="Tove")
        )
        assert await stored(story, project_id) != await expected(story, project_id)

        async with story.entities.together(project_id) as entities:
            entities.found(tove)

        assert await stored(story, project_id) == await expected(story, project_id)


async def test_a_name_is_resolved_without_reading_the_bible(storage: Storage) -> None:
    story = StoryService(storage, "local")
    project_id = (await story.projects.create(name="Crossing")).id
    for number in range(120):
        await story.entities.create(project_id, id=f"askel_{number}", type="character", name=f"Askel {number}")
    await story.entities.create(project_id, id="z", type="character", name="Askel", aliases=[{"text": "STRAẞE’s"}])
    await story.entities.create(project_id, id="star", type="item", name="★")

    for reference, found in (
        ("askel", "z"),
        (" ASKEL ", "z"),
        ("strasse’s", "z"),
        ("★", "star"),
        ("askel_7", "askel_7"),
    ):
        assert (await story.entities.resolve(project_id, reference)).id == found
    for nobody in ("Aske", "Askel Askel 7", "☆", "", "\x00", "\ud800", "No One"):
        with pytest.raises(NotFound):
            await story.entities.resolve(project_id, nobody)
    await story.entities.create(project_id, type="location", name="Ring", aliases=[{"text": "Askel"}])
    with pytest.raises(AmbiguousReference, match="Askel"):
        await story.entities.resolve(project_id, "askel")


async def test_no_more_bibles_are_kept_than_have_room(storage: Storage) -> None:
    story = StoryService(storage, "local")
    projects = [(await story.projects.create(name=f"Book {number}")).id for number in range(4)]
    for project_id in projects:
        await story.entities.create(project_id, type="character", name="Tove")
    few_projects, few_entities = Lexicons(most_projects=2), Lexicons(most_entities=2)

    for project_id in projects:
        for lexicons in (few_projects, few_entities):
            assert len(await lexicons.get(storage.story.entities, project_id)) == 1

    assert (len(few_projects), len(few_entities)) == (2, 2)
