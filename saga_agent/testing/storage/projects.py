"""What the projects port promises."""

from __future__ import annotations

from saga_agent.domain.project import Project, StyleGuide
from saga_agent.errors import AlreadyExists, Conflict, NotFound
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.racing import Cut, at_each_moment, names_of, race
from saga_agent.testing.storage.samples import EVERY_SCRIPT, JSON_BODY

FULL = Project(
    id="prj_full",
    owner_id="own_ž",
    rev=7,
    name="Příběh 🏰 — “The Hollow Crown”",
    kind="series",
    parent_id="prj_world",
    calendar_id="ent_calendar",
    settings=JSON_BODY,
    style_guide=StyleGuide(
        banned_words=("suddenly", "náhle"),
        person="first",
        tense="present",
        spelling="british",
        language="cs-CZ",
        sample=EVERY_SCRIPT,
        notes="“Short” sentences.",
    ),
)


def project(number: int, *, owner_id: str = "own_1") -> Project:
    """A plain project; a greater number comes later in lists."""
    return Project(id=f"prj_{number:04}", owner_id=owner_id, name=f"Book {number}")


async def _make_world(storage: Storage) -> None:
    """What `FULL` refers to among projects."""
    await storage.story.projects.create(Project(id="prj_world", owner_id="own_kit", name="A world"))


async def keeps_every_field(storage: Storage) -> None:
    """Every field of a project is stored and read back exactly, JSON bodies and revision too."""
    await _make_world(storage)
    created = await storage.story.projects.create(FULL)

    expect_same(created, FULL, "What create returned")
    expect_same(await storage.story.projects.get(FULL.id), FULL, "What get read")


async def refuses_a_taken_id(storage: Storage) -> None:
    """`create` with a taken id raises `AlreadyExists` and changes nothing, also for another owner."""
    port = storage.story.projects
    await port.create(project(1))

    for owner_id in ("own_1", "own_2"):
        await expect_raises(AlreadyExists, port.create(project(1, owner_id=owner_id)), "create with a taken id")

    expect_same(await port.get("prj_0001"), project(1), "The first project")


async def refuses_an_unknown_id(storage: Storage) -> None:
    """`get`, `update` and `delete` of an unknown id raise `NotFound`, and `update` does not create."""
    port = storage.story.projects

    await expect_raises(NotFound, port.get("prj_0001"), "get of an unknown id")
    await expect_raises(NotFound, port.update(project(1), expected_rev=1), "update of an unknown id")
    await expect_raises(NotFound, port.delete("prj_0001"), "delete of an unknown id")
    expect_ids(await port.list("own_1"), [], "The list after a refused update")


async def updates_every_field(storage: Storage) -> None:
    """`update` stores every field at `expected_rev + 1`, also one taken back to None, and returns it so."""
    await _make_world(storage)
    port = storage.story.projects
    await port.create(FULL)
    plain = project(1).model_copy(update={"id": FULL.id})

    updated = await port.update(plain, expected_rev=7)
    expect_same(updated, plain.model_copy(update={"rev": 8}), "What update returned")
    expect_same(await port.get(FULL.id), updated, "The project with its fields cleared")

    await port.update(FULL, expected_rev=8)
    expect_same(await port.get(FULL.id), FULL.model_copy(update={"rev": 9}), "The project with its fields filled")


async def refuses_an_outdated_update(storage: Storage) -> None:
    """`update` with another revision than the stored one raises `Conflict`, names both, and changes nothing."""
    await _make_world(storage)
    port = storage.story.projects
    await port.create(project(1))
    current = await port.update(project(1), expected_rev=1)

    error = await expect_raises(
        Conflict, port.update(FULL.model_copy(update={"id": "prj_0001"}), expected_rev=1), "an outdated update"
    )

    expect_same((error.expected_rev, error.current_rev), (1, 2), "Conflict's (expected_rev, current_rev)")
    expect_same(await port.get("prj_0001"), current, "The project after the refusal")


async def lets_one_of_racing_updates_win(storage: Storage) -> None:
    """Of 20 racing updates of one revision exactly one wins; the others raise `Conflict`."""
    port = storage.story.projects
    await port.create(project(1))

    racers = (project(1).model_copy(update={"name": f"Racer {number}"}) for number in range(20))
    won, lost = await race(port.update(racer, expected_rev=1) for racer in racers)

    expect_same((len(won), names_of(lost)), (1, ["Conflict"]), "The number of winners and what losers raised")
    expect_same(await port.get("prj_0001"), won[0], "The stored project")


async def lets_one_of_racing_creates_win(storage: Storage) -> None:
    """Of 20 racing creates of one id exactly one wins; the others raise `AlreadyExists`."""
    port = storage.story.projects

    racers = (project(1).model_copy(update={"name": f"Racer {number}"}) for number in range(20))
    won, lost = await race(port.create(racer) for racer in racers)

    expect_same((len(won), names_of(lost)), (1, ["AlreadyExists"]), "The number of winners and what losers raised")
    expect_same(await port.get("prj_0001"), won[0], "The stored project")


async def lists_an_owners_projects(storage: Storage) -> None:
    """`list` gives the owner's projects alone, by id, page by page, and ends without a cursor."""
    port = storage.story.projects
    for number in (5, 3, 1, 4, 2):
        await port.create(project(number))
        await port.create(project(number + 10, owner_id="own_2"))

    first = await port.list("own_1", limit=2)
    await port.delete("prj_0002")
    await port.create(project(0))
    second = await port.list("own_1", after=first.next, limit=2)
    third = await port.list("own_1", after=second.next, limit=2)

    expect_ids(first, ["prj_0001", "prj_0002"], "The first page")
    expect_ids(second, ["prj_0003", "prj_0004"], "The page after a delete and an insert before the cursor")
    expect_ids(third, ["prj_0005"], "The last page")
    expect_same(third.next, None, "The last page's cursor")
    expect_ids(await port.list("own_unknown"), [], "An unknown owner's list")


async def tells_owners_apart(storage: Storage) -> None:
    """Owners whose ids differ by case, accent or spaces alone are two, and `local` is an owner like others."""
    port = storage.story.projects
    owners = ("ada", "ADA", "adá", "ada ", "ad_", "%", "local")
    for number, owner_id in enumerate(owners):
        await port.create(project(number, owner_id=owner_id))

    for number, owner_id in enumerate(owners):
        expect_ids(await port.list(owner_id), [project(number).id], f"The list of {owner_id!r}")
    expect_ids(await port.list(""), [], "The list of an owner without an id")


async def changes_hands(storage: Storage) -> None:
    """A project whose `owner_id` is updated is in the new owner's list and no longer in the old one's."""
    port = storage.story.projects
    await port.create(project(1))

    await port.update(project(1, owner_id="own_2"), expected_rev=1)

    expect_ids(await port.list("own_1"), [], "The old owner's list")
    expect_ids(await port.list("own_2"), ["prj_0001"], "The new owner's list")


async def deletes_one_project(storage: Storage) -> None:
    """`delete` removes that project and no other; a second one raises `NotFound`; the id is free again."""
    port = storage.story.projects
    await port.create(project(1))
    await port.create(project(2))

    await port.delete("prj_0001")

    await expect_raises(NotFound, port.get("prj_0001"), "get of a deleted project")
    await expect_raises(NotFound, port.delete("prj_0001"), "a second delete")
    expect_ids(await port.list("own_1"), ["prj_0002"], "The list after the delete")
    await port.create(project(1))


async def does_not_share_what_callers_may_change(storage: Storage) -> None:
    """Neither a caller who changes the settings it handed in, nor one who changes what it read, changes the store."""
    port = storage.story.projects
    given = project(1).model_copy(update={"settings": {"key": "as given"}})
    await port.create(given)

    given.settings["key"] = "changed by its creator"
    (await port.get(given.id)).settings["key"] = "changed by a reader"
    (await port.list("own_1")).items[0].settings.clear()

    expect_same((await port.get(given.id)).settings, {"key": "as given"}, "The stored settings")


async def creates_and_updates_whole_or_not_when_cancelled(storage: Storage) -> None:
    """A cancelled verb happened whole or not at all, and the port goes on working."""
    await _make_world(storage)
    port = storage.story.projects

    async def attempt(number: int, cut: Cut) -> None:
        created = FULL.model_copy(update={"id": project(number).id, "rev": 1})
        await cut(port.create(created))
        await race([port.create(created)])
        expect_same(await port.get(created.id), created, "The project after a cancelled create was repeated")
        await cut(port.update(project(number), expected_rev=1))
        await race([port.update(project(number), expected_rev=1)])
        expect_same((await port.get(created.id)).rev, 2, "The revision after a cancelled update was repeated")
        await cut(port.delete(created.id))
        await race([port.delete(created.id)])
        await expect_raises(NotFound, port.get(created.id), "get after a cancelled delete was repeated")

    await at_each_moment(attempt)
