"""What the entities port promises beyond other records: finding entities by the words of their names."""

from __future__ import annotations

from saga_agent.domain.entity import Alias, Entity
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_same
from saga_agent.testing.storage.samples import HOME, entity


def _named(number: int, name: str, *aliases: str) -> Entity:
    names = {"name": name, "aliases": tuple(Alias(text=alias) for alias in aliases)}
    return entity(number).model_copy(update=names)


async def _found(storage: Storage, *words: str, limit: int = 100) -> list[str]:
    return [found.name for found in await storage.story.entities.named(HOME, words, limit=limit)]


async def finds_entities_by_a_word_of_a_name(storage: Storage) -> None:
    """`named` gives the entities with one of the words in their name or an alias, and no others, as stored."""
    port = storage.story.entities
    await port.create(_named(1, "Tove Askel", "the Ferry-Child"))
    await port.create(_named(2, "Ludo Brandt"))

    expect_same(list(await port.named(HOME, ["askel"])), [_named(1, "Tove Askel", "the Ferry-Child")], "By a name")
    expect_same(await _found(storage, "child"), ["Tove Askel"], "The names found by a word of an alias")
    expect_same(await _found(storage, "brandt", "nobody", "tove"), ["Tove Askel", "Ludo Brandt"], "By several words")
    expect_same(await _found(storage, "aske"), [], "The names found by a part of a word")
    expect_same(await _found(storage, "nobody"), [], "The names found by a word of no name")
    expect_same(await _found(storage), [], "The names found by no words")


async def finds_entities_that_were_created_at_once(storage: Storage) -> None:
    """`named` finds what `create_many` stored, as it finds what `create` stored."""
    port = storage.story.entities
    if not hasattr(port, "create_many"):
        return

    await port.create_many([_named(1, "Tove Askel"), _named(2, "Ludo Askel", "the Ferry-Child")])

    expect_same(await _found(storage, "askel"), ["Tove Askel", "Ludo Askel"], "The names found by a shared word")
    expect_same(await _found(storage, "child"), ["Ludo Askel"], "The names found by a word of an alias")


async def finds_entities_by_folded_words(storage: Storage) -> None:
    """Case and diacritics of a name do not matter: words are compared as `Entity.name_words` folds them."""
    await storage.story.entities.create(_named(1, "ZOË O’Brien", "Žár", "Москва"))

    for word in ("zoe", "o", "brien", "zar", "москва"):
        expect_same(await _found(storage, word), ["ZOË O’Brien"], f"The names found by {word!r}")


async def gives_entities_with_most_of_the_words_first(storage: Storage) -> None:
    """Who has more of the words comes first, then the smaller id; a word that comes twice in a name counts once."""
    port = storage.story.entities
    await port.create(_named(4, "Askel Askel", "Old Askel"))
    await port.create(_named(3, "Mara Askel"))
    await port.create(_named(2, "Tove Askel", "Mara"))
    await port.create(_named(1, "Runa Askel"))

    expected = ["Tove Askel", "Mara Askel", "Runa Askel", "Askel Askel"]
    expect_same(await _found(storage, "askel", "mara", "old house"), expected, "The names, most words first")
    expect_same(await _found(storage, "askel", "mara", limit=2), expected[:2], "The names within a limit of two")


async def follows_names_as_they_change(storage: Storage) -> None:
    """After an update only the new names find an entity, after a delete or a purge nothing does."""
    port = storage.story.entities
    await port.create(_named(1, "Tove Askel", "the Child"))
    await port.create(_named(2, "Tove Brandt"))

    await port.update(_named(1, "Runa Askel"), expected_rev=1)
    renamed = [await _found(storage, word) for word in ("tove", "child", "runa")]
    await port.delete(HOME, entity(2).id)
    deleted = await _found(storage, "tove", "runa")
    await port.purge(HOME)

    expect_same(renamed, [["Tove Brandt"], [], ["Runa Askel"]], "The names found by 'tove', 'child' and 'runa'")
    expect_same(deleted, ["Runa Askel"], "The names found after a delete")
    expect_same(await _found(storage, "runa"), [], "The names found after a purge")


async def finds_entities_of_one_project_only(storage: Storage) -> None:
    """`named` gives entities of the asked project alone, and a purge of another takes none away."""
    port = storage.story.entities
    await port.create(_named(1, "Tove Askel"))
    await port.create(_named(2, "Tove Brandt").model_copy(update={"project_id": "prj_elsewhere"}))

    expect_same(await _found(storage, "tove"), ["Tove Askel"], "The names found")
    await port.purge("prj_elsewhere")
    expect_same(await _found(storage, "tove"), ["Tove Askel"], "The names found after the purge of another project")
