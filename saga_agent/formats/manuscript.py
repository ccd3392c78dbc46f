"""Manuscripts: a text file as chapters, ready to be stored as documents."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Literal

from saga_agent.errors import UnreadableFile
from saga_agent.formats.archive import Archive
from saga_agent.formats.asides import bring_in
from saga_agent.formats.blocks import Block, clean, split_blocks, without_margin
from saga_agent.formats.body import Scene, set_body
from saga_agent.formats.book import Aside, AsideReason, Chapter, Manuscript, Part
from saga_agent.formats.docx import Tracked, read_docx
from saga_agent.formats.epub import is_epub, read_epub
from saga_agent.formats.headings import recognise
from saga_agent.formats.marks import Mark, Role
from saga_agent.formats.outline import outline
from saga_agent.formats.richtext import Matter, RichText
from saga_agent.formats.sections import Sections
from saga_agent.formats.textfile import decode_text, read_bytes

__all__ = ["Aside", "Chapter", "Manuscript", "Part", "Scene", "parse_manuscript", "read_manuscript"]

_MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
_ARCHIVE_SUFFIXES = (".docx", ".epub")
_ZIP = b"PK\x03\x04"
_YAML_HEADER = re.compile(r"---[ \t]*\n(?P<body>(?:.*\n){0,100}?)(?:---|\.\.\.)[ \t]*(?:\n|$)")
_YAML_TITLE = re.compile(r"^title:[ \t]*(?P<title>\S.*?)[ \t]*$", re.MULTILINE)
_MARKER_START = re.compile(r"\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG", re.IGNORECASE)
_MARKER_END = re.compile(r"\*\*\* ?END OF (?:THE|THIS) PROJECT GUTENBERG", re.IGNORECASE)


def read_manuscript(
    path: str | PathLike[str],
    *,
    tracked: Tracked = "accepted",
    encoding: str | None = None,
    keep: Collection[AsideReason] = (),
) -> Manuscript:
    """The manuscript in a text, Markdown, Word (.docx) or EPUB file of at most 50 MB.

    Args:
        path: Its suffix tells Markdown from text; Word and EPUB are known by what is in them.
        tracked: Whether the tracked changes of a Word document count as made or as never made.
        encoding: How a text file is encoded, where it does not say so itself.
        keep: Which asides become documents.

    Raises:
        UnreadableFile: No such file, a folder, empty, too large, not text, damaged or hostile; the reason says which.
        MissingExtra: Word and EPUB need the extra `documents`.
    """
    file = Path(path)
    return parse_file(read_bytes(file), path=file, tracked=tracked, encoding=encoding, keep=keep)


def parse_file(
    data: bytes,
    *,
    path: Path,
    tracked: Tracked = "accepted",
    encoding: str | None = None,
    keep: Collection[AsideReason] = (),
) -> Manuscript:
    """The manuscript in the bytes of a file, as `read_manuscript` gives it."""
    suffix = path.suffix.lower()
    if data.startswith(_ZIP):
        return bring_in(_parse_rich(_read_archive(data, str(path), tracked=tracked), path), keep)
    decoded = decode_text(path, data, encoding=encoding)
    if suffix in _ARCHIVE_SUFFIXES:
        raise UnreadableFile(str(path), f"it is named {suffix} but holds something else; give it the right name")
    kind = "markdown" if suffix in _MARKDOWN_SUFFIXES else "txt"
    book = _parse(decoded.text, name=path.stem, kind=kind, warnings=decoded.warnings)
    return bring_in(replace(book, encoding=decoded.encoding), keep)


def parse_manuscript(text: str, *, name: str, kind: Literal["txt", "markdown"] = "txt") -> Manuscript:
    """The manuscript in a text; `name` is its title when the text gives none."""
    return _parse(text, name=name, kind=kind, warnings=())


def _read_archive(data: bytes, name: str, *, tracked: Tracked) -> RichText:
    archive = Archive(data, name=name)
    if is_epub(archive):
        return read_epub(archive, name=name)
    if (document := read_docx(archive, name=name, tracked=tracked)) is not None:
        return document
    raise UnreadableFile(name, "it is a zip archive, but neither a Word nor an EPUB document; unpack it first")


def _parse_rich(rich: RichText, file: Path) -> Manuscript:
    blocks = split_blocks(clean(rich.text), markdown=True)
    if not blocks:
        raise UnreadableFile(str(file), "it holds no text")
    book = _build(blocks, name=file.stem, title=rich.title, asides=rich.asides, matter=rich.matter)
    return replace(book, added=rich.added, warnings=(*rich.warnings, *book.warnings))


def _parse(text: str, *, name: str, kind: Literal["txt", "markdown"], warnings: tuple[str, ...]) -> Manuscript:
    cleaned = clean(text)
    header = _YAML_HEADER.match(cleaned) if kind == "markdown" else None
    asides: tuple[Aside, ...] = ()
    if header is not None:
        asides = (Aside("properties", header[0].strip(), "line 1", 1),)
        cleaned = "\n" * header[0].count("\n") + cleaned[header.end() :]
    yaml_title = _YAML_TITLE.search(header["body"]) if header else None
    title = yaml_title["title"].strip("\"'") if yaml_title else ""
    book = _build(
        split_blocks(without_margin(cleaned), markdown=kind == "markdown"), name=name, title=title, asides=asides
    )
    return replace(book, warnings=(*warnings, *book.warnings))


def _build(
    blocks: list[Block], *, name: str, title: str, asides: tuple[Aside, ...], matter: Mapping[int, Matter] | None = None
) -> Manuscript:
    before, book, after = _between_markers(blocks)
    sections = Sections(book, outline(book) if not matter else _outline_beside(matter, book))
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
    )


def _outline_beside(matter: Mapping[int, Matter], blocks: list[Block]) -> list[Mark]:
    """The marks of the blocks, where the document itself says of some headings, by their lines, what they begin."""
    said: dict[int, Role] = {
        index: role for index, block in enumerate(blocks) if (role := matter.get(block.line)) is not None
    }
    # Those headings say nothing about the levels of the chapters.
    masked = [Block(("-",), block.line, block.gap) if index in said else block for index, block in enumerate(blocks)]
    marks = outline(masked)
    marks += [Mark(index, role, heading) for index, role in said.items() if (heading := recognise(blocks[index]))]
    return sorted(marks, key=lambda mark: mark.block)


def _between_markers(blocks: list[Block]) -> tuple[list[Block], list[Block], list[Block]]:
    """The blocks before, between and after the lines with which Project Gutenberg fences a book."""
    start = next((i + 1 for i, block in enumerate(blocks) if _MARKER_START.match(block.lines[0].strip())), 0)
    end = next((i for i, block in enumerate(blocks[start:], start) if _MARKER_END.match(block.lines[0].strip())), None)
    return blocks[:start], blocks[start:end], blocks[end:] if end is not None else []
