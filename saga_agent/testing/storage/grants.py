"""What the journal's grants promise: stored once with their answer, in force until revoked or over."""

from __future__ import annotations

from saga_agent.domain.permissions import Grant
from saga_agent.domain.requests import Approve, Deny, Reply
from saga_agent.errors import NotFound, RequestClosed
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.racing import Cut, at_each_moment
from saga_agent.testing.storage.samples import EVERY_SCRIPT
from saga_agent.testing.storage.turns import START, Setting, approval, audit_entry, grant, running

FULL = Grant(
    id="gra_full",
    owner_id="own_ž",
    agent="draft",
    tool="create_entity",
    tool_version=3,
    scope="project",
    scope_id="prj_“1”",
    arguments_hash="ab" * 32,
    patterns={"ключ 🗝": "a*“b”?"},
    request_id="req_0",
    text=EVERY_SCRIPT,
    created_by="own_ž",
    created_at=1_700_000_000.1234567,
    expires_at=1_800_000_000.1234567,
    revoked_at=1_750_000_000.1234567,
    revoked_by="автор",
)


async def _grant(storage: Storage, setting: Setting, *grants: Grant) -> None:
    """Answers an approval with those grants."""
    number = len(await storage.journal.requests.list(run_id=setting.run.id)) + 100
    request = await storage.journal.requests.open(approval(number, of=setting.run), epoch=1)
    await storage.journal.requests.answer(
        setting.run.id, {request.id: Approve()}, actor="own_1", now=START, grants=grants
    )


async def keeps_every_field(storage: Storage) -> None:
    """Every field of a grant is stored with the answer and read back exactly."""
    setting = await running(storage)
    plain = grant(1, of=setting.run)

    await _grant(storage, setting, FULL, plain)

    grants = storage.journal.grants
    expect_same(await grants.get("gra_full"), FULL, "What get read")
    expect_same(await grants.get(plain.id), plain, "What get read of a grant with few fields")
    expect_same(list(await grants.list("own_ž")), [FULL], "What list read")
    await expect_raises(NotFound, grants.get("gra_unknown"), "get of an unknown grant")


async def comes_with_its_answer(storage: Storage) -> None:
    """An answer that is refused stores no grant and no audit entry."""
    run = (await running(storage)).run
    request = await storage.journal.requests.open(approval(1, of=run), epoch=1)
    await storage.journal.requests.answer(run.id, {request.id: Deny()}, actor="own_1", now=START)

    attempt = storage.journal.requests.answer(
        run.id,
        {request.id: Approve()},
        actor="own_1",
        now=START,
        grants=[grant(1, of=run)],
        audit=[audit_entry(1, of=run)],
    )
    await expect_raises(RequestClosed, attempt, "another reply to an answered request")

    expect_ids(await storage.journal.grants.list(run.owner_id), [], "The grants")
    expect_ids(await storage.journal.audit.list(run.owner_id), [], "The audit entries")


async def is_given_once_for_a_request(storage: Storage) -> None:
    """A repeated answer stores no second grant for its request, whatever the grant's id, nor an audit entry twice."""
    run = (await running(storage)).run
    request = await storage.journal.requests.open(approval(1, of=run), epoch=1)
    first = grant(1, of=run)

    for text in ("first", "second"):
        again = first.model_copy(update={"id": f"gra_{text}", "text": text})
        entry = audit_entry(1, of=run).model_copy(update={"detail": text})
        await storage.journal.requests.answer(
            run.id, {request.id: Approve()}, actor="own_1", now=START, grants=[again], audit=[entry]
        )

    expect_ids(await storage.journal.grants.list(run.owner_id), ["gra_first"], "The grants")
    page = await storage.journal.audit.list(run.owner_id)
    expect_same([entry.detail for entry in page.items], ["first"], "The details of the audit entries")


async def lists_the_newest_first(storage: Storage) -> None:
    """`list` gives all grants of the owner, revoked and expired ones too, the newest first; a scope narrows it."""
    setting, other = await running(storage, 1), await running(storage, 2)
    run = setting.run
    over = grant(2, of=run, scope_id="prj_1").model_copy(update={"expires_at": START - 9})
    foreign = grant(1, of=other.run).model_copy(update={"owner_id": "own_2"})
    await _grant(storage, setting, grant(3, of=run), grant(1, of=run), over, foreign)
    await storage.journal.grants.revoke(grant(1, of=run).id, by="own_1", now=START)

    ids = [grant(number, of=run).id for number in (3, 2, 1)]
    expect_ids(await storage.journal.grants.list(run.owner_id), ids, "The owner's grants")
    expect_ids(await storage.journal.grants.list(run.owner_id, scope_id="prj_1"), [over.id], "Those of a scope")
    expect_ids(await storage.journal.grants.list("own_2"), [foreign.id], "The other owner's grants")


async def is_in_force_until_its_end(storage: Storage) -> None:
    """`in_force` leaves out what is revoked, and what has expired at that time; what is left comes by id."""
    setting = await running(storage)
    run, grants = setting.run, storage.journal.grants
    ending = grant(3, of=run).model_copy(update={"expires_at": START + 10})
    await _grant(storage, setting, ending, grant(2, of=run), grant(1, of=run))
    await grants.revoke(grant(2, of=run).id, by="own_1", now=START)

    for now, ids in ((START + 9.5, [grant(1, of=run).id, ending.id]), (START + 10, [grant(1, of=run).id])):
        found = await grants.in_force(run.owner_id, [run.id], tool="create_entity", now=now)
        expect_ids(found, ids, f"The grants in force at {now - START} seconds")


async def serves_its_owner_scope_and_tool(storage: Storage) -> None:
    """`in_force` gives the owner's grants of any of those scopes for that tool alone."""
    setting = await running(storage)
    run, grants = setting.run, storage.journal.grants
    in_thread = grant(2, of=run, scope_id=run.thread_id).model_copy(update={"scope": "thread"})
    other_tool = grant(4, of=run).model_copy(update={"tool": "delete_entity"})
    foreign = grant(5, of=run).model_copy(update={"owner_id": "own_2"})
    await _grant(
        storage, setting, grant(1, of=run), in_thread, grant(3, of=run, scope_id="thr_other"), other_tool, foreign
    )

    both = await grants.in_force(run.owner_id, [run.id, run.thread_id, "prj_1"], tool="create_entity", now=START)

    expect_ids(both, [grant(1, of=run).id, in_thread.id], "The grants of two scopes")
    expect_ids(
        await grants.in_force(run.owner_id, [run.id], tool="delete_entity", now=START),
        [other_tool.id],
        "The other tool's",
    )
    expect_ids(await grants.in_force(run.owner_id, [], tool="create_entity", now=START), [], "Those of no scope")


async def is_revoked_once(storage: Storage) -> None:
    """`revoke` stores who and when with its audit entries; a revoked grant is given as stored, and nothing is added."""
    setting = await running(storage)
    run, grants = setting.run, storage.journal.grants
    await _grant(storage, setting, grant(1, of=run))

    revoked = await grants.revoke(grant(1, of=run).id, by="own_ž", now=START + 0.5, audit=[audit_entry(1, of=run)])
    again = await grants.revoke(revoked.id, by="own_2", now=START + 9, audit=[audit_entry(2, of=run)])

    expected = grant(1, of=run).model_copy(update={"revoked_at": START + 0.5, "revoked_by": "own_ž"})
    expect_same(revoked, expected, "What revoke gave")
    expect_same(again, expected, "What the second revoke gave")
    expect_same(await grants.get(revoked.id), expected, "The stored grant")
    expect_ids(await storage.journal.audit.list(run.owner_id), [audit_entry(1, of=run).id], "The audit entries")
    await expect_raises(NotFound, grants.revoke("gra_unknown", by="own_1", now=START), "revoke of an unknown grant")


async def comes_whole_or_not_when_cancelled(storage: Storage) -> None:
    """A cancelled `answer` stored reply, grant and audit entry, or none of them."""

    async def attempt(number: int, cut: Cut) -> None:
        run = (await running(storage, number)).run
        request = await storage.journal.requests.open(approval(1, of=run), epoch=1)
        replies: dict[str, Reply] = {request.id: Approve()}
        given, entries = [grant(1, of=run)], [audit_entry(1, of=run)]
        await cut(
            storage.journal.requests.answer(run.id, replies, actor="own_1", now=START, grants=given, audit=entries)
        )
        # What is still under way has ended when the next write to the run is through.
        await storage.journal.runs.renew(run.id, epoch=1, lease_until=START + 99)
        answered = (await storage.journal.requests.get(request.id)).state == "answered"
        grants = await storage.journal.grants.list(run.owner_id, scope_id=run.id)
        stored = await storage.journal.audit.list(run.owner_id, run_id=run.id)
        shape = (len(grants), len(stored.items))
        expect_same(shape, (1, 1) if answered else (0, 0), f"(grants, audit entries) of a request answered: {answered}")

    await at_each_moment(attempt)
