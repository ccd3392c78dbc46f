"""The loop guard: an agent that makes the same call over and over is stopped."""

from __future__ import annotations

from dataclasses import dataclass

from saga_agent.domain.journal import Repeats
from saga_agent.errors import PolicyError


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopLimits:
    """How often one call, by tool and canonical arguments, may come; at that count the run is stopped."""

    refused: int = 3
    """The same refused call in a thread: over all turns, subagents included."""
    in_turn: int = 5
    """The same call in one turn, subagents included, whatever lies between."""

    def __post_init__(self) -> None:
        if self.refused < 2 or self.in_turn < 2:
            raise PolicyError("Loop limits are 2 at the least: the first call is no repetition.")

    def reason(self, tool: str, repeats: Repeats) -> str:
        """The sentence that tells why one more such call ends the run; empty when it does not."""
        if repeats.refused + 1 >= self.refused:
            return f"{tool} was called with the same arguments {repeats.refused + 1} times although it was refused."
        if repeats.in_tree + 1 >= self.in_turn:
            return f"{tool} was called {repeats.in_tree + 1} times with the same arguments in one turn."
        return ""
