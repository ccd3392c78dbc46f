"""What the journal's threads promise, their messages aside."""

from __future__ import annotations

from saga_agent.domain.journal import Thread
from saga_agent.errors import AlreadyExists, NotFound, StorageUnavailable
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.racing import names_of, race
from saga_agent.testing.storage.samples import EVERY_SCRIPT, HOME
from saga_agent.testing.storage.turns import thread

FULL = Thread(
    id="thr_full",
    owner_id="own_ž",
    project_id="prj_1",
    chat_id="chat.1_A-z",
    title=EVERY_SCRIPT,
    parent_run_id="run_0",
    summary=EVERY_SCRIPT,
    summary_until=12,
    created_at=1_700_000_000.1234567,
)


async def keeps_every_field(storage: Storage) -> None:
    """Every field of a thread is stored and read back exactly."""
    created = await storage.journal.threads.create(FULL)

    expect_same(created, FULL, "What create returned")
    expect_same(await storage.journal.threads.get("thr_full"), FULL, "What get read")
    expect_same((await storage.journal.threads.list("own_ž", children=True)).items, (FULL,), "What list read")


async def refuses_a_taken_id(storage: Storage) -> None:
    """`create` with a taken id raises `AlreadyExists` and changes nothing."""
    await storage.journal.threads.create(thread(1))
    same = thread(1).model_copy(update={"chat_id": "another", "title": "other"})

    await expect_raises(AlreadyExists, storage.journal.threads.create(same), "create with a taken id")

    expect_same(await storage.journal.threads.get("thr_0001"), thread(1), "The first thread")


async def refuses_a_taken_chat_id(storage: Storage) -> None:
    """An owner's chat_id names one thread: a second one raises `AlreadyExists`, also in another project."""
    await storage.journal.threads.create(thread(1))
    same = thread(2).model_copy(update={"chat_id": "chat-1", "project_id": "prj_elsewhere"})

    await expect_raises(AlreadyExists, storage.journal.threads.create(same), "create with a taken chat_id")

    await expect_raises(NotFound, storage.journal.threads.get("thr_0002"), "get of the refused thread")


async def keeps_owners_chat_ids_apart(storage: Storage) -> None:
    """Another owner may use the same chat_id; `find` gives each their own."""
    threads = storage.journal.threads
    mine, theirs = thread(1), thread(2, owner_id="own_2").model_copy(update={"chat_id": "chat-1"})
    await threads.create(mine)
    await threads.create(theirs)

    expect_same(await threads.find("own_1", "chat-1"), mine, "The first owner's thread")
    expect_same(await threads.find("own_2", "chat-1"), theirs, "The second owner's thread")
    expect_same(await threads.find("own_3", "chat-1"), None, "A third owner's thread")
    expect_same(await threads.find("own_1", "chat-2"), None, "An unknown chat_id")


async def lets_one_of_racing_creates_win(storage: Storage) -> None:
    """Of 20 racing creates of one (owner, chat_id) exactly one wins; the others raise `AlreadyExists`."""
    racers = [thread(number).model_copy(update={"chat_id": "chat"}) for number in range(20)]

    won, lost = await race(storage.journal.threads.create(racer) for racer in racers)

    expect_same((len(won), names_of(lost)), (1, ["AlreadyExists"]), "The number of winners and what losers raised")
    expect_same(await storage.journal.threads.find("own_1", "chat"), won[0], "The stored thread")
    expect_ids(await storage.journal.threads.list("own_1"), [won[0].id], "The owner's threads")


async def refuses_an_unknown_id(storage: Storage) -> None:
    """`get`, `rename` and `delete` of an unknown thread raise `NotFound`."""
    threads = storage.journal.threads

    await expect_raises(NotFound, threads.get("thr_0001"), "get of an unknown id")
    await expect_raises(NotFound, threads.rename("thr_0001", "title"), "rename of an unknown id")
    await expect_raises(NotFound, threads.delete("thr_0001"), "delete of an unknown id")


async def lists_the_newest_first(storage: Storage) -> None:
    """`list` gives the owner's threads alone, the newest first, page by page, also while threads come and go."""
    threads = storage.journal.threads
    for number in (3, 1, 5, 2, 4):
        await threads.create(thread(number))
    await threads.create(thread(6, owner_id="own_2"))

    first = await threads.list("own_1", limit=2)
    await threads.delete("thr_0004")
    await threads.create(thread(7))
    second = await threads.list("own_1", after=first.next, limit=2)
    third = await threads.list("own_1", after=second.next, limit=2)

    expect_ids(first, ["thr_0005", "thr_0004"], "The first page")
    expect_ids(second, ["thr_0003", "thr_0002"], "The second page")
    expect_ids(third, ["thr_0001"], "The third page")
    expect_same(third.next, None, "The last page's cursor")


async def pages_through_threads_of_one_moment(storage: Storage) -> None:
    """Threads that were created at the same time are each on exactly one page."""
    threads = storage.journal.threads
    for number in range(5):
        await threads.create(thread(number).model_copy(update={"created_at": 1.5}))

    found: list[str] = []
    after = None
    for _ in range(3):
        page = await threads.list("own_1", after=after, limit=2)
        found += [item.id for item in page.items]
        after = page.next

    expect_same((sorted(found), after), ([thread(number).id for number in range(5)], None), "The (ids, last cursor)")


async def lists_by_project(storage: Storage) -> None:
    """With a project `list` gives its threads alone."""
    for number in (1, 2, 3, 4):
        await storage.journal.threads.create(thread(number, project_id="prj_odd" if number % 2 else "prj_even"))

    found = await storage.journal.threads.list("own_1", project_id="prj_odd")

    expect_ids(found, ["thr_0003", "thr_0001"], "The project's threads")
    expect_ids(await storage.journal.threads.list("own_1", project_id="prj_unknown"), [], "An unknown project's")


async def renames(storage: Storage) -> None:
    """`rename` changes the title alone, and gives the thread with it."""
    await storage.journal.threads.create(thread(1))

    renamed = await storage.journal.threads.rename("thr_0001", EVERY_SCRIPT)

    expect_same(renamed, thread(1).model_copy(update={"title": EVERY_SCRIPT}), "What rename returned")
    expect_same(await storage.journal.threads.get("thr_0001"), renamed, "The thread after the rename")


async def leaves_subagents_out_of_the_list(storage: Storage) -> None:
    """Threads of subagents, those with a `parent_run_id`, are listed only with `children`, among the others."""
    threads = storage.journal.threads
    for number in (1, 2, 3):
        parent = "run_0" if number == 2 else None
        await threads.create(thread(number).model_copy(update={"parent_run_id": parent}))

    everything = await threads.list("own_1", children=True)

    expect_ids(await threads.list("own_1"), ["thr_0003", "thr_0001"], "The owner's threads")
    expect_ids(await threads.list("own_1", project_id=HOME), ["thr_0003", "thr_0001"], "The project's threads")
    expect_ids(everything, ["thr_0003", "thr_0002", "thr_0001"], "The threads with children")


async def answers_only_while_open(storage: Storage) -> None:
    """A storage that is closed raises `StorageUnavailable`, and stores nothing; opened again it has what it had."""
    threads = storage.journal.threads
    created = await threads.create(thread(1))
    await storage.close()

    await expect_raises(StorageUnavailable, threads.get(created.id), "get from a closed storage")
    await expect_raises(StorageUnavailable, threads.create(thread(2)), "create in a closed storage")

    await storage.open()
    expect_ids(await threads.list(created.owner_id), [created.id], "The threads after it was opened again")
