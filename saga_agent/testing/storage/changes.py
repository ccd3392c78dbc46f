"""What the journal promises of the history of changes."""

from __future__ import annotations

from saga_agent.domain.history import Change
from saga_agent.domain.hunk import Hunk
from saga_agent.domain.record import Provenance
from saga_agent.errors import NotFound
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.racing import race
from saga_agent.testing.storage.samples import ELSEWHERE, EVERY_SCRIPT, HOME, JSON_BODY

_AUTHOR = Provenance(by="agent", run_id="run_1", call_id="call_1", agent="draft")
_FULL = Change(
    id="chg_full",
    project_id=HOME,
    kind="document",
    record_id="doc_ž",
    action="update",
    author=_AUTHOR,
    run_id="run_1",
    call_id="call_1",
    base_rev=2**40,
    before={"fields": JSON_BODY},
    after={"title": EVERY_SCRIPT},
    hunks=(Hunk(id="1", start=3, before=EVERY_SCRIPT, after="“Zoë”", lead="a", tail="b", why="c"),),
    undoes="chg_0",
    created_at=1_700_000_000.25,
)


def _change(number: int, **fields: str) -> Change:
    row = {"project_id": HOME, "record_id": "ent_1", "run_id": "run_1", "call_id": "call_1", **fields}
    return Change.model_validate(
        {"id": f"chg_{number:04}", "kind": "entity", "action": "update", "author": _AUTHOR, "created_at": 5.0, **row}
    )


async def keeps_every_field(storage: Storage) -> None:
    """Every field of a change is stored and read back exactly; only `seq` is the journal's."""
    stored = await storage.journal.changes.open(_FULL)

    expect_same(stored.model_copy(update={"seq": 0}), _FULL, "What open returned, without seq")
    expect_same(await storage.journal.changes.get(HOME, "chg_full"), stored, "What get read")


async def writes_a_change_down_once(storage: Storage) -> None:
    """`open` of an id that is there gives the stored change and changes nothing, also when it is settled."""
    changes = storage.journal.changes
    first = await changes.open(_change(1))
    await changes.settle("chg_0001", state="done", rev=4)

    again = await changes.open(_change(1, record_id="ent_2"))

    expect_same(again, first.model_copy(update={"state": "done", "rev": 4}), "What the second open returned")
    expect_ids(await changes.list(HOME), ["chg_0001"], "The list")


async def settles_once(storage: Storage) -> None:
    """`settle` tells what became of a change; `done` is final, and a refused change may be done after all."""
    changes = storage.journal.changes
    await changes.open(_change(1))
    await changes.open(_change(2))

    await changes.settle("chg_0001", state="done", rev=2)
    again = await changes.settle("chg_0001", state="void")
    refused = await changes.settle("chg_0002", state="void")
    repeated = await changes.settle("chg_0002", state="done", rev=7)

    expect_same((again.state, again.rev), ("done", 2), "State and revision of the settled change")
    expect_same(refused.state, "void", "The state of the refused change")
    expect_same((repeated.state, repeated.rev), ("done", 7), "State and revision of one that was done after all")
    await expect_raises(NotFound, changes.settle("chg_0003", state="done"), "settle of an unknown change")


async def lists_the_newest_first(storage: Storage) -> None:
    """`list` gives changes in the reverse of the order they were written down in, page by page."""
    changes = storage.journal.changes
    for number in (3, 1, 5, 2, 4):
        await changes.open(_change(number))

    first = await changes.list(HOME, limit=2)
    second = await changes.list(HOME, limit=2, after=first.next)
    third = await changes.list(HOME, limit=2, after=second.next)

    expect_ids(first, ["chg_0004", "chg_0002"], "The first page")
    expect_ids(second, ["chg_0005", "chg_0001"], "The second page")
    expect_ids(third, ["chg_0003"], "The last page")
    expect_same(third.next, None, "The cursor of the last page")


async def filters_by_record_run_call_and_state(storage: Storage) -> None:
    """`list` gives the changes that match all that is asked for."""
    changes = storage.journal.changes
    await changes.open(_change(1))
    await changes.open(_change(2, record_id="ent_2"))
    await changes.open(_change(3, run_id="run_2"))
    await changes.open(_change(4, call_id="call_2"))
    await changes.settle("chg_0001", state="done")

    expect_ids(await changes.list(HOME, record_id="ent_1"), ["chg_0004", "chg_0003", "chg_0001"], "By record")
    expect_ids(await changes.list(HOME, run_id="run_1"), ["chg_0004", "chg_0002", "chg_0001"], "By run")
    expect_ids(await changes.list(HOME, run_id="run_1", call_id="call_2"), ["chg_0004"], "By call")
    expect_ids(await changes.list(HOME, states=("done",)), ["chg_0001"], "The done ones")
    expect_ids(await changes.list(HOME, states=("done", "intended"), record_id="ent_2"), ["chg_0002"], "Both")


async def keeps_projects_apart(storage: Storage) -> None:
    """Changes of another project are neither listed nor read, and `purge` removes those of one project alone."""
    changes = storage.journal.changes
    await changes.open(_change(1))
    await changes.open(_change(2, project_id=ELSEWHERE))

    await expect_raises(NotFound, changes.get(HOME, "chg_0002"), "get of another project's change")
    for _ in ("first", "repeated"):
        await changes.purge(HOME)

    expect_ids(await changes.list(HOME), [], "The purged project's changes")
    expect_ids(await changes.list(ELSEWHERE), ["chg_0002"], "Another project's changes")


async def numbers_racing_changes_apart(storage: Storage) -> None:
    """Changes written down at the same time get different places, and the same one twice is one."""
    changes = storage.journal.changes

    _, refused = await race(changes.open(_change(number % 10)) for number in range(20))

    expect_same(refused, [], "The refusals")
    listed = (await changes.list(HOME)).items
    expect_same(sorted(change.id for change in listed), [f"chg_{number:04}" for number in range(10)], "The changes")
    expect_same(len({change.seq for change in listed}), 10, "The number of different places")
