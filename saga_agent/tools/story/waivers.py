"""Accepting a finding as it is: contradictions may be meant."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from saga_agent.analyses.codes import CODES
from saga_agent.analyses.connections import SUGGESTED
from saga_agent.domain.record import Provenance
from saga_agent.errors import AmbiguousReference, NotFound
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import Preview, ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult

_FINDING = re.compile(r"fnd_[0-9a-f]{26}")
_TOO_BROAD = frozenset({"", "*", "all", "any", "everything", "everywhere", "project", "story", "book"})


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="write", category="checks", idempotent=True, preview=_preview)(waive_finding)


async def waive_finding(
    ctx: ToolContext, code: str, target: str, reason: Annotated[str, Field(min_length=3, max_length=1000)]
) -> ToolResult:
    """Accept a finding as it is, because the writer means it so; it is not listed any more.

    Args:
        code: The code of the finding, such as fact.contradiction.
        target: The finding's id; or a document or an entity, for all findings with this code about it.
        reason: Why it is meant, in the writer's words.
    """
    found = await _target(ctx, code, target)
    if not reason.strip():
        raise ToolFailure("invalid_argument", "reason: say why it is meant.")
    waiver = await ctx.story.waivers.create(
        ctx.project_id,
        id=ctx.derived_id("wai"),
        code=code,
        target=found,
        reason=reason.strip(),
        who=ctx.agent,
        provenance=Provenance(by="agent", run_id=ctx.run_id, call_id=ctx.call_id, agent=ctx.agent),
    )
    return ToolResult(data={"waiver": {"id": waiver.id, "code": code, "target": found, "reason": waiver.reason}})


async def _target(ctx: ToolContext, code: str, target: str) -> str:
    """The id that the waiver names; `ToolFailure` for a code or a target that would hide more than was looked at."""
    if code not in CODES and code != SUGGESTED:
        raise ToolFailure(
            "invalid_argument",
            f"{code!r} is no code of a finding; waive one code at a time.",
            hint=f"The codes are {', '.join(CODES)}.",
        )
    wanted = target.strip()
    if _FINDING.fullmatch(wanted):
        return wanted
    if wanted.casefold() in _TOO_BROAD or "*" in wanted or wanted == ctx.project_id:
        raise ToolFailure(
            "invalid_argument",
            f"{target!r} is too broad: it would hide findings that nobody has seen.",
            hint="Name the finding's id, one document or one entity.",
        )
    try:
        return (await ctx.story.entities.resolve(ctx.project_id, wanted)).id
    except AmbiguousReference:
        raise
    except NotFound:
        head = await ctx.story.documents.resolve(ctx.project_id, wanted)
    if head.kind == "part":
        raise ToolFailure("invalid_argument", f"{head.label} holds whole chapters; name one of them.")
    return head.id


async def _preview(ctx: ToolContext, code: str, target: str, reason: str) -> Preview:
    about = CODES[code].meaning if code in CODES else "A connection that is suggested."
    return {"title": f"Accept {code} as it is", "lines": [about, f"for: {target}", f"because: {reason}"]}
