"""Grants and the audit, in tables."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from saga_agent.cli.rendering.tables import build_table
from saga_agent.cli.rendering.words import shorten, when
from saga_agent.domain.permissions import AuditEntry, Grant

_REASON = 80
_STYLES = {"allowed": "good", "asked": "ask", "refused": "bad", "stale": "bad", "expired": "bad", "stopped": "bad"}


def grant_table(grants: Sequence[Grant]) -> Table:
    """The grants, one a row, each in the words that the writer saw."""
    rows = [(each.id, each.text, when(each.created_at), _end(each)) for each in grants]
    return build_table("grant", "what it allows", "given", "ends", rows=rows)


def audit_table(entries: Sequence[AuditEntry]) -> Table:
    """The entries, one a row."""
    rows = [
        (
            when(each.at),
            " > ".join(each.agent_path),
            each.tool,
            Text(each.event, _STYLES.get(each.event, "")),
            each.actor,
            _why(each),
        )
        for each in entries
    ]
    return build_table("at", "agent", "tool", "event", "who", "why", rows=rows)


def _why(entry: AuditEntry) -> str:
    """The rule that decided, and the reason that was given."""
    return ": ".join(each for each in (entry.rule, shorten(entry.detail, _REASON)) if each)


def _end(grant: Grant) -> str:
    if grant.revoked_at is not None:
        return f"revoked {when(grant.revoked_at)}"
    return "" if grant.expires_at is None else when(grant.expires_at)
