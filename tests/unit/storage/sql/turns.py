"""A running turn to write into."""

from __future__ import annotations

from saga_agent.domain.journal import Message, Run, Stream, Thread
from saga_agent.storage.journal import NewTurn
from saga_agent.storage.sql.adapter import SqlStorage


async def running(storage: SqlStorage, name: str) -> Run:
    """A run of a thread of its own, taken at epoch 1."""
    thread = Thread(id=f"thr_{name}", project_id="prj", chat_id=name, created_at=1.0)
    await storage.journal.threads.create(thread)
    run = Run(
        id=f"run_{name}", thread_id=thread.id, project_id="prj", user_message_id=f"msg_{name}_1",
        message_id=f"msg_{name}_2", stream_id=f"str_{name}", agent="draft", created_at=1.0,
    )  # fmt: skip
    turn = NewTurn(
        run=run,
        user=Message(id=run.user_message_id, thread_id=thread.id, role="user", created_at=1.0),
        assistant=Message(
            id=run.message_id, thread_id=thread.id, role="assistant", state="queued", run_id=run.id, created_at=1.0
        ),
        stream=Stream(id=run.stream_id, thread_id=thread.id, run_id=run.id, message_id=run.message_id),
    )
    await storage.journal.runs.start(turn, now=1.0)
    return await storage.journal.runs.take(run.id, runner="test", lease_until=1e12, now=1.0)
