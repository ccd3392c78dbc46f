"""Counting what the event loop does between two looks around: calls, not seconds, so that a busy machine is no fault.

What runs in one step keeps everybody else waiting. Work in other threads is not counted: it shares the interpreter,
but the loop has its turn in between.
"""

from __future__ import annotations

import asyncio
import sys
from types import FrameType, TracebackType
from typing import Any, Self

_STEP = asyncio.Handle._run.__code__  # pyright: ignore[reportPrivateUsage]


class LoopMeter:
    """Within its block, counts the calls - Python's and C's - that each step of this thread's loop makes."""

    def __init__(self) -> None:
        self.most, self.steps, self._here = 0, 0, 0

    def __enter__(self) -> Self:
        sys.setprofile(self._see)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.setprofile(None)

    def _see(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code is _STEP:
            self._here = 0
            self.steps += 1
        elif event in ("call", "c_call"):
            self._here += 1
            self.most = max(self.most, self._here)
