"""Our `bfcl` mode beside bfcl-eval's own checker, on the leaderboard's data with random changes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from saga_agent.errors import EvalError
from saga_agent.evals import check_calls
from tests.evals_bfcl.invented import CASES
from tests.evals_bfcl.mutations import mutated, read_cases

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "fixtures" / "packages" / "bfcl_eval"
ROUNDS = 5


def our_verdict(case: dict[str, Any]) -> bool | None:
    """None where there is none."""
    try:
        return check_calls(
            case["tools"], case["expected"], case["calls"], mode="bfcl", category=case["category"]
        ).passed
    except EvalError:
        return None


def their_verdicts(cases: list[dict[str, Any]]) -> list[bool | None]:
    done = subprocess.run(
        [sys.executable, str(HERE / "judge.py"), str(PACKAGE)],
        input="\n".join(map(json.dumps, cases)),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.skipif(not PACKAGE.is_dir(), reason="`make fixtures` fetches bfcl-eval")
def test_the_bfcl_mode_agrees_with_the_leaderboards_own_checker() -> None:
    random = Random(15)
    kinds, cases = zip(
        *(mutated(case, random) for _ in range(ROUNDS) for case in read_cases(PACKAGE / "bfcl_eval" / "data")),
        strict=True,
    )
    theirs = their_verdicts(list(cases))
    ours = [our_verdict(case) for case in cases]

    apart = [(kind, a, b, case) for kind, a, b, case in zip(kinds, ours, theirs, cases, strict=True) if a != b]
    false_passes = Counter(kind for kind, a, b, _ in apart if a and not b)
    assert len(cases) >= 8_000
    assert min(theirs.count(True), theirs.count(False)) >= len(cases) / 5, "both verdicts occur often"
    assert len(apart) <= len(cases) / 100, apart[:3]
    assert not false_passes


@pytest.mark.slow
@pytest.mark.skipif(not PACKAGE.is_dir(), reason="`make fixtures` fetches bfcl-eval")
def test_the_verdicts_that_are_committed_are_the_leaderboards() -> None:
    assert their_verdicts([case for case, _ in CASES]) == [verdict for _, verdict in CASES]
