"""Tool calls read strictly: what a model really wrote, never what a lenient parser makes of it.

LangChain fills a message's `tool_calls` with a parser that completes broken JSON, so arguments cut off in the middle
(`"days":12}` as `"days":1`) look whole and would be run. Here only the raw text counts.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any, NoReturn

from langchain_core.messages import AIMessage, AIMessageChunk

from saga_agent.domain.plain import mended_json

_REASON_KEYS = ("finish_reason", "stop_reason", "done_reason", "stopReason")
_LENGTH_REASONS = frozenset({"length", "max_tokens", "max_output_tokens", "model_length"})


@dataclasses.dataclass(frozen=True, slots=True)
class ParsedCall:
    """One tool call; `arguments` is `None` exactly when `error` says why it must not run."""

    id: str
    name: str
    arguments: dict[str, Any] | None
    raw: str
    error: str | None = None


def finish_reason(message: AIMessage) -> str | None:
    """Why the model stopped: `stop`, `tool_calls`, `length`, ...; `None` when the answer does not say.

    Reads the names that the providers' LangChain packages use; every kind of running out of tokens is `length`.
    """
    metadata = message.response_metadata
    found = next((metadata[key] for key in _REASON_KEYS if metadata.get(key)), None)
    if not isinstance(found, str):
        return None
    return "length" if found.lower() in _LENGTH_REASONS else found


def parse_tool_calls(message: AIMessage) -> list[ParsedCall]:
    """The calls of a whole answer in their order, each with arguments that parse as a JSON object, or an error.

    When the answer ran out of tokens or ended without a reason, its last call counts as cut off, however whole it is.
    """
    if isinstance(message, AIMessageChunk) and message.tool_call_chunks:
        chunks = message.tool_call_chunks
        calls = [_parse(part["id"] or "", part["name"] or "", part["args"] or "") for part in chunks]
    else:
        calls = _parsed_by_provider(message)
    reason = finish_reason(message)
    if calls and reason in (None, "length"):
        calls[-1] = dataclasses.replace(calls[-1], arguments=None, error=_cut_off(reason))
    return calls


def _parse(call_id: str, name: str, raw: str) -> ParsedCall:
    if not name:
        return ParsedCall(call_id, name, None, raw, "The call names no tool.")
    try:
        arguments: Any = json.loads(raw, parse_constant=_refuse_constant) if raw.strip() else dict[str, Any]()
        arguments = mended_json(arguments)
        json.dumps(arguments, allow_nan=False)  # 1e999 is read as infinite
    except (ValueError, RecursionError) as error:
        return ParsedCall(call_id, name, None, raw, f"The arguments are not valid JSON: {error}")
    if not isinstance(arguments, dict):
        return ParsedCall(call_id, name, None, raw, "The arguments are not a JSON object.")
    return ParsedCall(call_id, name, arguments, raw)  # pyright: ignore[reportUnknownArgumentType]


def _parsed_by_provider(message: AIMessage) -> list[ParsedCall]:
    """Calls of an answer that came in one piece: LangChain parses those without completing them."""
    calls = [
        _parse(call["id"] or "", call["name"], json.dumps(call["args"], default=str)) for call in message.tool_calls
    ]
    return calls + [
        _parse(call["id"] or "", call["name"] or "", call["args"] or "") for call in message.invalid_tool_calls
    ]


def _cut_off(reason: str | None) -> str:
    why = "the answer reached its length limit" if reason == "length" else "the answer ended without a finish reason"
    return f"The call may be cut off: {why}."


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON value")
