"""Which call a piece of a streamed tool call belongs to, however little the server says of it.

Servers number calls, or give ids, or neither; they put several calls under one number, repeat the name in every piece,
or send it in pieces. A piece belongs to the call that its id or number names; where that call's arguments are whole
already and the piece brings a name, it begins another one.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass(slots=True)
class OpenCall:
    """A call that is coming in."""

    slot: int
    given_id: str
    name: str = ""
    raw: list[str] = field(default_factory=list[str])

    @property
    def is_whole(self) -> bool:
        """Whether its arguments are a JSON object that has come to its end."""
        text = "".join(self.raw).strip()
        if not text.endswith("}"):
            return False
        try:
            return isinstance(json.loads(text), dict)
        except (ValueError, RecursionError):
            return False


@dataclass(frozen=True, slots=True)
class CallPlace:
    """Where a piece goes."""

    call: OpenCall
    is_new: bool
    name: str
    """What the piece adds to the call's name."""


class CallDeltas:
    """The calls of one answer; `names` are the tools on offer, which tell a piece of a name from a name."""

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = tuple(names)
        self._calls: list[OpenCall] = []
        self._by_index: dict[int | None, OpenCall] = {}
        self._by_id: dict[tuple[int | None, str], OpenCall] = {}

    def place(self, *, index: int | None, call_id: str, name: str, arguments: str) -> CallPlace:
        """The call that the piece belongs to, with the piece taken in."""
        call = self._find(index, call_id, name)
        is_new = call is None or (bool(name) and self._begins(call, name, arguments))
        if call is None or is_new:
            call = OpenCall(len(self._calls), call_id)
            self._calls.append(call)
        self._by_index[index] = call
        if call_id:
            self._by_id[index, call_id] = call
            call.given_id = call.given_id or call_id
        added = self._added(call, name)
        call.name += added
        if arguments:
            call.raw.append(arguments)
        return CallPlace(call, is_new, added)

    def could_grow(self, name: str) -> bool:
        """Whether more of that name may follow: it is no tool on offer, or also the beginning of another."""
        return name not in self._names or any(each != name and each.startswith(name) for each in self._names)

    def _find(self, index: int | None, call_id: str, name: str) -> OpenCall | None:
        if call_id and (known := self._by_id.get((index, call_id))):
            return known
        last = self._calls[-1] if index is None and self._calls else self._by_index.get(index)
        # Another id is another call; an id that comes late belongs to the call that has none yet.
        return None if last and call_id and last.given_id and name else last

    def _begins(self, call: OpenCall, name: str, arguments: str) -> bool:
        """Whether a piece with a name, sent where that call is open, is the first of another call."""
        if call.raw:
            return bool(arguments) or name != call.name if call.is_whole else name != call.name
        if name == call.name or not call.name or not self._names:
            return False
        grown = name if name.startswith(call.name) else call.name + name
        return not any(each.startswith(grown) for each in self._names)

    def _added(self, call: OpenCall, name: str) -> str:
        if not call.name or not name:
            return name
        if name == call.name or call.raw:
            return ""
        is_snapshot = name.startswith(call.name) and any(each.startswith(name) for each in self._names)
        return name.removeprefix(call.name) if is_snapshot else name
