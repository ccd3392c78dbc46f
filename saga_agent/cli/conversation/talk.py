"""A conversation in one thread: who takes part, and one turn of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from rich.text import Text

from saga_agent.app import Saga
from saga_agent.cli.conversation.audience import Audience, JsonAudience, TerminalAudience
from saga_agent.cli.conversation.prompts import TerminalReplier
from saga_agent.cli.conversation.repliers import Nobody, Replier, YesToAll
from saga_agent.cli.conversation.threads import find_unfinished, start_thread
from saga_agent.cli.conversation.turn import play_turn
from saga_agent.cli.conversation.waiting import print_waiting
from saga_agent.cli.failures import FAILED
from saga_agent.cli.rendering.console import stderr, stdout
from saga_agent.cli.rendering.turn_view import TurnView
from saga_agent.domain.journal import Run, Thread
from saga_agent.domain.project import Project
from saga_agent.errors import InvalidInput, RunBusy
from saga_agent.runs.handle import RunHandle


@dataclass(slots=True, kw_only=True)
class Talk:
    """The state of a conversation; `thread` is made with the first message."""

    saga: Saga
    project: Project
    thread: Thread | None
    agent: str
    audience: Audience
    replier: Replier
    database: str
    model: str

    def say(self, message: str) -> Run:
        """One turn: the message goes out, the answer is shown; gives the run as it stands then.

        Raises: `InvalidInput`, `PolicyError` before anything is stored, `RunBusy`.
        """
        if not message.strip():
            raise InvalidInput("The message is empty; write what the agent should do.")
        self.saga.agents.get(self.agent)
        if self.thread is None:
            self.thread = start_thread(self.saga, self.project, message)
        handle = self.saga.run_sync(self.saga.send(self.thread.id, message, agent=self.agent))
        return play_turn(self.saga, handle, self.audience, self.replier)

    def catch_up(self) -> Run | None:
        """Shows what is still under way in the thread, and asks what it waits for; None when nothing is."""
        run = find_unfinished(self.saga, self.thread) if self.thread else None
        if run is None:
            return None
        self.audience.remark(f"An earlier turn of this thread is {run.state}; here it goes on.")
        return play_turn(self.saga, self._take_up(run), self.audience, self.replier)

    def _take_up(self, run: Run) -> RunHandle:
        """The run, resumed when its process is gone; one that waits, or that another process holds, as it is."""
        try:
            return self.saga.run_sync(self.saga.resume(run.id))
        except (RunBusy, InvalidInput):
            return self.saga.run_sync(self.saga.run(run.id))

    def conclude(self, run: Run) -> int:
        """Says on stderr what is left to say of a turn, and gives the exit code for it."""
        if run.state == "waiting":
            requests = self.saga.run_sync(self.saga.requests(run_id=run.id))
            if not isinstance(self.audience, JsonAudience):
                print_waiting(requests, run_id=run.id, database=self.database, model=self.model, console=stderr())
        elif run.state != "finished":
            stderr().print(Text(f"saga: The run {run.state}: {run.reason}", style="bad"), soft_wrap=True)
        return 0 if run.state == "finished" else FAILED


def build_audience(*, as_json: bool) -> Audience:
    """Whoever reads stdout."""
    return JsonAudience() if as_json else TerminalAudience(TurnView(stdout(), stderr()))


def build_replier(saga: Saga, project: Project, *, yes: bool, asks: bool) -> Replier:
    """Who answers: everything is approved, a person is asked, or nobody is there."""
    if yes:
        return YesToAll()
    return TerminalReplier(stdout(), project=project.name, tools=saga.tools) if asks else Nobody()


def is_person_there() -> bool:
    """Whether somebody can be asked: both ends of the terminal are one."""
    return sys.stdin.isatty() and sys.stdout.isatty()
