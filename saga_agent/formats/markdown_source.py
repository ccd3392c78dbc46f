"""Markdown as people write it: what stands in a file beside its text, taken out and told."""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass, field

from saga_agent.formats.blocks import NOTHING, fences
from saga_agent.formats.book import Aside, AsideReason
from saga_agent.formats.front_matter import read_yaml

_YAML = re.compile(r"---[ \t]*\n(?P<body>(?:.*\n){0,2000}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_YAML_LINE = re.compile(r"[^\W\d][^:\n]{0,60}:(?:\s|$)|\s|#|-\s|$")
_YAML_TITLE = re.compile(r"^title:[ \t]*(?P<title>\S.*?)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_PERCENT = re.compile(r"(?:%[ \t]\S.*(?:\n[ \t]+\S.*)*(?:\n|\Z)){1,3}")
_METADATA = re.compile(
    r"(?P<first>[Tt]itle):[ \t]*(?P<title>\S.*)\n(?:[A-Za-z][\w ]{0,30}:[ \t]*\S.*\n|[ \t]+\S.*\n)*(?=[ \t]*\n)"
)
_COMMENT = re.compile(r"(?<!\\)<!--.*?-->|(?<![%\w\\])%%[^%].*?%%", re.DOTALL)
_DIV = re.compile(r"^:{3,}[ \t]*(?:\{[^{}\n]*\}|[\w-]*)[ \t]*:*[ \t]*$", re.MULTILINE)
_TAKEN_OUT: tuple[tuple[re.Pattern[str], AsideReason], ...] = ((_COMMENT, "comments"), (_DIV, "attributes"))


@dataclass(slots=True)
class MarkdownSource:
    """The text of a Markdown file without its properties and comments; its lines keep their numbers."""

    text: str
    title: str = ""
    asides: list[Aside] = field(default_factory=list[Aside])

    def take_properties(self) -> None:
        """Takes out what tells about the text before it: YAML, Pandoc's `%` lines, MultiMarkdown's `Title:` lines."""
        if (match := _YAML.match(self.text)) and all(map(_YAML_LINE.match, match["body"].splitlines())):
            self._set_aside("properties", match[0], 0)
            given = read_yaml(match["body"]).properties.get("title")
            plain = _YAML_TITLE.search(match["body"])
            self.title = str(given) if isinstance(given, str | int) else plain["title"].strip("\"'") if plain else ""
        elif match := _PERCENT.match(self.text):
            self._set_aside("properties", match[0], 0)
            self.title = match[0].split("\n", 1)[0][1:].strip()
        elif match := _METADATA.match(self.text):
            self._set_aside("properties", match[0], 0)
            self.title = match["title"].strip()
        else:
            return
        self.text = "\n" * match[0].count("\n") + self.text[match.end() :]

    def take_comments(self) -> None:
        """Takes out comments of HTML and of Obsidian and the lines of Pandoc's divs, code aside."""
        starts = [0]
        for line in self.text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        code = [(starts[first - 1], starts[last]) for first, last in fences(self.text.split("\n")).items()]
        for pattern, reason in _TAKEN_OUT:
            pieces: list[str] = []
            at = 0
            for match in pattern.finditer(self.text):
                if any(start <= match.start() < end for start, end in code):
                    continue
                self._set_aside(reason, match[0], bisect(starts, match.start()) - 1)
                pieces += self.text[at : match.start()], self._left(match)
                at = match.end()
            self.text = "".join([*pieces, self.text[at:]])

    def _left(self, match: re.Match[str]) -> str:
        """What stays in the place of a comment, with as many line breaks: nothing within a line, else no blank line."""
        before = self.text[self.text.rfind("\n", 0, match.start()) + 1 : match.start()].strip()
        end = self.text.find("\n", match.end())
        after = self.text[match.end() : end if end >= 0 else len(self.text)].strip()
        breaks = match[0].count("\n")
        return "\n".join([NOTHING] * (breaks + 1)) if not before and not after else "\n" * breaks

    def _set_aside(self, reason: AsideReason, text: str, line: int) -> None:
        self.asides.append(Aside(reason, text.strip(), f"line {line + 1}", line + 1))


def read_markdown(cleaned: str) -> MarkdownSource:
    """The text of a cleaned Markdown file, its title where its properties give one, and what was taken out."""
    source = MarkdownSource(cleaned)
    source.take_properties()
    source.take_comments()
    return source
