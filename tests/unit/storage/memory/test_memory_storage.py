"""What MemoryStorage promises beyond the kit."""

from __future__ import annotations

import pytest

from saga_agent.domain.entity import Entity
from saga_agent.errors import InvalidInput, StorageUnavailable
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.memory.passages import scores, words
from saga_agent.storage.memory.tables import detached


async def test_data_lives_as_long_as_the_instance() -> None:
    storage = MemoryStorage()
    zoe = Entity(id="ent_1", project_id="prj_1", type="character", name="Zoë")

    async with storage:
        await storage.story.entities.create(zoe)
    async with storage:
        assert await storage.story.entities.get("prj_1", "ent_1") == zoe
    async with MemoryStorage() as another:
        assert (await another.story.entities.list("prj_1")).items == ()


async def test_nothing_answers_before_it_is_opened_or_after_it_is_closed() -> None:
    storage = MemoryStorage()
    sooner = storage.story.entities.list("prj_1")
    async with storage:
        later = storage.journal.threads.list("own_1")

    for attempt in (sooner, later, storage.journal.end_project("prj_1")):
        with pytest.raises(StorageUnavailable, match="is not open"):
            await attempt


@pytest.mark.parametrize("cursor", ["nonsense", "7", '[1, {"a": 2}]', "[[1]]"])
async def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    async with MemoryStorage() as storage:
        await storage.story.entities.create(Entity(id="ent_1", project_id="prj_1", type="item", name="Ring"))

        with pytest.raises(InvalidInput, match="is no cursor of this list; pass the `next` of one of its pages"):
            await storage.story.entities.list("prj_1", after=cursor)


def test_a_detached_model_shares_no_dict_at_any_depth() -> None:
    given = Entity(id="ent_1", project_id="prj_1", type="item", name="Ring", fields={"a": [{"b": 1}]})

    copy = detached(given)
    given.fields["a"][0]["b"] = 2  # type: ignore[index]

    assert copy.fields == {"a": [{"b": 1}]}


def test_words_are_folded() -> None:
    assert words("Zoë's KENNELS — “Straße”, 3 ponies; bus, glass") == [
        "zoe",
        "s",
        "kennel",
        "strasse",
        "3",
        "pony",
        "bus",
        "glass",
    ]


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    texts = ["hounds and a crow", "hounds and hounds", "hounds", "nothing at all"]

    found = scores("hounds crow", texts)

    assert found[0] == max(found)
    assert found[3] == 0
