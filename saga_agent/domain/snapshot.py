"""Which findings were open when a project was checked, to tell later what is new and what is fixed."""

from __future__ import annotations

from typing import Final

from saga_agent.domain.record import Model

KEPT_OF_SCOPE: Final = 20
KEPT_OF_PROJECT: Final = 60
"""How many snapshots are kept, the newest of each."""


class Snapshot(Model):
    """The findings of one check."""

    project_id: str
    scope: str
    """What was looked at; only snapshots of one scope can be compared."""
    rev: int = 0
    """Counts within the scope, from 1; given by the journal."""
    finding_ids: tuple[str, ...]
    """In order, each once."""
    taken_at: float
