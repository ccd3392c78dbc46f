"""The stage of the demo: headings, narration, and lines that appear as if somebody typed them."""

from __future__ import annotations

import re
import sys
import time
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from saga_agent.cli.rendering.console import build_console

_RECORD_WIDTH = 104
_MAX_WIDTH = 110
_KEYS_PER_SECOND = 55
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


class Stage:
    """A console, and the pace at which things happen on it: none where nobody watches."""

    def __init__(self, *, recorded: bool) -> None:
        self.is_watched = sys.stdout.isatty()
        self.console = _recorder(self.is_watched) if recorded else _screen()
        self._acts = 0

    def act(self, title: str, *, command: str = "") -> None:
        """A new act, with the command that does the same."""
        self._acts += 1
        self.pause(0.6 if self._acts > 1 else 0)
        self.console.print()
        self.console.print(Rule(Text(f"{self._acts}  {title}", style="who"), align="left", style="note"))
        if command:
            self.console.print(Text(f"$ {command}", style="note"), soft_wrap=True)
        self.console.print()

    def say(self, words: str) -> None:
        """The narrator."""
        self.console.print(Text(words))
        self.pause(0.8)

    def type(self, prompt: str, words: str) -> None:
        """A line as the writer would type it."""
        if not self.is_watched or self.console.record:
            self.console.print(Text.assemble((prompt, "key"), words))
            return
        self.console.print(Text(prompt, style="key"), end="")
        for letter in words:
            self.console.print(Text(letter), end="", soft_wrap=True)
            time.sleep(1 / _KEYS_PER_SECOND)
        self.console.print()
        self.pause(0.4)

    def pause(self, seconds: float) -> None:
        """Time to read, where somebody does."""
        if self.is_watched:
            time.sleep(seconds)

    def save(self, file: Path) -> None:
        """Writes the picture of everything that happened; shows it as text where it was not seen yet."""
        if not self.is_watched:
            print(self.console.export_text(clear=False))
        # rich's own template loads fonts from a server; a picture in a README must not
        file.write_text(_FONTS.sub("", self.console.export_svg(title="saga demo")), encoding="utf-8")


def _recorder(is_watched: bool) -> Console:
    return build_console(sys.stdout if is_watched else StringIO(), record=True, width=_RECORD_WIDTH)


def _screen() -> Console:
    console = build_console(sys.stdout)
    console.width = min(console.width, _MAX_WIDTH)
    return console
