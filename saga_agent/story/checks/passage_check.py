"""One passage against the bible: by rules, and by the claims that a model reads out of it, where one does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from saga_agent.analyses.checks import Material, codes_looking_at, run_checks
from saga_agent.analyses.consistency.claims import Claim, ClaimExtractor, quoted_claims
from saga_agent.analyses.findings import merged
from saga_agent.analyses.sentences import Span
from saga_agent.domain.finding import Finding
from saga_agent.domain.time import When
from saga_agent.errors import InvalidInput, ModelError
from saga_agent.offload import off_loop
from saga_agent.story.checks.passages import LoadedPassage, PassageRequest, build_passage, load_passage
from saga_agent.story.checks.sources import LoadedCanon, Sources

PASSAGE_CODES = codes_looking_at("passage")
_READ_BY_MODELS = "fact.contradiction"


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageReport:
    """What is wrong with a passage beside the bible."""

    passage: LoadedPassage
    findings: list[Finding]
    """Those that nobody has waived."""
    waived: int
    claims: list[Claim] | None
    """What a model has read, as far as its quotes are in the text; None where none has."""
    skipped: tuple[str, ...]
    """Codes that need the story time of the passage, which has none."""
    warnings: tuple[str, ...]


async def check_passage(
    sources: Sources,
    project_id: str,
    asked: PassageRequest,
    *,
    as_of: When | None,
    codes: Collection[str],
    extractor: ClaimExtractor | None,
    for_ai: bool,
) -> PassageReport:
    """The passage against the bible, all codes when none is named.

    `as_of` says where in the story a bare text stands; `extractor` reads its claims.

    Raises: `NotFound`; `InvalidInput` for a code or a passage that there is not, `TextTooLong`.
    """
    wanted = wanted_codes(codes, PASSAGE_CODES)
    passage = await load_passage(sources, project_id, asked)
    loaded = await sources.canon(project_id, for_ai=for_ai)
    moment = await passage.moment_at(sources, project_id, as_of)
    claims, warnings = None, list[str]()
    if extractor is not None and _READ_BY_MODELS in wanted and passage.prose.text.strip():
        claims, warnings = await _claims(extractor, loaded, passage)
    material = Material(
        canon=loaded.canon,
        passage=await build_passage(sources, project_id, passage, loaded.canon.by_id, moment),
        claims=claims,
    )
    checked = await off_loop(run_checks, material, "passage", codes=wanted)
    marked = await sources.waived(project_id, loaded.visible(merged(checked.findings)))
    open_ones = [each for each in marked if each.waived_by is None]
    warnings += [f"The family {name} failed: {why}" for name, why in checked.failed.items()]
    if moment.when is None:
        warnings.append("The passage has no story time; checks of who is where and when were skipped.")
    return PassageReport(
        passage=passage,
        findings=open_ones,
        waived=len(marked) - len(open_ones),
        claims=None if claims is None else [claim for claim, _ in claims],
        skipped=tuple(code for check, need in checked.skipped if need == "story time" for code in check.codes),
        warnings=(*loaded.warnings, *warnings),
    )


def wanted_codes(asked: Collection[str], known: tuple[str, ...]) -> tuple[str, ...]:
    """The codes asked for, all when none is; `InvalidInput` lists the valid ones."""
    if unknown := [code for code in asked if code not in known]:
        raise InvalidInput(f"There is no code {unknown[0]!r} here; the codes are {', '.join(known)}.")
    return tuple(asked) or known


async def _claims(
    extractor: ClaimExtractor, loaded: LoadedCanon, passage: LoadedPassage
) -> tuple[list[tuple[Claim, Span]] | None, list[str]]:
    """The claims whose quotes are in the passage; None where the model failed."""
    names = [entity.name for entity in loaded.canon.entities if entity.id not in loaded.hidden]
    try:
        claims = await extractor.extract(passage.prose.text, names=names)
    except ModelError as error:
        return None, [f"The model could not read the claims: {error}"]
    quoted = quoted_claims(passage.prose, claims)
    dropped = len(claims) - len(quoted)
    return quoted, [f"Claims dropped, because their quotes are not in the text: {dropped}."] if dropped else []
