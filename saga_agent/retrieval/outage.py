"""Remembering that a server fails: to leave it alone for a while, and to tell each owner once."""

from __future__ import annotations

import logging

from saga_agent.clock import Clock

_log = logging.getLogger(__name__)
_REST_SECONDS = 30.0


class Outage:
    """Whether something works; `what` and why it does not are told in one sentence."""

    def __init__(self, what: str, clock: Clock) -> None:
        self._what, self._clock = what, clock
        self._reason = ""
        self._rests_until = 0.0
        self._told: set[str] = set()

    @property
    def is_on(self) -> bool:
        """Whether the last attempt failed."""
        return bool(self._reason)

    @property
    def is_resting(self) -> bool:
        """Whether it failed a moment ago, so that another attempt would only cost time."""
        return self.is_on and self._clock.now() < self._rests_until

    def began(self, reason: str) -> None:
        """An attempt failed."""
        if not self.is_on:
            self._told.clear()
            _log.warning("%s %s", self._what, reason)
        self._reason = reason
        self._rests_until = self._clock.now() + _REST_SECONDS

    def ended(self) -> None:
        """An attempt was successful."""
        self._reason = ""

    def notice(self, owner_id: str) -> str:
        """The sentence for an owner who has not been told yet; empty for others, and when all is well."""
        if not self.is_on or owner_id in self._told:
            return ""
        self._told.add(owner_id)
        return self._what
