"""Mentions are kept in step with text and bible, and only where something changed."""

from collections.abc import AsyncIterator, Sequence

import pytest

from saga_agent.domain.notes import Mention
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.memory.story import MemoryDocuments, MemoryMentions
from saga_agent.story.service import StoryService


class Recorded(MemoryMentions):
    """A host's mentions, which tells whose were written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    async def replace(self, project_id: str, document_id: str, mentions: Sequence[Mention]) -> None:
        self.written.append(document_id)
        await super().replace(project_id, document_id, mentions)


@pytest.fixture
def mentions() -> Recorded:
    return Recorded()


@pytest.fixture
async def story(mentions: Recorded) -> AsyncIterator[StoryService]:
    async with Storage.compose(story={"mentions": mentions}, rest=MemoryStorage()) as storage:
        yield StoryService(storage, "local")


@pytest.fixture
async def project_id(story: StoryService) -> str:
    return (await story.projects.create(name="Crossing")).id


async def linked(story: StoryService, project_id: str) -> dict[str, list[str]]:
    """By document, what is linked to an entity."""
    found: dict[str, list[str]] = {}
    for mention in (await story.mentions.list(project_id)).items:
        if mention.entity_id:
            found.setdefault(mention.document_id, []).append(mention.surface)
    return found


async def test_of_a_hundred_documents_a_rename_touches_those_with_the_old_or_the_new_name(
    story: StoryService, mentions: Recorded, project_id: str
) -> None:
    texts = {number: f"The rain fell on day {number}, and nobody came." for number in range(100)}
    texts |= {
        7: "There stood Tove Askel.",
        21: "“Wait,” said Tove.",
        50: "There stood Runa Askel.",
        80: "Runa laughed.",
    }
    for number, text in texts.items():
        await story.documents.create(project_id, id=f"doc_{number:03}", title=str(number), text=text)
    tove = await story.entities.create(project_id, type="character", name="Tove Askel")
    await story.entities.create(project_id, type="location", name="Lysne Bank")
    before = await linked(story, project_id)
    mentions.written.clear()

    await story.entities.update(project_id, tove.id, name="Runa Askel")

    assert sorted(mentions.written) == ["doc_007", "doc_021", "doc_050", "doc_080"]
    assert before == {"doc_007": ["Tove Askel"], "doc_021": ["Tove"]}
    after = await linked(story, project_id)
    assert (after["doc_050"], after["doc_080"]) == (["Runa Askel"], ["Runa"])
    assert "doc_021" not in after


async def test_a_change_that_is_none_of_the_names_touches_no_document(
    story: StoryService, mentions: Recorded, project_id: str
) -> None:
    await story.documents.create(project_id, title="One", text="There stood Tove.")
    tove = await story.entities.create(project_id, type="character", name="Tove")
    mentions.written.clear()

    await story.entities.update(project_id, tove.id, summary="A child.", ai_visibility="always")

    assert mentions.written == []


@pytest.mark.parametrize(
    ("change", "surfaces"),
    [
        ({"aliases": [{"text": "the Child", "exclude": ["the Child of Ice"]}]}, []),
        ({"aliases": [{"text": "the child", "case_sensitive": True}]}, []),
        ({"type": "location", "name": "Tove Askel"}, ["the Child"]),
    ],
)
async def test_how_a_name_is_recognised_counts_as_much_as_the_name(
    story: StoryService, project_id: str, change: dict[str, object], surfaces: list[str]
) -> None:
    """Excluded phrases, case and type change what is a mention; the text is read again for them."""
    document = await story.documents.create(project_id, title="One", text="We sang to the Child of Ice all night.")
    tove = await story.entities.create(project_id, type="character", name="Tove Askel", aliases=[{"text": "the Child"}])
    assert await linked(story, project_id) == {document.id: ["the Child"]}

    await story.entities.update(project_id, tove.id, **change)

    assert (await linked(story, project_id)).get(document.id, []) == surfaces


async def test_a_changed_document_alone_is_read_again_and_its_mentions_carry_its_revision(
    story: StoryService, mentions: Recorded, project_id: str
) -> None:
    await story.entities.create(project_id, type="character", name="Tove")
    one, two = [
        await story.documents.create(project_id, title=title, text="There stood Tove.") for title in ("One", "Two")
    ]
    mentions.written.clear()

    await story.documents.update(project_id, one.id, text="There Tove stood.")
    await story.documents.update(project_id, one.id, text="There Tove stood.")

    assert mentions.written == [one.id]
    stored = {mention.document_id: mention for mention in (await story.mentions.list(project_id)).items}
    assert (stored[one.id].document_rev, stored[one.id].start) == (2, 6)
    assert (stored[two.id].document_rev, stored[two.id].start) == (1, 12)


async def test_a_document_that_changes_while_it_is_read_is_read_again(mentions: Recorded) -> None:
    """The mentions of the older text never stand in the end, whoever stores last."""

    class ChangesOnce(MemoryDocuments):
        """A host's documents: while the library works on one, the writer goes on typing."""

        typed = False

        async def type_on(self, project_id: str, document_id: str) -> None:
            document = await self.get(project_id, document_id)
            await self.update(document.model_copy(update={"text": "Now Tove is second."}), expected_rev=document.rev)

    documents = ChangesOnce()

    class TypedMeanwhile(Recorded):
        async def replace(self, project_id: str, document_id: str, mentions: Sequence[Mention]) -> None:
            if not documents.typed:
                documents.typed = True
                await documents.type_on(project_id, document_id)
            await super().replace(project_id, document_id, mentions)

    rest = MemoryStorage()
    async with Storage.compose(story={"mentions": TypedMeanwhile(), "documents": documents}, rest=rest) as storage:
        story = StoryService(storage, "local")
        project = await story.projects.create(name="Crossing")
        await story.entities.create(project.id, type="character", name="Tove")
        await story.documents.create(project.id, title="One", text="Tove is first.")

        (mention,) = (await story.mentions.list(project.id)).items

    assert (mention.document_rev, mention.start) == (2, 4)
