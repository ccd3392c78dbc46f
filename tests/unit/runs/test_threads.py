"""What can be done to a thread: answer anew, ask in other words, fork, delete."""

import pytest

from saga_agent.errors import InvalidInput, NotFound, RunBusy
from saga_agent.models.scripted import Call, Say, Turn, Wait
from tests.unit.runs.opening import Open, script_of


async def test_an_answer_is_given_anew_and_the_old_one_kept(open_saga: Open) -> None:
    saga, thread = await open_saga(Say("First."), Say("Second."), Say("Later."))
    first = await (await saga.send(thread.id, "Tell me")).result()
    await (await saga.send(thread.id, "More")).result()

    second = await (await saga.regenerate(first.id)).result()

    talk = await saga.threads.messages(thread.id)
    assert [message.text for message in talk] == ["Tell me", "Later."]
    assert second.text == "Later."
    assert (second.order, second.step_order) == (1, 2)
    kept = await saga.storage.journal.threads.messages(thread.id, include_replaced=True)
    assert [message.text for message in kept if message.replaced] == ["First.", "More", "Second."]


async def test_a_replaced_answer_is_not_shown_to_the_model(open_saga: Open) -> None:
    saga, thread = await open_saga(Say("First."), Say("Second."), Say("Third."))
    first = await (await saga.send(thread.id, "Tell me")).result()
    await (await saga.regenerate(first.id)).result()

    await (await saga.send(thread.id, "And?")).result()

    model = script_of(saga)
    assert [str(message.content) for message in model.prompts[-1].messages[1:]] == ["Tell me", "Second.", "And?"]


async def test_a_question_is_asked_in_other_words(open_saga: Open) -> None:
    saga, thread = await open_saga(Say("One."), Say("Two."), Say("Three."))
    await (await saga.send(thread.id, "a")).result()
    await (await saga.send(thread.id, "b")).result()
    (_, _, question, _) = await saga.threads.messages(thread.id)

    await (await saga.edit(question.id, "c")).result()

    assert [message.text for message in await saga.threads.messages(thread.id)] == ["a", "One.", "c", "Three."]


async def test_the_wrong_kind_of_message_is_refused(open_saga: Open) -> None:
    saga, thread = await open_saga(Say("One."))
    answer = await (await saga.send(thread.id, "a")).result()
    (question, _) = await saga.threads.messages(thread.id)

    with pytest.raises(InvalidInput, match="is a question"):
        await saga.regenerate(question.id)
    with pytest.raises(InvalidInput, match="is an answer"):
        await saga.edit(answer.id, "c")
    with pytest.raises(NotFound):
        await saga.acting_as("somebody else").regenerate(answer.id)


async def test_a_busy_thread_is_neither_answered_anew_nor_deleted(open_saga: Open) -> None:
    import asyncio

    saga, thread = await open_saga(Say("One."), Turn(Wait(asyncio.Event())))
    answer = await (await saga.send(thread.id, "a")).result()
    await saga.send(thread.id, "b")

    with pytest.raises(RunBusy):
        await saga.regenerate(answer.id)
    with pytest.raises(RunBusy):
        await saga.threads.delete(thread.id)
    assert len(await saga.threads.messages(thread.id)) == 4


async def test_answering_anew_over_a_waiting_run_supersedes_it(open_saga: Open) -> None:
    create = Call("create_entity", {"type": "character", "name": "Tam"})
    saga, thread = await open_saga(Turn(calls=[create]), Say("Without him."))
    waiting = await saga.send(thread.id, "Add Tam")
    [chunk async for chunk in waiting.chunks()]

    answer = await (await saga.regenerate(waiting.message_id)).result()

    assert (await waiting.state()).state == "stopped"
    assert answer.text == "Without him."
    assert [message.text for message in await saga.threads.messages(thread.id)] == ["Add Tam", "Without him."]


async def test_a_fork_goes_its_own_way(open_saga: Open) -> None:
    saga, thread = await open_saga(Say("One."), Say("Two."), Say("Fork."))
    first = await (await saga.send(thread.id, "a")).result()
    await (await saga.send(thread.id, "b")).result()

    fork = await saga.threads.fork(thread.id, at=first.id, title="What if")
    await (await saga.send(fork.id, "c")).result()

    assert [message.text for message in await saga.threads.messages(fork.id)] == ["a", "One.", "c", "Fork."]
    assert [message.text for message in await saga.threads.messages(thread.id)] == ["a", "One.", "b", "Two."]
    with pytest.raises(NotFound):
        await saga.threads.fork(fork.id, at=first.id)


async def test_deleting_a_thread_takes_all_that_hangs_on_it(open_saga: Open) -> None:
    saga, thread = await open_saga(Say("One."))
    run = await saga.send(thread.id, "a")
    await run.result()

    await saga.threads.delete(thread.id)

    for gone in (saga.threads.get(thread.id), saga.run(run.id), saga.threads.message(run.message_id)):
        with pytest.raises(NotFound):
            await gone
