"""A whole story checked: what is found, new and fixed, what was looked at, and that another process knows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from saga_agent.analyses.checks import CHECKS, Material, run_checks
from saga_agent.domain.finding import Finding
from saga_agent.domain.time import When
from saga_agent.errors import InvalidInput, NotFound
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.story.checks.report import Coverage, coverage_of
from saga_agent.story.service import StoryService


@pytest.fixture
async def storage() -> AsyncIterator[MemoryStorage]:
    async with MemoryStorage() as storage:
        yield storage


@pytest.fixture
def story(storage: MemoryStorage) -> StoryService:
    return StoryService(storage, "local")


async def two_colours(story: StoryService, project_id: str) -> str:
    mira = await story.entities.create(project_id, type="character", name="Mira")
    for colour in ("blue", "green"):
        fact = await story.facts.create(project_id, subject_id=mira.id, predicate="eyes", value=colour)
    return fact.id


async def test_a_report_tells_what_is_new_and_what_is_fixed(story: StoryService) -> None:
    project = await story.projects.create(name="Crossing")
    first = await story.check(project.id)
    green = await two_colours(story, project.id)
    second = await story.check(project.id)
    await story.facts.update(project.id, green, status="rejected")
    third = await story.check(project.id)

    (found,) = second.findings
    assert (first.findings, first.new, first.fixed) == ((), (), ())
    assert (found.code, second.new, second.fixed) == ("fact.contradiction", (found.id,), ())
    assert (third.findings, third.new, third.fixed) == ((), (), (found.id,))
    assert (first.rev, second.rev, third.rev) == (1, 2, 3)
    assert (await story.check(project.id, since=1)).fixed == ()
    assert (await story.check(project.id, since=2)).fixed == (found.id,)


async def test_coverage_tells_what_each_family_has_read_and_why_not(story: StoryService) -> None:
    project = await story.projects.create(name="Crossing")
    head = await story.documents.create(project.id, number=1, text="Mira ran.")

    report = await story.check(project.id, families=["existence", "names", "pov", "calendar", "facts"])

    assert report.coverage == (
        Coverage(None, "existence", "read", ""),
        Coverage(None, "facts", "read", ""),
        Coverage(None, "calendar", "not", "The project has no calendar that can be read."),
        Coverage(head.id, "existence", "not", "It has no story time."),
        Coverage(head.id, "facts", "not", "No model has read what it claims."),
        Coverage(head.id, "names", "read", ""),
        Coverage(head.id, "pov", "not", "It names no point of view."),
    )


async def test_a_point_in_the_story_leaves_out_what_comes_after_it(story: StoryService) -> None:
    project = await story.projects.create(name="Crossing")
    await story.entities.create(project.id, type="character", name="Mira Venn")
    for number in (1, 2):
        await story.documents.create(
            project.id, number=number, reading_order=number, text=f"Mira met Mirra Venn. {number}."
        )

    report = await story.check(project.id, families=["names"], as_of=When(reading_order=1))

    assert [each.state for each in report.coverage] == ["read", "not"]
    (found,) = report.findings
    assert len(found.evidence) == 1
    assert len((await story.check(project.id, families=["names"])).findings[0].evidence) == 2


async def test_what_the_writer_hides_is_found_for_the_writer_alone(story: StoryService) -> None:
    project = await story.projects.create(name="Crossing")
    await two_colours(story, project.id)
    mira = (await story.entities.list(project.id)).items[0]
    await story.entities.update(project.id, mira.id, ai_visibility="never")

    assert [each.code for each in (await story.check(project.id)).findings] == ["fact.contradiction"]
    assert (await story.check(project.id, for_ai=True)).findings == ()


def test_a_family_that_fails_has_not_read_or_only_partly() -> None:
    def broken(_given: Material) -> list[Finding]:
        raise KeyError("boom")

    checks = [replace(each, run=broken) if "style.banned_word" in each.codes else each for each in CHECKS]
    outcome = run_checks(Material(), "wording", families=["style"], checks=checks)
    alone = run_checks(Material(), "wording", codes=["style.banned_word"], checks=checks)

    assert list(coverage_of("doc", outcome)) == [Coverage("doc", "style", "partly", "It failed: KeyError: 'boom'")]
    assert list(coverage_of("doc", alone)) == [Coverage("doc", "style", "not", "It failed: KeyError: 'boom'")]


async def test_bad_input_is_refused_and_other_owners_see_nothing(story: StoryService, storage: MemoryStorage) -> None:
    project = await story.projects.create(name="Crossing")

    with pytest.raises(InvalidInput, match="no family 'weather'"):
        await story.check(project.id, families=["weather"])
    with pytest.raises(InvalidInput, match="the last check has revision 0"):
        await story.check(project.id, since=1)
    with pytest.raises(NotFound):
        await StoryService(storage, "other").check(project.id)
    assert (await story.check(project.id)).rev == 1


@pytest.mark.parametrize("said", [{"settings": {"language": "de"}}, {"style_guide": {"language": "de"}}])
async def test_the_language_is_the_projects_wherever_it_says_so(story: StoryService, said: dict[str, object]) -> None:
    project = await story.projects.create(name="Crossing", **said)
    await story.documents.create(project.id, number=1, text="Mira ran down to the ferry, and the rain ran after her.")

    (coverage,) = [each for each in (await story.check(project.id, families=["clarity"])).coverage if each.document_id]

    assert (coverage.state, coverage.reason) == ("partly", "It is not in English.")
