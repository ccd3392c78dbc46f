"""What a vector index promises of documents that come, change and go."""

from __future__ import annotations

from saga_agent.retrieval.protocol import VectorIndex
from saga_agent.testing.storage.expect import expect_same
from saga_agent.testing.vectors.samples import ANOTHER_OWNER, ANOTHER_PROJECT, EAST, HOME, NORTH, UP, placed, starts


async def replaces_a_documents_vectors(index: VectorIndex) -> None:
    """`replace` puts the new vectors in place of all of the document's, be they more or fewer, and of no others."""
    await index.replace(HOME, "doc_2", [placed(EAST, 900, document_id="doc_2")])
    for rev, count in enumerate((1, 5, 2), start=1):
        await index.replace(HOME, "doc_1", [placed(EAST, 10 * number, rev=rev) for number in range(count)])

    found = await index.search(HOME, EAST, limit=99)

    expect_same(sorted(each.start for each in found), [0, 10, 900], "Where what is found begins")
    expect_same({each.document_rev for each in found if each.document_id == "doc_1"}, {3}, "The revisions found")


async def takes_a_document_out(index: VectorIndex) -> None:
    """`replace` by nothing takes the document out, of an index that knew it or not; it may be repeated."""
    await index.replace(HOME, "doc_0", [])
    await index.replace(HOME, "doc_1", [placed(EAST, 0), placed(NORTH, 10)])
    await index.replace(HOME, "doc_2", [placed(EAST, 900, document_id="doc_2")])

    for _ in ("first", "repeated"):
        await index.replace(HOME, "doc_1", [])

    expect_same(await starts(index, EAST), [900], "Where what is found begins")
    expect_same(dict(await index.revisions(HOME)), {"doc_2": 1}, "The revisions")


async def knows_the_revisions(index: VectorIndex) -> None:
    """`revisions` gives each document of the scope with the revision that was stored last, and no other scope's."""
    expect_same(dict(await index.revisions(HOME)), {}, "The revisions of an empty index")
    await index.replace(HOME, "doc_1", [placed(EAST, 0, rev=3), placed(NORTH, 10, rev=3)])
    await index.replace(HOME, "doc “é”", [placed(UP, document_id="doc “é”", rev=2**40)])
    await index.replace(ANOTHER_PROJECT, "doc_9", [placed(UP, document_id="doc_9")])
    await index.replace(HOME, "doc_1", [placed(EAST, 0, rev=4)])

    expect_same(dict(await index.revisions(HOME)), {"doc_1": 4, "doc “é”": 2**40}, "The revisions")
    expect_same(dict(await index.revisions(ANOTHER_OWNER)), {}, "The revisions that another owner sees")


async def holds_a_long_document(index: VectorIndex) -> None:
    """A document of 300 passages is held whole, and the right one of them is found."""
    long = [placed((1.0, number / 300, 0.0), 10 * number) for number in range(300)]
    await index.replace(HOME, "doc_1", long)

    expect_same(len(await index.search(HOME, EAST, limit=500)), 300, "The number of passages")
    expect_same(await starts(index, EAST, limit=2), [0, 10], "Where the nearest begin")


async def holds_many_documents(index: VectorIndex) -> None:
    """`revisions` gives all of 300 documents."""
    names = [f"doc_{number:04}" for number in range(300)]
    for name in names:
        await index.replace(HOME, name, [placed(EAST, document_id=name)])

    expect_same(sorted(await index.revisions(HOME)), names, "The documents")


async def purges_one_project(index: VectorIndex) -> None:
    """`purge` removes all vectors of the project, whoever stored them, and no other's; it may be repeated."""
    await index.purge(HOME)
    await index.replace(HOME, "doc_1", [placed(EAST, 0), placed(EAST, 10)])
    await index.replace(ANOTHER_OWNER, "doc_2", [placed(EAST, 20, document_id="doc_2")])
    await index.replace(ANOTHER_PROJECT, "doc_1", [placed(EAST, 30)])

    for _ in ("first", "repeated"):
        await index.purge(HOME)

    expect_same(await starts(index, EAST), [], "What is found in the purged project")
    expect_same(dict(await index.revisions(ANOTHER_OWNER)), {}, "What the other owner of the purged project sees")
    expect_same(await starts(index, EAST, scope=ANOTHER_PROJECT), [30], "What is found in another project")


async def follows_a_project_to_its_new_owner(index: VectorIndex) -> None:
    """A document that is stored again for another owner is the new owner's, and no longer the old one's."""
    await index.replace(HOME, "doc_1", [placed(EAST, 0), placed(NORTH, 10), placed(UP, 20)])

    await index.replace(ANOTHER_OWNER, "doc_1", [placed(EAST, 0), placed(NORTH, 10)])

    expect_same(await starts(index, EAST), [], "What the old owner finds")
    expect_same(await starts(index, EAST, scope=ANOTHER_OWNER), [0, 10], "What the new owner finds")


async def is_reachable_while_it_answers(index: VectorIndex) -> None:
    """An index that answers says so, and goes on answering after `close`, which may be repeated."""
    expect_same(await index.is_reachable(), True, "Whether it is reachable")
    for _ in ("first", "repeated"):
        await index.close()
    await index.replace(HOME, "doc_1", [placed(EAST)])

    expect_same(await starts(index, EAST), [0], "What is found after `close`")
