"""Manuscripts: a text file as chapters, ready to be stored as documents."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Literal

from saga_agent.domain.plain import mended
from saga_agent.errors import UnreadableFile
from saga_agent.formats.archive import Archive
from saga_agent.formats.asides import bring_in
from saga_agent.formats.blocks import Block, clean, split_blocks, without_margin
from saga_agent.formats.body import SceneSpan, set_body
from saga_agent.formats.book import Aside, AsideReason, Chapter, Manuscript, Part
from saga_agent.formats.division import divide
from saga_agent.formats.docx import Tracked, read_docx
from saga_agent.formats.epub import is_epub, read_epub
from saga_agent.formats.markdown_source import MarkdownSource, read_markdown
from saga_agent.formats.richtext import Matter, RichText
from saga_agent.formats.sections import Sections
from saga_agent.formats.textfile import decode_text, read_bytes

__all__ = ["Aside", "Chapter", "Manuscript", "Part", "SceneSpan", "parse_manuscript", "read_manuscript"]

_MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
_ARCHIVE_SUFFIXES = (".docx", ".epub")
_ZIP = b"PK\x03\x04"
_MARKER_START = re.compile(r"\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG", re.IGNORECASE)
_BEFORE_END = re.compile(r"End of (?:the |this )?Project Gutenberg", re.IGNORECASE)
_MARKER_END = re.compile(r"\*\*\* ?END OF (?:THE|THIS) PROJECT GUTENBERG", re.IGNORECASE)


def read_manuscript(
    path: str | PathLike[str],
    *,
    tracked: Tracked = "accepted",
    encoding: str | None = None,
    split: str = "auto",
    keep: Collection[AsideReason] = (),
) -> Manuscript:
    """The manuscript in a text, Markdown, Word (.docx) or EPUB file of at most 50 MB.

    Args:
        path: Its suffix tells Markdown from text; Word and EPUB are known by what is in them.
        tracked: Whether the tracked changes of a Word document count as made or as never made.
        encoding: How a text file is encoded, where it does not say so itself.
        split: By what it is divided: `auto`, `file` for one document, or `heading:1` to `heading:6`.
        keep: Which asides become documents.

    Raises:
        UnreadableFile: No such file, a folder, empty, too large, not text, damaged or hostile; the reason says which.
        MissingExtra: Word and EPUB need the extra `documents`.
    """
    file = Path(path)
    return parse_file(read_bytes(file), path=file, tracked=tracked, encoding=encoding, split=split, keep=keep)


def parse_file(
    data: bytes,
    *,
    path: Path,
    tracked: Tracked = "accepted",
    encoding: str | None = None,
    split: str = "auto",
    keep: Collection[AsideReason] = (),
) -> Manuscript:
    """The manuscript in the bytes of a file, as `read_manuscript` gives it."""
    suffix = path.suffix.lower()
    if data.startswith(_ZIP):
        return bring_in(_parse_rich(_read_archive(data, str(path), tracked=tracked), path, split), keep)
    decoded = decode_text(path, data, encoding=encoding)
    if suffix in _ARCHIVE_SUFFIXES:
        raise UnreadableFile(str(path), f"it is named {suffix} but holds something else; give it the right name")
    kind = "markdown" if suffix in _MARKDOWN_SUFFIXES else "txt"
    book = _parse(decoded.text, name=mended(path.stem), kind=kind, warnings=decoded.warnings, split=split)
    return bring_in(replace(book, encoding=decoded.encoding), keep)


def parse_manuscript(
    text: str, *, name: str, kind: Literal["txt", "markdown"] = "txt", split: str = "auto"
) -> Manuscript:
    """The manuscript in a text; `name` is its title when the text gives none."""
    return _parse(text, name=name, kind=kind, warnings=(), split=split)


def _read_archive(data: bytes, name: str, *, tracked: Tracked) -> RichText:
    archive = Archive(data, name=name)
    if is_epub(archive):
        return read_epub(archive, name=name)
    if (document := read_docx(archive, name=name, tracked=tracked)) is not None:
        return document
    raise UnreadableFile(name, "it is a zip archive, but neither a Word nor an EPUB document; unpack it first")


def _parse_rich(rich: RichText, file: Path, split: str) -> Manuscript:
    blocks = split_blocks(clean(rich.text), markdown=True)
    if not blocks:
        raise UnreadableFile(str(file), "it holds no text")
    book = _build(blocks, name=mended(file.stem), title=rich.title, asides=rich.asides, split=split, matter=rich.matter)
    return replace(book, added=rich.added, warnings=(*rich.warnings, *book.warnings))


def _parse(
    text: str, *, name: str, kind: Literal["txt", "markdown"], warnings: tuple[str, ...], split: str
) -> Manuscript:
    cleaned = clean(text)
    source = read_markdown(cleaned) if kind == "markdown" else MarkdownSource(cleaned)
    blocks = split_blocks(without_margin(source.text), markdown=kind == "markdown")
    book = _build(blocks, name=name, title=source.title, asides=tuple(source.asides), split=split)
    return replace(book, warnings=(*warnings, *book.warnings))


def _build(
    blocks: list[Block],
    *,
    name: str,
    title: str,
    asides: tuple[Aside, ...],
    split: str,
    matter: Mapping[int, Matter] | None = None,
) -> Manuscript:
    before, book, after = _between_markers(blocks)
    marks, division = divide(book, split, matter or {})
    sections = Sections(book, marks)
    licence = [
        Aside("boilerplate", text, f"line {part[0].line}", line)
        for part, line in ((before, 1), (after, 0))
        if (text := set_body(part).text)
    ]
    return Manuscript(
        title=title or sections.title or " ".join(name.replace("_", " ").split()) or "Untitled",
        documents=tuple(sections.documents),
        parts=tuple(sections.parts),
        asides=(*asides, *licence, *sections.asides),
        warnings=tuple(sections.warnings),
        division=replace(division, documents=len(sections.documents)),
    )


def _between_markers(blocks: list[Block]) -> tuple[list[Block], list[Block], list[Block]]:
    """The blocks before, between and after the lines with which Project Gutenberg fences a book."""
    if any(block.lines[0].rstrip().endswith("{.title}") for block in blocks[:1]):
        return [], blocks, []  # an export of ours, whatever its chapters say
    start = next((i + 1 for i, block in enumerate(blocks) if _MARKER_START.match(block.lines[0].strip())), 0)
    end = next((i for i, block in enumerate(blocks[start:], start) if _MARKER_END.match(block.lines[0].strip())), None)
    if end is not None and end > start + 1 and _BEFORE_END.match(blocks[end - 1].lines[0].strip()):
        end -= 1
    return blocks[:start], blocks[start:end], blocks[end:] if end is not None else []
