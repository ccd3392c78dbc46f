"""What `Runs.start` promises."""

from __future__ import annotations

from dataclasses import replace

from saga_agent.domain.journal import Run
from saga_agent.errors import AlreadyExists, NotFound, RunBusy
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect, expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.racing import Cut, at_each_moment, names_of, race
from saga_agent.testing.storage.turns import START, finish, queued, running, take, thread, turn


async def stores_the_whole_turn(storage: Storage) -> None:
    """`start` stores message, run, answer-to-be and stream, and gives the run."""
    created = await storage.journal.threads.create(thread(1))
    new = turn(1, of=created)

    run = await storage.journal.runs.start(new, now=START)

    expect_same(run, new.run, "What start returned")
    expect_same(await storage.journal.runs.get(run.id), new.run, "The stored run")
    expect_same(await storage.journal.streams.get(run.stream_id), new.stream, "The stored stream")
    expect_ids(
        await storage.journal.threads.messages(created.id), [run.user_message_id, run.message_id], "The messages"
    )
    expect_same((await storage.journal.threads.message(run.message_id)).state, "queued", "The answer's state")


async def keeps_every_field(storage: Storage) -> None:
    """Every field of a run is stored and read back exactly."""
    created = await storage.journal.threads.create(thread(1))
    new = turn(1, of=created)
    full = new.run.model_copy(
        update={
            "owner_id": "own_ž",
            "project_id": "prj_1",
            "agent": "revise",
            "workspace": "ædit",
            "created_at": 1_700_000_000.1234567,
            "stop_requested": True,
            "reason": "“why” 🏰",
            "epoch": 4,
            "runner": "host:1",
            "lease_until": 12.5,
            "parent_run_id": "run_0",
            "parent_call_id": "call “0”",
            "root_run_id": "run_00",
            "agent_path": ("draft", "ø", "revise"),
            "mentions": ("ø", "research"),
            "reason_code": "tool_calls",
            "host_ports": ("documents", "ø"),
        }
    )

    await storage.journal.runs.start(replace(new, run=full), now=START)

    expect_same(await storage.journal.runs.get(full.id), full, "The stored run")
    expect_same(list(await storage.journal.runs.list(owner_id="own_ž")), [full], "The listed runs")


async def orders_turns(storage: Storage) -> None:
    """Each turn stands after all earlier ones, whatever `order` and `step_order` the given messages carry."""
    created = await storage.journal.threads.create(thread(1))
    orders: list[int] = []
    for number in (1, 2, 3):
        new = turn(number, of=created)
        misplaced = new.assistant.model_copy(update={"order": 0, "step_order": 9})
        await storage.journal.runs.start(replace(new, assistant=misplaced), now=START)
        await finish(storage, await take(storage, new.run))
        answer = await storage.journal.threads.message(new.run.message_id)
        question_order = (await storage.journal.threads.message(new.run.user_message_id)).order
        expect_same((question_order, answer.step_order), (answer.order, 1), "The question's order, the answer's step")
        orders.append(answer.order)

    expect(orders == sorted(set(orders)), f"The turns' orders do not grow: {orders}.")


async def answers_an_old_message_anew(storage: Storage) -> None:
    """Without a user message the answer joins the old message's turn, a step after its last answer."""
    setting = await queued(storage)
    old = await finish(storage, await take(storage, setting.run))
    later = turn(2, of=setting.thread)
    await storage.journal.runs.start(later, now=START)
    await finish(storage, await take(storage, later.run))

    again = turn(3, of=setting.thread, again=old.user_message_id)
    await storage.journal.runs.start(again, now=START)

    answer = await storage.journal.threads.message(again.run.message_id)
    asked = await storage.journal.threads.message(old.user_message_id)
    expect_same((answer.order, answer.step_order), (asked.order, 2), "The new answer's (order, step_order)")
    ids = [old.user_message_id, old.message_id, answer.id, later.run.user_message_id, later.run.message_id]
    expect_ids(await storage.journal.threads.messages(setting.thread.id), ids, "The messages")


async def refuses_a_busy_thread(storage: Storage) -> None:
    """`start` raises `RunBusy`, naming the run, while one is queued or running, and writes nothing."""
    for setting in (await queued(storage, 1), await running(storage, 2)):
        new = turn(2, of=setting.thread)

        error = await expect_raises(RunBusy, storage.journal.runs.start(new, now=START), "start on a busy thread")

        expect_same((error.thread_id, error.run_id), (setting.thread.id, setting.run.id), "RunBusy's (thread, run)")
        await _expect_nothing_of(storage, new.run, "a busy thread")
        expect_same(await storage.journal.runs.get(setting.run.id), setting.run, "The run that was there")


async def refuses_an_unknown_thread(storage: Storage) -> None:
    """`start` in an unknown thread raises `NotFound` and writes nothing."""
    new = turn(1, of=thread(1))

    await expect_raises(NotFound, storage.journal.runs.start(new, now=START), "start in an unknown thread")

    await _expect_nothing_of(storage, new.run, "an unknown thread")


async def refuses_an_unknown_user_message(storage: Storage) -> None:
    """Answering a message anew that is not of the thread raises `NotFound` and writes nothing."""
    other = await queued(storage, 1)
    created = await storage.journal.threads.create(thread(2))
    for message_id in ("msg_unknown", other.run.user_message_id):
        new = turn(1, of=created, again=message_id)

        await expect_raises(NotFound, storage.journal.runs.start(new, now=START), f"start for {message_id!r}")

        await _expect_nothing_of(storage, new.run, "an unknown user message")


async def refuses_taken_ids(storage: Storage) -> None:
    """A turn that brings a taken id of a message, run or stream raises `AlreadyExists` and writes nothing."""
    taken = (await queued(storage, 1)).run
    created = await storage.journal.threads.create(thread(2))
    fresh = turn(1, of=created)
    assert fresh.user is not None
    user = fresh.user.model_copy(update={"id": taken.user_message_id})
    clashes = {
        "user message": replace(
            fresh, user=user, run=fresh.run.model_copy(update={"user_message_id": taken.user_message_id})
        ),
        "answer": replace(
            fresh,
            assistant=fresh.assistant.model_copy(update={"id": taken.message_id}),
            run=fresh.run.model_copy(update={"message_id": taken.message_id}),
        ),
        "run": replace(fresh, run=fresh.run.model_copy(update={"id": taken.id})),
        "stream": replace(
            fresh,
            stream=fresh.stream.model_copy(update={"id": taken.stream_id}),
            run=fresh.run.model_copy(update={"stream_id": taken.stream_id}),
        ),
    }
    for kind, clash in clashes.items():
        attempt = storage.journal.runs.start(clash, now=START)
        await expect_raises(AlreadyExists, attempt, f"start with the taken id of a {kind}")
        expect_ids(await storage.journal.threads.messages(created.id), [], f"The messages after a taken {kind} id")
        expect_ids(await storage.journal.runs.list(thread_id=created.id), [], f"The runs after a taken {kind} id")
    expect_same(await storage.journal.runs.get(taken.id), taken, "The run that was there")


async def lets_one_of_racing_starts_win(storage: Storage) -> None:
    """Of 50 racing turns of one thread exactly one starts; the others raise `RunBusy` and leave nothing."""
    created = await storage.journal.threads.create(thread(1))

    won, lost = await race(storage.journal.runs.start(turn(number, of=created), now=START) for number in range(50))

    expect_same((len(won), names_of(lost)), (1, ["RunBusy"]), "The number of winners and what losers raised")
    messages = await storage.journal.threads.messages(created.id)
    expect_ids(messages, [won[0].user_message_id, won[0].message_id], "The messages")
    expect_ids(await storage.journal.runs.list(thread_id=created.id), [won[0].id], "The runs")


async def starts_many_threads_at_once(storage: Storage) -> None:
    """50 turns of ten threads at once: one starts in each thread, and no two messages have the same place."""
    threads = [await storage.journal.threads.create(thread(number)) for number in range(10)]
    turns = [turn(number, of=created) for number in range(5) for created in threads]

    won, lost = await race(storage.journal.runs.start(new, now=START) for new in turns)

    expect_same((len(won), names_of(lost)), (10, ["RunBusy"]), "The number of winners and what losers raised")
    for created in threads:
        messages = await storage.journal.threads.messages(created.id)
        steps = [message.step_order for message in messages]
        expect_same((steps, len({message.order for message in messages})), ([0, 1], 1), f"The places in {created.id}")


async def starts_whole_or_not_when_cancelled(storage: Storage) -> None:
    """A cancelled `start` happened whole or not at all, and the journal goes on working."""

    async def attempt(number: int, cut: Cut) -> None:
        created = await storage.journal.threads.create(thread(number))
        new = turn(1, of=created)
        await cut(storage.journal.runs.start(new, now=START))
        await race([storage.journal.runs.start(new, now=START)])
        expect_same(await storage.journal.runs.get(new.run.id), new.run, "The run")
        expect_same(await storage.journal.streams.get(new.stream.id), new.stream, "The stream")
        ids = [new.run.user_message_id, new.run.message_id]
        expect_ids(await storage.journal.threads.messages(created.id), ids, "The messages")

    await at_each_moment(attempt)


async def _expect_nothing_of(storage: Storage, run: Run, where: str) -> None:
    await expect_raises(NotFound, storage.journal.runs.get(run.id), f"the run refused in {where}")
    await expect_raises(NotFound, storage.journal.streams.get(run.stream_id), f"the stream refused in {where}")
    await expect_raises(NotFound, storage.journal.threads.message(run.message_id), f"the answer refused in {where}")
