"""What the journal's threads promise of their messages."""

from __future__ import annotations

from dataclasses import replace

from saga_agent.domain.journal import NewTurn
from saga_agent.domain.record import JsonObject
from saga_agent.errors import AlreadyExists, MessageReplaced, NotFound, RunBusy
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect, expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.samples import EVERY_SCRIPT, JSON_BODY, LARGE_TEXT
from saga_agent.testing.storage.turns import START, finish, queued, running, take, text_parts, thread, turn


async def _talk(storage: Storage, number: int, turns: int) -> list[str]:
    """A thread of so many finished turns; the ids of its messages."""
    created = await storage.journal.threads.create(thread(number))
    ids: list[str] = []
    for count in range(turns):
        new = turn(count, of=created)
        await storage.journal.runs.start(new, now=START + count)
        await finish(storage, await take(storage, new.run))
        ids += [new.run.user_message_id, new.run.message_id]
    return ids


async def keeps_every_field_of_a_message(storage: Storage) -> None:
    """Every field of a message is stored and read back exactly; only `order` and `step_order` are allotted."""
    created = await storage.journal.threads.create(thread(1))
    plain = turn(1, of=created)
    assert plain.user is not None
    parts = (JSON_BODY, {"type": "text", "text": EVERY_SCRIPT})
    told = {"parts": parts, "metadata": JSON_BODY, "page_id": "m-1", "created_at": 1_700_000_000.1234567}
    user = plain.user.model_copy(update=told)
    assistant = plain.assistant.model_copy(update={"parts": ({"type": "step-start"},), "metadata": {"a": [{}]}})

    await storage.journal.runs.start(NewTurn(run=plain.run, user=user, assistant=assistant, stream=plain.stream), now=1)

    for given in (user, assistant):
        stored = await storage.journal.threads.message(given.id)
        placed = given.model_copy(update={"order": stored.order, "step_order": stored.step_order})
        expect_same(stored, placed, f"The {given.role}'s message")


async def keeps_a_large_message(storage: Storage) -> None:
    """A message of a million characters comes back whole."""
    setting = await queued(storage)
    run = await take(storage, setting.run)

    await finish(storage, run, text=LARGE_TEXT)

    expect_same((await storage.journal.threads.message(run.message_id)).text, LARGE_TEXT, "The message's text")


async def refuses_an_unknown_message(storage: Storage) -> None:
    """`message` of an unknown id raises `NotFound`."""
    await expect_raises(NotFound, storage.journal.threads.message("msg_unknown"), "message of an unknown id")


async def finds_messages_by_page_id(storage: Storage) -> None:
    """`find_message` looks in one thread, and prefers the message in place, then the newest."""
    threads = storage.journal.threads
    for number in (1, 2):
        created = await threads.create(thread(number))
        for count in range(3):
            new = turn(count, of=created)
            assert new.user is not None
            edits = replace(
                new, user=new.user.model_copy(update={"page_id": "m-1"}), replaces=(count, 0) if count else None
            )
            await storage.journal.runs.start(edits, now=START + count)
            await finish(storage, await take(storage, new.run))
    await storage.journal.runs.start(replace(turn(3, of=thread(2)), replaces=(3, 0)), now=START + 3)

    found = [await threads.find_message(thread(number).id, "m-1") for number in (1, 2)]

    newest = [turn(2, of=thread(number)).run.user_message_id for number in (1, 2)]
    expect_same([each and each.id for each in found], newest, "The messages with the page_id m-1")
    expect_same([each and each.replaced for each in found], [False, True], "Whether those are replaced")
    expect_same(await threads.find_message(thread(1).id, newest[0]), None, "The message that pages know otherwise")
    answer = turn(2, of=thread(1)).run.message_id
    own = await threads.find_message(thread(1).id, answer)
    expect_same(own and own.id, answer, "The message that pages know by its own id")
    expect_same(await threads.find_message(thread(2).id, answer), None, "That message in another thread")


async def lists_messages_oldest_first(storage: Storage) -> None:
    """`messages` gives a thread's messages alone, in the order of turns, the question before its answer."""
    ids = await _talk(storage, 1, 3)
    await _talk(storage, 2, 2)

    messages = await storage.journal.threads.messages(thread(1).id)

    expect_ids(messages, ids, "The messages")
    places = [(message.order, message.step_order) for message in messages]
    expect(places == sorted(set(places)), f"The (order, step_order) are not unique and growing: {places}.")
    steps = [message.step_order for message in messages]
    expect_same(steps, [0, 1] * 3, "The step_orders: 0 for the user's message, 1 for its answer")


async def pages_backwards_through_messages(storage: Storage) -> None:
    """`limit` gives the last messages, `before` those before a place; page by page nothing is lost or doubled."""
    ids = await _talk(storage, 1, 4)
    threads = storage.journal.threads

    last = await threads.messages(thread(1).id, limit=3)
    middle = await threads.messages(thread(1).id, before=(last[0].order, last[0].step_order), limit=3)
    first = await threads.messages(thread(1).id, before=(middle[0].order, middle[0].step_order), limit=3)
    none = await threads.messages(thread(1).id, before=(first[0].order, first[0].step_order), limit=3)

    pages = [[message.id for message in page] for page in (none, first, middle, last)]
    expect_same(pages, [[], ids[:2], ids[2:5], ids[5:]], "The pages, the first of the thread to its last")


async def hides_replaced_messages_and_keeps_them(storage: Storage) -> None:
    """A turn that replaces takes all messages from that place on out of the talk; they can still be read."""
    ids = await _talk(storage, 1, 3)
    await _talk(storage, 2, 1)
    threads, created = storage.journal.threads, thread(1)
    new = turn(9, of=created, again=ids[2])

    await storage.journal.runs.start(replace(new, replaces=(2, 1)), now=START + 9)

    expect_ids(
        await threads.messages(created.id), [*ids[:3], new.assistant.id], "The talk after the second answer anew"
    )
    everything = await threads.messages(created.id, include_replaced=True)
    expect_ids(everything, [*ids[:4], new.assistant.id, *ids[4:]], "All messages, the replaced ones too")
    expect_same(
        [message.replaced for message in everything], [False] * 3 + [True, False, True, True], "What is replaced"
    )
    expect_same(len(await threads.messages(thread(2).id)), 2, "The messages of another thread")


async def refuses_to_replace_what_is_replaced(storage: Storage) -> None:
    """A turn that replaces names what stands: another tab's newer words are not taken out of the talk unseen."""
    ids = await _talk(storage, 1, 2)
    threads, runs, created = storage.journal.threads, storage.journal.runs, thread(1)
    edit = replace(turn(3, of=created), replaces=(2, 0))
    await runs.start(edit, now=START + 3)
    await finish(storage, await take(storage, edit.run))
    stands = [message.id for message in await threads.messages(created.id)]
    late = {
        "another edit of the replaced question": replace(turn(4, of=created), replaces=(2, 0)),
        "another answer in the place of the replaced one": replace(turn(4, of=created, again=ids[0]), replaces=(2, 1)),
        "another answer to the replaced question": replace(turn(4, of=created, again=ids[2]), replaces=(1, 1)),
    }

    for what, attempt in late.items():
        await expect_raises(MessageReplaced, runs.start(attempt, now=START + 4), what)
    nowhere = replace(turn(4, of=created), replaces=(9, 0))
    await expect_raises(NotFound, runs.start(nowhere, now=START + 4), "an edit of what was never there")

    expect_ids(await threads.messages(created.id), stands, "The talk after the refusals")
    await expect_raises(NotFound, runs.get(nowhere.run.id), "the refused run")


async def forks_at_a_message(storage: Storage) -> None:
    """A fork has copies of the messages up to a place, under ids of its own; the source is as it was."""
    ids = await _talk(storage, 1, 3)
    threads, fork = storage.journal.threads, thread(7)

    await threads.fork(fork, source_id=thread(1).id, until=(2, 0))

    copies = await threads.messages(fork.id)
    originals = await threads.messages(thread(1).id)
    places = [(copy.order, copy.step_order, copy.parts) for copy in copies]
    wanted = [(original.order, original.step_order, original.parts) for original in originals[:3]]
    expect_same(places, wanted, "Places and parts of the copies")
    expect(not {c.id for c in copies} & set(ids), "A copy has the id of its original.")
    expect_same([c.run_id for c in copies], [None] * 3, "The copies' runs")
    expect_same([c.page_id for c in copies], ids[:3], "The ids by which pages know the copies")
    expect_ids(originals, ids, "The source's messages")
    expect_same(await threads.get(fork.id), fork, "The fork")


async def refuses_to_fork_what_is_not_there(storage: Storage) -> None:
    """A fork of an unknown thread, or under a taken id, stores nothing."""
    await _talk(storage, 1, 1)
    threads = storage.journal.threads

    await expect_raises(NotFound, threads.fork(thread(7), source_id="thr_no", until=(1, 0)), "a fork of nothing")
    await expect_raises(NotFound, threads.get(thread(7).id), "the refused fork")
    again = threads.fork(thread(1), source_id=thread(1).id, until=(1, 1))
    await expect_raises(AlreadyExists, again, "a fork under a taken id")
    expect_same(len(await threads.messages(thread(1).id)), 2, "The messages of the source")


async def refuses_to_fork_at_what_does_not_stand(storage: Storage) -> None:
    """A fork at a place that is replaced, empty or being written stores nothing."""
    ids = await _talk(storage, 1, 1)
    threads, created = storage.journal.threads, thread(1)
    again = replace(turn(2, of=created, again=ids[0]), replaces=(1, 1))
    await storage.journal.runs.start(again, now=START + 2)

    for error, place in ((MessageReplaced, (1, 1)), (NotFound, (4, 0)), (RunBusy, (1, 2))):
        attempt = threads.fork(thread(7), source_id=created.id, until=place)
        await expect_raises(error, attempt, f"a fork at {place}")

    await expect_raises(NotFound, threads.get(thread(7).id), "the refused fork")


async def forks_a_waiting_answer_as_a_closed_one(storage: Storage) -> None:
    """The copy of an answer that waits is `interrupted`, and what it asks is closed; the answer itself goes on."""
    setting = await running(storage, 1)
    asking: JsonObject = {
        "type": "tool-ask",
        "toolCallId": "call_1",
        "state": "approval-requested",
        "input": {},
        "approval": {"id": "req_1"},
    }
    await storage.journal.runs.pause(setting.run.id, epoch=1, parts=(asking,))
    threads = storage.journal.threads

    await threads.fork(thread(7), source_id=setting.thread.id, until=(1, 1))

    copy = (await threads.messages(thread(7).id))[-1]
    expect_same((copy.state, copy.parts[0]["state"]), ("interrupted", "output-error"), "The states of copy and call")
    source = await threads.message(setting.run.message_id)
    expect_same((source.state, source.parts), ("waiting", (asking,)), "The state and parts of the answer itself")


async def keeps_the_newest_summary(storage: Storage) -> None:
    """A summary that covers less than the stored one is ignored."""
    await storage.journal.threads.create(thread(1))
    threads = storage.journal.threads

    await threads.summarize(thread(1).id, "up to four", until=4)
    await threads.summarize(thread(1).id, "up to two", until=2)

    stored = await threads.get(thread(1).id)
    expect_same((stored.summary, stored.summary_until), ("up to four", 4), "The summary and what it covers")
    await expect_raises(NotFound, threads.summarize("thr_no", "x", until=1), "a summary of an unknown thread")


async def does_not_share_what_callers_may_change(storage: Storage) -> None:
    """Neither a caller who changes the parts it handed in, nor one who changes what it read, changes the store."""
    setting = await queued(storage)
    run = await take(storage, setting.run)
    parts = text_parts("as given")

    await finish(storage, run.model_copy(), text="as given")
    (await storage.journal.threads.message(run.message_id)).parts[0]["text"] = "changed by a reader"
    (await storage.journal.threads.messages(setting.thread.id))[1].parts[0].clear()

    expect_same((await storage.journal.threads.message(run.message_id)).parts, parts, "The stored parts")
