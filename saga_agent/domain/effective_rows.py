"""What counts of a log: a rewind voids the rows before it that lie after its `to_seq`, and is no such row itself."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class EffectiveRows(Generic[T]):
    """The rows that count so far, fed in the order of their seq."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, T]] = []

    def add(self, seq: int, row: T) -> None:
        """A row, which counts until a rewind voids it."""
        self._rows.append((seq, row))

    def rewind(self, to_seq: int) -> None:
        """Voids the rows after that seq."""
        while self._rows and self._rows[-1][0] > to_seq:
            self._rows.pop()

    def __len__(self) -> int:
        return len(self._rows)

    def to_list(self) -> list[T]:
        """The rows that count, in order."""
        return [row for _, row in self._rows]
