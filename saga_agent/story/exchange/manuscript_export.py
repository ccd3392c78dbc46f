"""A manuscript as a file: its documents as chapters, with open proposals as tracked changes where wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from saga_agent.domain.document import Document
from saga_agent.domain.hunk import Hunk
from saga_agent.domain.notes import Proposal
from saga_agent.errors import MissingExtra, UnreadableFile
from saga_agent.formats.book import ChapterKind
from saga_agent.formats.book_text import Section, write_text
from saga_agent.formats.docx_writer import write_docx
from saga_agent.formats.epub_writer import write_epub
from saga_agent.formats.manuscript import parse_file
from saga_agent.formats.tracked import TrackedEdit, trimmed
from saga_agent.story.hunks import place_hunks

ManuscriptFormat = Literal["md", "txt", "docx", "epub"]


@dataclass(frozen=True, slots=True)
class WrittenBook:
    """A manuscript as the bytes of a file."""

    data: bytes
    lost: tuple[str, ...] = ()
    """What the file does not say, or says so that our reader would read it otherwise; one sentence each."""


def write_book(
    title: str, documents: Sequence[Document], is_format: ManuscriptFormat, *, proposals: Sequence[Proposal] = ()
) -> WrittenBook:
    """The documents, in this order, as one file; notes are left out.

    Args:
        title: The title of the book.
        documents: The project's documents in the order of reading.
        is_format: The kind of file.
        proposals: Edits that are offered; those parts that are open are set as tracked changes, in docx alone.
    """
    told = [document for document in documents if document.kind != "note"]
    sections = [_section(document) for document in told]
    lost = (
        [f"{len(documents) - len(told)} note(s) are no part of the manuscript."] if len(told) < len(documents) else []
    )
    if is_format == "docx":
        edits = [_edits(document, proposals, lost) for document in told]
        data = write_docx(title, sections, edits)
    elif is_format == "epub":
        data = write_epub(title, sections)
    else:
        data = _write_text(title, sections, is_format)
    return WrittenBook(data, (*lost, *_not_alike(title, sections, data, is_format)))


def _write_text(title: str, sections: Sequence[Section], is_format: Literal["md", "txt"]) -> bytes:
    """The book in plain headings where they are read back as they are, else in headings that say what they begin."""
    kind = "markdown" if is_format == "md" else "txt"
    plain = write_text(title, sections, kind=kind).encode("utf-8", "replace")
    if not _not_alike(title, sections, plain, is_format):
        return plain
    return write_text(title, sections, kind=kind, explicit=True).encode("utf-8", "replace")


def _section(document: Document) -> Section:
    return Section(document.number, document.title, document.text, _kind_of(document.kind))


def _kind_of(kind: str) -> ChapterKind:
    return cast(ChapterKind, kind) if kind in get_args(ChapterKind) else "chapter"


def _edits(document: Document, proposals: Iterable[Proposal], lost: list[str]) -> list[TrackedEdit]:
    """The open hunks for the document as edits of its text; of two that overlap the first."""
    edits: list[TrackedEdit] = []
    left_out = 0
    for proposal in proposals:
        if proposal.target_id != document.id or proposal.status != "open":
            continue
        hunks = [hunk for hunk in proposal.hunks if hunk.id not in proposal.settled]
        for hunk in hunks:
            edit = _placed(hunk, document, proposal)
            if edit is None or any(edit.start < other.end and other.start < edit.end for other in edits):
                left_out += 1
            else:
                edits.append(edit)
    if left_out:
        lost.append(f"{left_out} open change(s) of {document.label!r} overlap or found no place, and are left out.")
    return edits


def _placed(hunk: Hunk, document: Document, proposal: Proposal) -> TrackedEdit | None:
    placed = place_hunks([hunk], document.text, unchanged=document.rev == proposal.base_rev)
    if placed.unplaced or not placed.spans:
        return None
    (start, end, _), *_ = placed.spans
    return trimmed(TrackedEdit(start, end, hunk.after, proposal.provenance.agent or "Saga"), document.text)


def _not_alike(title: str, written: Sequence[Section], data: bytes, is_format: ManuscriptFormat) -> list[str]:
    """Which chapters our own reader would not read as they are stored; tracked changes count as never made."""
    try:
        book = parse_file(data, path=Path(f"book.{is_format}"), tracked="original")
    except UnreadableFile as error:
        return [f"Read again, this file is refused: {error.reason}."]
    except MissingExtra:
        return []  # writing needs no extra
    read = [Section(each.number, each.title, each.text, _kind_of(each.kind)) for each in book.documents]
    if is_format in ("md", "txt") and book.title != title:
        return [f"Read again, the title of the book would be {book.title!r}."]
    if len(written) != len(read):
        return [f"Read again, this file has {len(read)} chapters, not {len(written)}; docx or epub keep them apart."]
    other = [one.heading for one, two in zip(written, read, strict=True) if one != two]
    more = ", ..." if len(other) > 5 else ""
    return [f"Read again, these chapters differ a little: {', '.join(other[:5])}{more}."] if other else []
