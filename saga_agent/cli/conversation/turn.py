"""Playing one turn: watch until it pauses, answer what it asks, watch on."""

from __future__ import annotations

from saga_agent.app import Saga
from saga_agent.cli.conversation.audience import Audience
from saga_agent.cli.conversation.repliers import Replier
from saga_agent.domain.journal import Message, Run
from saga_agent.runs.handle import RunHandle


def play_turn(saga: Saga, handle: RunHandle, audience: Audience, replier: Replier) -> Run:
    """Shows the run to its end, or to a pause that nobody answers; gives the run as it stands then.

    Ctrl-C stops the run and keeps what it wrote; a second one leaves without waiting for that.
    """
    door = saga.run_sync
    while True:
        try:
            audience.watch(saga, handle)
        except KeyboardInterrupt:
            audience.remark("Stopping the run; what it wrote is kept. Ctrl-C again leaves at once.")
            door(saga.stop(handle.id))
        run = door(handle.state())
        if run.state in ("queued", "running"):
            continue  # another process has it, or an answer came from elsewhere
        if run.state == "waiting":
            requests = door(handle.requests())
            audience.asked(requests)
            if replies := replier.reply(requests):
                door(saga.answer(handle.id, replies))
                continue
        audience.ended(run, door(_message(saga, run)), door(handle.usage()))
        return run


async def _message(saga: Saga, run: Run) -> Message:
    return await saga.storage.journal.threads.message(run.message_id)
