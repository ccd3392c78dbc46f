"""Proposals: what agents offer, taken or refused by the writer piece by piece.

Nothing an agent proposes is canon before it is taken. A hunk is placed on the text as it is then; one that cannot be
placed is reported and stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from saga_agent.domain.document import Document
from saga_agent.domain.history import RecordKind
from saga_agent.domain.hunk import Hunk
from saga_agent.domain.notes import Proposal, ProposalItem
from saga_agent.domain.record import Model, Provenance
from saga_agent.errors import AlreadyExists, Conflict, InvalidInput, NotFound
from saga_agent.story.access import OwnerPorts
from saga_agent.story.hunks import PlacedHunks, find_place, inverse, moved_scene, place_hunks
from saga_agent.story.records import RecordService
from saga_agent.story.undo import Writable

_ATTEMPTS = 5
"""How often an edit is placed anew because somebody saved in between."""
Verdict = Literal["accepted", "rejected"]
RecordsBy = Callable[[Provenance], Mapping[RecordKind, Writable]]
"""The services that write down their changes as that author's."""


class ProposalOutcome(Model):
    """What came of taking a proposal, or parts of it."""

    proposal: Proposal
    applied: tuple[str, ...] = ()
    """The ids of the hunks or items that are in the story now."""
    unplaced: tuple[str, ...] = ()
    """Those that found no place, or whose id another record has; they are still open."""
    rev: int | None = None
    """The document's revision, after an edit."""


@dataclass(frozen=True, slots=True)
class _Applied:
    done: tuple[str, ...]
    left: tuple[str, ...]
    rev: int | None = None


class ProposalService(RecordService[Proposal, Proposal]):
    """The proposals of one owner's projects."""

    def __init__(self, access: OwnerPorts, records_by: RecordsBy) -> None:
        super().__init__(access, access.ports.proposals, Proposal, "pro")
        self._records_by = records_by

    async def accept(self, project_id: str, proposal_id: str, *, parts: Sequence[str] | None = None) -> ProposalOutcome:
        """Takes the open hunks or items of the proposal, or these; what they need is taken with them.

        The change counts as the proposing agent's in the history. May be repeated.

        Raises: `NotFound`; `InvalidInput` for a part the proposal does not have; `Conflict` when the document is
            saved again and again meanwhile.
        """
        proposal = await self.get(project_id, proposal_id)
        wanted = _with_needs(proposal, _open_parts(proposal, parts))
        records = self._records_by(proposal.provenance)
        if proposal.kind == "edit":
            hunks = [hunk for hunk in proposal.hunks if hunk.id in wanted]
            applied = await _apply_hunks(proposal, hunks, records["document"]) if hunks else _Applied((), ())
        else:
            applied = await _create_items([item for item in proposal.items if item.id in wanted], proposal, records)
        settled = await self._settle(proposal, applied.done, "accepted")
        return ProposalOutcome(proposal=settled, applied=applied.done, unplaced=applied.left, rev=applied.rev)

    async def reject(self, project_id: str, proposal_id: str, *, parts: Sequence[str] | None = None) -> Proposal:
        """Refuses the open hunks or items of the proposal, or these; may be repeated. `NotFound`, `InvalidInput`."""
        proposal = await self.get(project_id, proposal_id)
        return await self._settle(proposal, _open_parts(proposal, parts), "rejected")

    async def _settle(self, proposal: Proposal, parts: Sequence[str], verdict: Verdict) -> Proposal:
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self._store_verdict(proposal, parts, verdict)
            except Conflict:  # another part was settled meanwhile
                proposal = await self.get(proposal.project_id, proposal.id)
        return await self._store_verdict(proposal, parts, verdict)

    async def _store_verdict(self, proposal: Proposal, parts: Sequence[str], verdict: Verdict) -> Proposal:
        settled = {**dict.fromkeys(parts, verdict), **proposal.settled}
        status = proposal.status
        if len(settled) == len(_parts(proposal)):
            status = "accepted" if "accepted" in settled.values() else "rejected"
        return await self.update(
            proposal.project_id, proposal.id, expected_rev=proposal.rev, settled=settled, status=status
        )


def _parts(proposal: Proposal) -> list[str]:
    return [part.id for part in (*proposal.hunks, *proposal.items)]


def _open_parts(proposal: Proposal, parts: Sequence[str] | None) -> list[str]:
    known = _parts(proposal)
    if unknown := [part for part in parts or () if part not in known]:
        raise InvalidInput(f"Proposal {proposal.id!r} has no part {unknown[0]!r}; its parts are {', '.join(known)}.")
    return [part for part in (known if parts is None else parts) if part not in proposal.settled]


def _with_needs(proposal: Proposal, parts: Sequence[str]) -> set[str]:
    by_id = {item.id: item for item in proposal.items}
    wanted: set[str] = set()
    asked = list(parts)
    while asked:
        part = asked.pop()
        if part not in wanted:
            wanted.add(part)
            asked += by_id[part].needs if part in by_id else ()
    return wanted


async def _apply_hunks(proposal: Proposal, hunks: Sequence[Hunk], documents: Writable) -> _Applied:
    """Places the hunks on the document as it is, anew when somebody saves it in between."""
    attempt = 1
    while True:
        found = await documents.find(proposal.project_id, proposal.target_id or "")
        if not isinstance(found, Document):
            raise NotFound("document", proposal.target_id or "")
        unchanged = found.rev == proposal.base_rev
        there = [] if unchanged else [hunk.id for hunk in hunks if _is_applied(hunk, found.text)]
        placed = place_hunks([hunk for hunk in hunks if hunk.id not in there], found.text, unchanged=unchanged)
        try:
            stored = await _save(found, placed, documents)
            return _Applied((*there, *placed.placed), placed.unplaced, stored.rev)
        except Conflict:
            if attempt == _ATTEMPTS:
                raise
            attempt += 1


async def _save(document: Document, placed: PlacedHunks, documents: Writable) -> Document:
    if placed.text == document.text:
        return document
    scenes = [moved_scene(scene, placed) for scene in document.scenes]
    stored = await documents.update(
        document.project_id,
        document.id,
        expected_rev=document.rev,
        text=placed.text,
        scenes=scenes,
        characters=len(placed.text),
    )
    return cast(Document, stored)


def _is_applied(hunk: Hunk, text: str) -> bool:
    """Whether the text already has the hunk: its new words stand there, and its old ones only inside of them."""
    there = find_place(inverse([hunk])[0], text)
    if there is None:
        return False
    before = find_place(hunk, text)
    return before is None or (
        there <= before and before + len(hunk.before) <= there + len(hunk.after) and len(hunk.before) < len(hunk.after)
    )


async def _create_items(
    items: Sequence[ProposalItem], proposal: Proposal, records: Mapping[RecordKind, Writable]
) -> _Applied:
    """Creates the records in the order they stand in, in which what is needed comes first."""
    done: list[str] = []
    left: list[str] = []
    for item in items:
        if any(need in left for need in item.needs):
            left.append(item.id)
            continue
        try:
            await records[item.kind].create(
                proposal.project_id, **{**item.record, "provenance": proposal.provenance.model_dump()}
            )
            done.append(item.id)
        except AlreadyExists:
            left.append(item.id)
    return _Applied(tuple(done), tuple(left))
