"""A passage taken apart for checks: its sentences, what is dialogue and what is narration."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from saga_agent.analyses.sentences import Span, split_sentences
from saga_agent.domain.entity import Evidence

_CODE = re.compile(r"^```.*?(?:^```[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"[^\n]*\n?")
_SAME_PARAGRAPH = r"(?:(?!\n[ \t]*\n).)*?"
_DOUBLE = re.compile(
    rf"\"{_SAME_PARAGRAPH}(?:\"|(?=\n[ \t]*\n)|\Z)|“{_SAME_PARAGRAPH}(?:”|(?=\n[ \t]*\n)|\Z)"
    rf"|«{_SAME_PARAGRAPH}(?:»|(?=\n[ \t]*\n)|\Z)",
    re.DOTALL,
)
# An apostrophe ends no speech: only a mark before it and no letter after it tell the closing quote.
_SINGLE = re.compile(rf"(?<!\w)‘{_SAME_PARAGRAPH}[.,!?:;—–…*-]’(?!\w)", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*|\d+")
_PARAGRAPH = re.compile(r"[^\n].*?(?=\n[ \t]*\n|\Z)", re.DOTALL)
_VERSE_LINES = 3
_VERSE_WIDTH = 50
_FULL_STOP = (".", "!", "?", "”", '"', "…")


@dataclass(frozen=True)
class Prose:
    """A text, or a stretch of a document, to be looked at; all offsets are into `text`."""

    text: str
    document_id: str = ""
    rev: int = 0
    offset: int = 0
    """Where `text` begins in its document."""

    @cached_property
    def plain(self) -> str:
        """The text with code and verse blanked out, character for character."""
        return _without_verse(_CODE.sub(_blank, self.text))

    @cached_property
    def sentences(self) -> list[Span]:
        """The sentences, of dialogue too."""
        return split_sentences(self.plain)

    @cached_property
    def quotes(self) -> list[Span]:
        """The stretches in quotation marks, with them; double or single ones, whichever the text opens more."""
        double = self.plain.count("“") + self.plain.count("«") + self.plain.count('"') // 2
        pattern = _SINGLE if self.plain.count("‘") > double else _DOUBLE
        return [match.span() for match in pattern.finditer(self.plain)]

    @cached_property
    def narration(self) -> str:
        """The plain text with the dialogue blanked out, character for character."""
        pieces: list[str] = []
        at = 0
        for start, end in self.quotes:
            pieces += [self.plain[at:start], " " * (end - start)]
            at = end
        return "".join([*pieces, self.plain[at:]])

    @cached_property
    def paragraphs(self) -> list[Span]:
        """Stretches between blank lines."""
        return [match.span() for match in _PARAGRAPH.finditer(self.plain) if match[0].strip()]

    @cached_property
    def words(self) -> list[Span]:
        """The words and numbers of the plain text."""
        return [match.span() for match in _WORD.finditer(self.plain)]

    def evidence(self, start: int, end: int) -> Evidence:
        """A stretch as evidence: where it stands in the document, with its words."""
        return Evidence(
            document_id=self.document_id,
            rev=self.rev,
            start=start + self.offset,
            end=end + self.offset,
            quote=self.text[start:end],
        )

    def sentence_at(self, index: int) -> Span:
        """The sentence that holds the character, or the character alone between sentences."""
        at = bisect_right(self.sentences, (index, len(self.text))) - 1
        if at >= 0 and self.sentences[at][1] > index:
            return self.sentences[at]
        return index, index + 1

    def clause_from(self, start: int) -> Evidence:
        """The words from there to the end of their sentence, so that two like it in the text stay two."""
        return self.evidence(start, max(start + 1, self.sentence_at(start)[1]))


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _without_verse(text: str) -> str:
    """Runs of short lines that do not fill the page are verse; one that ends like prose everywhere is a list."""
    lines = _LINE.findall(text)
    kept = list(lines)
    run: list[int] = []
    for index, line in enumerate([*lines, ""]):
        if index < len(lines) and _may_be_verse(line):
            run.append(index)
            continue
        open_ends = sum(not lines[at].rstrip().endswith(_FULL_STOP) for at in run)
        if len(run) >= _VERSE_LINES and open_ends * 2 > len(run):
            for at in run:
                kept[at] = re.sub(r"[^\n]", " ", lines[at])
        run = []
    return "".join(kept)


def _may_be_verse(line: str) -> bool:
    bare = line.strip(" \t\n_*>")
    return bool(bare) and len(bare) <= _VERSE_WIDTH and (bare[0].isupper() or bare[0] in "\"'“‘")
