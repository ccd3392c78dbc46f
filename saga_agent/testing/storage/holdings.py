"""What the journal promises of the account of what each owner has stored."""

from __future__ import annotations

from saga_agent.domain.accounts import Hold, OwnerHoldings, StorageLimits
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_same
from saga_agent.testing.storage.racing import race
from saga_agent.testing.storage.samples import ELSEWHERE, HOME
from saga_agent.testing.storage.turns import queued, waiting

_LIMITS = StorageLimits(records=3, bytes=100)


def _hold(item: str, size: int | None, *, owner: str = "ada", project_id: str = HOME, by: str = "w") -> Hold:
    return Hold(id=f"{by}/{item}", owner_id=owner, project_id=project_id, item=item, bytes=size, until=100.0)


async def _put(storage: Storage, item: str, size: int, *, owner: str = "ada", project_id: str = HOME) -> str:
    """Counts an item as a writer does; what came of taking hold of it."""
    hold = _hold(item, size, owner=owner, project_id=project_id)
    outcome = await storage.journal.holdings.hold(hold, _LIMITS, now=1.0)
    await storage.journal.holdings.let_go(hold, size=size)
    return outcome


async def _counted(storage: Storage, owner: str = "ada") -> tuple[int, int]:
    held = await storage.journal.holdings.get(owner)
    return (0, 0) if held is None else (held.records, held.bytes)


async def counts_what_each_owner_holds(storage: Storage) -> None:
    """`get` gives the records and bytes of one owner, told apart by code point, and the limits that were given last."""
    expect_same(await storage.journal.holdings.get("ada"), None, "An owner of whom nothing was counted")
    await _put(storage, "entities/a", 40)
    await _put(storage, "entities/b", 10)
    await _put(storage, "entities/c", 7, owner="ADA")

    wanted = OwnerHoldings(records=2, bytes=50, embedded_bytes=0, limits=_LIMITS)
    expect_same(await storage.journal.holdings.get("ada"), wanted, "Ada's account")
    expect_same(await _counted(storage, "ADA"), (1, 7), "The account of an owner whose id differs by case alone")


async def refuses_what_passes_a_limit_of_holdings(storage: Storage) -> None:
    """`hold` gives `full`, and nothing is counted, when the item grows past a limit; what fits exactly is held."""
    expect_same(await _put(storage, "entities/a", 101), "full", "One byte too many")
    expect_same(await _counted(storage), (0, 0), "The account after it")
    expect_same(await _put(storage, "entities/a", 100), "held", "Exactly the limit")
    expect_same(await _put(storage, "entities/b", 1), "full", "One byte more, in another item")
    expect_same(await _put(storage, "entities/a", 4), "held", "An item that shrinks")
    for item in ("b", "c"):
        expect_same(await _put(storage, f"entities/{item}", 0), "held", "As many records as there may be")
    expect_same(await _put(storage, "entities/d", 0), "full", "One record too many")
    expect_same(await _counted(storage), (3, 4), "The account in the end")


async def keeps_what_an_item_has_until_it_is_let_go(storage: Storage) -> None:
    """An item counts with the larger of what it has and what it will have, until its writer says what became of it."""
    holdings = storage.journal.holdings
    await _put(storage, "entities/a", 40)
    for size, meanwhile in ((10, 40), (60, 60)):
        hold = _hold("entities/a", size)
        expect_same(await holdings.hold(hold, _LIMITS, now=1.0), "held", f"A hold for {size} bytes")
        expect_same(await _counted(storage), (1, meanwhile), "The account while it is written")
        await holdings.let_go(hold, size=40)
        expect_same(await _counted(storage), (1, 40), "The account after a write that failed")

    hold = _hold("entities/a", None)
    await holdings.hold(hold, _LIMITS, now=1.0)
    expect_same(await _counted(storage), (1, 40), "The account while it is removed")
    await holdings.let_go(hold, size=None)
    expect_same(await _counted(storage), (0, 0), "The account after it")
    expect_same(await holdings.hold(hold, _LIMITS, now=1.0), "uncounted", "The removal of what is not counted")


async def lets_one_writer_hold_an_item(storage: Storage) -> None:
    """While a writer holds an item others are `busy`; after its time it is theirs, and its word counts no more."""
    holdings = storage.journal.holdings
    dead, other = _hold("entities/a", 40, by="dead"), _hold("entities/a", 20, by="other")
    expect_same(await holdings.hold(dead, _LIMITS, now=1.0), "held", "The first hold")
    expect_same(await holdings.hold(dead, _LIMITS, now=1.0), "held", "The same hold again")
    expect_same(await holdings.hold(other, _LIMITS, now=99.0), "busy", "Another one")
    await holdings.let_go(other, size=None)
    expect_same(await _counted(storage), (1, 40), "The account, of which the other one has no say")

    expect_same(await holdings.hold(other, _LIMITS, now=100.0), "held", "Another one, when the first must have died")
    await holdings.let_go(dead, size=None)
    await holdings.let_go(other, size=20)
    expect_same(await _counted(storage), (1, 20), "The account in the end")


async def never_passes_a_limit_in_a_race(storage: Storage) -> None:
    """Of writers at the same time as many are let in as there is room for."""
    told, _ = await race(_put(storage, f"entities/{n}", 1) for n in range(8))
    expect_same(sorted(told), ["full"] * 5 + ["held"] * 3, "What eight writers were told of room for three")
    expect_same(await _counted(storage), (3, 3), "The account")
    told, _ = await race(_put(storage, f"documents/{n}", 60, owner="bea") for n in range(8))
    expect_same(told.count("held"), 1, "How many of eight documents of 60 bytes were let in to 100")


async def heeds_the_limits_on_the_account(storage: Storage) -> None:
    """Without limits those that were given last hold, and an owner without an account is not counted."""
    holdings = storage.journal.holdings
    hold = _hold("entities/a", 101)
    expect_same(await holdings.hold(hold, None, now=1.0), "uncounted", "An owner without an account")
    expect_same(await holdings.get("ada"), None, "Their account after it")
    await _put(storage, "entities/b", 1)
    expect_same(await holdings.hold(hold, None, now=1.0), "full", "By the limits on the account")
    expect_same(await holdings.hold(hold, StorageLimits(), now=1.0), "held", "By limits that were lifted")
    expect_same(await holdings.hold(_hold("entities/c", 10**12), None, now=1.0), "held", "By what was lifted")


async def moves_items_with_their_project(storage: Storage) -> None:
    """What another owner writes by now, since the project changed hands, counts for that one."""
    await _put(storage, "entities/a", 40)
    expect_same(await _put(storage, "entities/a", 50, owner="bea"), "held", "The new owner's hold")
    expect_same([await _counted(storage, each) for each in ("ada", "bea")], [(0, 0), (1, 50)], "Both accounts")


async def reassigns_all_of_an_owner(storage: Storage) -> None:
    """`reassign` counts all of one owner, and of no other, for a new one, past their limits too; it may be repeated."""
    holdings = storage.journal.holdings
    await _put(storage, "entities/a", 40)
    await _put(storage, "entities/b", 50, project_id=ELSEWHERE)
    await _put(storage, "entities/c", 30, owner="bea")
    await _put(storage, "entities/d", 5, owner="cid")

    expect_same(await holdings.reassign("ada", "bea"), 2, "How many items there were")
    expect_same(await holdings.reassign("ada", "bea"), 0, "How many at the second time")
    expect_same(await holdings.reassign("bea", "dan"), 3, "How many go to somebody without an account")

    found = [await _counted(storage, each) for each in ("ada", "bea", "cid", "dan")]
    expect_same(found, [(0, 0), (0, 0), (1, 5), (3, 120)], "All accounts")


async def counts_embedded_text_for_good(storage: Storage) -> None:
    """`count_embedded` adds up to the limit of bytes, and is never given back."""
    holdings = storage.journal.holdings
    expect_same(await holdings.count_embedded("ada", 10**9), True, "An owner without an account")
    await _put(storage, "entities/a", 1)
    expect_same(await holdings.count_embedded("ada", 60), True, "What fits")
    expect_same(await holdings.count_embedded("ada", 41), False, "What does not")
    await storage.journal.end_project(HOME)
    told, _ = await race(holdings.count_embedded("ada", 10) for _ in range(8))
    expect_same(told.count(True), 4, "How many of eight by ten bytes were let in to forty")


async def gives_back_what_ended_projects_held(storage: Storage) -> None:
    """The end of a project gives back all of it, held at the moment too, and nothing of other projects."""
    await _put(storage, "entities/a", 40)
    await _put(storage, "entities/a", 10, project_id=ELSEWHERE)
    held = _hold("entities/b", 20)
    await storage.journal.holdings.hold(held, _LIMITS, now=1.0)

    expect_same(await storage.journal.end_project(HOME), True, "Whether there was anything")

    await storage.journal.holdings.let_go(held, size=20)
    expect_same(await _counted(storage), (1, 10), "What is left")


async def gives_back_what_a_deleted_thread_held(storage: Storage) -> None:
    """The end of a thread gives back what is counted of it and of its messages, and nothing of other threads."""
    setting, other = await waiting(storage, 1), await queued(storage, 2)
    await _put(storage, f"threads/{setting.thread.id}", 5)
    await _put(storage, f"messages/{setting.run.user_message_id}", 7)
    await _put(storage, f"threads/{other.thread.id}", 11)

    await storage.journal.threads.delete(setting.thread.id)

    expect_same(await _counted(storage), (1, 11), "What is left")
