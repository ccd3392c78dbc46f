"""How an answer's text appears while it is written."""

from __future__ import annotations

from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown

_FENCE = "```"
_FRAMES_PER_SECOND = 12


class Writing(Protocol):
    """Takes the text of one part piece by piece."""

    def add(self, words: str) -> None:
        """More text."""
        ...

    def end(self) -> None:
        """The part is complete, or broken off; harmless when there is none."""
        ...


def build_writing(console: Console) -> Writing:
    """Live Markdown on a terminal, blocks of Markdown in a recording, the bare words in a pipe."""
    if console.record:
        return BlockWriting(console)
    return LiveWriting(console) if console.is_terminal else PlainWriting(console)


class PlainWriting:
    """The words as they come, for pipes and logs: no cursor moves, no colours."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = "\n"

    def add(self, words: str) -> None:
        self._console.file.write(words)
        self._console.file.flush()
        self._last = words[-1:] or self._last

    def end(self) -> None:
        if self._last != "\n":
            self.add("\n")


class BlockWriting:
    """Paragraphs of Markdown, each printed once it is complete."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._text = ""

    def add(self, words: str) -> None:
        self._text += words
        done, self._text = split_done(self._text)
        self._print(done)

    def end(self) -> None:
        text, self._text = self._text, ""
        self._print(text)

    def _print(self, text: str) -> None:
        if text.strip():
            self._console.print(Markdown(text))
            self._console.print()


class LiveWriting:
    """Complete paragraphs are printed for good; only the one being written is redrawn.

    Redrawing the whole answer fails when it is taller than the window: rich then repeats or hides its upper part.
    """

    def __init__(self, console: Console) -> None:
        self._console, self._blocks = console, BlockWriting(console)
        self._live: Live | None = None
        self._tail = ""

    def add(self, words: str) -> None:
        done, self._tail = split_done(self._tail + words)
        if done:
            self._stop()
            self._blocks.add(done)
            self._blocks.end()
        if not self._tail.strip():
            return
        if self._live is None:
            self._live = Live(console=self._console, transient=True, refresh_per_second=_FRAMES_PER_SECOND)
            self._live.start()
        self._live.update(Markdown(self._tail))

    def end(self) -> None:
        self._stop()
        tail, self._tail = self._tail, ""
        self._blocks.add(tail)
        self._blocks.end()

    def _stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


def split_done(text: str) -> tuple[str, str]:
    """The complete blocks of a growing Markdown text, and the one still being written; a code fence stays whole."""
    cut = 0
    for at, char in enumerate(text):
        if char == "\n" and text[at : at + 2] == "\n\n" and text.count(_FENCE, 0, at) % 2 == 0:
            cut = at + 2
    return text[:cut], text[cut:]
