"""What a chat client sends: a message, an edit, a wish for another answer, or decisions on what was asked."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SkipValidation
from pydantic.alias_generators import to_camel

from saga_agent.domain.given_ids import GIVEN_ID, MAX_ID_CHARACTERS
from saga_agent.domain.journal import PageMessage
from saga_agent.domain.record import JsonObject
from saga_agent.errors import InvalidInput

_MOST_MESSAGES = 10_000
_MOST_PARTS = 2_000
"""Of one message."""
_MOST_DECISIONS = 1_000
_LONGEST_NAME = 200
FromPage = dict[str, SkipValidation[JsonValue]]
"""A JSON object; its values come from a JSON text, and are not looked through once more."""
_KEPT = ("file", "source-url", "source-document")
"""The parts of a user's message that are kept beside its text and its data."""
_EXAMPLE: JsonObject = {
    "id": "chat-1",
    "trigger": "submit-message",
    "messages": [{"id": "m1", "role": "user", "parts": [{"type": "text", "text": "Who is at the Kennels?"}]}],
    "agent": "draft",
}


class ApprovalDecision(BaseModel):
    """The writer's word on one approval; the arguments are those the server stored."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, strict=True, alias_generator=to_camel, populate_by_name=True
    )

    approval_id: str
    tool_call_id: str
    approved: bool
    reason: str | None = None


class TurnBody(BaseModel):
    """The body of a turn; fields that are not known here are ignored, as clients of other releases send more."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, json_schema_extra={"examples": [_EXAMPLE]}
    )

    id: str = Field(pattern=GIVEN_ID, max_length=MAX_ID_CHARACTERS, description="The page's key for the chat.")
    messages: list[FromPage] | None = Field(
        default=None, max_length=_MOST_MESSAGES, description="The page's history; only the last is read."
    )
    message: FromPage | None = Field(default=None, description="The last message alone, instead of `messages`.")
    trigger: Literal["submit-message", "regenerate-message"] | None = Field(
        default=None, description="`submit-message` when left out."
    )
    message_id: str | None = Field(
        default=None, max_length=_LONGEST_NAME, description="The message to put in other words, or to answer anew."
    )
    project_id: str | None = Field(
        default=None, max_length=_LONGEST_NAME, description="The project of a new chat; the owner's default one else."
    )
    agent: str | None = Field(default=None, max_length=_LONGEST_NAME, description="`draft` or `revise`.")
    workspace: str | None = Field(default=None, max_length=_LONGEST_NAME)
    approvals: list[ApprovalDecision] | None = Field(
        default=None,
        max_length=_MOST_DECISIONS,
        description="Decisions of a page whose SDK has no approvals of its own (5).",
    )

    @property
    def history(self) -> list[JsonObject]:
        """The messages that came along, the newest last."""
        return [self.message] if self.message is not None else self.messages or []

    @property
    def last(self) -> JsonObject:
        """The newest message; `InvalidInput` when there is none."""
        if not self.history:
            raise InvalidInput("Send 'messages' or 'message'; there is nothing to answer.")
        return self.history[-1]


def text_of(message: JsonObject) -> str:
    """The message's text parts, joined; the older form with `content` is read, too."""
    parts = _parts(message)
    if parts is not None:
        texts = [part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text"]
        return "".join(text for text in texts if isinstance(text, str))
    content = message.get("content")
    return content if isinstance(content, str) else ""


def page_message(message: JsonObject) -> PageMessage:
    """The user's message as it is to be shown again: what an agent could have said or done is left out."""
    message_id, metadata = message.get("id"), message.get("metadata")
    return PageMessage(
        id=message_id if isinstance(message_id, str) and _is_kept_id(message_id) else None,
        parts=tuple(part for part in _parts(message) or () if isinstance(part, dict) and _is_kept(part)),
        metadata=metadata if isinstance(metadata, dict) else {},
    )


def _is_kept_id(text: str) -> bool:
    """Pages have ids of many forms, and none of them stands in an address."""
    return 0 < len(text) <= MAX_ID_CHARACTERS and text.isprintable()


def tool_parts(message: JsonObject) -> list[JsonObject]:
    """The message's tool parts."""
    return [part for part in _parts(message) or () if isinstance(part, dict) and _is_tool(part)]


def _parts(message: JsonObject) -> list[JsonValue] | None:
    """The message's parts; `InvalidInput` for more than a message of ours could have."""
    parts = message.get("parts")
    if not isinstance(parts, list):
        return None
    if len(parts) > _MOST_PARTS:
        raise InvalidInput(f"A message has {len(parts):,} parts; {_MOST_PARTS:,} are the limit.")
    return parts


def _is_tool(part: JsonObject) -> bool:
    kind = part.get("type")
    return isinstance(kind, str) and (kind.startswith("tool-") or kind == "dynamic-tool")


def _is_kept(part: JsonObject) -> bool:
    kind = part.get("type")
    if kind == "text":
        return isinstance(part.get("text"), str)
    return isinstance(kind, str) and (kind in _KEPT or kind.startswith("data-"))
