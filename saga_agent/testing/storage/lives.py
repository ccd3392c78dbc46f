"""Threads and projects that were lived in: of everything that may hang on them, there is something."""

from __future__ import annotations

import hashlib

from saga_agent.domain.checkpoint import Blob, CheckpointRow, WriteRow
from saga_agent.domain.history import Change
from saga_agent.domain.record import Provenance
from saga_agent.domain.requests import Approve
from saga_agent.domain.snapshot import Snapshot
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.passage_rows import passage
from saga_agent.testing.storage.samples import HOME
from saga_agent.testing.storage.turns import (
    START,
    Setting,
    approval,
    audit_entry,
    call,
    child,
    grant,
    held,
    take,
    text_parts,
    thread,
    turn,
    usage,
)


async def lived_in(storage: Storage, number: int, *, project_id: str = HOME) -> Setting:
    """A thread with a finished run of which everything is there: rows, log, request, grant, call, usage, checkpoint.

    So has a subagent that served the run in a thread of its own.
    """
    created = await storage.journal.threads.create(thread(number, project_id=project_id))
    return await live_again(storage, Setting(storage, created, turn(1, of=created).run), 1)


async def live_again(storage: Storage, setting: Setting, number: int) -> Setting:
    """One more such run in the thread."""
    run = await storage.journal.runs.start(turn(number, of=setting.thread), now=START + number)
    lived = await _live(storage, Setting(storage, setting.thread, await take(storage, run)))
    await _live(storage, await held(storage, await child(storage, lived.run)))
    return lived


async def _live(storage: Storage, setting: Setting) -> Setting:
    journal, run = storage.journal, setting.run
    await journal.streams.append(run.stream_id, epoch=1, first_seq=1, chunks=["{}"])
    await journal.requests.open(approval(1, of=run), epoch=1, audit=[audit_entry(1, of=run)])
    grants = [grant(1, of=run), grant(2, of=run, scope_id=run.thread_id), grant(3, of=run, scope_id=run.project_id)]
    await journal.requests.answer(
        run.id, {approval(1, of=run).id: Approve()}, actor="own_1", now=run.created_at, grants=grants
    )
    await journal.calls.start(call(1, of=run), epoch=1, consume=approval(1, of=run).id)
    await journal.calls.finish(run.id, "call_1", epoch=1, ok=True, result="cut", now=run.created_at, full="whole")
    await _checkpoint(storage, run.id, run_id=None)
    await _checkpoint(storage, f"graph of {run.id}", run_id=run.id)
    await _checkpoint(storage, setting.thread.id, run_id=None)
    await journal.runs.finish(
        run.id,
        epoch=1,
        state="finished",
        parts=text_parts("done"),
        metadata={},
        reason="",
        usage=[usage(1, of=run)],
        now=run.created_at,
    )
    return setting


async def _checkpoint(storage: Storage, thread_id: str, *, run_id: str | None) -> None:
    blob = Blob("msgpack", b"\x00\xff")
    row = CheckpointRow(
        thread_id=thread_id,
        ns="",
        id="1",
        parent_id=None,
        checkpoint=blob,
        metadata="{}",
        versions={"a": "1"},
        run_id=run_id,
    )
    write = WriteRow(task_id="task", task_path="", idx=0, channel="a", value=blob)
    await storage.journal.checkpoints.put(row, {"a": blob}, fence=None)
    await storage.journal.checkpoints.put_writes(thread_id, "", "1", [write], fence=None)


PICTURE = b"a picture"
SHA256 = hashlib.sha256(PICTURE).hexdigest()
TEXT_SHA256 = hashlib.sha256(b"The hounds slept.").hexdigest()


async def live_beside(storage: Storage, project_id: str, *, owner_id: str = "own_1") -> None:
    """What the journal keeps of a project outside of its threads, and a grant's revocation that outlived its own."""
    journal = storage.journal
    change = Change(
        id=f"chg_{project_id}",
        project_id=project_id,
        kind="entity",
        record_id="ent_1",
        action="create",
        author=Provenance(by="agent"),
        created_at=START,
    )
    await journal.changes.open(change)
    await journal.blobs.put(project_id, SHA256, "image/png", PICTURE)
    await journal.embeddings.replace(project_id, "doc_1", "model", {TEXT_SHA256: b"\x00\x00\x80?"})
    await journal.passages.replace(project_id, "doc_1", [passage("The hounds slept.")])
    run = turn(1, of=thread(90, project_id=project_id)).run
    outlived = {"id": f"aud_{project_id}", "owner_id": owner_id, "thread_id": "", "run_id": ""}
    entry = audit_entry(9, of=run).model_copy(update=outlived)
    await journal.audit.add([entry])
    await journal.snapshots.add(Snapshot(project_id=project_id, scope="all", finding_ids=("fnd_1",), taken_at=START))
    await journal.owners.claim_default_project(f"{owner_id} of {project_id}", project_id, instead_of=None)


async def left_of(storage: Storage, project_id: str, *, owner_id: str = "own_1") -> dict[str, int]:
    """How much of each kind the journal holds of the project, threads and runs aside."""
    journal = storage.journal
    entries = (await journal.audit.list(owner_id, limit=1000)).items
    vectors = await journal.embeddings.find(project_id, "model", [TEXT_SHA256])
    found = {
        "threads": len((await journal.threads.list(owner_id, project_id=project_id, children=True)).items),
        "runs": len(await journal.runs.list(project_id=project_id)),
        "grants": len(await journal.grants.list(owner_id, scope_id=project_id)),
        "audit": sum(entry.project_id == project_id for entry in entries),
        "changes": len((await journal.changes.list(project_id)).items),
        "vectors": len(vectors),
        "passages": len(await journal.passages.list(project_id, "doc_1")),
        "hits": len(await journal.passages.search(project_id, "hounds")),
        "snapshots": int(await journal.snapshots.find(project_id, "all") is not None),
        "default": int(await journal.owners.find_default_project(f"{owner_id} of {project_id}") is not None),
    }
    return {name: count for name, count in found.items() if count}
