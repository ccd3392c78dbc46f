"""Stored messages as the UI messages that a client of a given AI SDK accepts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from saga_agent.domain.journal import Message
from saga_agent.domain.record import JsonObject
from saga_agent.server.page_outcomes import PageOutcomes, with_outcome
from saga_agent.server.settings import SdkVersion

_DENIED = "The writer declined this call."


def ui_messages(
    messages: Iterable[Message], version: SdkVersion, outcomes: PageOutcomes | None = None
) -> list[JsonObject]:
    """The messages that stand, with the outcomes that pages gave.

    One that is being written is left out, for its stream tells it.
    """
    shown = [message for message in messages if message.state not in ("queued", "running") and message.parts]
    return [ui_message(message, version, outcomes or {}) for message in shown]


def has_call_of(messages: Iterable[Message], tools: Collection[str]) -> bool:
    """Whether a call of one of the tools is among the messages' parts."""
    kinds = {f"tool-{tool}" for tool in tools}
    return any(part.get("type") in kinds for message in messages for part in message.parts)


def ui_message(message: Message, version: SdkVersion, outcomes: PageOutcomes) -> JsonObject:
    """The message with its id, role, metadata and parts."""
    stored = [_with_given(part, message, outcomes) for part in message.parts]
    parts = [each for part in stored for each in _parts(part, version)]
    shown: JsonObject = {"id": message.shown_id, "role": message.role, "parts": list(parts)}
    if metadata := message_metadata(message):
        shown["metadata"] = metadata
    return shown


def message_metadata(message: Message) -> JsonObject:
    """What a page may want to know of an answer: its run, agent and state."""
    if message.run_id is None or message.role != "assistant":
        return message.metadata
    return {**message.metadata, "runId": message.run_id, "agent": message.agent, "state": message.state}


def _with_given(part: JsonObject, message: Message, outcomes: PageOutcomes) -> JsonObject:
    given = outcomes.get((message.run_id or "", str(part.get("toolCallId"))))
    return part if given is None else with_outcome(part, given)


def _parts(part: JsonObject, version: SdkVersion) -> Iterator[JsonObject]:
    state, approval = part.get("state"), part.get("approval")
    if not isinstance(approval, dict):
        yield part
        return
    bare = {name: value for name, value in part.items() if name != "approval"}
    if version == 5:
        yield from _parts_of_5(bare, approval)
    elif state == "output-error" and approval.get("approved") is not True:
        yield bare  # an error may carry an approval only when it was given
    else:
        yield part


def _parts_of_5(bare: JsonObject, approval: JsonObject) -> Iterator[JsonObject]:
    """The same without the states that 5 does not know; the approval is a part of its own."""
    state = bare["state"]
    if state == "approval-requested":
        yield {**bare, "state": "input-available"}
        data: JsonObject = {
            "approvalId": approval.get("id"),
            "toolCallId": bare["toolCallId"],
            "toolName": str(bare["type"]).removeprefix("tool-"),
            "state": "requested",
        }
        yield {"type": "data-approval", "id": approval.get("id"), "data": data}
    elif state == "output-denied":
        yield {**bare, "state": "output-error", "errorText": _DENIED}
    else:
        yield bare
