"""Edits of the manuscript: offered as hunks, taken by the writer, placed on the text as it is then."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, JsonValue

from saga_agent.domain.document import Document
from saga_agent.domain.hunk import Hunk
from saga_agent.domain.notes import Proposal
from saga_agent.domain.record import JsonObject, Model
from saga_agent.story.hunks import build_hunks
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import Preview, ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult
from saga_agent.tools.story.references import document_of

_MOST_EDITS = 100
_SHOWN = 300
"""Characters of a hunk that a preview's line shows; the hunks beside it are whole."""


class EditIn(Model):
    """One replacement as a call names it."""

    find: str
    """The words to replace, exactly as they stand in the text and only once; empty to add at the end."""
    replace: str
    """What takes their place; empty to remove them."""
    why: str = ""


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="write", category="manuscript", idempotent=True, preview=_preview)(propose_edit)


async def propose_edit(
    ctx: ToolContext,
    document: str,
    edits: Annotated[tuple[EditIn, ...], Field(min_length=1, max_length=_MOST_EDITS)],
    rationale: str = "",
    hold: bool = False,
) -> ToolResult:
    """Propose changes to the text of a document; the writer sees them as a diff before they are made.

    Args:
        document: Id, number or title of the document.
        edits: Each with `find`, the exact words to replace (enough of them to occur once; empty to add at the end),
            `replace`, and `why`.
        rationale: What the changes are for.
        hold: Leave the proposal open, for the writer to take or refuse hunk by hunk.
    """
    found = await document_of(ctx, document)
    proposal = await _proposal(ctx, found, edits, rationale)
    if hold:
        return ToolResult(
            data={"proposal_id": proposal.id, "document_id": found.id, "hunks": len(proposal.hunks), "open": True},
            proposals=(proposal.id,),
        )
    outcome = await ctx.story.proposals.accept(ctx.project_id, proposal.id)
    unplaced = [hunk for hunk in proposal.hunks if hunk.id in outcome.unplaced]
    data: JsonObject = {
        "proposal_id": proposal.id,
        "document_id": found.id,
        "rev": outcome.rev,
        "applied": len(outcome.applied),
        "unplaced": [{"before": hunk.before, "after": hunk.after} for hunk in unplaced],
    }
    if not unplaced:
        return ToolResult(data=data)
    note = f"{len(unplaced)} of {len(proposal.hunks)} changes found no place in the text as it is now; they are open."
    return ToolResult(data=data, proposals=(proposal.id,), warnings=(note,))


async def _proposal(ctx: ToolContext, document: Document, edits: Sequence[EditIn], rationale: str) -> Proposal:
    """The stored proposal of this call: a call that runs again does not look for words it has replaced already."""
    proposals = ctx.story.proposals
    proposal_id = ctx.derived_id("pro")
    stored = await proposals.find(ctx.project_id, proposal_id)
    return stored or await proposals.create(
        ctx.project_id,
        id=proposal_id,
        kind="edit",
        target_id=document.id,
        base_rev=document.rev,
        hunks=_hunks(document, edits),
        rationale=rationale,
        provenance=ctx.author,
    )


def _hunks(document: Document, edits: Sequence[EditIn]) -> tuple[Hunk, ...]:
    """The edits as hunks; `ToolFailure` for words that are not in the text, occur twice or overlap."""
    cuts = sorted(
        ((*_span(document, edit, number), edit) for number, edit in enumerate(edits)), key=lambda cut: cut[:2]
    )
    for (_, end, _), (start, _, edit) in itertools.pairwise(cuts):
        if start < end:
            raise ToolFailure("invalid_argument", f"/edits: {_short(edit.find)!r} overlaps another edit; join the two.")
    return build_hunks(
        document.text, [(start, end, edit.replace) for start, end, edit in cuts], why=[edit.why for *_, edit in cuts]
    )


def _span(document: Document, edit: EditIn, number: int) -> tuple[int, int]:
    text = document.text
    if not edit.find:
        return len(text), len(text)
    start = text.find(edit.find)
    if start < 0:
        raise ToolFailure(
            "not_found",
            f"/edits/{number}/find: {_short(edit.find)!r} does not stand in {document.label!r}.",
            hint="Read the passage again and copy its words exactly.",
        )
    if text.find(edit.find, start + 1) >= 0:
        raise ToolFailure(
            "invalid_argument",
            f"/edits/{number}/find: {_short(edit.find)!r} occurs {text.count(edit.find)} times in {document.label!r}.",
            hint="Take in more of the words around it, so that it occurs once.",
        )
    return start, start + len(edit.find)


def _short(words: str) -> str:
    return words if len(words) <= 80 else f"{words[:77]}..."


async def _preview(ctx: ToolContext, document: str, edits: tuple[EditIn, ...], rationale: str, hold: bool) -> Preview:
    found = await document_of(ctx, document)
    hunks = _hunks(found, edits)
    lines: list[JsonValue] = [rationale] if rationale else []
    for hunk in hunks:
        lines += [*_diff_lines(hunk), *([f"  because {hunk.why}"] if hunk.why else [])]
    removed = sum(len(edit.find.split()) for edit in edits)
    added = sum(len(edit.replace.split()) for edit in edits)
    title = f"Edit {found.label}: {len(edits)} change{'s' if len(edits) != 1 else ''}, +{added} -{removed} words"
    shown: list[JsonValue] = [
        hunk.model_dump(mode="json", include={"id", "start", "before", "after", "why"}) for hunk in hunks
    ]
    return {
        "title": f"{title} (to be taken hunk by hunk)" if hold else title,
        "lines": lines,
        "hunks": shown,
        "counts": {"hunks": len(hunks), "words_added": added, "words_removed": removed},
        "document_id": found.id,
        "resources": {found.id: found.rev},
    }


def _diff_lines(hunk: Hunk) -> list[JsonValue]:
    diff = difflib.ndiff(hunk.before.splitlines(), hunk.after.splitlines())
    return [line[:_SHOWN] for line in diff if line[:2] in ("- ", "+ ")]
