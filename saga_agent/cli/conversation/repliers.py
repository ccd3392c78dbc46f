"""Who answers a run's requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from saga_agent.domain.requests import Approval, Approve, ClientCall, ClientResult, Dismiss, Question, Reply, Request

SHOWN = ClientResult(output={"shown": True})
"""What the terminal, which is a page of its own, says of a call that only shows something."""


class Replier(Protocol):
    """Answers a batch of requests."""

    def reply(self, requests: Sequence[Request]) -> Mapping[str, Reply]:
        """The replies by request id; none of them leaves the run waiting."""
        ...


class Nobody:
    """Leaves every approval and question waiting: silence is no consent. What only shows something is shown."""

    def reply(self, requests: Sequence[Request]) -> Mapping[str, Reply]:
        return {each.id: SHOWN for each in requests if isinstance(each, ClientCall)}


class YesToAll:
    """What `--yes` means: every call is approved; a question, to which there is no yes, is put aside."""

    def reply(self, requests: Sequence[Request]) -> Mapping[str, Reply]:
        return {each.id: _yes(each) for each in requests}


def _yes(request: Request) -> Reply:
    match request:
        case Approval():
            return Approve()
        case Question():
            return Dismiss()
        case ClientCall():
            return SHOWN
