"""What the mentions port promises."""

from __future__ import annotations

from saga_agent.domain.notes import Appearance, Mention
from saga_agent.domain.record import Provenance
from saga_agent.errors import InvalidInput
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect, expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.racing import Cut, at_each_moment, race
from saga_agent.testing.storage.samples import ELSEWHERE, HOME

FULL = Mention(
    id="men_full",
    project_id=HOME,
    rev=3,
    provenance=Provenance(by="import", source="Ærø.md"),
    document_id="doc_1",
    document_rev=9,
    start=5,
    end=8,
    surface="Zoë",
    entity_id="ent_1",
    kind="character",
    group="zoë 🏰",
    how="detected",
    present=False,
)


def mention(name: str, start: int, *, document_id: str = "doc_1", entity_id: str | None = "ent_a") -> Mention:
    """A plain mention; its id is made of document, position and name."""
    return Mention(
        id=f"men_{document_id}_{start:05}_{name}",
        project_id=HOME,
        document_id=document_id,
        start=start,
        end=start + len(name),
        surface=name,
        entity_id=entity_id,
        kind="character",
        group=None if entity_id else name.lower(),
    )


async def keeps_every_field(storage: Storage) -> None:
    """Every field of a mention is stored and read back exactly."""
    await storage.story.mentions.replace(HOME, "doc_1", [FULL])

    expect_same((await storage.story.mentions.list(HOME)).items, (FULL,), "The listed mentions")


async def replaces_one_documents_mentions(storage: Storage) -> None:
    """`replace` puts the new mentions in place of all old ones of that document and leaves other documents alone."""
    port = storage.story.mentions
    other = mention("Ann", 0, document_id="doc_2")
    await port.replace(HOME, "doc_2", [other])
    await port.replace(HOME, "doc_1", [mention("Ann", 0), mention("Bea", 10)])

    kept, fresh = mention("Bea", 10), mention("Cy", 20)
    await port.replace(HOME, "doc_1", [kept, fresh])

    expect_ids(await port.list(HOME), [kept.id, fresh.id, other.id], "The list after the replacement")
    await port.replace(HOME, "doc_1", [])
    expect_ids(await port.list(HOME), [other.id], "The list after a replacement by nothing")


async def replaces_the_same_again(storage: Storage) -> None:
    """A repeated `replace` is success and changes nothing."""
    port = storage.story.mentions

    for _ in ("first", "repeated"):
        await port.replace(HOME, "doc_1", [FULL, mention("Ann", 0)])

    expect_ids(await port.list(HOME), [mention("Ann", 0).id, FULL.id], "The list")


async def lists_by_document_and_position(storage: Storage) -> None:
    """Lists go by document id, then by position as a number, whatever the order of writing; pages lose nothing."""
    port = storage.story.mentions
    second = [mention("Ann", start, document_id="doc_2") for start in (0, 7)]
    first = [mention("Bea", start) for start in (0, 9, 10, 100, 1000)]
    await port.replace(HOME, "doc_2", list(reversed(second)))
    await port.replace(HOME, "doc_1", list(reversed(first)))

    found: list[str] = []
    after = None
    for _ in range(4):
        page = await port.list(HOME, after=after, limit=2)
        found += [item.id for item in page.items]
        after = page.next

    expect_same(found, [item.id for item in [*first, *second]], "The list, read in pages of two")
    expect_same(after, None, "The last page's cursor")


async def pages_through_mentions_at_one_position(storage: Storage) -> None:
    """Mentions that start at the same place are each on exactly one page."""
    port = storage.story.mentions
    same = [mention(name, 5) for name in ("Ann", "Anna", "Annabel", "Anne", "Anni")]
    await port.replace(HOME, "doc_1", same)

    found: list[str] = []
    after = None
    for _ in range(5):
        page = await port.list(HOME, after=after, limit=1)
        found += [item.id for item in page.items]
        after = page.next

    expect_same((sorted(found), after), (sorted(item.id for item in same), None), "The (ids, last cursor)")


async def reads_on_while_a_document_is_replaced(storage: Storage) -> None:
    """A cursor keeps its place when the mention it stands on is replaced."""
    port = storage.story.mentions
    await port.replace(HOME, "doc_1", [mention("Ann", start) for start in (0, 10, 20, 30)])
    first = await port.list(HOME, limit=2)

    await port.replace(HOME, "doc_1", [mention("Bea", start) for start in (5, 25, 35)])

    second = await port.list(HOME, after=first.next, limit=9)
    expect_ids(second, [mention("Bea", 25).id, mention("Bea", 35).id], "The page after the cursor")


async def filters_by_document_and_entity(storage: Storage) -> None:
    """Each filter, and both together, give exactly the mentions that match."""
    port = storage.story.mentions
    rows = {
        document_id: [
            mention("Ann", 0, document_id=document_id),
            mention("Bea", 9, document_id=document_id, entity_id="ent_b"),
        ]
        for document_id in ("doc_1", "doc_2")
    }
    for document_id, mentions in rows.items():
        await port.replace(HOME, document_id, mentions)

    async def ids(**where: str) -> list[str]:
        return [item.id for item in (await port.list(HOME, where=where)).items]

    expect_same(await ids(document_id="doc_2"), [item.id for item in rows["doc_2"]], "The mentions of a document")
    expect_same(await ids(entity_id="ent_b"), [rows["doc_1"][1].id, rows["doc_2"][1].id], "The mentions of an entity")
    both = await ids(document_id="doc_1", entity_id="ent_b")
    expect_same(both, [rows["doc_1"][1].id], "The mentions of an entity in a document")
    expect_same(await ids(entity_id="ent_unknown"), [], "The mentions of an unknown entity")


async def refuses_an_unknown_filter(storage: Storage) -> None:
    """A field that is no filter of the port raises `InvalidInput`."""
    for field in ("surface", "no_such_field"):
        attempt = storage.story.mentions.list(HOME, where={field: "Ann"})
        await expect_raises(InvalidInput, attempt, f"list with the filter {field!r}")


async def counts_appearances(storage: Storage) -> None:
    """`count` counts entities by entity and unknown names by group, in each document, by its first mention."""
    port = storage.story.mentions
    ann = {"entity_id": "ent_a"}
    await port.replace(HOME, "doc_2", [mention("Ann", 3, document_id="doc_2", **ann)])
    await port.replace(
        HOME,
        "doc_1",
        [
            mention("Zed", 90, entity_id=None),
            mention("Annie", 50, **ann),
            mention("Ann", 10, **ann),
            mention("Zed", 5, entity_id=None),
            mention("Yve", 100, entity_id=None),
            mention("Ann", 70, **ann),
        ],
    )

    def seen(name: str, document_id: str, entity_id: str | None, count: int, first: int) -> Appearance:
        return Appearance(
            document_id=document_id,
            entity_id=entity_id,
            group=None if entity_id else name.lower(),
            kind="character",
            surface=name,
            count=count,
            first=first,
        )

    in_first = [
        seen("Zed", "doc_1", None, 2, 5),
        seen("Ann", "doc_1", "ent_a", 3, 10),
        seen("Yve", "doc_1", None, 1, 100),
    ]
    in_second = [seen("Ann", "doc_2", "ent_a", 1, 3)]
    expect_same(list(await port.count(HOME)), in_first + in_second, "The appearances in the project")
    expect_same(list(await port.count(HOME, document_id="doc_2")), in_second, "The appearances in one document")
    expect_same(list(await port.count(ELSEWHERE)), [], "The appearances in a project without mentions")


async def counts_entities_by_entity_alone(storage: Storage) -> None:
    """Mentions of an entity count together whatever their group, and the appearance names no group."""
    port = storage.story.mentions
    grouped = [mention("Ann", start).model_copy(update={"group": f"group {start}"}) for start in (0, 10)]
    await port.replace(HOME, "doc_1", grouped)

    (appearance,) = await port.count(HOME)

    expect_same((appearance.count, appearance.group), (2, None), "The appearance's (count, group)")


async def keeps_projects_apart(storage: Storage) -> None:
    """Mentions of another project are neither listed nor counted nor replaced nor purged; a purge may be repeated."""
    port = storage.story.mentions
    place = {"document_id": "doc_1_elsewhere", "entity_id": "ent_a_elsewhere"}
    there = mention("Ann", 0, **place).model_copy(update={"id": "men_there", "project_id": ELSEWHERE})
    await port.replace(ELSEWHERE, "doc_1_elsewhere", [there])
    await port.replace(HOME, "doc_1", [mention("Ann", 0), mention("Ann", 10)])

    expect_same([row.count for row in await port.count(HOME)], [2], "The counts in the project")
    for _ in ("first", "repeated"):
        await port.purge(HOME)
        expect_ids(await port.list(HOME), [], "The purged project's list")
        expect_ids(await port.list(ELSEWHERE), ["men_there"], "The other project's list")


async def purges_more_than_a_page(storage: Storage) -> None:
    """`purge` removes all mentions of a project, however many there are, and so does `replace` of a document."""
    port = storage.story.mentions
    many = [mention("Ann", start) for start in range(1_100)]
    await port.replace(HOME, "doc_1", many)
    await port.replace(HOME, "doc_1", [mention("Bea", 0)])
    expect_ids(await port.list(HOME), [mention("Bea", 0).id], "The list after 1,100 mentions were replaced by one")
    await port.replace(HOME, "doc_1", many)

    await port.purge(HOME)

    expect_ids(await port.list(HOME), [], "The list after the purge of 1,100 mentions")


async def never_mixes_racing_replacements(storage: Storage) -> None:
    """Of racing replacements of one document the mentions are those of exactly one of them."""
    port = storage.story.mentions
    versions = [[mention(f"Name{number}", start) for start in range(0, 200, 10)] for number in range(10)]

    await race(port.replace(HOME, "doc_1", version) for version in versions)

    found = [item.id for item in (await port.list(HOME)).items]
    candidates = [[item.id for item in version] for version in versions]
    expect(found in candidates, f"The stored mentions are of several replacements: {found}.")


async def replaces_whole_or_not_when_cancelled(storage: Storage) -> None:
    """A cancelled `replace` happened whole or not at all, and the port goes on working."""
    port = storage.story.mentions
    before = [mention("Ann", start) for start in range(0, 300, 10)]
    after = [mention("Bea", start) for start in range(0, 300, 10)]

    async def attempt(number: int, cut: Cut) -> None:
        await port.replace(HOME, "doc_1", before)
        await cut(port.replace(HOME, "doc_1", after))
        surfaces = {item.surface for item in (await port.list(HOME)).items}
        expect(surfaces in ({"Ann"}, {"Bea"}), f"A cancelled replace left mentions of {sorted(surfaces)}.")
        await port.replace(HOME, "doc_1", after)
        expect_ids(await port.list(HOME), [item.id for item in after], "The list after the replace was repeated")

    await at_each_moment(attempt)
