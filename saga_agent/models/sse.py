"""Server-sent events: bytes as they arrive, cut into the data of whole events.

Only what a chat completion stream uses: `data` fields, and events named `error`, which come out as `{"error": ...}`
whatever their data. An event counts once its blank line is there, so a cut event never comes out.
Source: the HTML standard, "Server-sent events", event stream interpretation.
"""

from __future__ import annotations

import codecs
import json
import re

_LINE_END = re.compile("\r\n|\n|\r")  # str.splitlines also splits at characters that JSON may hold
_BLANK_LINE = re.compile(rb"\r?\n\r?\n|\r\r")


class EventDecoder:
    """Collects bytes and gives the data of every event completed by them."""

    def __init__(self) -> None:
        self._rest = b""
        self._begun = False

    def feed(self, data: bytes) -> list[str]:
        """The data of the events that these bytes complete, comments and empty events left out."""
        data = self._rest + data
        if not self._begun:
            if len(data) < len(codecs.BOM_UTF8) and codecs.BOM_UTF8.startswith(data):
                self._rest = data
                return []
            data, self._begun = data.removeprefix(codecs.BOM_UTF8), True
        *events, self._rest = _BLANK_LINE.split(data)
        return [text for event in events if (text := _data_of(event))]


def _data_of(event: bytes) -> str:
    if event.startswith(b"data: ") and b"\n" not in event:  # nearly every event
        return event[6:].decode("utf-8", "replace")
    lines = _LINE_END.split(event.decode("utf-8", "replace"))
    data = "\n".join(line[5:].removeprefix(" ") for line in lines if line.startswith("data:"))
    is_error = any(line.removeprefix("event:").strip() == "error" for line in lines if line.startswith("event:"))
    return _as_error(data) if is_error else data


def _as_error(data: str) -> str:
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        said = data
    return json.dumps(said if isinstance(said, dict) and "error" in said else {"error": said or "it gave no reason"})
