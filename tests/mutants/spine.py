"""The spine - what keeps runs, streams and permissions together - and the tests that are to notice what breaks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

Round = tuple[str, ...]
"""The arguments of one call of pytest."""

_RUNS: Final = "tests/unit/runs/"
_STREAMS: Final = "tests/acceptance/streams/"
_PERMISSIONS: Final = "tests/acceptance/permissions/"
_SERVER: Final = "tests/acceptance/server/"
_KIT: Final = "tests/conformance/test_storage.py"

_TURNS: Final[Sequence[Round]] = (
    (f"{_RUNS}test_lease.py", f"{_RUNS}test_closing.py", f"{_RUNS}test_line.py", f"{_RUNS}test_reaping.py"),
    (f"{_RUNS}test_turns.py", f"{_RUNS}test_trouble.py", f"{_RUNS}test_retention.py", f"{_RUNS}test_threads.py"),
    (f"{_STREAMS}test_holders.py", f"{_STREAMS}test_endings.py", "-m", "not slow"),
    (f"{_PERMISSIONS}test_subagents.py", f"{_PERMISSIONS}test_budgets.py"),
)
_GATE: Final[Sequence[Round]] = (
    ("tests/unit/tools/test_gate.py", "tests/unit/tools/test_policy.py", "tests/unit/tools/test_same_moment.py"),
    (f"{_PERMISSIONS}test_approvals.py", f"{_PERMISSIONS}test_grants.py", f"{_PERMISSIONS}test_loops_and_hooks.py"),
    (f"{_PERMISSIONS}test_questions.py", f"{_PERMISSIONS}test_layers.py", f"{_PERMISSIONS}test_page.py"),
)
_CHECKPOINTS: Final[Sequence[Round]] = (
    ("tests/unit/checkpoint", "-k", "not postgres"),
    (f"{_RUNS}test_retention.py", f"{_RUNS}test_trouble.py"),
)
_LOG: Final[Sequence[Round]] = (
    ("tests/unit/streams",),
    (f"{_STREAMS}test_log_rules.py", f"{_STREAMS}test_readers.py", "-m", "not slow"),
    ("tests/conformance/test_streams.py", f"{_STREAMS}test_simulation.py", "-m", "not slow"),
)
_SENT: Final[Sequence[Round]] = (
    ("tests/unit/server/test_sse.py", "tests/attack/test_connections.py"),
    (f"{_SERVER}test_resuming.py", f"{_SERVER}test_line.py"),
)
_STORED: Final[Sequence[Round]] = (
    (_KIT, "-k", "sqlite-journal"),
    (_KIT, "-k", "postgres-journal.runs or postgres-journal.leases or postgres-journal.requests"),
)

SPINE: Final[Mapping[str, Sequence[Round]]] = {
    **{f"saga_agent/runs/{name}.py": _TURNS for name in ("lease", "runner", "reaper", "ending", "turns", "line")},
    **{f"saga_agent/tools/{name}.py": _GATE for name in ("gate", "policy", "approvals", "ledger")},
    "saga_agent/journal/permissions.py": _GATE,
    **{f"saga_agent/checkpoint/{name}.py": _CHECKPOINTS for name in ("backlog", "saver", "rows", "prune")},
    **{f"saga_agent/streams/{name}.py": _LOG for name in ("writer", "reader", "hub", "replay", "merge")},
    **{f"saga_agent/server/{name}.py": _SENT for name in ("sse", "outbox")},
    "saga_agent/server/decisions.py": (
        ("tests/unit/server/test_decisions.py",),
        (f"{_SERVER}test_requests.py", f"{_SERVER}test_page_answers.py"),
    ),
    **{f"saga_agent/storage/sql/journal/{name}.py": _STORED for name in ("run_rows", "runs", "permissions", "turns")},
}
"""Module -> the rounds of tests that its mutants have to pass, nearest first."""
