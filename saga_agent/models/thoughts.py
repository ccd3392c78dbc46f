"""Thoughts that a model writes into its answer, as local models do: `<think>...</think>` before the answer begins.

Only what stands before the first word of an answer is a thought; a text that speaks of `<think>` further on keeps it.
One that is never closed is a thought to the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

Said = tuple[Literal["text", "reasoning"], str]
_OPEN = ("<think>", "<thinking>")


class ThoughtSplitter:
    """Tells the thoughts from the answer, in text that comes in pieces."""

    def __init__(self) -> None:
        self._held = ""
        self._close = ""
        """What ends the thought that is open; empty when none is."""
        self._speaking = False
        """Whether the answer has begun."""
        self._thought = False

    def feed(self, piece: str) -> Iterator[Said]:
        """What is said with that piece; what may still become a mark is held back."""
        if self._speaking:
            yield "text", piece
            return
        self._held += piece
        while self._held:
            before = self._held
            yield from self._think() if self._close else self._begin()
            if self._held == before:
                return

    def rest(self) -> Iterator[Said]:
        """What was held back, at the end of the answer."""
        held, self._held = self._held, ""
        if held and not (self._thought and not held.strip()):
            yield ("reasoning" if self._close else "text"), held

    def _begin(self) -> Iterator[Said]:
        words = self._held.lstrip()
        for mark in _OPEN:
            if words[: len(mark)].lower() == mark:
                self._held, self._close, self._thought = words[len(mark) :], f"</{mark[1:]}", True
                return
        if any(mark.startswith(words.lower()) for mark in _OPEN):  # also while there is no word yet
            return
        said, self._held, self._speaking = words if self._thought else self._held, "", True
        yield "text", said

    def _think(self) -> Iterator[Said]:
        end = self._held.lower().find(self._close)
        if end >= 0:
            thought, self._held, self._close = self._held[:end], self._held[end + len(self._close) :], ""
        else:
            keep = _overlap(self._held.lower(), self._close)
            thought, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        if thought:
            yield "reasoning", thought


def without_thoughts(text: str) -> str:
    """A whole answer without the thoughts before it."""
    splitter = ThoughtSplitter()
    return "".join(words for kind, words in (*splitter.feed(text), *splitter.rest()) if kind == "text")


def _overlap(text: str, mark: str) -> int:
    """How many characters at the text's end may be the beginning of the mark."""
    return next((size for size in range(len(mark) - 1, 0, -1) if text.endswith(mark[:size])), 0)
