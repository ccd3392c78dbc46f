"""Manuscripts: a text file as chapters, ready to be stored as documents."""

from __future__ import annotations

import re
from os import PathLike
from pathlib import Path
from typing import Literal

from saga_agent.formats.blocks import Block, clean, split_blocks, without_margin
from saga_agent.formats.body import Scene, set_body
from saga_agent.formats.book import Chapter, Manuscript, Part
from saga_agent.formats.outline import outline
from saga_agent.formats.sections import Sections
from saga_agent.formats.textfile import read_text_file

__all__ = ["Chapter", "Manuscript", "Part", "Scene", "parse_manuscript", "read_manuscript"]

_MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
_YAML_HEADER = re.compile(r"---[ \t]*\n(?P<body>(?:.*\n){0,100}?)(?:---|\.\.\.)[ \t]*(?:\n|$)")
_YAML_TITLE = re.compile(r"^title:[ \t]*(?P<title>\S.*?)[ \t]*$", re.MULTILINE)
_MARKER_START = re.compile(r"\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG", re.IGNORECASE)
_MARKER_END = re.compile(r"\*\*\* ?END OF (?:THE|THIS) PROJECT GUTENBERG", re.IGNORECASE)


def read_manuscript(path: str | PathLike[str]) -> Manuscript:
    """The manuscript in a text or Markdown file of at most 50 MB.

    Raises:
        UnreadableFile: No such file, a folder, empty, too large, or not text; the reason says which.
    """
    file = Path(path)
    decoded = read_text_file(file)
    kind = "markdown" if file.suffix.lower() in _MARKDOWN_SUFFIXES else "txt"
    return _parse(decoded.text, name=file.stem, kind=kind, warnings=decoded.warnings)


def parse_manuscript(text: str, *, name: str, kind: Literal["txt", "markdown"] = "txt") -> Manuscript:
    """The manuscript in a text; `name` is its title when the text gives none."""
    return _parse(text, name=name, kind=kind, warnings=())


def _parse(text: str, *, name: str, kind: Literal["txt", "markdown"], warnings: tuple[str, ...]) -> Manuscript:
    cleaned = clean(text)
    header = _YAML_HEADER.match(cleaned) if kind == "markdown" else None
    if header is not None:
        cleaned = "\n" * header[0].count("\n") + cleaned[header.end() :]
    before, blocks, after = _between_markers(split_blocks(without_margin(cleaned), markdown=kind == "markdown"))
    sections = Sections(blocks, outline(blocks))
    yaml_title = _YAML_TITLE.search(header["body"]) if header else None
    title = yaml_title["title"].strip("\"'") if yaml_title else sections.title
    preamble = (header[0].strip() if header else "", set_body(before).text, *sections.preamble)
    return Manuscript(
        title=title or " ".join(name.replace("_", " ").split()) or "Untitled",
        chapters=tuple(sections.chapters),
        front=tuple(sections.front),
        back=tuple(sections.back),
        parts=tuple(sections.parts),
        preamble="\n\n".join(piece for piece in preamble if piece),
        postamble=set_body(after).text,
        warnings=(*warnings, *sections.warnings),
    )


def _between_markers(blocks: list[Block]) -> tuple[list[Block], list[Block], list[Block]]:
    """The blocks before, between and after the lines with which Project Gutenberg fences a book."""
    start = next((i + 1 for i, block in enumerate(blocks) if _MARKER_START.match(block.lines[0].strip())), 0)
    end = next((i for i, block in enumerate(blocks[start:], start) if _MARKER_END.match(block.lines[0].strip())), None)
    return blocks[:start], blocks[start:end], blocks[end:] if end is not None else []
