"""The brief of a child: its run, its thread and its task, made from the parent's run and the call alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import cast

from saga_agent.agents.budget import Budget
from saga_agent.domain.journal import Message, NewTurn, Run, Stream, Thread
from saga_agent.ids import derived_id

_BUDGET = "budget"
_TITLE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Brief:
    """What is stored of a child before it begins."""

    thread: Thread
    turn: NewTurn

    @property
    def run(self) -> Run:
        """The child's run."""
        return self.turn.run


def build_brief(parent: Run, agent: str, task: str, *, call_id: str, budget: Budget, now: float) -> Brief:
    """The child of that call; the same ids whenever it is built, so that a call that runs again finds its child."""
    thread_id = derived_id("thr", parent.id, call_id)
    thread = Thread(
        id=thread_id,
        owner_id=parent.owner_id,
        project_id=parent.project_id,
        chat_id=thread_id,
        title=f"@{agent}: {task}"[:_TITLE_CHARS],
        parent_run_id=parent.id,
        created_at=now,
    )
    run = Run(
        id=derived_id("run", parent.id, call_id),
        thread_id=thread_id,
        project_id=parent.project_id,
        owner_id=parent.owner_id,
        user_message_id=derived_id("msg", parent.id, call_id, "task"),
        message_id=derived_id("msg", parent.id, call_id, "report"),
        stream_id=derived_id("str", parent.id, call_id),
        agent=agent,
        workspace=parent.workspace,
        parent_run_id=parent.id,
        parent_call_id=call_id,
        root_run_id=parent.root_id,
        agent_path=(*parent.path, agent),
        created_at=now,
    )
    limits = {name: limit for name, limit in asdict(budget).items() if limit is not None}
    question = Message(
        id=run.user_message_id,
        thread_id=thread_id,
        role="user",
        parts=({"type": "text", "text": task},),
        metadata={_BUDGET: limits} if limits else {},
        created_at=now,
    )
    answer = Message(
        id=run.message_id,
        thread_id=thread_id,
        role="assistant",
        state="queued",
        agent=agent,
        run_id=run.id,
        created_at=now,
    )
    stream = Stream(id=run.stream_id, thread_id=thread_id, run_id=run.id, message_id=run.message_id)
    return Brief(thread, NewTurn(run=run, user=question, assistant=answer, stream=stream))


def budget_in(task: Message) -> Budget:
    """What the child may take, as its parent had it left when it made the brief."""
    limits = task.metadata.get(_BUDGET)
    return Budget(**cast("dict[str, int]", limits)) if isinstance(limits, dict) else Budget()
