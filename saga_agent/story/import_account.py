"""The account of an import: what of the source is in documents, what is aside, and whether it may go on."""

from __future__ import annotations

from saga_agent.conservation.account import WordAccount, weigh
from saga_agent.conservation.source import count_source
from saga_agent.domain.record import Model
from saga_agent.formats.book import Aside, AsideReason, Manuscript

_SHARE_PERCENT = 2
_FEW_WORDS = 50
"""So many may be aside without a yes, however short the book."""
_TOLD_ONLY: tuple[AsideReason, ...] = ("title", "part headings", "properties", "attributes")
"""Asides that are never prose: they are told, and need no yes."""


class ToldAside(Model):
    """Words of the source that became no document."""

    reason: AsideReason
    place: str
    words: int
    first_words: str


class Balance(Model):
    """The law of conservation: source + added = documents + aside, in words as a counter of its own counts them."""

    source: int
    added: int
    """Words of headings that the text of the source does not have."""
    documents: int
    """In headings and texts."""
    aside: int
    lost: int
    """About how many words are in the source and nowhere else; found by their letters."""
    doubled: int
    """About how many words are in documents or aside, and not in the source."""
    is_kept: bool
    """Whether the law holds, up to one letter in a thousand and never more than 20 letters."""


def weigh_import(data: bytes, book: Manuscript) -> Balance:
    """The balance of a file's bytes and of the book that was read in them."""
    account = weigh(
        count_source(data, encoding=book.encoding),
        added=book.added,
        documents=(f"{document.heading}\n{document.text}" for document in book.documents),
        aside=(aside.text for aside in book.asides),
    )
    return _balance(account)


def told_asides(book: Manuscript) -> tuple[ToldAside, ...]:
    """Every aside with its place, its words and how it begins."""
    return tuple(
        ToldAside(reason=each.reason, place=each.place, words=each.words, first_words=each.first_words)
        for each in book.asides
    )


def refusals(
    balance: Balance, asides: tuple[Aside, ...], *, allow_loss: bool = False, accept_asides: bool = False
) -> tuple[str, ...]:
    """Why the book is not to be stored unasked, one sentence each, with what to say to store it all the same."""
    told: list[str] = []
    if not balance.is_kept and not allow_loss:
        off = f"{balance.lost:,} of {balance.source:,} words of the file are in no document and not told aside"
        if balance.doubled:
            off += f", and {balance.doubled:,} more are there that it does not have"
        told.append(f"{off}; this is a fault of the reader. To import the rest, add --allow-loss (allow_loss=True).")
    if not accept_asides and (question := doubtful_asides(balance, asides)):
        told.append(
            f"{question} To leave them out, add --yes (accept_asides=True); to bring them in, add --keep REASON."
        )
    return tuple(told)


def doubtful_asides(balance: Balance, asides: tuple[Aside, ...]) -> str:
    """What is aside, as a sentence, when it is so much that the writer is to be asked; else empty."""
    doubtful = [aside for aside in asides if aside.reason not in _TOLD_ONLY]
    words = sum(aside.words for aside in doubtful)
    if words <= _FEW_WORDS or 100 * words <= _SHARE_PERCENT * balance.source:
        return ""
    reasons = ", ".join(dict.fromkeys(aside.reason for aside in doubtful))
    return f"{words:,} of {balance.source:,} words would become no document ({reasons})."


def _balance(account: WordAccount) -> Balance:
    return Balance(
        source=account.source.words,
        added=account.added.words,
        documents=account.documents.words,
        aside=account.aside.words,
        lost=account.lost,
        doubled=account.doubled,
        is_kept=account.is_balanced,
    )
