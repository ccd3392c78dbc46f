"""Saga Agent: the AI collaborator for fiction writers' apps.

    import saga_agent as sa

    async with sa.Saga.open(database="sqlite+aiosqlite:///saga.db", model="offline") as saga:
        ...

These are the public names. Each is loaded when it is first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from saga_agent.actor import Actor
    from saga_agent.agents.agent import Agent
    from saga_agent.app import Saga
    from saga_agent.domain.chunks import Chunk
    from saga_agent.domain.document import Document, DocumentHead
    from saga_agent.domain.entity import Alias, Entity, Evidence, Fact, Knowledge, Relationship
    from saga_agent.domain.journal import Message, Run, Thread, Usage
    from saga_agent.domain.notes import Appearance, Capture, Decision, Mention, Presence, Proposal, Waiver
    from saga_agent.domain.project import Project
    from saga_agent.domain.record import Page, Provenance
    from saga_agent.domain.requests import (
        Answer,
        Approval,
        Approve,
        Deny,
        Dismiss,
        Edit,
        Effect,
        Option,
        Question,
        Reply,
        StopRun,
    )  # fmt: skip
    from saga_agent.domain.time import Scene, StoryInterval, TimeValue
    from saga_agent.errors import (
        AlreadyExists,
        AmbiguousReference,
        Conflict,
        InvalidInput,
        MissingExtra,
        ModelCutOff,
        ModelError,
        ModelRejected,
        ModelUnavailable,
        NotFound,
        PolicyError,
        RequestClosed,
        RunBusy,
        RunError,
        RunFailed,
        RunPaused,
        SagaError,
        SchemaMismatch,
        ScriptDrift,
        SeqConflict,
        SeqGap,
        StaleEpoch,
        StorageCorrupt,
        StorageError,
        StorageUnavailable,
        StreamError,
        UnreadableFile,
    )
    from saga_agent.runs.handle import RunHandle
    from saga_agent.runs.lease import LeaseTimes
    from saga_agent.storage.adapter import Storage
    from saga_agent.storage.memory.adapter import MemoryStorage
    from saga_agent.storage.sql.adapter import SqlStorage
    from saga_agent.story.manuscript import ImportReport
    from saga_agent.streams.rows import StreamEvent
    from saga_agent.tools.context import ToolContext
    from saga_agent.tools.policy import Policy, Rule
    from saga_agent.tools.registry import ToolRegistry
    from saga_agent.tools.result import Finding, ToolFailure, ToolResult

__version__ = "0.1.0"

# A test holds the imports above, this table and `__all__` to one another.
_NAMES = {
    "actor": "Actor",
    "agents.agent": "Agent",
    "app": "Saga",
    "domain.chunks": "Chunk",
    "domain.document": "Document DocumentHead",
    "domain.entity": "Alias Entity Evidence Fact Knowledge Relationship",
    "domain.journal": "Message Run Thread Usage",
    "domain.notes": "Appearance Capture Decision Mention Presence Proposal Waiver",
    "domain.project": "Project",
    "domain.record": "Page Provenance",
    "domain.requests": "Answer Approval Approve Deny Dismiss Edit Effect Option Question Reply StopRun",
    "domain.time": "Scene StoryInterval TimeValue",
    "errors": "AlreadyExists AmbiguousReference Conflict InvalidInput MissingExtra ModelCutOff ModelError "
    "ModelRejected ModelUnavailable NotFound PolicyError RequestClosed RunBusy RunError RunFailed RunPaused SagaError "
    "SchemaMismatch ScriptDrift SeqConflict SeqGap StaleEpoch StorageCorrupt StorageError StorageUnavailable "
    "StreamError UnreadableFile",
    "runs.handle": "RunHandle",
    "runs.lease": "LeaseTimes",
    "storage.adapter": "Storage",
    "storage.memory.adapter": "MemoryStorage",
    "storage.sql.adapter": "SqlStorage",
    "story.manuscript": "ImportReport",
    "streams.rows": "StreamEvent",
    "tools.context": "ToolContext",
    "tools.policy": "Policy Rule",
    "tools.registry": "ToolRegistry",
    "tools.result": "Finding ToolFailure ToolResult",
}
_HOME_OF = {name: f"saga_agent.{module}" for module, names in _NAMES.items() for name in names.split()}

__all__ = [
    "Actor",
    "Agent",
    "Alias",
    "AlreadyExists",
    "AmbiguousReference",
    "Answer",
    "Appearance",
    "Approval",
    "Approve",
    "Capture",
    "Chunk",
    "Conflict",
    "Decision",
    "Deny",
    "Dismiss",
    "Document",
    "DocumentHead",
    "Edit",
    "Effect",
    "Entity",
    "Evidence",
    "Fact",
    "Finding",
    "ImportReport",
    "InvalidInput",
    "Knowledge",
    "LeaseTimes",
    "MemoryStorage",
    "Mention",
    "Message",
    "MissingExtra",
    "ModelCutOff",
    "ModelError",
    "ModelRejected",
    "ModelUnavailable",
    "NotFound",
    "Option",
    "Page",
    "Policy",
    "PolicyError",
    "Presence",
    "Project",
    "Proposal",
    "Provenance",
    "Question",
    "Relationship",
    "Reply",
    "RequestClosed",
    "Rule",
    "Run",
    "RunBusy",
    "RunError",
    "RunFailed",
    "RunHandle",
    "RunPaused",
    "Saga",
    "SagaError",
    "Scene",
    "SchemaMismatch",
    "ScriptDrift",
    "SeqConflict",
    "SeqGap",
    "SqlStorage",
    "StaleEpoch",
    "StopRun",
    "Storage",
    "StorageCorrupt",
    "StorageError",
    "StorageUnavailable",
    "StoryInterval",
    "StreamError",
    "StreamEvent",
    "Thread",
    "TimeValue",
    "ToolContext",
    "ToolFailure",
    "ToolRegistry",
    "ToolResult",
    "UnreadableFile",
    "Usage",
    "Waiver",
    "__version__",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value  # the next use finds it without coming here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
