"""What the journal's audit promises: entries come with what they are about, once, and are never changed."""

from __future__ import annotations

from saga_agent.domain.permissions import AuditEntry
from saga_agent.domain.requests import Approve
from saga_agent.errors import RequestClosed, StaleEpoch
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.racing import names_of, race
from saga_agent.testing.storage.samples import EVERY_SCRIPT
from saga_agent.testing.storage.turns import START, approval, audit_entry, call, running

FULL = AuditEntry(
    id="aud_full",
    at=1_700_000_000.1234567,
    owner_id="own_ž",
    project_id="prj_“1”",
    thread_id="thr_1",
    run_id="run_1",
    call_id="call_ø",
    agent_path=("draft", "ø"),
    event="refused",
    tool="create_entity",
    rule=EVERY_SCRIPT,
    actor="автор",
    arguments_hash="ab" * 32,
    detail=EVERY_SCRIPT,
)


async def keeps_every_field(storage: Storage) -> None:
    """Every field of an entry is stored and read back exactly."""
    await storage.journal.audit.add([FULL])

    expect_same((await storage.journal.audit.list("own_ž")).items, (FULL,), "What list read")


async def never_changes_an_entry(storage: Storage) -> None:
    """`add` stores the entries whose id is new, also beside known ones; those that are there stay as they are."""
    run = (await running(storage)).run
    audit, first = storage.journal.audit, audit_entry(1, of=run)
    await audit.add([first])
    await audit.add([])

    await audit.add([first.model_copy(update={"detail": "changed", "event": "refused"}), audit_entry(2, of=run)])

    expect_same((await audit.list(run.owner_id)).items, (first, audit_entry(2, of=run)), "The entries")


async def lists_the_oldest_first(storage: Storage) -> None:
    """`list` gives the owner's entries alone, the oldest first, page by page, also while entries are added."""
    run, other = (await running(storage, 1)).run, (await running(storage, 2)).run
    audit = storage.journal.audit
    for number in (3, 1, 5):
        await audit.add([audit_entry(number, of=run)])
    await audit.add([audit_entry(2, of=other).model_copy(update={"owner_id": "own_2"})])

    first = await audit.list(run.owner_id, limit=2)
    await audit.add([audit_entry(2, of=run), audit_entry(4, of=run)])
    second = await audit.list(run.owner_id, after=first.next, limit=2)

    expect_ids(first, [audit_entry(number, of=run).id for number in (1, 3)], "The first page")
    expect_ids(second, [audit_entry(number, of=run).id for number in (4, 5)], "The second page")
    expect_same(second.next, None, "The last page's cursor")


async def keeps_the_order_within_a_moment(storage: Storage) -> None:
    """Entries of one moment come in the order in which they were added, each on exactly one page."""
    run = (await running(storage)).run
    numbers = (3, 1, 5, 2, 4)
    for number in numbers:
        await storage.journal.audit.add([audit_entry(number, of=run).model_copy(update={"at": START})])

    found: list[str] = []
    after = None
    for _ in range(3):
        page = await storage.journal.audit.list(run.owner_id, after=after, limit=2)
        found += [entry.id for entry in page.items]
        after = page.next

    expect_same((found, after), ([audit_entry(number, of=run).id for number in numbers], None), "(ids, last cursor)")


async def lists_by_run_and_thread(storage: Storage) -> None:
    """A run and a thread each narrow the list, and both together."""
    run, other = (await running(storage, 1)).run, (await running(storage, 2)).run
    audit, mine, theirs = storage.journal.audit, audit_entry(1, of=run), audit_entry(2, of=other)
    below = audit_entry(3, of=other).model_copy(update={"thread_id": run.thread_id})
    await audit.add([mine, theirs, below])

    expect_ids(await audit.list(run.owner_id, run_id=other.id), [theirs.id, below.id], "A run's entries")
    expect_ids(await audit.list(run.owner_id, thread_id=run.thread_id), [mine.id, below.id], "A thread's entries")
    both = await audit.list(run.owner_id, run_id=other.id, thread_id=run.thread_id)
    expect_ids(both, [below.id], "The entries of a run and a thread")


async def comes_with_a_request(storage: Storage) -> None:
    """`open` stores its entries with a new request, none when the request is there, and none when it is refused."""
    run = (await running(storage)).run
    requests = storage.journal.requests

    for number in (1, 2):
        await requests.open(approval(1, of=run), epoch=1, audit=[audit_entry(number, of=run)])
    attempt = requests.open(approval(2, of=run), epoch=0, audit=[audit_entry(3, of=run)])
    await expect_raises(StaleEpoch, attempt, "open by epoch 0")

    expect_ids(await storage.journal.audit.list(run.owner_id), [audit_entry(1, of=run).id], "The entries")


async def comes_with_a_call(storage: Storage) -> None:
    """`start` stores its new entries with the call, also with one that is there; a refused `start` stores none."""
    run = (await running(storage)).run
    calls, request = storage.journal.calls, approval(1, of=run)
    await storage.journal.requests.open(request, epoch=1)

    attempt = calls.start(call(1, of=run), epoch=1, consume=request.id, audit=[audit_entry(9, of=run)])
    await expect_raises(RequestClosed, attempt, "consuming a pending request")
    for numbers in ((1,), (1, 2)):
        entries = [audit_entry(number, of=run) for number in numbers]
        await calls.start(call(1, of=run), epoch=1, audit=entries)

    ids = [audit_entry(number, of=run).id for number in (1, 2)]
    expect_ids(await storage.journal.audit.list(run.owner_id), ids, "The entries")


async def comes_with_an_answer(storage: Storage) -> None:
    """`answer` stores its entries with the replies."""
    run = (await running(storage)).run
    request = await storage.journal.requests.open(approval(1, of=run), epoch=1)

    entries = [audit_entry(1, of=run), audit_entry(2, of=run)]
    await storage.journal.requests.answer(run.id, {request.id: Approve()}, actor="own_1", now=START, audit=entries)

    expect_same((await storage.journal.audit.list(run.owner_id)).items, tuple(entries), "The entries")


async def adds_once_when_adders_race(storage: Storage) -> None:
    """Of racing `add`s of one id one is stored, and none fails."""
    run = (await running(storage)).run
    entries = [audit_entry(1, of=run).model_copy(update={"detail": f"racer {number}"}) for number in range(10)]

    won, lost = await race(storage.journal.audit.add([entry]) for entry in entries)

    expect_same((len(won), names_of(lost)), (10, list[str]()), "The number of adds that went well, what others raised")
    expect_same(len((await storage.journal.audit.list(run.owner_id)).items), 1, "The number of entries")
