"""How many connections a process may have."""

from __future__ import annotations

import resource


def allow_many_files() -> None:
    """Lifts this process's limit on open files as far as the system lets it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
