"""What the journal's full-text index promises of its upkeep."""

from __future__ import annotations

from saga_agent.domain.journal import Passage
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect, expect_same
from saga_agent.testing.storage.passage_rows import found, passage
from saga_agent.testing.storage.racing import Cut, at_each_moment, race
from saga_agent.testing.storage.samples import ELSEWHERE, EVERY_SCRIPT, HOME


async def gives_back_what_was_indexed(storage: Storage) -> None:
    """A hit has document, revision, offsets, title and text exactly as they were stored."""
    full = Passage(
        document_id="doc “1”",
        document_rev=2**40,
        start=12,
        end=345,
        title="Část I: “Hvězdy”",
        text=f"  {EVERY_SCRIPT}\n\n kennels ",
    )
    await storage.journal.passages.replace(HOME, full.document_id, [full])

    (hit,) = await storage.journal.passages.search(HOME, "kennels")

    expect_same(Passage(**hit.model_dump(exclude={"score"})), full, "The hit without its score")


async def replaces_a_documents_passages(storage: Storage) -> None:
    """`replace` puts the new passages in place of all old ones of the document, and leaves others alone."""
    replace = storage.journal.passages.replace
    await replace(HOME, "doc_1", [passage("old hounds"), passage("old kennels", start=20)])
    await replace(HOME, "doc_2", [passage("other hounds", document_id="doc_2")])

    await replace(HOME, "doc_1", [passage("new hounds", rev=2)])

    expect_same(sorted(await found(storage, "hounds")), ["new hounds", "other hounds"], "The hits of 'hounds'")
    expect_same(await found(storage, "kennels old"), [], "The hits of words that are gone")


async def takes_a_document_out(storage: Storage) -> None:
    """`replace` by nothing takes the document out of the index and of the revisions."""
    replace = storage.journal.passages.replace
    await replace(HOME, "doc_1", [passage("hounds")])
    await replace(HOME, "doc_2", [passage("hounds too", document_id="doc_2")])

    for _ in ("first", "repeated"):
        await replace(HOME, "doc_1", [])

    expect_same(await found(storage, "hounds"), ["hounds too"], "The hits")
    expect_same(dict(await storage.journal.passages.revisions(HOME)), {"doc_2": 1}, "The revisions")


async def knows_the_indexed_revisions(storage: Storage) -> None:
    """`revisions` gives the revision of each document of the project as it was last indexed."""
    replace = storage.journal.passages.replace
    await replace(HOME, "doc_1", [passage("a", rev=3), passage("b", start=5, rev=3)])
    await replace(HOME, "doc_2", [passage("c", document_id="doc_2", rev=7)])
    await replace(ELSEWHERE, "doc_3", [passage("d", document_id="doc_3", rev=9)])
    await replace(HOME, "doc_1", [passage("a", rev=4)])

    expect_same(dict(await storage.journal.passages.revisions(HOME)), {"doc_1": 4, "doc_2": 7}, "The revisions")
    expect_same(dict(await storage.journal.passages.revisions("prj_unknown")), {}, "An unknown project's revisions")


async def keeps_projects_apart(storage: Storage) -> None:
    """Search finds passages of the asked project alone, also where document ids are equal."""
    replace = storage.journal.passages.replace
    await replace(HOME, "doc_1", [passage("hounds at home")])
    await replace(ELSEWHERE, "doc_1", [passage("hounds elsewhere")])

    expect_same(await found(storage, "hounds"), ["hounds at home"], "The hits at home")
    expect_same(await found(storage, "hounds", project_id=ELSEWHERE), ["hounds elsewhere"], "The hits elsewhere")
    expect_same(await found(storage, "hounds", project_id="prj_unknown"), [], "The hits in an unknown project")


async def purges_one_project(storage: Storage) -> None:
    """`purge` removes the project from the index, and no other; it may be repeated."""
    for project_id in (HOME, ELSEWHERE):
        await storage.journal.passages.replace(project_id, "doc_1", [passage("hounds")])

    for _ in ("first", "repeated"):
        await storage.journal.passages.purge(HOME)

    expect_same(await found(storage, "hounds"), [], "The hits in the purged project")
    expect_same(dict(await storage.journal.passages.revisions(HOME)), {}, "The purged project's revisions")
    expect_same(await found(storage, "hounds", project_id=ELSEWHERE), ["hounds"], "The hits in another project")


async def indexes_a_whole_novel(storage: Storage) -> None:
    """A document of 2,000 passages is indexed in one step, and a rare word in it is found."""
    novel = [passage(f"Hounds slept at hour {number}.", start=number * 100) for number in range(2000)]
    novel[1234] = passage("Hounds slept at the Kennels.", start=123400)

    await storage.journal.passages.replace(HOME, "doc_1", novel)

    expect_same((await found(storage, "kennels hounds", limit=3))[:1], [novel[1234].text], "The best hit")


async def never_mixes_racing_replacements(storage: Storage) -> None:
    """Of racing replacements of one document the index holds exactly one, with its revision."""
    versions = [
        [passage(f"hounds of version {rev}", start=start, rev=rev) for start in range(0, 500, 100)]
        for rev in range(1, 9)
    ]

    await race(storage.journal.passages.replace(HOME, "doc_1", version) for version in versions)

    hits = await storage.journal.passages.search(HOME, "hounds", limit=99)
    seen = {(hit.document_rev, hit.text) for hit in hits}
    expect((len(hits), len(seen)) == (5, 1), f"The index holds {len(hits)} passages of {sorted(seen)}.")
    revisions = dict(await storage.journal.passages.revisions(HOME))
    expect_same(revisions, {"doc_1": hits[0].document_rev}, "The revisions")


async def replaces_whole_or_not_when_cancelled(storage: Storage) -> None:
    """A cancelled `replace` happened whole or not at all, and the index goes on working."""
    before = [passage("old hounds", start=start, rev=1) for start in range(0, 2000, 100)]
    after = [passage("new hounds", start=start, rev=2) for start in range(0, 2000, 100)]

    async def attempt(number: int, cut: Cut) -> None:
        await storage.journal.passages.replace(HOME, "doc_1", before)
        await cut(storage.journal.passages.replace(HOME, "doc_1", after))
        texts = await found(storage, "hounds", limit=99)
        expect(len(texts) == 20 and len(set(texts)) == 1, f"A cancelled replace left {len(texts)} of {set(texts)}.")
        await storage.journal.passages.replace(HOME, "doc_1", after)
        expect_same(await found(storage, "hounds", limit=99), ["new hounds"] * 20, "The hits after the repetition")

    await at_each_moment(attempt)


async def tells_which_documents_hold_words(storage: Storage) -> None:
    """`holding` gives every document in which all words of a phrase stand, as written, wherever they stand."""
    port = storage.journal.passages
    texts = {
        "doc_1": "Old Mara sang.",
        "doc_2": "Mara, MARA Voss-Lee! (O'Hara_)",
        "doc_3": "She read 李明天's letter and Zoe\u0301's.",
        "doc_4": "rain",
    }
    for document_id, text in texts.items():
        await port.replace(HOME, document_id, [passage(text, document_id=document_id)])
    long = "x" * 40 + "Mara"
    halves = [passage(long[:42], document_id="doc_5"), passage(long[42:], document_id="doc_5", start=42)]
    await port.replace(HOME, "doc_5", halves)
    await port.replace(ELSEWHERE, "doc_9", [passage("Mara sang.", document_id="doc_9")])

    cases: list[tuple[list[list[str]], set[str]]] = [
        ([["Mara"]], {"doc_1", "doc_2"}),
        ([["Mara", "Lee"]], {"doc_2"}),
        ([["MARA"], ["rain"]], {"doc_2", "doc_4"}),
        ([["明"]], {"doc_3"}),
        ([["Hara"], ["Zoe"]], {"doc_2", "doc_3"}),
        ([[long]], {"doc_5"}),
        ([[]], {*texts, "doc_5"}),
    ]
    for phrases, expected in cases:
        missed = expected - set(await port.holding(HOME, phrases))
        expect_same(missed, set[str](), f"The documents that were not told to hold one of {phrases}")
    expect_same(list(await port.holding(HOME, [])), [], "The documents that hold none of no phrases")


async def tells_of_few_documents_that_hold_no_such_words(storage: Storage) -> None:
    """`holding` passes over most documents without the words, other projects', and what is no longer indexed."""
    port = storage.journal.passages
    for number in range(100):
        text = f"The rain fell on day {number}, and nobody came but Mara{number}."
        await port.replace(HOME, f"doc_{number}", [passage(text, document_id=f"doc_{number}")])
    await port.replace(ELSEWHERE, "doc_e", [passage("Mara7 sang.", document_id="doc_e")])

    told = list(await port.holding(HOME, [["Mara7"]]))
    expect("doc_7" in told, f"holding left out doc_7, which holds the word; it gave {told}")
    expect(len(told) <= 5, f"holding gave {len(told)} documents of a hundred for a word that stands in one")
    await port.replace(HOME, "doc_7", [passage("It went on raining.", document_id="doc_7", rev=2)])
    expect("doc_7" not in list(await port.holding(HOME, [["Mara7"]])), "holding goes by an earlier text")
    await port.replace(HOME, "doc_8", [])
    await port.purge(ELSEWHERE)
    expect("doc_8" not in list(await port.holding(HOME, [[]])), "holding gave a document that was taken out")
    expect(not list(await port.holding(ELSEWHERE, [[]])), "holding gave documents of a project that was purged")
