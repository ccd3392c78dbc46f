"""All issues of a story in one list: canon, passages and style, ranked, with what is new and what is fixed."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, cast

from pydantic import Field, JsonValue

from saga_agent.analyses.clarity.check import CLARITY_CODES, check_clarity
from saga_agent.analyses.codes import CODES, FAMILIES, codes_of
from saga_agent.analyses.consistency.families import check_canon
from saga_agent.analyses.consistency.passage import check_passage
from saga_agent.analyses.findings import merged
from saga_agent.analyses.issues import IssueChange, IssueGroup, at_least, changes, counts_of, grouped
from saga_agent.domain.document import DocumentHead
from saga_agent.domain.finding import Finding, Severity
from saga_agent.domain.record import JsonObject, content_hash
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult
from saga_agent.tools.story.canon import LoadedCanon, load_canon, waived
from saga_agent.tools.story.consistency import PASSAGE_CODES, build_passage, told_moment
from saga_agent.tools.story.passages import look

_OPT_IN = ("clarity",)
_DEFAULT_FAMILIES = tuple(family for family in FAMILIES if family not in _OPT_IN)
_CACHED_DOCUMENTS = 2_000
_LOOKS_KEPT = 20
_PROJECTS_KEPT = 1_000


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    desk = IssueDesk()
    registry.tool(effect="read", category="checks", idempotent=True, timeout_seconds=300.0)(desk.find_issues)


@dataclass(slots=True)
class _Looks:
    """The last looks at one project, as ids of findings."""

    kept: list[frozenset[str]] = field(default_factory=list[frozenset[str]])
    dropped: int = 0

    @property
    def rev(self) -> int:
        return self.dropped + len(self.kept)

    def add(self, ids: frozenset[str]) -> None:
        if not self.kept or self.kept[-1] != ids:
            self.kept.append(ids)
        if len(self.kept) > _LOOKS_KEPT:
            del self.kept[0]
            self.dropped += 1


class IssueDesk:
    """Remembers, in this process, what each look at a project found, and the findings of unchanged documents."""

    def __init__(self) -> None:
        self._looks: OrderedDict[str, _Looks] = OrderedDict()
        self._passages: OrderedDict[str, list[Finding]] = OrderedDict()

    async def find_issues(
        self,
        ctx: ToolContext,
        min_severity: Severity = "info",
        families: tuple[str, ...] = (),
        near: str | None = None,
        since_rev: Annotated[int, Field(ge=0)] | None = None,
        limit: Annotated[int, Field(ge=1, le=200)] = 50,
        include_waived: bool = False,
    ) -> ToolResult:
        """List all issues of the story, the weightiest first: in the bible, in the documents, and against its style.

        Args:
            min_severity: Leave out what is less severe.
            families: Only these families of checks; clarity is looked at only when it is named here.
            near: A document the writer is in, by id, number or title; its issues come first.
            since_rev: The `rev` of an earlier list to compare with; the last one when left out.
            limit: How many issues at the most.
            include_waived: Show what the writer has waived, with the reason.
        """
        if unknown := [each for each in families if each not in FAMILIES]:
            raise ToolFailure(
                "invalid_argument", f"There is no family {unknown[0]!r}; the families are {', '.join(FAMILIES)}."
            )
        wanted = frozenset(families or _DEFAULT_FAMILIES)
        key = content_hash([ctx.project_id, *sorted(wanted)])
        before, warnings = self._look_before(key, since_rev)
        head = await ctx.story.documents.resolve(ctx.project_id, near) if near else None
        loaded = await load_canon(ctx)
        report = await asyncio.to_thread(check_canon, loaded.canon, families=wanted)
        found = report.findings + await self._all_passages(ctx, loaded, wanted)
        marked = await waived(ctx, merged(loaded.visible(each for each in found if CODES[each.code].family in wanted)))
        open_ones = [each for each in marked if each.waived_by is None]
        change = changes(before if before is not None else {each.id for each in open_ones}, {e.id for e in open_ones})
        shown = at_least(marked if include_waived else open_ones, min_severity)
        groups = grouped(shown, limit=limit, weights=await _weights(ctx), near=head.id if head else None)
        failed = [f"The family {name} failed: {why}" for name, why in report.failed.items()]
        return ToolResult(
            data=_data(groups, change, shown, self._keep(key, open_ones), len(marked) - len(open_ones)),
            findings=tuple(each for group in groups for each in group.shown),
            warnings=(*loaded.warnings, *warnings, *failed),
            truncated=any(group.more for group in groups),
        )

    def _look_before(self, key: str, since_rev: int | None) -> tuple[frozenset[str] | None, list[str]]:
        """The ids of the look to compare with; none at the first one."""
        looks = self._looks.get(key, _Looks())
        if since_rev is None:
            return (looks.kept[-1] if looks.kept else None), []
        if since_rev > looks.rev:
            raise ToolFailure(
                "invalid_argument",
                f"since_rev: the last list has revision {looks.rev}.",
                hint="Leave it out to compare with the last list.",
            )
        if since_rev <= looks.dropped:
            return None, [f"The list of revision {since_rev} is not known any more; nothing is compared."]
        return looks.kept[since_rev - looks.dropped - 1], []

    def _keep(self, key: str, found: Iterable[Finding]) -> int:
        """Remembers a look; its revision is that of the last one when nothing has changed."""
        looks = self._looks.setdefault(key, _Looks())
        self._looks.move_to_end(key)
        looks.add(frozenset(each.id for each in found))
        while len(self._looks) > _PROJECTS_KEPT:
            self._looks.popitem(last=False)
        return looks.rev

    async def _all_passages(self, ctx: ToolContext, loaded: LoadedCanon, wanted: frozenset[str]) -> list[Finding]:
        """The findings of all documents; those of a document are kept until it, or anything in the bible, changes."""
        codes = tuple(code for code in (*PASSAGE_CODES, *CLARITY_CODES) if CODES[code].family in wanted)
        state = _state(loaded)
        found: list[Finding] = []
        for head in loaded.canon.documents if codes else ():
            key = content_hash([head.project_id, head.id, head.rev, state, *codes])
            if key not in self._passages:
                self._passages[key] = await _passage(ctx, loaded, head, codes)
            self._passages.move_to_end(key)
            found += self._passages[key]
        while len(self._passages) > _CACHED_DOCUMENTS:
            self._passages.popitem(last=False)
        return found


async def _passage(ctx: ToolContext, loaded: LoadedCanon, head: DocumentHead, codes: tuple[str, ...]) -> list[Finding]:
    looked = await look(ctx, text=None, document=head.id, start=0, end=None)
    passage = await build_passage(ctx, loaded, looked, told_moment(looked))
    found = await asyncio.to_thread(lambda: list(check_passage(loaded.canon, passage, codes=codes)))
    if reading := [code for code in codes if code in codes_of("clarity", "style")]:
        report = await asyncio.to_thread(
            check_clarity,
            looked.prose,
            cast=passage.names,
            guide=loaded.project.style_guide,
            codes=reading,
            language=loaded.project.style_guide.language or None,
        )
        found += report.findings
    return found


def _state(loaded: LoadedCanon) -> str:
    """A hash of the revisions of everything that the checks of a passage look at."""
    canon = loaded.canon
    records = (*canon.entities, *canon.facts, *canon.relationships, *canon.documents)
    return content_hash([loaded.project.rev, *(f"{each.id} {each.rev}" for each in records)])


async def _weights(ctx: ToolContext) -> Mapping[str, float]:
    counts: Counter[str] = Counter()
    for appearance in await ctx.story.mentions.count(ctx.project_id):
        if appearance.entity_id is not None:
            counts[appearance.entity_id] += appearance.count
    return {entity: float(count) for entity, count in counts.items()}


def _data(
    groups: list[IssueGroup], change: IssueChange, shown: list[Finding], rev: int, waived_count: int
) -> JsonObject:
    listed: list[JsonValue] = [
        {
            "code": group.code,
            "meaning": group.meaning,
            "ids": [each.id for each in group.shown],
            "more": group.more,
            **({"note": f"{group.more} more"} if group.more else {}),
        }
        for group in groups
    ]
    counts = cast(JsonObject, counts_of(shown))
    return {
        "rev": rev,
        "groups": listed,
        "counts": counts,
        "new": [*change.new],
        "fixed": [*change.fixed],
        "waived": waived_count,
    }
