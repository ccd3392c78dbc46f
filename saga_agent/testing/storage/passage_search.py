"""What the journal's full-text index promises of its search."""

from __future__ import annotations

import math

from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect, expect_same
from saga_agent.testing.storage.passage_rows import found, passage
from saga_agent.testing.storage.samples import HOME

KENNELS = "Aldric fed the hounds at the Kennels."
TOWER = "Mira climbed the tower before dawn."
_NOVEL = (KENNELS, TOWER, "Nothing happened on the river that day.", "A crow watched from the wall.")


async def _index(storage: Storage, *texts: str) -> None:
    passages = [passage(text, start=1000 * number) for number, text in enumerate(texts)]
    await storage.journal.passages.replace(HOME, "doc_1", passages)


async def finds_any_of_the_words(storage: Storage) -> None:
    """A passage that has any of the query's words is a hit; one that has none is not."""
    await _index(storage, *_NOVEL)

    expect_same(await found(storage, "hounds"), [KENNELS], "The hits of one word")
    expect_same(sorted(await found(storage, "tower hounds dragon")), sorted([KENNELS, TOWER]), "The hits of any word")
    expect_same(await found(storage, "dragon"), [], "The hits of a word that is nowhere")
    expect_same(await found(storage, "hou"), [], "The hits of a part of a word")


async def understands_a_sentence(storage: Storage) -> None:
    """A whole question with punctuation is a query; the passage about its rare words comes first."""
    await _index(storage, *_NOVEL)

    hits = await found(storage, "Who is at the Kennels, feeding hounds?")

    expect_same(hits[:1], [KENNELS], "The best hit")


async def ranks_more_matching_words_first(storage: Storage) -> None:
    """The more of the query's words a passage has, the better; scores fall from hit to hit."""
    one = "The hounds slept all through the long night."
    two = "The hounds slept, and Aldric with them, all night."
    three = "The hounds slept by Aldric in the Kennels all night."
    await _index(storage, one, three, two, "A crow watched from the wall.")

    hits = await storage.journal.passages.search(HOME, "hounds Aldric Kennels")

    expect_same([hit.text for hit in hits], [three, two, one], "The hits, best first")
    scores = [hit.score for hit in hits]
    expect(all(math.isfinite(score) for score in scores), f"Scores are not finite: {scores}.")
    expect(scores == sorted(scores, reverse=True), f"A better hit must have a higher score: {scores}.")


async def gives_at_most_the_limit(storage: Storage) -> None:
    """`limit` bounds the hits, and the best are kept."""
    await _index(storage, *[f"Hounds of pack {number}." for number in range(20)], "Hounds of the Kennels.")

    expect_same(len(await found(storage, "hounds kennels", limit=5)), 5, "The number of hits")
    expect_same(await found(storage, "hounds kennels", limit=1), ["Hounds of the Kennels."], "The one best hit")
    expect_same(len(await found(storage, "hounds")), 10, "The number of hits without a limit")


async def finds_nothing_without_words(storage: Storage) -> None:
    """A query without words - empty, spaces, punctuation, emoji - has no hits and raises nothing."""
    await _index(storage, *_NOVEL)

    for query in ("", "   \n\t", "?!", '"', "*", "()", "-", "'", "\\", "%", ":", "🐕", "“”…"):
        expect_same(await found(storage, query), [], f"The hits of {query!r}")


async def takes_operators_for_plain_text(storage: Storage) -> None:
    """Operators, quotes and brackets of any search language are plain text: no errors, no effect."""
    await _index(storage, *_NOVEL)
    queries = (
        "hounds AND (",
        "hounds OR",
        "NOT hounds",
        "NEAR(hounds",
        '"hounds',
        'hounds"',
        "'hounds'",
        "hounds'",
        "hounds*",
        "^hounds",
        "-hounds",
        "+hounds",
        "text:hounds",
        "{text}: hounds",
        "hounds & | ! <->",
        "hounds:*",
        "!hounds",
        "(hounds",
        "hounds)",
        "hounds\\",
        "hounds;--",
        "hounds%",
        "$1 hounds",
        ":name hounds",
        "? hounds",
        "{hounds}",
        "hounds~2",
        "[hounds",
        "hounds\nAND\nNOT",
        "hounds <2> dragon",
        "document_id : hounds",
    )
    for query in queries:
        hits = await found(storage, query)
        expect(KENNELS in hits, f"The query {query!r} does not find the passage with 'hounds', but {hits}.")


async def does_not_take_a_star_for_a_prefix(storage: Storage) -> None:
    """`hou*` looks for the word `hou`, not for words that begin so; `"a b"` is no phrase."""
    await _index(storage, *_NOVEL)

    expect_same(await found(storage, "hou*"), [], "The hits of 'hou*'")
    expect_same(await found(storage, "hou:*"), [], "The hits of 'hou:*'")
    expect_same(await found(storage, '"Kennels Aldric"'), [KENNELS], "The hits of two words in quotes, out of order")


async def ignores_case(storage: Storage) -> None:
    """Upper and lower case are the same, beyond English too."""
    await _index(storage, "The KENNELS of Äskil.", "МОСКВА не сразу строилась.", "Ὀδυσσεύς came home.")

    for query, text in (("kennels", 0), ("Kennels", 0), ("äskil", 0), ("ÄSKIL", 0), ("москва", 1), ("Москва", 1)):
        hits = await found(storage, query)
        expected = ("The KENNELS of Äskil.", "МОСКВА не сразу строилась.")[text]
        expect_same(hits, [expected], f"The hits of {query!r}")


async def ignores_diacritics(storage: Storage) -> None:
    """Accents make no difference, in the text or in the query, composed or not."""
    composed, decomposed, plain = "Zoë met Žofie.", "Zoe\u0308 met Nina.", "Zoe met Pip."
    await _index(storage, composed, decomposed, plain)

    for query in ("Zoë", "zoe", "ZOË", "Zoe\u0308"):
        hits = await found(storage, query)
        expect_same(sorted(hits), sorted([composed, decomposed, plain]), f"The hits of {query!r}")
    expect_same(await found(storage, "zofie"), [composed], "The hits of 'zofie'")


async def knows_the_plural(storage: Storage) -> None:
    """A simple English plural and its singular find each other."""
    await _index(storage, "The kennel was empty.", "The hounds barked.")

    for query, expected in (
        ("kennels", "The kennel was empty."),
        ("kennel", "The kennel was empty."),
        ("hound", "The hounds barked."),
    ):
        expect_same(await found(storage, query), [expected], f"The hits of {query!r}")


async def takes_a_very_long_query(storage: Storage) -> None:
    """A query of a whole chapter is no error, and finds what shares its words."""
    await _index(storage, *_NOVEL)
    chapter = " ".join(f"word{number}" for number in range(3000)) + " hounds"

    expect_same(await found(storage, chapter), [KENNELS], "The hits of a query of 3,001 words")
