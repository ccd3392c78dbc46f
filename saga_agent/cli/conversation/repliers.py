"""Who answers a run's requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from saga_agent.domain.requests import Approval, Approve, Dismiss, Question, Reply


class Replier(Protocol):
    """Answers a batch of requests."""

    def reply(self, requests: Sequence[Approval | Question]) -> Mapping[str, Reply]:
        """The replies by request id; none of them leaves the run waiting."""
        ...


class Nobody:
    """Leaves every run waiting: silence is no consent."""

    def reply(self, requests: Sequence[Approval | Question]) -> Mapping[str, Reply]:
        return {}


class YesToAll:
    """What `--yes` means: every call is approved; a question, to which there is no yes, is put aside."""

    def reply(self, requests: Sequence[Approval | Question]) -> Mapping[str, Reply]:
        return {each.id: Approve() if isinstance(each, Approval) else Dismiss() for each in requests}
