"""All checks: each public coroutine function of the rule modules is one rule, told by its docstring."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Collection, Iterator
from types import ModuleType
from typing import cast

from saga_agent.domain.record import Record
from saga_agent.errors import InvalidInput
from saga_agent.storage.adapter import Storage
from saga_agent.storage.ports.story import Records
from saga_agent.testing.storage import (
    audit,
    blobs,
    call_approvals,
    call_repeats,
    calls,
    changes,
    checkpoint_upkeep,
    checkpoint_writes,
    checkpoints,
    denials,
    documents,
    embeddings,
    ends,
    entities,
    grants,
    holdings,
    leases,
    mentions,
    owners,
    passage_places,
    passage_search,
    passages,
    projects,
    quota,
    record_batches,
    record_lists,
    record_races,
    records,
    request_answers,
    request_ends,
    request_trees,
    requests,
    run_ends,
    run_leases,
    run_prunes,
    run_starts,
    run_supersedes,
    run_trees,
    run_wakes,
    runs,
    snapshots,
    streams,
    thread_deletes,
    thread_messages,
    thread_owners,
    threads,
)
from saga_agent.testing.storage.check import Check, Rule, build_check
from saga_agent.testing.storage.samples import RECORDS, Sample

_RECORD_RULES = (records, record_batches, record_lists, record_races)
_OWN_RULES: dict[str, tuple[ModuleType, ...]] = {
    "projects": (projects,),
    "documents": (documents,),
    "entities": (entities,),
    "mentions": (mentions,),
    "journal.threads": (threads, thread_messages, thread_owners, thread_deletes),
    "journal.runs": (run_starts, run_supersedes, run_leases, runs, run_ends, run_trees, run_wakes, run_prunes),
    "journal.leases": (leases,),
    "journal.streams": (streams,),
    "journal.requests": (requests, request_answers, request_trees, request_ends),
    "journal.calls": (calls, call_approvals, call_repeats),
    "journal.checkpoints": (checkpoints, checkpoint_writes, checkpoint_upkeep),
    "journal.passages": (passages, passage_search, passage_places),
    "journal.grants": (grants,),
    "journal.audit": (audit,),
    "journal.changes": (changes,),
    "journal.blobs": (blobs,),
    "journal.quota": (quota,),
    "journal.denials": (denials,),
    "journal.embeddings": (embeddings,),
    "journal.ends": (ends,),
    "journal.owners": (owners,),
    "journal.holdings": (holdings,),
    "journal.snapshots": (snapshots,),
}
PORTS: tuple[str, ...] = tuple(dict.fromkeys([*RECORDS, *_OWN_RULES]))
"""The names `all_checks` takes: story ports by name, the journal's nouns as `journal.NOUN`."""


def all_checks(ports: Collection[str] | None = None) -> Iterator[Check]:
    """Every check of these ports, or of all; each wants a fresh storage.

    Args:
        ports: names of story ports (`documents`) and nouns of the journal (`journal.runs`).

    Raises:
        InvalidInput: a name is neither.
    """
    wanted = PORTS if ports is None else tuple(ports)
    if unknown := sorted(set(wanted) - set(PORTS)):
        raise InvalidInput(f"{unknown[0]!r} is nothing the kit can check; choose from {', '.join(PORTS)}.")
    return (check for port in PORTS if port in wanted for check in _checks_of(port))


def _checks_of(port: str) -> Iterator[Check]:
    if sample := RECORDS.get(port):
        for name, promise, function in _rules_in(_RECORD_RULES):
            yield build_check(port, name, promise, _on_records(function, sample))
    for name, promise, function in _rules_in(_OWN_RULES.get(port, ())):
        yield build_check(port, name, promise, function)


def _rules_in(modules: tuple[ModuleType, ...]) -> Iterator[tuple[str, str, Callable[..., Awaitable[None]]]]:
    for module in modules:
        for name, member in vars(module).items():
            own = inspect.iscoroutinefunction(member) and member.__module__ == module.__name__
            if own and not name.startswith("_"):
                yield name, inspect.getdoc(member) or "", member


def _on_records(function: Callable[..., Awaitable[None]], sample: Sample) -> Rule:
    async def rule(storage: Storage) -> None:
        await function(cast("Records[Record]", getattr(storage.story, sample.port)), sample)

    return rule
