"""Server-sent events: bytes as they arrive, cut into the data of whole events.

Only what a chat completion stream uses: `data` fields. An event counts once its blank line is there, so a cut event
never comes out. Source: the HTML standard, "Server-sent events", event stream interpretation.
"""

from __future__ import annotations

import re

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


class EventDecoder:
    """Collects bytes and gives the data of every event completed by them."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """The data of the events that these bytes complete, comments and empty events left out."""
        *events, self._rest = _BLANK_LINE.split(self._rest + data)
        return [text for event in events if (text := _data_of(event))]


def _data_of(event: bytes) -> str:
    if event.startswith(b"data: ") and b"\n" not in event:  # nearly every event
        return event[6:].decode("utf-8", "replace")
    lines = event.decode("utf-8", "replace").splitlines()
    return "\n".join(line[5:].removeprefix(" ") for line in lines if line.startswith("data:"))
