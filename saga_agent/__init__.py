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
    from saga_agent.agents.agent import Agent, Subagent
    from saga_agent.agents.budget import Budget
    from saga_agent.agents.markdown import load_agents
    from saga_agent.analyses.consistency.claims import Claim, ClaimExtractor
    from saga_agent.analyses.images.provider import ImageProvider
    from saga_agent.app import Saga
    from saga_agent.domain.accounts import StorageLimits
    from saga_agent.domain.chunks import Chunk
    from saga_agent.domain.document import Document, DocumentHead
    from saga_agent.domain.entity import Alias, Entity, Evidence, Fact, Knowledge, Relationship
    from saga_agent.domain.finding import FactEvidence, Finding
    from saga_agent.domain.history import Change, UndoConflict, UndoReport
    from saga_agent.domain.hunk import Hunk
    from saga_agent.domain.journal import Message, PageMessage, Run, Thread, Usage
    from saga_agent.domain.notes import Appearance, Capture, Decision, Mention, Presence, Proposal, Waiver
    from saga_agent.domain.permissions import AuditEntry, Grant
    from saga_agent.domain.project import Project, StyleGuide
    from saga_agent.domain.record import Page, Provenance
    from saga_agent.domain.requests import (
        Answer,
        Approval,
        Approve,
        ClientCall,
        ClientResult,
        Deny,
        Dismiss,
        Edit,
        Effect,
        GrantTerms,
        Option,
        Question,
        Reply,
        Request,
        StopRun,
    )
    from saga_agent.domain.rules import Rule
    from saga_agent.domain.time import AsOf, Scene, StoryInterval, TimeValue, When
    from saga_agent.errors import (
        AlreadyExists,
        AmbiguousReference,
        Conflict,
        Contradiction,
        EvalError,
        InvalidInput,
        MessageReplaced,
        MissingExtra,
        ModelCutOff,
        ModelError,
        ModelRejected,
        ModelUnavailable,
        NoModel,
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
        StorageFull,
        StorageUnavailable,
        StreamError,
        UnreadableFile,
        WrongType,
    )
    from saga_agent.models.prices import Price
    from saga_agent.runs.handle import RunHandle
    from saga_agent.runs.lease import LeaseTimes
    from saga_agent.runs.settings import CallSettings, RunSettings, TurnSettings
    from saga_agent.storage.adapter import Storage
    from saga_agent.storage.memory.adapter import MemoryStorage
    from saga_agent.storage.sql.adapter import SqlStorage
    from saga_agent.story.checks.report import CheckReport
    from saga_agent.story.exchange.bible_report import BibleReport
    from saga_agent.story.exchange.export import ExportFormat, ExportReport
    from saga_agent.story.manuscript import ImportReport
    from saga_agent.streams.rows import StreamEvent
    from saga_agent.tools.context import ToolContext
    from saga_agent.tools.hooks import Hook, HookCall
    from saga_agent.tools.loops import LoopLimits
    from saga_agent.tools.policy import Policy
    from saga_agent.tools.registry import Tool, ToolRegistry
    from saga_agent.tools.result import Parked, ToolFailure, ToolResult

__version__ = "0.1.0"

# A test holds the imports above, this table and `__all__` to one another.
_NAMES = {
    "actor": "Actor",
    "agents.agent": "Agent Subagent",
    "agents.budget": "Budget",
    "agents.markdown": "load_agents",
    "analyses.consistency.claims": "Claim ClaimExtractor",
    "analyses.images.provider": "ImageProvider",
    "app": "Saga",
    "domain.accounts": "StorageLimits",
    "domain.chunks": "Chunk",
    "domain.document": "Document DocumentHead",
    "domain.entity": "Alias Entity Evidence Fact Knowledge Relationship",
    "domain.finding": "FactEvidence Finding",
    "domain.history": "Change UndoConflict UndoReport",
    "domain.hunk": "Hunk",
    "domain.journal": "Message PageMessage Run Thread Usage",
    "domain.notes": "Appearance Capture Decision Mention Presence Proposal Waiver",
    "domain.permissions": "AuditEntry Grant",
    "domain.project": "Project StyleGuide",
    "domain.record": "Page Provenance",
    "domain.requests": "Answer Approval Approve ClientCall ClientResult Deny Dismiss Edit Effect GrantTerms Option "
    "Question Reply Request StopRun",
    "domain.time": "AsOf Scene StoryInterval TimeValue When",
    "errors": "AlreadyExists AmbiguousReference Conflict Contradiction EvalError InvalidInput MessageReplaced "
    "MissingExtra ModelCutOff ModelError ModelRejected ModelUnavailable NoModel NotFound PolicyError RequestClosed "
    "RunBusy RunError RunFailed RunPaused SagaError SchemaMismatch ScriptDrift SeqConflict SeqGap StaleEpoch "
    "StorageCorrupt StorageError StorageFull StorageUnavailable StreamError UnreadableFile WrongType",
    "models.prices": "Price",
    "runs.handle": "RunHandle",
    "runs.lease": "LeaseTimes",
    "runs.settings": "CallSettings RunSettings TurnSettings",
    "storage.adapter": "Storage",
    "storage.memory.adapter": "MemoryStorage",
    "storage.sql.adapter": "SqlStorage",
    "story.checks.report": "CheckReport",
    "story.exchange.bible_report": "BibleReport",
    "story.exchange.export": "ExportFormat ExportReport",
    "story.manuscript": "ImportReport",
    "streams.rows": "StreamEvent",
    "tools.context": "ToolContext",
    "tools.hooks": "Hook HookCall",
    "tools.loops": "LoopLimits",
    "tools.policy": "Policy",
    "tools.registry": "Tool ToolRegistry",
    "tools.result": "Parked ToolFailure ToolResult",
    "domain.rules": "Rule",
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
    "AsOf",
    "AuditEntry",
    "BibleReport",
    "Budget",
    "CallSettings",
    "Capture",
    "Change",
    "CheckReport",
    "Chunk",
    "Claim",
    "ClaimExtractor",
    "ClientCall",
    "ClientResult",
    "Conflict",
    "Contradiction",
    "Decision",
    "Deny",
    "Dismiss",
    "Document",
    "DocumentHead",
    "Edit",
    "Effect",
    "Entity",
    "EvalError",
    "Evidence",
    "ExportFormat",
    "ExportReport",
    "Fact",
    "FactEvidence",
    "Finding",
    "Grant",
    "GrantTerms",
    "Hook",
    "HookCall",
    "Hunk",
    "ImageProvider",
    "ImportReport",
    "InvalidInput",
    "Knowledge",
    "LeaseTimes",
    "LoopLimits",
    "MemoryStorage",
    "Mention",
    "Message",
    "MessageReplaced",
    "MissingExtra",
    "ModelCutOff",
    "ModelError",
    "ModelRejected",
    "ModelUnavailable",
    "NoModel",
    "NotFound",
    "Option",
    "Page",
    "PageMessage",
    "Parked",
    "Policy",
    "PolicyError",
    "Presence",
    "Price",
    "Project",
    "Proposal",
    "Provenance",
    "Question",
    "Relationship",
    "Reply",
    "Request",
    "RequestClosed",
    "Rule",
    "Run",
    "RunBusy",
    "RunError",
    "RunFailed",
    "RunHandle",
    "RunPaused",
    "RunSettings",
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
    "StorageFull",
    "StorageLimits",
    "StorageUnavailable",
    "StoryInterval",
    "StreamError",
    "StreamEvent",
    "StyleGuide",
    "Subagent",
    "Thread",
    "TimeValue",
    "Tool",
    "ToolContext",
    "ToolFailure",
    "ToolRegistry",
    "ToolResult",
    "TurnSettings",
    "UndoConflict",
    "UndoReport",
    "UnreadableFile",
    "Usage",
    "Waiver",
    "When",
    "WrongType",
    "__version__",
    "load_agents",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value  # the next use finds it without coming here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
