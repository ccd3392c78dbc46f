"""A turn that is under way, with nothing of the library around its journal."""

from __future__ import annotations

from saga_agent.domain.journal import Message, NewTurn, Run, Stream, Thread
from saga_agent.storage.adapter import Storage


async def begin_turn(storage: Storage, name: str = "", *, lease_until: float = 100) -> Run:
    """A run in a thread of its own, taken once (epoch 1); the name tells it from others of the storage.

    Without a name its ids are `run`, `thr`, `str`, and `m1` and `m2` for its messages.
    """
    journal = storage.journal
    thread = Thread(id=f"thr{name}", project_id="p", chat_id=f"chat{name}", created_at=0)
    await journal.threads.create(thread)
    run = Run(
        id=f"run{name}",
        thread_id=thread.id,
        project_id="p",
        user_message_id=f"m1{name}",
        message_id=f"m2{name}",
        stream_id=f"str{name}",
        agent="draft",
        created_at=0,
    )
    answer = {"thread_id": thread.id, "run_id": run.id}
    turn = NewTurn(
        run=run,
        user=Message(id=run.user_message_id, thread_id=thread.id, role="user", created_at=0),
        assistant=Message.model_validate(
            {"id": run.message_id, "role": "assistant", "state": "queued", "created_at": 0, **answer}
        ),
        stream=Stream.model_validate({"id": run.stream_id, "message_id": run.message_id, **answer}),
    )
    await journal.runs.start(turn, now=0)
    return await journal.runs.take(run.id, runner="r", lease_until=lease_until, now=0)
