"""The list of all issues, and what the writer accepts as it is."""

from __future__ import annotations

from typing import Any

import pytest

from saga_agent.domain.project import StyleGuide
from saga_agent.tools.result import ToolResult
from tests.unit.tools.story.bench import Bench


async def two_colours(bench: Bench) -> tuple[str, str]:
    mira = await bench.entity("Mira")
    await bench.fact(mira, "eyes", "blue")
    return mira, await bench.fact(mira, "eyes", "green")


def codes(result: ToolResult) -> list[str]:
    return [each.code for each in result.findings]


async def test_the_same_project_twice_has_the_same_ids_and_nothing_new(bench: Bench) -> None:
    await two_colours(bench)
    first, second = await bench.call("find_issues"), await bench.call("find_issues")

    assert codes(first) == ["fact.contradiction"]
    assert [each.id for each in first.findings] == [each.id for each in second.findings]
    assert (second.data["new"], second.data["fixed"], second.data["rev"]) == ([], [], first.data["rev"])


async def test_what_is_fixed_is_listed_once(bench: Bench) -> None:
    _, green = await two_colours(bench)
    (issue,) = (await bench.call("find_issues")).findings
    await bench.story.facts.update(bench.project_id, green, status="rejected")

    fixed = await bench.call("find_issues")
    again = await bench.call("find_issues")

    assert (codes(fixed), fixed.data["fixed"], again.data["fixed"]) == ([], [issue.id], [])
    assert (await bench.call("find_issues", since_rev=1)).data["fixed"] == [issue.id]


async def test_a_waiver_hides_one_and_it_can_be_shown_with_the_reason(bench: Bench) -> None:
    await two_colours(bench)
    (issue,) = (await bench.call("find_issues")).findings

    waived = await bench.call("waive_finding", code=issue.code, target=issue.id, reason="She wears glass eyes.")

    assert waived.ok
    hidden = await bench.call("find_issues")
    assert (hidden.findings, hidden.data["waived"]) == ((), 1)
    (shown,) = (await bench.call("find_issues", include_waived=True)).findings
    assert (shown.id, shown.data["waived_because"]) == (issue.id, "She wears glass eyes.")
    assert shown.waived_by == waived.data["waiver"]["id"]  # pyright: ignore
    assert (await bench.call("analyze_consistency")).findings == ()


async def test_a_waiver_of_an_entity_hides_its_code_there_and_no_other(bench: Bench) -> None:
    mira, _ = await two_colours(bench)
    tam = await bench.entity("Tam")
    await bench.fact(tam, "eyes", "red")
    await bench.fact(tam, "eyes", "grey")
    await bench.fact("gone", "x", 1)

    assert (await bench.call("waive_finding", code="fact.contradiction", target="Mira", reason="as meant")).ok

    left = (await bench.call("find_issues")).findings
    assert sorted((each.code, mira in each.subjects) for each in left) == [
        ("fact.contradiction", False),
        ("reference.dangling", False),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        {"target": "*"},
        {"target": "all"},
        {"target": "  "},
        {"target": "chapter*"},
        {"code": "fact"},
        {"code": "fact.*"},
        {"code": "*"},
        {"reason": "   "},
        {"reason": ""},
        {"target": "Part One"},
    ],
)
async def test_a_waiver_that_is_too_broad_or_has_no_reason_is_refused(bench: Bench, bad: dict[str, Any]) -> None:
    await bench.entity("Mira")
    await bench.story.documents.create(bench.project_id, kind="part", title="Part One")
    good = {"code": "fact.contradiction", "target": "Mira", "reason": "as meant"}

    assert await bench.failure("waive_finding", **(good | bad)) == "invalid_argument"
    assert [waiver async for waiver in bench.story.waivers.all(bench.project_id)] == []
    assert await bench.failure("waive_finding", **(good | {"target": "Nobody"})) == "not_found"
    assert await bench.failure("waive_finding", **(good | {"target": bench.project_id})) == "invalid_argument"


async def test_a_waiver_called_again_is_one_waiver_and_shows_what_it_would_do(bench: Bench) -> None:
    await bench.entity("Mira")
    call = {"code": "fact.contradiction", "target": "Mira", "reason": "as meant"}
    await bench.call("waive_finding", **call)
    await bench.call("waive_finding", **call)

    assert len([waiver async for waiver in bench.story.waivers.all(bench.project_id)]) == 1
    tool = bench.tools.find("waive_finding")
    assert tool is not None
    assert tool.effect == "write"
    preview = await tool.build_preview(bench.context, call)
    assert "because: as meant" in preview["lines"]  # pyright: ignore


async def test_at_most_five_of_a_code_are_shown_then_the_number_of_the_rest(bench: Bench) -> None:
    for number in range(8):
        who = await bench.entity(f"Person{number}")
        await bench.fact(who, "eyes", "blue")
        await bench.fact(who, "eyes", "green")
    await bench.fact("gone", "x", 1)

    result = await bench.call("find_issues")

    groups: Any = result.data["groups"]
    assert {group["code"]: (len(group["ids"]), group["more"]) for group in groups} == {
        "fact.contradiction": (5, 3),
        "reference.dangling": (1, 0),
    }
    assert result.data["counts"] == {"error": 9, "warning": 0, "info": 0}
    assert result.truncated
    few = await bench.call("find_issues", limit=2)
    assert len(few.findings) == 2


async def test_what_is_mentioned_most_and_near_the_writer_comes_first(bench: Bench) -> None:
    for name in ("Wren", "Tam"):
        who = await bench.entity(name, existence=[{"end": {"earliest": 5, "latest": 5}}])
        await bench.fact(who, "eyes", "blue")
        await bench.fact(who, "eyes", "green")
    await bench.chapter(1, "Tam ran. Tam sat. Tam fell. Tam rose. Wren ran.")

    first = (await bench.call("find_issues")).findings[0]
    assert "Tam" in first.message


async def test_passages_count_with_the_bible_and_are_seen_anew_when_they_change(bench: Bench) -> None:
    await bench.entity("Mira Venn")
    chapter = await bench.chapter(1, "Mira met Mirra Venn.")
    await bench.story.projects.update(bench.project_id, style_guide=StyleGuide(banned_words=("suddenly",)))
    assert set(codes(await bench.call("find_issues"))) == {"name.near_miss"}

    await bench.story.documents.update(bench.project_id, chapter, text="Suddenly Mira ran. It was seen by her.")

    assert codes(await bench.call("find_issues")) == ["style.banned_word"]
    assert codes(await bench.call("find_issues", families=["clarity"])) == ["clarity.passive"]
    assert codes(await bench.call("find_issues", min_severity="error")) == []


async def test_bad_input_of_the_list(bench: Bench) -> None:
    await two_colours(bench)
    await bench.call("find_issues")

    assert await bench.failure("find_issues", since_rev=99) == "invalid_argument"
    assert await bench.failure("find_issues", families=["weather"]) == "invalid_argument"
    assert await bench.failure("find_issues", limit=0) == "invalid_argument"
    assert await bench.failure("find_issues", near="chapter 9") == "not_found"
    assert "not known any more" in (await bench.call("find_issues", since_rev=0)).warnings[0]
