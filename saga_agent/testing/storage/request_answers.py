"""What `Requests.answer` promises: all or none, once, and a run that is woken by it."""

from __future__ import annotations

from saga_agent.domain.journal import Run
from saga_agent.domain.requests import (
    Answer,
    Approval,
    Approve,
    ClientResult,
    Deny,
    Dismiss,
    Edit,
    Option,
    Reply,
    Request,
    StopRun,
)
from saga_agent.errors import NotFound, RequestClosed
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.racing import Cut, at_each_moment, names_of, race
from saga_agent.testing.storage.samples import REPLIES
from saga_agent.testing.storage.turns import START, approval, client_call, finish, question, running, take


async def stores_replies(storage: Storage) -> None:
    """`answer` stores every kind of reply exactly, with who answered and when."""
    run = (await running(storage)).run
    requests = storage.journal.requests
    options = (Option(id="a", label="A"), Option(id="b", label="B"))
    asked: list[Request] = []
    for number, reply in enumerate(REPLIES):
        if isinstance(reply, Answer | Dismiss):
            asked.append(question(number, of=run).model_copy(update={"options": options, "multiple": True}))
        else:
            asked.append((client_call if isinstance(reply, ClientResult) else approval)(number, of=run))
    for request in asked:
        await requests.open(request, epoch=1)

    replies = {request.id: reply for request, reply in zip(asked, REPLIES, strict=True)}
    await requests.answer(run.id, replies, actor="own_ž", now=START + 0.125)

    answered = {"state": "answered", "actor": "own_ž", "answered_at": START + 0.125}
    for request in asked:
        expected = request.model_copy(update={**answered, "reply": replies[request.id]})
        expect_same(await requests.get(request.id), expected, "The answered request")


async def wakes_a_waiting_run(storage: Storage) -> None:
    """An answer puts a waiting run, its message and stream into `queued`, though other requests are still open."""
    setting = await running(storage)
    requests, run = storage.journal.requests, setting.run
    for number in (1, 2):
        await requests.open(approval(number, of=run), epoch=1)
    await storage.journal.runs.pause(run.id, epoch=1, parts=())

    await requests.answer(run.id, {approval(1, of=run).id: Approve()}, actor="own_1", now=START)

    message = await storage.journal.threads.message(run.message_id)
    stream = await storage.journal.streams.get(run.stream_id)
    woken = await storage.journal.runs.get(run.id)
    expect_same((woken.state, message.state, stream.state), ("queued",) * 3, "The (run, message, stream) states")
    expect_same((await take(storage, woken)).epoch, 2, "The epoch of the runner that takes it")


async def leaves_a_run_at_work_alone(storage: Storage) -> None:
    """An answer to a running run changes the request alone, and a reply that was given before wakes nobody."""
    setting = await running(storage)
    requests, run, request = storage.journal.requests, setting.run, approval(1, of=setting.run)
    await requests.open(request, epoch=1)

    for _ in ("first", "repeated"):
        await requests.answer(run.id, {request.id: Approve()}, actor="own_1", now=START)
        expect_same(await storage.journal.runs.get(run.id), run, "The run")


async def wakes_nobody_when_refused(storage: Storage) -> None:
    """An answer that is refused leaves a waiting run waiting."""
    setting = await running(storage)
    requests, run = storage.journal.requests, setting.run
    await requests.open(approval(1, of=run), epoch=1)
    paused = await storage.journal.runs.pause(run.id, epoch=1, parts=())

    replies: dict[str, Reply] = {approval(1, of=run).id: Approve(), "req_unknown": Approve()}
    attempt = requests.answer(run.id, replies, actor="own_1", now=START)
    await expect_raises(NotFound, attempt, "an answer to an unknown request")

    expect_same(await storage.journal.runs.get(run.id), paused, "The run")


async def loses_no_answer_to_a_pause(storage: Storage) -> None:
    """When an answer races with the pause the run is queued in the end: nobody waits for an answer that is there."""
    for number in range(8):
        setting = await running(storage, number)
        run, request = setting.run, approval(1, of=setting.run)
        await storage.journal.requests.open(request, epoch=1)

        async def answer(run: Run = run, request: Approval = request) -> None:
            await storage.journal.requests.answer(run.id, {request.id: Approve()}, actor="own_1", now=START)

        async def pause(run: Run = run) -> None:
            await storage.journal.runs.pause(run.id, epoch=1, parts=())

        await race([answer(), pause()] if number % 2 else [pause(), answer()])

        expect_same((await storage.journal.runs.get(run.id)).state, "queued", "The run's state")


async def answers_all_or_none(storage: Storage) -> None:
    """If one request of an `answer` cannot take its reply, none of the replies is stored."""
    mine, other = (await running(storage, 1)).run, (await running(storage, 2)).run
    requests = storage.journal.requests
    first, second, closed = (approval(number, of=mine) for number in (1, 2, 3))
    foreign = approval(1, of=other)
    for request in (first, second, closed, foreign):
        await requests.open(request, epoch=1)
    await requests.answer(mine.id, {closed.id: Deny()}, actor="own_1", now=START)
    bad: dict[str, type[Exception]] = {closed.id: RequestClosed, foreign.id: NotFound, "req_unknown": NotFound}

    for request_id, error in bad.items():
        replies: dict[str, Reply] = {first.id: Approve(), request_id: Approve(), second.id: Approve()}
        attempt = requests.answer(mine.id, replies, actor="own_1", now=START)
        await expect_raises(error, attempt, f"an answer that names {request_id!r} among others")
        states = [request.state for request in await requests.list(run_id=mine.id)]
        expect_same(states, ["pending", "pending", "answered"], "The states after the refusal")
    expect_same((await requests.get(foreign.id)).state, "pending", "The other run's request")


async def takes_the_same_reply_again_for_success(storage: Storage) -> None:
    """The same reply again is success and changes nothing, also beside new ones; `RequestClosed` once it has ended."""
    run = (await running(storage)).run
    requests = storage.journal.requests
    first, second = approval(1, of=run), approval(2, of=run)
    for request in (first, second):
        await requests.open(request, epoch=1)
    edit = Edit(arguments={"name": "Zoë", "list": [1, 2.0]})
    await requests.answer(run.id, {first.id: edit}, actor="own_1", now=START + 1)
    stored = await requests.get(first.id)

    await requests.answer(run.id, {first.id: edit, second.id: Deny()}, actor="own_2", now=START + 2)

    expect_same(await requests.get(first.id), stored, "The request that was answered before")
    expect_same((await requests.get(second.id)).state, "answered", "The other request's state")

    await requests.close(first.id, state="superseded", epoch=1)

    attempt = requests.answer(run.id, {first.id: edit}, actor="own_1", now=START + 3)
    error = await expect_raises(RequestClosed, attempt, "the same reply to a request that has ended")
    expect_same(error.state, "superseded", "RequestClosed's state")


async def refuses_a_second_opinion(storage: Storage) -> None:
    """Another reply to an answered request raises `RequestClosed` naming its state; the first reply stays."""
    run = (await running(storage)).run
    requests, request = storage.journal.requests, approval(1, of=run)
    await requests.open(request, epoch=1)
    await requests.answer(run.id, {request.id: Deny(feedback="no")}, actor="own_1", now=START)
    stored = await requests.get(request.id)

    for reply in (Approve(), Deny(feedback="other"), StopRun()):
        attempt = requests.answer(run.id, {request.id: reply}, actor="own_2", now=START + 9)
        error = await expect_raises(RequestClosed, attempt, "another reply to an answered request")
        expect_same((error.request_id, error.state), (request.id, "answered"), "RequestClosed's (request, state)")

    expect_same(await requests.get(request.id), stored, "The request")


async def refuses_answers_after_the_end(storage: Storage) -> None:
    """A request that was superseded with its run takes no answer."""
    run = (await running(storage)).run
    requests, request = storage.journal.requests, approval(1, of=run)
    await requests.open(request, epoch=1)
    await finish(storage, run)

    attempt = requests.answer(run.id, {request.id: Approve()}, actor="own_1", now=START)
    error = await expect_raises(RequestClosed, attempt, "an answer to a superseded request")

    expect_same(error.state, "superseded", "RequestClosed's state")
    stored = await requests.get(request.id)
    expect_same((stored.state, stored.reply), ("superseded", None), "The request's (state, reply)")


async def lets_one_of_racing_answers_win(storage: Storage) -> None:
    """Of racing different replies exactly one is stored; the others raise `RequestClosed`."""
    run = (await running(storage)).run
    requests, request = storage.journal.requests, approval(1, of=run)
    await requests.open(request, epoch=1)

    async def answer(number: int) -> int:
        reply = Deny(feedback=f"racer {number}")
        await requests.answer(run.id, {request.id: reply}, actor=f"own_{number}", now=START)
        return number

    won, lost = await race(answer(number) for number in range(20))

    expect_same((len(won), names_of(lost)), (1, ["RequestClosed"]), "The number of winners and what losers raised")
    stored = await requests.get(request.id)
    expect_same((stored.reply, stored.actor), (Deny(feedback=f"racer {won[0]}"), f"own_{won[0]}"), "(reply, actor)")


async def answers_whole_or_not_when_cancelled(storage: Storage) -> None:
    """A cancelled `answer` stored all replies or none, and the journal goes on working."""
    requests = storage.journal.requests

    async def attempt(number: int, cut: Cut) -> None:
        run = (await running(storage, number)).run
        asked = [approval(count, of=run) for count in range(20)]
        for request in asked:
            await requests.open(request, epoch=1)
        replies: dict[str, Reply] = {request.id: Approve() for request in asked}
        await cut(requests.answer(run.id, replies, actor="own_1", now=START))
        states = {request.state for request in await requests.list(run_id=run.id)}
        expect_same(len(states), 1, f"The number of different states, {sorted(states)}, after a cancelled answer")
        await requests.answer(run.id, replies, actor="own_1", now=START)
        expect_ids(
            await requests.list(run_id=run.id, states=["answered"]),
            [request.id for request in asked],
            "The answered requests",
        )

    await at_each_moment(attempt)
