"""What a vector index promises of searches."""

from __future__ import annotations

from saga_agent.domain.journal import Stretch
from saga_agent.retrieval.protocol import PlacedVector, VectorIndex
from saga_agent.testing.storage.expect import expect_same
from saga_agent.testing.vectors.samples import ANOTHER_OWNER, ANOTHER_PROJECT, EAST, HOME, NORTH, UP, placed, starts


async def gives_back_where_a_passage_lies(index: VectorIndex) -> None:
    """What is found has document, revision and offsets exactly as they were stored."""
    stretch = Stretch(document_id="doc “1”", document_rev=2**40, start=12, end=345)
    await index.replace(HOME, stretch.document_id, [PlacedVector(stretch=stretch, vector=EAST)])

    expect_same(list(await index.search(HOME, EAST)), [stretch], "What is found")


async def finds_the_nearest_first(index: VectorIndex) -> None:
    """Vectors are ranked by the angle to the query's, however long they are, and at most `limit` are given."""
    await index.replace(
        HOME, "doc_1", [placed(UP, 0), placed((9.0, 0.1, 0.0), 10), placed((0.5, 0.5, 0.0), 20), placed(NORTH, 30)]
    )

    expect_same((await starts(index, EAST))[:2], [10, 20], "The nearest to the east")
    expect_same((await starts(index, (0.0, 0.2, 0.0)))[:2], [30, 20], "The nearest to the north")
    expect_same(await starts(index, UP, limit=1), [0], "The one nearest")


async def finds_nothing_in_an_empty_index(index: VectorIndex) -> None:
    """A search before anything was stored finds nothing, and is no error."""
    expect_same(await starts(index, EAST), [], "What is found")


async def keeps_projects_apart(index: VectorIndex) -> None:
    """Another project's vectors are not found, be they ever so near, also where document ids are equal."""
    await index.replace(HOME, "doc_1", [placed(NORTH, 0)])
    await index.replace(ANOTHER_PROJECT, "doc_1", [placed(EAST, 10), placed(EAST, 20)])

    expect_same(await starts(index, EAST), [0], "What is found at home")
    expect_same(sorted(await starts(index, NORTH, scope=ANOTHER_PROJECT)), [10, 20], "What is found elsewhere")


async def keeps_owners_apart(index: VectorIndex) -> None:
    """Another owner's vectors are not found, also where project ids are equal."""
    await index.replace(HOME, "doc_1", [placed(NORTH, 0)])
    await index.replace(ANOTHER_OWNER, "doc_2", [placed(EAST, 10, document_id="doc_2")])

    expect_same(await starts(index, EAST), [0], "What the owner finds")
    expect_same(await starts(index, NORTH, scope=ANOTHER_OWNER), [10], "What the other owner finds")


async def finds_a_few_among_many_of_others(index: VectorIndex) -> None:
    """The filter comes before the limit: a project's one passage is found among 200 nearer ones of another."""
    crowd = [placed(EAST, 10 * number) for number in range(200)]
    await index.replace(ANOTHER_PROJECT, "doc_1", crowd)
    await index.replace(HOME, "doc_1", [placed(NORTH, 7)])

    expect_same(await starts(index, EAST, limit=3), [7], "What is found")
