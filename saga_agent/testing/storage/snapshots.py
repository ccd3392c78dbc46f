"""What the journal promises of the findings it remembers."""

from __future__ import annotations

from saga_agent.domain.snapshot import KEPT_OF_PROJECT, KEPT_OF_SCOPE, Snapshot
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_same
from saga_agent.testing.storage.racing import race
from saga_agent.testing.storage.samples import ELSEWHERE, HOME


def _snapshot(*ids: str, scope: str = "all", project_id: str = HOME) -> Snapshot:
    return Snapshot(project_id=project_id, scope=scope, finding_ids=ids, taken_at=1_700_000_000.25)


async def keeps_every_field(storage: Storage) -> None:
    """A snapshot is read back as `add` gave it; only `rev` is the journal's."""
    snapshots = storage.journal.snapshots
    expect_same(await snapshots.find(HOME, "all"), None, "The last one of a project that was never checked")

    stored = await snapshots.add(_snapshot("fnd_1", "fnd_2"))

    expect_same(stored, _snapshot("fnd_1", "fnd_2").model_copy(update={"rev": 1}), "What add gave")
    expect_same(await snapshots.find(HOME, "all"), stored, "The last one")
    expect_same(await snapshots.find(HOME, "all", rev=1), stored, "The one of revision 1")


async def counts_revisions_by_scope(storage: Storage) -> None:
    """Each project counts the revisions of each of its scopes from 1; scopes are told apart by code point."""
    snapshots = storage.journal.snapshots
    for ids in ((), ("fnd_1",), ("fnd_1", "fnd_2")):
        await snapshots.add(_snapshot(*ids))

    for scope, project_id in (("ALL", HOME), ("all ", HOME), ("all", ELSEWHERE)):
        expect_same((await snapshots.add(_snapshot(scope=scope, project_id=project_id))).rev, 1, f"A rev of {scope!r}")
    found = await snapshots.find(HOME, "all", rev=2)
    expect_same(found and found.finding_ids, ("fnd_1",), "The findings of revision 2")
    expect_same(await snapshots.find(HOME, "all", rev=4), None, "A revision that never was")
    last = await snapshots.find(HOME, "all")
    expect_same(last and last.rev, 3, "The last revision")


async def stores_the_same_findings_once(storage: Storage) -> None:
    """`add` of what the last snapshot holds gives that one; what an earlier one held is a revision of its own."""
    snapshots = storage.journal.snapshots
    first = await snapshots.add(_snapshot("fnd_1"))

    again = await snapshots.add(_snapshot("fnd_1").model_copy(update={"taken_at": 9.0}))

    expect_same(again, first, "What the second add gave")
    await snapshots.add(_snapshot())
    expect_same((await snapshots.add(_snapshot("fnd_1"))).rev, 3, "The revision of findings that came back")


async def keeps_the_newest(storage: Storage) -> None:
    """Of a scope the 20 newest are kept, of a project the 60 newest; other projects keep theirs."""
    snapshots = storage.journal.snapshots
    await snapshots.add(_snapshot("fnd_1", project_id=ELSEWHERE))
    for number in range(KEPT_OF_SCOPE + 1):
        await snapshots.add(_snapshot(f"fnd_{number}"))
    expect_same(await snapshots.find(HOME, "all", rev=1), None, "The oldest of too many in a scope")
    second = await snapshots.find(HOME, "all", rev=2)
    expect_same(second and second.finding_ids, ("fnd_1",), "The oldest that is kept")

    for number in range(KEPT_OF_PROJECT - 1):
        await snapshots.add(_snapshot(scope=f"scope {number}"))

    found = [await snapshots.find(HOME, "all", rev=rev) for rev in (KEPT_OF_SCOPE, KEPT_OF_SCOPE + 1)]
    expect_same([each and each.rev for each in found], [None, KEPT_OF_SCOPE + 1], "What is left of the first scope")
    expect_same(await snapshots.find(ELSEWHERE, "all") is not None, True, "Whether another project keeps its own")


async def gives_racing_checks_revisions_of_their_own(storage: Storage) -> None:
    """Of snapshots that are added at the same time each has a revision of its own, without gaps."""
    snapshots = storage.journal.snapshots
    won, lost = await race(snapshots.add(_snapshot(f"fnd_{number}")) for number in range(8))

    expect_same(lost, [], "What failed")
    expect_same(sorted(each.rev for each in won), list(range(1, 9)), "The revisions")
    for each in won:
        expect_same(await snapshots.find(HOME, "all", rev=each.rev), each, f"Revision {each.rev}")
