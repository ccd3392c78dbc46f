"""The journal's records: threads, messages, runs, streams, tool calls and usage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from saga_agent.domain.parts import PartsBuilder
from saga_agent.domain.project import LOCAL_OWNER
from saga_agent.domain.record import JsonObject, Model
from saga_agent.domain.words import written_words
from saga_agent.ids import derived_id

RunState = Literal["queued", "running", "waiting", "finished", "failed", "stopped", "interrupted"]
EndState = Literal["finished", "failed", "stopped", "interrupted"]
ReasonCode = Literal[
    "",
    "writer",
    "superseded",
    "process",
    "model",
    "tool",
    "storage",
    "loop",
    "steps",
    "tokens",
    "tool_calls",
    "cost",
    "time",
    "other",
]
"""What ended a run: who, what failed, or which limit was reached."""
LIVE_STATES: tuple[RunState, ...] = ("queued", "running", "waiting")
END_STATES: tuple[EndState, ...] = ("finished", "failed", "stopped", "interrupted")
_LEFT_OPEN = "Left open in the thread this one was forked from."


class Thread(Model):
    """A conversation about a project; `chat_id` is the front end's own key, unique for its owner."""

    id: str
    owner_id: str = LOCAL_OWNER
    project_id: str
    chat_id: str
    title: str = ""
    parent_run_id: str | None = None
    summary: str = ""
    """What was said up to turn `summary_until`, in short, for turns that no longer see it."""
    summary_until: int = 0
    """The last `order` that the summary covers; 0 when there is none."""
    created_at: float


class Message(Model):
    """One message of a thread; `parts` are UI message parts as the AI SDK shapes them."""

    id: str
    thread_id: str
    order: int = 0
    """The turn it belongs to; allotted by the journal."""
    step_order: int = 0
    """0 for the user's message, 1 and up for answers of that turn."""
    role: Literal["user", "assistant", "system"]
    state: RunState = "finished"
    agent: str | None = None
    run_id: str | None = None
    parts: tuple[JsonObject, ...] = ()
    metadata: JsonObject = Field(default_factory=dict)
    replaced: bool = False
    """Another answer, or an edited question, stands in its place: it is kept, and no longer part of the talk."""
    page_id: str | None = None
    """The front end's own id for it, where that is another: an edited question keeps that of the one it replaces."""
    created_at: float

    @property
    def shown_id(self) -> str:
        """The id by which pages know it."""
        return self.page_id or self.id

    @property
    def text(self) -> str:
        """The text parts, joined."""
        return text_in(self.parts)


class PageMessage(Model):
    """A writer's message as a page sent it: pages are shown it so again."""

    id: str | None = None
    parts: tuple[JsonObject, ...] = ()
    """With the whole text in their text parts; none stands for one part with the text."""
    metadata: JsonObject = Field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text parts, joined."""
        return text_in(self.parts)


def text_in(parts: Iterable[JsonObject]) -> str:
    """The text parts among a message's parts, joined."""
    return "".join(str(part.get("text", "")) for part in parts if part.get("type") == "text")


def forked(message: Message, thread_id: str) -> Message:
    """The copy of a message in a fork of its thread: the same place and words, an id of its own, no run.

    Pages know it by the id they know the message by. What it still asks of the writer is closed, for nobody would
    take an answer there.
    """
    copy_id = derived_id("msg", thread_id, message.id)
    changes: dict[str, object] = {"id": copy_id, "thread_id": thread_id, "run_id": None, "page_id": message.shown_id}
    if message.state in LIVE_STATES:
        changes |= {"state": "interrupted", "parts": PartsBuilder(message.parts).seal(_LEFT_OPEN)}
    return message.model_copy(update=changes)


class Run(Model):
    """One turn being executed: who holds it, until when, and how it stands."""

    id: str
    thread_id: str
    project_id: str
    owner_id: str = LOCAL_OWNER
    user_message_id: str
    message_id: str
    """The assistant message it writes; the same through pauses, crashes and take-overs."""
    stream_id: str
    agent: str
    workspace: str | None = None
    parent_run_id: str | None = None
    """Set for a subagent's run: the run whose call it serves."""
    parent_call_id: str | None = None
    root_run_id: str | None = None
    """The run the writer started; None when this is that run."""
    agent_path: tuple[str, ...] = ()
    """From the agent the writer talks to down to this run's; empty means `agent` alone."""
    mentions: tuple[str, ...] = ()
    """Subagents the writer named with `@` in the message; they are called before the agent speaks."""
    state: RunState = "queued"
    epoch: int = 0
    """Grows by one each time a runner takes the run; older writers are refused."""
    attempts: int = 0
    """How often it was taken since it was sent, or since it waited last."""
    runner: str | None = None
    """Its holder, from the moment it is queued; None while nobody has it."""
    lease_until: float = 0.0
    """Until when it is the holder's, by the storage's clock; 0.0 when it was given back."""
    host_ports: tuple[str, ...] = ()
    """The story ports that were the host's own where it was sent: only a process that has the same goes on with it."""
    stop_requested: bool = False
    reason: str = ""
    """Why it ended, in a sentence, when it did not simply finish."""
    reason_code: ReasonCode = ""
    created_at: float
    ended_at: float | None = None

    @property
    def root_id(self) -> str:
        """The run the writer started: this one, or the root of its tree."""
        return self.root_run_id or self.id

    @property
    def path(self) -> tuple[str, ...]:
        """The agents from the writer's down to this run's."""
        return self.agent_path or (self.agent,)


class Stream(Model):
    """The log of one assistant message."""

    id: str
    thread_id: str
    run_id: str
    message_id: str
    state: RunState = "queued"
    last_seq: int = 0


class Delta(Model):
    """One row of a stream: a UI message chunk as JSON text."""

    seq: int = Field(ge=1)
    epoch: int
    chunk: str


class ToolCall(Model):
    """A call of a tool, journalled before it runs and after it ended."""

    run_id: str
    call_id: str
    tool: str
    arguments: JsonObject
    arguments_hash: str
    state: Literal["started", "finished"] = "started"
    ok: bool | None = None
    result: str | None = None
    """What the model reads, as JSON text."""
    refused: bool = False
    """Settled by a rule or the writer, without being run."""
    rule: str = ""
    """What let it run or refused it: the deciding rule, grant or answer, in words."""
    started_at: float
    ended_at: float | None = None


class Repeats(Model):
    """How often a call was made before, by tool and hash of its arguments."""

    in_tree: int
    """In this turn: the run's tree from its root."""
    refused: int
    """Refused ones in this thread: all turns, subagents included."""
    call: ToolCall | None = None
    """The call itself, if it was ever started."""


class Usage(Model):
    """Tokens of one model call; `estimated` when the provider did not say."""

    run_id: str
    step: int
    epoch: int = 0
    """Which attempt at the run made the call; a killed one is counted too."""
    model: str
    input_tokens: int = Field(ge=0)
    output_tokens: int = Field(ge=0)
    cost_usd: float | None = None
    """By the dated price table; None when the price is not known."""
    estimated: bool = False
    created_at: float


class Stretch(Model):
    """Where a passage lies: in which document, at which revision; offsets are half-open code points."""

    document_id: str
    document_rev: int
    start: int
    end: int

    @property
    def place(self) -> tuple[str, int, int, int]:
        """What tells it from other stretches of its project."""
        return (self.document_id, self.document_rev, self.start, self.end)


class Passage(Stretch):
    """A stretch of a document with its words, as the search index holds it."""

    title: str
    text: str


def words_held(passages: Iterable[Passage]) -> frozenset[str]:
    """The words of the text that these are the passages of, as they are written; they lie in order."""
    pieces: list[str] = []
    end = 0
    for passage in passages:
        pieces.append(passage.text if passage.start == end else f" {passage.text}")  # one word may fill several
        end = passage.end
    return frozenset(written_words("".join(pieces)))


class Hit(Passage):
    """A passage that answers a query; a higher score is a better match, comparable within one search only."""

    score: float


Keep = Literal["none", "last", "all"]
"""Of which runs something is kept: of none that has ended, of a thread's last one, of all."""


Kept = Literal["checkpoints", "streams"]
"""What a run leaves beside its message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTurn:
    """What `Runs.start` stores in one transaction. `run.user_message_id` names a message of the thread, or `user`."""

    run: Run
    user: Message | None
    """The writer's message; None when an old one is answered anew."""
    assistant: Message
    stream: Stream
    replaces: tuple[int, int] | None = None
    """The place, as (order, step_order), of a message that stands: it and all after it are marked `replaced`."""


@dataclass(frozen=True, slots=True)
class HeldRun:
    """A run as its holder looks at it many times: whether it still has it, and whether somebody wants it stopped."""

    run_id: str
    stop_requested: bool
