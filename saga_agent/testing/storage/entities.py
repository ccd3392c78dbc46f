"""What the entities port promises beyond other records: finding entities by the words of their names."""

from __future__ import annotations

from saga_agent.domain.entity import Alias, Entity
from saga_agent.domain.record import Revisions
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


async def tells_the_revision_of_every_entity(storage: Storage) -> None:
    """`revisions` gives the id and the revision of each entity of the project, and of no other."""
    port = storage.story.entities
    if not _keeps_revisions(port):
        return
    expect_same(dict((await port.revisions(HOME)).held), {}, "The revisions in an empty project")
    await port.create(_named(1, "Tove Askel"))
    await port.create(_named(2, "Ludo Brandt"))
    await port.create(_named(3, "Tove Brandt").model_copy(update={"project_id": "prj_elsewhere"}))
    await port.update(_named(2, "Runa Brandt"), expected_rev=1)

    told = await port.revisions(HOME)

    expect_same(dict(told.held), {entity(1).id: 1, entity(2).id: 2}, "The revisions")
    expect_same((told.is_whole, set(told.gone)), (True, set[str]()), "Whether that is the whole, and what is gone")


async def tells_what_changed_since_a_mark(storage: Storage) -> None:
    """What an answer of `revisions` leaves out has not changed since its mark; made, changed and removed are told."""
    port = storage.story.entities
    if not _keeps_revisions(port):
        return
    for number in (1, 2, 3, 4):
        await port.create(_named(number, f"Name {number}"))
    before = await port.revisions(HOME)
    same = await port.revisions(HOME, since=before.mark)
    expect_same(_after(before, same), dict(before.held), "The revisions where nothing changed")

    await port.update(_named(2, "Runa Askel"), expected_rev=1)
    await port.delete(HOME, entity(3).id)
    await port.delete(HOME, entity(4).id)
    await port.create(_named(4, "Another of that id"))
    await port.create(_named(5, "Ludo Brandt"))
    await port.create(_named(6, "Elsewhere").model_copy(update={"project_id": "prj_elsewhere"}))
    told = await port.revisions(HOME, since=before.mark)

    wanted = {entity(1).id: 1, entity(2).id: 2, entity(4).id: 1, entity(5).id: 1}
    expect_same(_after(before, told), wanted, "The revisions, by the earlier ones and what is different")
    if not told.is_whole:
        expect_same(entity(4).id in told.held, True, "Whether an id that was given anew is told of")


async def tells_the_whole_where_a_mark_is_of_no_use(storage: Storage) -> None:
    """A mark from before a purge, from another project or from nowhere gets the whole."""
    port = storage.story.entities
    if not _keeps_revisions(port):
        return
    await port.create(_named(1, "Tove Askel"))
    before = await port.revisions(HOME)
    await port.purge(HOME)
    expect_same(_after(before, await port.revisions(HOME, since=before.mark)), {}, "The revisions after a purge")
    await port.create(_named(2, "Ludo Brandt"))

    for since in (before.mark, "", "1.", "nowhere", (await port.revisions("prj_elsewhere")).mark):
        expect_same(_after(before, await port.revisions(HOME, since=since)), {entity(2).id: 1}, f"Since {since!r}")


def _keeps_revisions(port: object) -> bool:
    """Whether the port has the verb; one that was written before it need not."""
    return hasattr(port, "revisions")


def _after(before: Revisions, told: Revisions) -> dict[str, int]:
    """All revisions, by an earlier answer and a later one."""
    if told.is_whole:
        return dict(told.held)
    left = {each: rev for each, rev in before.held.items() if each not in told.gone}
    return dict(sorted({**left, **told.held}.items()))
