"""The checks of one owner's projects: of everything, of the bible, of one passage, and of how a passage reads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from saga_agent.analyses.checks import CheckOutcome, Material, families_looking_at, run_checks
from saga_agent.analyses.codes import FAMILIES, Family
from saga_agent.analyses.consistency.claims import ClaimExtractor
from saga_agent.analyses.findings import merged
from saga_agent.analyses.issues import rank_of
from saga_agent.analyses.prose import Prose
from saga_agent.clock import Clock
from saga_agent.domain.document import DocumentHead
from saga_agent.domain.finding import Finding
from saga_agent.domain.record import content_hash
from saga_agent.domain.time import AsOf, When
from saga_agent.errors import InvalidInput
from saga_agent.offload import off_loop
from saga_agent.storage.ports.journal import Snapshots
from saga_agent.story.checks.connections import Connections, find_connections
from saga_agent.story.checks.memory import CheckMemory, DocumentCache
from saga_agent.story.checks.passage_check import PassageReport, check_passage
from saga_agent.story.checks.passages import MAX_TEXT, LoadedPassage, PassageRequest, build_passage
from saga_agent.story.checks.report import CheckReport, Coverage, coverage_of, not_read
from saga_agent.story.checks.sources import LoadedCanon, Sources, language_of
from saga_agent.story.checks.wording_check import WordingReport, check_wording
from saga_agent.story.documents import Progress

_OPT_IN = ("clarity",)
DEFAULT_FAMILIES: tuple[Family, ...] = tuple(family for family in FAMILIES if family not in _OPT_IN)
"""Taste is looked at only when it is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonReport:
    """What is wrong within the bible."""

    findings: list[Finding]
    """Those that nobody has waived."""
    waived: int
    families: tuple[str, ...]
    warnings: tuple[str, ...]


class CheckService:
    """Checks for one owner; with `for_ai` they say nothing of what the writer hides from models."""

    def __init__(self, sources: Sources, snapshots: Snapshots, clock: Clock, cache: DocumentCache) -> None:
        self._sources, self._cache = sources, cache
        self._memory = CheckMemory(snapshots, clock)

    async def check(
        self,
        project_id: str,
        *,
        families: Collection[str] = (),
        since: int | None = None,
        as_of: When | None = None,
        for_ai: bool = False,
        progress: Progress | None = None,
    ) -> CheckReport:
        """Everything that is found in the bible and in all documents, the weightiest first; no model is asked.

        Args:
            project_id: The project.
            families: Only these families of checks; clarity is looked at only when it is named here.
            since: The `rev` of an earlier report to compare with; the last one of the same families when left out.
            as_of: Only the story up to that point: documents that come after it are left out, and facts that do not
                hold then.
            for_ai: Whether what is hidden from models stays out.
            progress: Is told how many documents are done.

        Raises: `NotFound`; `InvalidInput` for a family that does not exist, or a revision that is still to come.
        """
        wanted = _known(families, FAMILIES) or DEFAULT_FAMILIES
        await self._sources.projects.get(project_id)
        at = (await self._sources.moments.resolve(project_id, as_of)).as_of if as_of is not None else None
        point = at.model_dump() if at is not None else None
        scope = content_hash([for_ai, point, *sorted(wanted)])
        compared = await self._memory.before(project_id, scope, since)
        loaded = await self._sources.canon(project_id, for_ai=for_ai, at=at)
        look = _ProjectCheck(self._sources, self._cache, loaded, frozenset(wanted), at, for_ai)
        await look.at_bible()
        await look.at_documents(progress)
        marked = await self._sources.waived(project_id, loaded.visible(merged(look.found)))
        marked.sort(key=lambda each: (-rank_of(each), each.code, each.id))
        found = tuple(each for each in marked if each.waived_by is None)
        change = compared.changes(found)
        return CheckReport(
            findings=found,
            new=change.new,
            fixed=change.fixed,
            coverage=tuple(look.coverage),
            waived=tuple(each for each in marked if each.waived_by is not None),
            rev=await self._memory.keep(project_id, scope, found),
            warnings=(*loaded.warnings, *compared.warnings, *look.warnings),
        )

    async def bible(
        self, project_id: str, *, families: Collection[str] = (), about: Collection[str] = (), for_ai: bool = False
    ) -> CanonReport:
        """The bible against itself; `about` keeps only what is found about these entities, by id.

        Raises: `NotFound`; `InvalidInput` for a family that does not look at the bible.
        """
        known = families_looking_at("bible")
        wanted = _known(families, known) or known
        loaded = await self._sources.canon(project_id, for_ai=for_ai)
        checked = await off_loop(run_checks, Material(canon=loaded.canon), "bible", families=wanted)
        found = loaded.visible(
            each for each in merged(checked.findings) if not about or set(about) & set(each.subjects)
        )
        marked = await self._sources.waived(project_id, found)
        open_ones = [each for each in marked if each.waived_by is None]
        warnings = [*loaded.warnings, *_failures(checked)]
        if not loaded.canon.entities:
            warnings.append("The story bible is empty; there is nothing to check.")
        return CanonReport(
            findings=open_ones, waived=len(marked) - len(open_ones), families=wanted, warnings=tuple(warnings)
        )

    async def passage(
        self,
        project_id: str,
        asked: PassageRequest,
        *,
        as_of: When | None = None,
        codes: Collection[str] = (),
        extractor: ClaimExtractor | None = None,
        for_ai: bool = False,
    ) -> PassageReport:
        """One passage against the bible; see `check_passage`."""
        return await check_passage(
            self._sources, project_id, asked, as_of=as_of, codes=codes, extractor=extractor, for_ai=for_ai
        )

    async def wording(
        self,
        project_id: str,
        asked: PassageRequest,
        *,
        codes: Collection[str] = (),
        language: str | None = None,
        for_ai: bool = False,
    ) -> WordingReport:
        """How one passage reads; see `check_wording`."""
        return await check_wording(self._sources, project_id, asked, codes=codes, language=language, for_ai=for_ai)

    async def connections(
        self, project_id: str, *, entity_id: str | None = None, kinds: Collection[str] = (), for_ai: bool = False
    ) -> Connections:
        """Who might belong together; see `find_connections`."""
        return await find_connections(self._sources, project_id, entity_id=entity_id, kinds=kinds, for_ai=for_ai)


class _ProjectCheck:
    """One look at a whole project, as it gathers what it finds."""

    def __init__(
        self,
        sources: Sources,
        cache: DocumentCache,
        loaded: LoadedCanon,
        wanted: frozenset[Family],
        at: AsOf | None,
        for_ai: bool,
    ) -> None:
        self._sources, self._cache, self._loaded = sources, cache, loaded
        self._wanted, self._at, self._for_ai = wanted, at, for_ai
        self.found: list[Finding] = []
        self.coverage: list[Coverage] = []
        self.warnings: list[str] = []

    async def at_bible(self) -> None:
        """Runs the checks of the bible."""
        checked = await off_loop(run_checks, Material(canon=self._loaded.canon), "bible", families=self._wanted)
        self._take(None, checked)
        self.warnings += _failures(checked)

    async def at_documents(self, progress: Progress | None) -> None:
        """Runs the checks of passages and their wording in document after document."""
        families: list[Family] = [each for each in families_looking_at("passage", "wording") if each in self._wanted]
        heads = self._loaded.canon.documents if families else ()
        state = await off_loop(self._loaded.state) if heads else ""
        for number, head in enumerate(heads):
            if progress is not None:
                progress(number, len(heads), head.label)
            if self._at is not None and _comes_after(head, self._at):
                self.coverage += not_read(head.id, families, "It comes after the point that was asked for.")
                continue
            checked = await self._document(head, state)
            if checked is None:
                self.coverage += not_read(head.id, families, "It was removed meanwhile.")
                continue
            cut = f"Only its first {MAX_TEXT:,} characters were read." if head.characters > MAX_TEXT else ""
            self._take(head.id, checked, cut=cut)
            self.warnings += _failures(checked, where=f" in {head.label}")
        if progress is not None:
            progress(len(heads), len(heads), "done")

    def _take(self, document_id: str | None, checked: CheckOutcome, *, cut: str = "") -> None:
        self.found += checked.findings
        self.coverage += coverage_of(document_id, checked, cut=cut)

    async def _document(self, head: DocumentHead, state: str) -> CheckOutcome | None:
        """What is found in a document; known already while neither it nor anything in the bible has changed."""
        families = sorted(self._wanted)
        key = content_hash([head.project_id, head.id, head.rev, state, self._for_ai, *families])
        checked = self._cache.find(key)
        if checked is None:
            document = await self._sources.documents.find(head.project_id, head.id)
            if document is None:
                return None
            prose = Prose(document.text[:MAX_TEXT], document.id, document.rev)
            passage = LoadedPassage(prose=prose, document=document)
            project, canon = self._loaded.project, self._loaded.canon
            material = Material(
                canon=canon,
                passage=await build_passage(self._sources, project.id, passage, canon.by_id, passage.moment),
                guide=project.style_guide,
                language=language_of(project),
            )
            checked = await off_loop(run_checks, material, "passage", "wording", families=self._wanted)
            if not checked.failed:
                self._cache.keep(key, checked)
        return checked


def _known(asked: Collection[str], known: tuple[Family, ...]) -> tuple[Family, ...]:
    """The families that are asked for; `InvalidInput` for one that is none."""
    if unknown := [each for each in asked if each not in known]:
        raise InvalidInput(f"There is no family {unknown[0]!r}; the families are {', '.join(known)}.")
    return tuple(family for family in known if family in asked)


def _failures(checked: CheckOutcome, *, where: str = "") -> list[str]:
    return [f"The family {name} failed{where}: {why}" for name, why in checked.failed.items()]


def _comes_after(head: DocumentHead, at: AsOf) -> bool:
    """Whether a document stands behind the point on an axis that is asked about."""
    if at.reading_order is not None and head.reading_order > at.reading_order:
        return True
    start = head.story.start if head.story else None
    begins = start.earliest if start else None
    return at.story_time is not None and begins is not None and begins > at.story_time
