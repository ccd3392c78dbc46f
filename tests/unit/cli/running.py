"""Running the command in this process, as typing it would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

STORY = """\
# The Kennels

## Chapter 1: Low Water

Mara met Tam at the Kennels. “You are late,” said Mara. Tam laughed. Mara did not.

## Chapter 2: The Ferry

Tam crossed alone. On the far bank Mara was waiting with the lamp.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output as one JSON document."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def sentences(self) -> list[str]:
        """The lines on stderr that tell of an error."""
        return [line for line in self.err.splitlines() if line.startswith("saga:")]
