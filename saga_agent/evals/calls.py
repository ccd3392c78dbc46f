"""The calls of a model, read: whatever a model hands in is judged, and never an error."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class GivenCall:
    """A call as it came; one with a `fault` does not parse."""

    raw: Any
    name: str = ""
    """The tool, as far as the call names one."""
    arguments: Mapping[str, Any] | None = None
    fault: str = ""
    """Why it does not parse."""


def read_calls(calls: object) -> list[GivenCall]:
    """The calls, each `{"name": ..., "arguments": {...}}`; arguments may be the JSON text of an object."""
    if calls is None:
        return []
    if isinstance(calls, str | bytes | Mapping) or not isinstance(calls, Sequence):
        return [GivenCall(calls, fault="The calls are no list.")]
    return [_read_call(call) for call in cast("Sequence[object]", calls)]


def _read_call(call: object) -> GivenCall:
    if not isinstance(call, Mapping):
        return GivenCall(call, fault="The call is no object with a name and arguments.")
    fields = cast("Mapping[str, object]", call)
    name = fields.get("name")
    arguments: object = fields.get("arguments", {})
    if not isinstance(name, str) or not name:
        return GivenCall(call, fault="The call names no tool.")
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}", parse_constant=_no_constant)
        except (ValueError, RecursionError):
            return GivenCall(call, name, fault=f"The arguments of {name!r} are no JSON.")
    if not isinstance(arguments, Mapping):
        return GivenCall(call, name, fault=f"The arguments of {name!r} are no object.")
    return GivenCall(call, name, cast("Mapping[str, Any]", arguments))


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
