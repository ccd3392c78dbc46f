"""Who watches a turn: a person at a terminal, or a program that reads JSON lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from saga_agent.app import Saga
from saga_agent.cli.rendering import json_view
from saga_agent.cli.rendering.turn_view import TurnView
from saga_agent.domain.journal import Message, Run, Usage
from saga_agent.domain.requests import Request
from saga_agent.runs.handle import RunHandle


class Audience(Protocol):
    """Sees a turn from its first chunk to its end."""

    def watch(self, saga: Saga, run: RunHandle) -> None:
        """Shows the run's chunks until it pauses or ends; called again after answers, it goes on from there."""
        ...

    def skip(self, saga: Saga, run: RunHandle) -> None:
        """Passes over what the run has written until now."""
        ...

    def asked(self, requests: Sequence[Request]) -> None:
        """The run waits for answers to these."""
        ...

    def remark(self, words: str) -> None:
        """A remark beside the conversation."""
        ...

    def ended(self, run: Run, message: Message, usage: Sequence[Usage]) -> None:
        """The turn is over, or was left waiting."""
        ...


class TerminalAudience:
    """A person: sees every chunk at once."""

    def __init__(self, view: TurnView) -> None:
        self._view = view

    def watch(self, saga: Saga, run: RunHandle) -> None:
        try:
            for chunk in saga.run_sync.iterate(run.chunks()):
                self._view.show(chunk)
        finally:
            self._view.pause()

    def skip(self, saga: Saga, run: RunHandle) -> None:
        for chunk in saga.run_sync.iterate(run.chunks()):
            self._view.learn(chunk)

    def asked(self, requests: Sequence[Request]) -> None:
        """Nothing: whoever answers shows the cards."""

    def remark(self, words: str) -> None:
        self._view.remark(words)

    def ended(self, run: Run, message: Message, usage: Sequence[Usage]) -> None:
        self._view.end(run, usage)


class JsonAudience:
    """A program: reads the stream's rows, so that each has its seq."""

    def __init__(self) -> None:
        self._seen_seq = 0

    def watch(self, saga: Saga, run: RunHandle) -> None:
        for event in saga.run_sync.iterate(saga.follow(run.stream_id, after=self._seen_seq)):
            self._seen_seq = event.seq
            json_view.print_event(event)

    def skip(self, saga: Saga, run: RunHandle) -> None:
        for event in saga.run_sync.iterate(saga.follow(run.stream_id)):
            self._seen_seq = event.seq

    def asked(self, requests: Sequence[Request]) -> None:
        json_view.print_requests(requests)

    def remark(self, words: str) -> None:
        """Nothing: every line is JSON."""

    def ended(self, run: Run, message: Message, usage: Sequence[Usage]) -> None:
        json_view.print_result(run, message, usage)
