"""Threads, turns, requests and calls to try a journal with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from saga_agent.domain.journal import Message, NewTurn, Run, RunState, Stream, Thread, ToolCall, Usage
from saga_agent.domain.permissions import AuditEntry, Grant
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Approval, ClientCall, Question
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_same
from saga_agent.testing.storage.samples import HOME

START = 1_700_000_000.0
"""The wall time of the first turn; turn n starts n seconds later."""
LEASE_SECONDS = 15.0


def thread(number: int, *, owner_id: str = "own_1", project_id: str = HOME) -> Thread:
    """A plain thread; a greater number is a newer one."""
    return Thread(
        id=f"thr_{number:04}",
        owner_id=owner_id,
        project_id=project_id,
        chat_id=f"chat-{number}",
        created_at=START + number,
    )


def text_parts(text: str) -> tuple[JsonObject, ...]:
    """The parts of a message that is one text."""
    return ({"type": "text", "text": text, "state": "done"},)


def turn(number: int, *, of: Thread, again: str | None = None) -> NewTurn:
    """A new turn of that thread, or with `again` a new answer to that user message."""
    name, now = f"{of.id}_{number:04}", START + number
    user = Message(
        id=f"msg_{name}_user", thread_id=of.id, role="user", parts=text_parts(f"question {number}"), created_at=now
    )
    assistant = Message(
        id=f"msg_{name}_answer",
        thread_id=of.id,
        role="assistant",
        state="queued",
        agent="draft",
        run_id=f"run_{name}",
        created_at=now,
    )
    run = Run(
        id=f"run_{name}",
        thread_id=of.id,
        project_id=of.project_id,
        owner_id=of.owner_id,
        user_message_id=again or user.id,
        message_id=assistant.id,
        stream_id=f"str_{name}",
        agent="draft",
        created_at=now,
    )
    stream = Stream(id=run.stream_id, thread_id=of.id, run_id=run.id, message_id=assistant.id)
    return NewTurn(run=run, user=None if again else user, assistant=assistant, stream=stream)


@dataclass(frozen=True, slots=True)
class Setting:
    """A thread and a run in it, as the checks of runs start out."""

    storage: Storage
    thread: Thread
    run: Run

    @property
    def after_lease(self) -> float:
        """A time at which the run's first lease is over."""
        return self.run.created_at + LEASE_SECONDS + 1


async def queued(storage: Storage, number: int = 1) -> Setting:
    """A new thread with a run that nobody has taken."""
    created = await storage.journal.threads.create(thread(number))
    run = await storage.journal.runs.start(turn(1, of=created), now=START + 1)
    return Setting(storage, created, run)


async def running(storage: Storage, number: int = 1) -> Setting:
    """A new thread with a run that `runner_1` holds at epoch 1."""
    setting = await queued(storage, number)
    return Setting(storage, setting.thread, await take(storage, setting.run))


async def waiting(storage: Storage, number: int = 1, *, parts: tuple[JsonObject, ...] = ()) -> Setting:
    """A new thread with a run that paused at epoch 1."""
    setting = await running(storage, number)
    run = await storage.journal.runs.pause(setting.run.id, epoch=1, parts=parts)
    return Setting(storage, setting.thread, run)


async def child(storage: Storage, parent: Run, number: int = 1, *, call_id: str | None = "call_1") -> Setting:
    """A new thread with a queued run of a subagent that serves that call of the parent."""
    plain = thread(number, owner_id=parent.owner_id, project_id=parent.project_id)
    name = {"id": f"thr_{parent.id}_{number}", "chat_id": f"{parent.id}.{number}", "parent_run_id": parent.id}
    created = await storage.journal.threads.create(plain.model_copy(update=name))
    place = {
        "parent_run_id": parent.id,
        "parent_call_id": call_id,
        "root_run_id": parent.root_id,
        "agent_path": (*parent.path, "research"),
    }
    new = turn(1, of=created)
    run = new.run.model_copy(update=place)
    return Setting(storage, created, await storage.journal.runs.start(replace(new, run=run), now=START))


async def held(storage: Storage, setting: Setting) -> Setting:
    """The same, its run held by `runner_1` at epoch 1."""
    return Setting(storage, setting.thread, await take(storage, setting.run))


async def paused(storage: Storage, setting: Setting) -> Setting:
    """The same, its run waiting at epoch 1."""
    run = (await held(storage, setting)).run
    return Setting(storage, setting.thread, await storage.journal.runs.pause(run.id, epoch=1, parts=()))


async def taken_over(storage: Storage, number: int = 1) -> Setting:
    """A new thread with a run that `runner_2` took over at epoch 2 when the lease of epoch 1 was over."""
    setting = await running(storage, number)
    run = await take(storage, setting.run, runner="runner_2", now=setting.after_lease)
    return Setting(storage, setting.thread, run)


async def take(storage: Storage, run: Run, *, runner: str = "runner_1", now: float | None = None) -> Run:
    """Takes the run for 15 seconds."""
    moment = run.created_at if now is None else now
    return await storage.journal.runs.take(run.id, runner=runner, lease_until=moment + LEASE_SECONDS, now=moment)


async def finish(storage: Storage, run: Run, *, text: str = "The end.") -> Run:
    """Ends the run well."""
    return await storage.journal.runs.finish(
        run.id,
        epoch=run.epoch,
        state="finished",
        parts=text_parts(text),
        metadata={},
        reason="",
        usage=[],
        now=run.created_at + 5,
    )


async def expect_states(storage: Storage, run: Run, state: RunState) -> None:
    """Fails unless run, message and stream are all in that state."""
    stored = await storage.journal.runs.get(run.id)
    message = await storage.journal.threads.message(run.message_id)
    stream = await storage.journal.streams.get(run.stream_id)
    expect_same((stored.state, message.state, stream.state), (state,) * 3, "The (run, message, stream) states")


def approval(number: int, *, of: Run) -> Approval:
    """A pending approval of that run; a greater number is younger."""
    return Approval(
        id=f"req_{of.id}_{number:04}",
        run_id=of.id,
        thread_id=of.thread_id,
        call_id=f"call_{number}",
        agent="draft",
        tool="create_entity",
        effect="write",
        arguments={"name": "Zoë"},
        arguments_hash=f"hash {number}",
        created_at=START + number,
    )


def question(number: int, *, of: Run) -> Question:
    """A pending question of that run; a greater number is younger."""
    return Question(
        id=f"req_{of.id}_{number:04}",
        run_id=of.id,
        thread_id=of.thread_id,
        call_id=f"call_{number}",
        agent="draft",
        question="Who is at the Kennels?",
        created_at=START + number,
    )


def client_call(number: int, *, of: Run) -> ClientCall:
    """A pending call of that run that the page makes; a greater number is younger."""
    return ClientCall(
        id=f"req_{of.id}_{number:04}",
        run_id=of.id,
        thread_id=of.thread_id,
        call_id=f"call_{number}",
        agent="draft",
        tool="open_panel",
        arguments={"panel": "map"},
        created_at=START + number,
    )


def grant(number: int, *, of: Run, scope_id: str | None = None) -> Grant:
    """A grant by the approval of that number, for that run unless it says otherwise; a greater number is younger."""
    return Grant(
        id=f"gra_{of.id}_{number:04}",
        owner_id=of.owner_id,
        agent="draft",
        tool="create_entity",
        scope="run",
        scope_id=scope_id or of.id,
        request_id=approval(number, of=of).id,
        text="Any name.",
        created_by="own_1",
        created_at=START + number,
    )


def audit_entry(number: int, *, of: Run) -> AuditEntry:
    """An entry about that run; a greater number is younger."""
    return AuditEntry(
        id=f"aud_{of.id}_{number:04}",
        at=START + number,
        owner_id=of.owner_id,
        project_id=of.project_id,
        thread_id=of.thread_id,
        run_id=of.id,
        event="asked",
    )


def call(number: int, *, of: Run) -> ToolCall:
    """A started call of that run; a greater number is younger."""
    return ToolCall(
        run_id=of.id,
        call_id=f"call_{number}",
        tool="create_entity",
        arguments={"name": "Zoë"},
        arguments_hash=f"hash {number}",
        started_at=START + number,
    )


def usage(step: int, *, of: Run) -> Usage:
    """The tokens of one model call of that run."""
    return Usage(
        run_id=of.id, step=step, model="offline", input_tokens=1000 + step, output_tokens=step, created_at=START + step
    )
