"""The registry of checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from saga_agent.analyses.checks import CHECKS, Material, StoryCheck, codes_looking_at, families_looking_at, run_checks
from saga_agent.analyses.codes import CODES, FAMILIES
from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.passage import PlacedPassage
from saga_agent.analyses.prose import Prose
from saga_agent.domain.finding import Finding
from tests.unit.analyses.canons import entity

GERMAN = "Der Hund lief schnell durch den dunklen Wald, und niemand sah ihn, als der Mond aufging. " * 4


def test_every_code_has_its_check_and_every_check_finds_codes_of_its_family() -> None:
    assert {code for check in CHECKS for code in check.codes} == set(CODES)
    for check in CHECKS:
        assert check.codes
        assert {CODES[code].family for code in check.codes} == {check.family}


def test_the_kinds_of_checks_share_out_the_families() -> None:
    bible, texts = families_looking_at("bible"), families_looking_at("passage", "wording")

    assert set(bible) | set(texts) == set(FAMILIES)
    assert set(bible) & set(texts) == {"existence", "facts", "places", "custody", "knowledge"}
    assert codes_looking_at("passage")[-1] == "fact.contradiction"


def test_a_check_that_fails_is_reported_and_the_others_run() -> None:
    def broken(_given: Material) -> Iterable[Finding]:
        raise KeyError("boom")

    canon = Canon(entities=[entity("Ed"), entity("Ed", id="ed2")])
    checks = [replace(check, run=broken) if check.family == "kinship" else check for check in CHECKS]
    checked = run_checks(Material(canon=canon), "bible", checks=checks)

    assert checked.failed == {"kinship": "KeyError: 'boom'"}
    assert [each.code for each in checked.findings] == ["alias.clash"]
    assert "kinship" not in {check.family for check in checked.ran}


def test_a_check_that_misses_something_is_skipped_with_what_it_misses() -> None:
    checked = run_checks(Material(passage=PlacedPassage(prose=Prose(GERMAN))), "passage", "wording")

    assert {(check.family, need) for check, need in checked.skipped} == {
        ("existence", "story time"),
        ("places", "story time"),
        ("custody", "story time"),
        ("pov", "point of view"),
        ("facts", "claims"),
        ("clarity", "English"),
        ("style", "English"),
    }
    assert [check.codes for check in checked.ran if check.family == "style"] == [("style.banned_word",)]


def test_families_and_codes_pick_what_runs() -> None:
    def ran(*looks_at: str, **wanted: Iterable[str]) -> list[StoryCheck]:
        return list(run_checks(Material(), *looks_at, **wanted).ran)  # pyright: ignore[reportArgumentType]

    assert [check.family for check in ran("bible", families=["kinship"])] == ["kinship"]
    assert [check.codes for check in ran("wording", codes=["clarity.passive"])] == [("clarity.passive",)]
    assert ran("bible", families=[]) == []
