"""What `Runs.finish` promises: one atomic end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from saga_agent.domain.journal import END_STATES, EndState, Run, Usage
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Approve
from saga_agent.errors import RunBusy, RunFailed
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect, expect_raises, expect_same
from saga_agent.testing.storage.racing import Cut, at_each_moment, names_of, race
from saga_agent.testing.storage.samples import EVERY_SCRIPT, JSON_BODY
from saga_agent.testing.storage.turns import (
    START,
    approval,
    call,
    expect_states,
    question,
    queued,
    running,
    take,
    taken_over,
    text_parts,
    turn,
    usage,
    waiting,
)


async def _end(
    storage: Storage,
    run: Run,
    *,
    epoch: int | None = 1,
    state: EndState = "finished",
    text: str | None = "The end.",
    spent: Sequence[Usage] = (),
    now: float = START + 5,
) -> Run:
    parts = None if text is None else text_parts(text)
    return await storage.journal.runs.finish(
        run.id, epoch=epoch, state=state, parts=parts, metadata={}, reason="", usage=spent, now=now
    )


async def ends_message_run_and_stream_together(storage: Storage) -> None:
    """`finish` stores the message with parts and metadata, and ends run, message and stream in the same state."""
    parts: tuple[JsonObject, ...] = (JSON_BODY, {"type": "text", "text": EVERY_SCRIPT})
    for number, state in enumerate(END_STATES):
        setting = await running(storage, number)

        ended = await storage.journal.runs.finish(
            setting.run.id,
            epoch=1,
            state=state,
            parts=parts,
            metadata=JSON_BODY,
            reason="“why” 🏰",
            usage=[],
            now=START + 5.25,
            reason_code="cost",
        )

        shape = (ended.state, ended.reason, ended.reason_code, ended.ended_at, ended.epoch)
        expected = (state, "“why” 🏰", "cost", START + 5.25, 1)
        expect_same(shape, expected, "The ended run's (state, reason, code, end, epoch)")
        expect_same(await storage.journal.runs.get(ended.id), ended, "The stored run")
        message = await storage.journal.threads.message(ended.message_id)
        expect_same((message.parts, message.metadata), (parts, JSON_BODY), "The message's (parts, metadata)")
        await expect_states(storage, ended, state)


async def keeps_the_stored_parts(storage: Storage) -> None:
    """With `parts` None the message keeps the parts it had."""
    setting = await waiting(storage, parts=text_parts("as it was"))

    await _end(storage, setting.run, text=None, state="stopped")

    message = await storage.journal.threads.message(setting.run.message_id)
    expect_same((message.text, message.state), ("as it was", "stopped"), "The message's (text, state)")


async def can_store_no_parts(storage: Storage) -> None:
    """Empty `parts` are stored as no parts; only None keeps the old ones."""
    setting = await waiting(storage, parts=text_parts("as it was"))

    await storage.journal.runs.finish(
        setting.run.id, epoch=None, state="stopped", parts=[], metadata={}, reason="", usage=[], now=START
    )

    expect_same((await storage.journal.threads.message(setting.run.message_id)).parts, (), "The message's parts")


async def stores_usage(storage: Storage) -> None:
    """Usage is kept with every field and given by step; a run without an end has none."""
    setting = await running(storage)
    full = usage(2, of=setting.run).model_copy(
        update={"model": "mödel", "estimated": True, "epoch": 3, "cost_usd": 0.1 + 0.2}
    )
    expect_same(list(await storage.journal.runs.usage(setting.run.id)), [], "The usage of a run at work")

    await _end(storage, setting.run, spent=[full, usage(10, of=setting.run), usage(1, of=setting.run)])

    expected = [usage(1, of=setting.run), full, usage(10, of=setting.run)]
    expect_same(list(await storage.journal.runs.usage(setting.run.id)), expected, "The usage")


async def counts_every_attempt(storage: Storage) -> None:
    """Usage at a pause and at the end adds up; rows of the same (step, epoch) are replaced, of others kept."""
    setting = await running(storage)
    run, runs = setting.run, storage.journal.runs
    killed, told = usage(1, of=run).model_copy(update={"epoch": 1}), usage(2, of=run).model_copy(update={"epoch": 1})
    await runs.pause(run.id, epoch=1, parts=(), usage=[killed, told.model_copy(update={"output_tokens": 0})])
    expect_same(len(await runs.usage(run.id)), 2, "The number of usage rows of a waiting run")
    await take(storage, run)
    again = killed.model_copy(update={"epoch": 2, "output_tokens": 77})

    await _end(storage, run, epoch=2, spent=[told, again])

    expect_same(list(await runs.usage(run.id)), [killed, again, told], "The usage")


async def closes_open_requests(storage: Storage) -> None:
    """The pending requests of an ended run are `superseded`; consumed ones and other runs' stay as they are."""
    setting, other = await running(storage, 1), await running(storage, 2)
    journal, run = storage.journal, setting.run
    for request in (approval(1, of=run), approval(2, of=run), question(3, of=run), approval(1, of=other.run)):
        await journal.requests.open(request, epoch=1)
    await journal.requests.answer(run.id, {approval(1, of=run).id: Approve()}, actor="own_1", now=START)
    await journal.calls.start(call(1, of=run), epoch=1, consume=approval(1, of=run).id)

    await _end(storage, run)

    states = [request.state for request in await journal.requests.list(run_id=run.id)]
    expect_same(states, ["consumed", "superseded", "superseded"], "The request states, oldest first")
    expect_same((await journal.requests.get(approval(1, of=other.run).id)).state, "pending", "Another run's request")


async def takes_a_repeated_end_for_success(storage: Storage) -> None:
    """Finishing an ended run in the same state gives it as it is: no second usage row, no other parts or end."""
    setting = await running(storage)
    ended = await _end(storage, setting.run, spent=[usage(1, of=setting.run)])

    for epoch in (1, None):
        again = await _end(
            storage, setting.run, epoch=epoch, text="other", spent=[usage(1, of=setting.run)], now=START + 99
        )
        expect_same(again, ended, "What the repeated finish gave")

    expect_same(await storage.journal.runs.get(ended.id), ended, "The run")
    expect_same((await storage.journal.threads.message(ended.message_id)).text, "The end.", "The message's text")
    expect_same(len(await storage.journal.runs.usage(ended.id)), 1, "The number of usage rows")


async def refuses_another_end(storage: Storage) -> None:
    """Finishing an ended run in another state raises `RunFailed` naming its state, and changes nothing."""
    setting = await running(storage)
    ended = await _end(storage, setting.run)

    for epoch in (1, None):
        attempt = _end(storage, setting.run, epoch=epoch, state="failed", text="other", now=START + 99)
        error = await expect_raises(RunFailed, attempt, "finishing a finished run as failed")
        expect_same(error.state, "finished", "RunFailed's state")

    expect_same(await storage.journal.runs.get(ended.id), ended, "The run")
    expect_same((await storage.journal.threads.message(ended.message_id)).text, "The end.", "The message's text")


async def ends_a_run_nobody_holds(storage: Storage) -> None:
    """Without an epoch `finish` ends a queued run, a waiting one, and one whose lease is over."""
    for setting in (await queued(storage, 1), await waiting(storage, 2), await running(storage, 3)):
        ended = await _end(storage, setting.run, epoch=None, state="stopped", now=setting.after_lease)

        expect_same(ended.state, "stopped", f"The end state of a {setting.run.state} run")
        await expect_states(storage, setting.run, "stopped")


async def leaves_a_held_run_to_its_holder(storage: Storage) -> None:
    """Without an epoch `finish` raises `RunBusy` while a lease holds, and changes nothing."""
    setting = await running(storage)

    attempt = _end(storage, setting.run, epoch=None, state="stopped", now=setting.run.lease_until - 1)
    await expect_raises(RunBusy, attempt, "finish without an epoch under a lease")

    expect_same(await storage.journal.runs.get(setting.run.id), setting.run, "The run")
    message = await storage.journal.threads.message(setting.run.message_id)
    expect_same((message.parts, message.state), ((), "running"), "The message's (parts, state)")


async def frees_the_thread(storage: Storage) -> None:
    """After the end the thread takes a new turn, whatever the end state."""
    for number, state in enumerate(END_STATES):
        setting = await taken_over(storage, number)
        await _end(storage, setting.run, epoch=2, state=state)

        run = await storage.journal.runs.start(turn(2, of=setting.thread), now=START)

        expect_same((await take(storage, run)).epoch, 1, "The new run's epoch")
        expect_same((await storage.journal.runs.get(setting.run.id)).state, state, "The old run's state")


async def lets_one_of_racing_ends_win(storage: Storage) -> None:
    """Of racing ends in different states one wins; message, run and stream all tell that one."""
    for number in range(4):
        setting = await running(storage, number)

        ends = (_end(storage, setting.run, state=state, text=state) for state in END_STATES)
        won, lost = await race(ends)

        expect_same((len(won), names_of(lost)), (1, ["RunFailed"]), "The number of winners and what losers raised")
        message = await storage.journal.threads.message(setting.run.message_id)
        expect_same((message.text, message.state), (won[0].state, won[0].state), "The message's (text, state)")


async def lets_a_stop_or_a_take_win(storage: Storage) -> None:
    """When the end of an unheld run races with a take, the run is ended or held, never both."""
    for number in range(8):
        setting = await queued(storage, number)

        won, _ = await race(
            [_end(storage, setting.run, epoch=None, state="stopped", now=START), take(storage, setting.run, now=START)]
        )

        run = await storage.journal.runs.get(setting.run.id)
        stream = await storage.journal.streams.get(run.stream_id)
        expect_same((len(won), stream.state), (1, run.state), "The (number of winners, stream state)")


async def shows_readers_all_or_nothing(storage: Storage) -> None:
    """A reader that sees the stream ended sees the final message, and the other way round."""
    for number in range(5):
        setting = await running(storage, number)
        ending = asyncio.ensure_future(_end(storage, setting.run, text="final"))
        done = False
        while not done:
            await asyncio.sleep(0)
            done = ending.done()
            stream = await storage.journal.streams.get(setting.run.stream_id)
            message = await storage.journal.threads.message(setting.run.message_id)
            later = await storage.journal.streams.get(setting.run.stream_id)
            whole = message.state == "finished" and message.text == "final"
            expect(whole or stream.state == "running", "The stream has ended, but the message is not final.")
            expect(not whole or later.state == "finished", "The message is final, but the stream has not ended.")
        await ending


async def ends_whole_or_not_when_cancelled(storage: Storage) -> None:
    """A cancelled `finish` happened whole or not at all, and the journal goes on working."""

    async def attempt(number: int, cut: Cut) -> None:
        setting = await running(storage, number)
        run = setting.run
        await storage.journal.requests.open(approval(1, of=run), epoch=1)
        await cut(_end(storage, run, spent=[usage(1, of=run)]))
        await _end(storage, run, spent=[usage(1, of=run)])
        await expect_states(storage, run, "finished")
        expect_same((await storage.journal.threads.message(run.message_id)).text, "The end.", "The message's text")
        expect_same(len(await storage.journal.runs.usage(run.id)), 1, "The number of usage rows")
        request = await storage.journal.requests.get(approval(1, of=run).id)
        expect_same(request.state, "superseded", "The request's state")

    await at_each_moment(attempt)
