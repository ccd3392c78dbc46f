"""The UI message chunks: what a stream's rows say, in the AI SDK's vocabulary.

Source: the "UI message stream" of the npm package `ai`, majors 5 to 7. Chunks are written with camelCase names and
without absent fields, since clients refuse null for an optional field.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, JsonValue, Tag, TypeAdapter
from pydantic.alias_generators import to_camel

from saga_agent.domain.record import JsonObject

FinishReason = Literal["stop", "length", "content-filter", "tool-calls", "error", "other"]


class _Chunk(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="allow", alias_generator=to_camel, populate_by_name=True
    )

    def model_post_init(self, context: object, /) -> None:
        # `type` has a default, so that nobody repeats it; it is sent all the same.
        self.model_fields_set.add("type")

    def to_json(self) -> str:
        """The chunk as the wire and the log hold it."""
        return self.model_dump_json(by_alias=True, exclude_unset=True)

    def to_dict(self) -> JsonObject:
        """The same as a JSON object."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Start(_Chunk):
    """The message begins; always the first chunk, always with the message's id."""

    type: Literal["start"] = "start"
    message_id: str
    message_metadata: JsonValue = None


class StartStep(_Chunk):
    """A model call begins."""

    type: Literal["start-step"] = "start-step"


class FinishStep(_Chunk):
    """A model call and its tools are done."""

    type: Literal["finish-step"] = "finish-step"


class TextStart(_Chunk):
    """A text part begins."""

    type: Literal["text-start"] = "text-start"
    id: str


class TextDelta(_Chunk):
    """More of a text part."""

    type: Literal["text-delta"] = "text-delta"
    id: str
    delta: str


class TextEnd(_Chunk):
    """A text part is complete."""

    type: Literal["text-end"] = "text-end"
    id: str


class ReasoningStart(_Chunk):
    """A reasoning part begins."""

    type: Literal["reasoning-start"] = "reasoning-start"
    id: str


class ReasoningDelta(_Chunk):
    """More of a reasoning part."""

    type: Literal["reasoning-delta"] = "reasoning-delta"
    id: str
    delta: str


class ReasoningEnd(_Chunk):
    """A reasoning part is complete."""

    type: Literal["reasoning-end"] = "reasoning-end"
    id: str


class ToolInputStart(_Chunk):
    """A tool call's arguments begin to arrive."""

    type: Literal["tool-input-start"] = "tool-input-start"
    tool_call_id: str
    tool_name: str


class ToolInputDelta(_Chunk):
    """More of a tool call's arguments, as raw JSON text."""

    type: Literal["tool-input-delta"] = "tool-input-delta"
    tool_call_id: str
    input_text_delta: str


class ToolInputAvailable(_Chunk):
    """A tool call's arguments are complete."""

    type: Literal["tool-input-available"] = "tool-input-available"
    tool_call_id: str
    tool_name: str
    input: JsonValue


class ToolInputError(_Chunk):
    """A tool call whose arguments cannot be used."""

    type: Literal["tool-input-error"] = "tool-input-error"
    tool_call_id: str
    tool_name: str
    input: JsonValue
    error_text: str


class ToolOutputAvailable(_Chunk):
    """A tool's result."""

    type: Literal["tool-output-available"] = "tool-output-available"
    tool_call_id: str
    output: JsonValue


class ToolOutputError(_Chunk):
    """A tool that failed."""

    type: Literal["tool-output-error"] = "tool-output-error"
    tool_call_id: str
    error_text: str


class ToolApprovalRequest(_Chunk):
    """A tool call that waits for the writer's word."""

    type: Literal["tool-approval-request"] = "tool-approval-request"
    approval_id: str
    tool_call_id: str


class ToolOutputDenied(_Chunk):
    """A tool call the writer, or the policy, refused."""

    type: Literal["tool-output-denied"] = "tool-output-denied"
    tool_call_id: str


class MessageMetadata(_Chunk):
    """Metadata to merge into the message."""

    type: Literal["message-metadata"] = "message-metadata"
    message_metadata: JsonValue


class Finish(_Chunk):
    """The message is complete."""

    type: Literal["finish"] = "finish"
    finish_reason: FinishReason | None = None
    message_metadata: JsonValue = None


class Error(_Chunk):
    """The message ends in failure; what came before stays."""

    type: Literal["error"] = "error"
    error_text: str


class Abort(_Chunk):
    """The message was stopped; what came before stays."""

    type: Literal["abort"] = "abort"


TERMINAL = (Finish, Error, Abort)
"""What ends a message, well or not."""


class Rewind(_Chunk):
    """Everything after `to_seq` is void: a new runner goes on from there. Never sent to clients."""

    type: Literal["rewind"] = "rewind"
    to_seq: int


class Data(_Chunk):
    """An extension part, `data-NAME`."""

    type: str = Field(pattern=r"^data-.+")
    id: str | None = None
    data: JsonValue
    transient: bool | None = None


def _tag(value: object) -> str | None:
    kind = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)  # pyright: ignore
    return "data" if isinstance(kind, str) and kind.startswith("data-") else kind  # pyright: ignore


Chunk = Annotated[
    Annotated[Start, Tag("start")]
    | Annotated[StartStep, Tag("start-step")]
    | Annotated[FinishStep, Tag("finish-step")]
    | Annotated[TextStart, Tag("text-start")]
    | Annotated[TextDelta, Tag("text-delta")]
    | Annotated[TextEnd, Tag("text-end")]
    | Annotated[ReasoningStart, Tag("reasoning-start")]
    | Annotated[ReasoningDelta, Tag("reasoning-delta")]
    | Annotated[ReasoningEnd, Tag("reasoning-end")]
    | Annotated[ToolInputStart, Tag("tool-input-start")]
    | Annotated[ToolInputDelta, Tag("tool-input-delta")]
    | Annotated[ToolInputAvailable, Tag("tool-input-available")]
    | Annotated[ToolInputError, Tag("tool-input-error")]
    | Annotated[ToolOutputAvailable, Tag("tool-output-available")]
    | Annotated[ToolOutputError, Tag("tool-output-error")]
    | Annotated[ToolApprovalRequest, Tag("tool-approval-request")]
    | Annotated[ToolOutputDenied, Tag("tool-output-denied")]
    | Annotated[MessageMetadata, Tag("message-metadata")]
    | Annotated[Finish, Tag("finish")]
    | Annotated[Error, Tag("error")]
    | Annotated[Abort, Tag("abort")]
    | Annotated[Rewind, Tag("rewind")]
    | Annotated[Data, Tag("data")],
    Discriminator(_tag),
]
CHUNK: TypeAdapter[Chunk] = TypeAdapter(Chunk)
