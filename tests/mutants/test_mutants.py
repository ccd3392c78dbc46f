"""The sample of mutants: what is drawn, what is passed over, and what is told of a mutant on trial."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cosmic_ray.mutating import mutate_code

from tests.mutants.__main__ import ROOT
from tests.mutants.mutations import Equivalent, Mutant, draw, places_of, read_equivalents
from tests.mutants.operators import LeaveOut
from tests.mutants.spine import SPINE
from tests.mutants.trial import Bench, RedWithoutMutant

MODULE = "saga_agent/counting.py"
SOURCE = '''
import logging

_log = logging.getLogger(__name__)
LIMIT: int | None = 3


def count(items: list[int] | None, held: list[int]) -> int:
    """How many."""
    _log.info("counting %d", 1 + 1)
    while len(held) < 2:
        held.append(7)
    return len(items or ()) + 1
'''
TESTS = """
from saga_agent.counting import count

def test_count():
    held = []
    assert count([1, 2], held) == 3
    assert len(held) == 2
"""
ROUND = ("tests",)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A copy of a tiny repository."""
    root = tmp_path / "root"
    files = {MODULE: SOURCE, "tests/test_counting.py": TESTS, "saga_agent/__init__.py": "", "pyproject.toml": ""}
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    yield Bench(root, tmp_path / "copy")
    assert (tmp_path / "copy" / MODULE).read_text() == SOURCE, "the copy is whole again"


def mutants(source: str = SOURCE) -> list[Mutant]:
    return draw({MODULE: places_of(MODULE, source)}, count=100, seed=1)


def one(was: str, now: str) -> Mutant:
    code = SOURCE.replace(was, now)
    assert code != SOURCE
    return Mutant(MODULE, "by hand", 1, "count", code, was, now)


@pytest.mark.parametrize("example", LeaveOut.examples())
def test_a_statement_is_left_out(example):  # pyright: ignore
    assert mutate_code(example.pre_mutation_code, LeaveOut(), 0) == example.post_mutation_code


def test_neither_annotations_nor_lines_of_the_log_nor_settings_are_made_wrong():
    changed = {mutant.was for mutant in mutants()}

    assert changed == {"while len(held) < 2:", "held.append(7)", "return len(items or ()) + 1"}


def test_the_same_seed_draws_the_same_mutants_of_places_that_differ():
    places = {module: places_of(module, (ROOT / module).read_text(encoding="utf-8")) for module in list(SPINE)[:2]}
    first, again = (draw(places, count=8, seed=7) for _ in range(2))
    other = draw(places, count=8, seed=8)

    assert first == again
    assert first != other
    assert len({(mutant.module, mutant.line, mutant.code) for mutant in first}) == 8
    assert [mutant.module for mutant in first].count(min(places)) == 4, "spread evenly"


def test_what_is_known_to_change_nothing_is_passed_over():
    known = [Equivalent(each.module, each.was, each.now, "a test") for each in mutants()]
    rest = draw({MODULE: places_of(MODULE, SOURCE)}, count=100, seed=1, known=known)

    assert not {(each.was, each.now) for each in rest} & {(each.was, each.now) for each in known}


def test_a_mutant_is_noticed_or_survives(bench: Bench):
    noticed = bench.try_out(one(") + 1", ") - 1"), [ROUND])
    survives = bench.try_out(one("append(7)", "append(8)"), [ROUND])

    assert [noticed.verdict, survives.verdict] == ["noticed", "survives"]
    assert "1 failed" in noticed.last


@pytest.mark.slow
def test_a_mutant_whose_tests_never_end_hangs(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tests.mutants.trial._LEAST_SECONDS", 2.0)
    monkeypatch.setattr("tests.mutants.trial._TIMES_AS_LONG", 2.0)

    assert bench.try_out(one("held.append(7)", "pass"), [ROUND]).verdict == "hangs"


def test_tests_that_fail_without_a_mutant_tell_nothing(bench: Bench, tmp_path: Path):
    (tmp_path / "copy" / "tests" / "test_counting.py").write_text("def test_it():\n    assert False\n")

    with pytest.raises(RedWithoutMutant, match="without a mutant"):
        bench.try_out(mutants()[0], [ROUND])


def test_the_spine_and_its_tests_are_there():
    paths = [path for rounds in SPINE.values() for tests in rounds for path in tests if path.startswith("tests/")]

    assert [path for path in (*SPINE, *paths) if not (ROOT / path).exists()] == []


def test_what_is_known_to_change_nothing_is_still_in_its_module():
    for each in read_equivalents():
        lines = [line.strip() for line in (ROOT / each.module).read_text(encoding="utf-8").splitlines()]
        assert each.module in SPINE
        assert set(each.was.split("\n")) <= set(lines), f"{each.module} has no {each.was!r} any more"
        assert each.why
