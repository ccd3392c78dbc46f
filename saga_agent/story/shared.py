"""What the stories of all owners share in one process."""

from __future__ import annotations

from dataclasses import dataclass, field

from saga_agent.story.aftercare import Aftercare
from saga_agent.story.checks.memory import DocumentCache
from saga_agent.story.lexicons import Lexicons


@dataclass(frozen=True, slots=True)
class SharedState:
    """What is owed after writes, and what is kept ready; nothing of it is lost for good with the process."""

    aftercare: Aftercare = field(default_factory=Aftercare)
    lexicons: Lexicons = field(default_factory=Lexicons)
    check_cache: DocumentCache = field(default_factory=DocumentCache)
