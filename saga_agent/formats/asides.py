"""Asides brought in: what a reader set aside, as documents of their own where the writer wants them."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Collection
from dataclasses import replace

from saga_agent.formats.blocks import split_blocks
from saga_agent.formats.body import set_body
from saga_agent.formats.book import Aside, AsideReason, Chapter, Manuscript


def bring_in(book: Manuscript, keep: Collection[AsideReason]) -> Manuscript:
    """The book with the asides of these reasons as documents, each where it stood, or else at the end."""
    kept = [aside for aside in book.asides if aside.reason in keep]
    if not kept:
        return book
    documents = list(book.documents)
    for aside in kept:
        place = bisect([each.start_line for each in documents], aside.line) if aside.line else len(documents)
        documents.insert(place, _document(aside, place == len(documents)))
    return replace(book, documents=tuple(documents), asides=tuple(each for each in book.asides if each not in kept))


def _document(aside: Aside, at_the_end: bool) -> Chapter:
    if aside.reason == "part headings":
        return Chapter(None, aside.text, "", aside.line, (), heading=aside.text, kind="part")
    body = set_body(split_blocks(aside.text, markdown=True))
    title = aside.reason.capitalize()
    return Chapter(None, title, body.text, aside.line, body.scenes, kind="back" if at_the_end else "front")
