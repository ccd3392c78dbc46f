"""Short storms with the tests; `python -m tests.chaos` blows longer."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from saga_agent.domain.journal import Message
from tests.chaos.__main__ import database
from tests.chaos.holders import FILE, Holders
from tests.chaos.play import STEPS, WORDS, is_at_a_pause, whole_text, word
from tests.chaos.readers import Told, problem_of
from tests.chaos.storm import Weather, storm


async def test_a_gust_breaks_nothing(tmp_path: Path) -> None:
    with database("sqlite", str(tmp_path)) as url:
        verdict = await storm(
            Weather(url=url, folder=tmp_path, seconds=0, seed=15, kills=2, threads=1, lull_seconds=0.5)
        )

    assert verdict.broken == []
    assert verdict.counts["kills"] == 2
    assert verdict.counts["ends checked"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_a_short_storm_breaks_nothing(engine: str, tmp_path: Path) -> None:
    with database(engine, str(tmp_path)) as url:
        verdict = await storm(Weather(url=url, folder=tmp_path, seconds=0, seed=15, kills=8))

    assert verdict.broken == []
    assert verdict.counts["kills"] == 8
    assert verdict.counts["runs finished"] > 0
    assert verdict.counts["pauses checked"] > 0
    assert verdict.counts["ends checked"] > 0
    assert verdict.counts["acknowledged rows"] > 100


def test_readers_notice_what_differs_and_what_never_ends() -> None:
    message = Message(
        id="m", thread_id="t", role="assistant", created_at=1.0, parts=({"type": "text", "text": "All of it."},)
    )

    assert problem_of(Told("All of it.", "finish"), message, is_over=True) == ""
    assert problem_of(Told("All of it.", "finish-step"), message, is_over=False) == ""
    assert problem_of(Told("All of it.", "finish-step"), message, is_over=True) == "no end was told"
    assert problem_of(Told("All of", "finish"), message, is_over=True) == "the text differs"


def test_a_pause_comes_after_whole_steps() -> None:
    step = "".join(word("x", 0, number) for number in range(WORDS))

    assert is_at_a_pause("x", step)
    assert is_at_a_pause("x", whole_text("x"))
    assert whole_text("x").startswith(step)
    assert STEPS > 1
    assert not is_at_a_pause("x", step + word("x", 1, 0)), "half a step"
    assert not is_at_a_pause("x", step + step), "twice"
    assert not is_at_a_pause("x", "")


@pytest.mark.parametrize(
    ("between", "problems"),
    [
        ([], 1),
        ([["killed", 1, 15.0]], 0),
        ([["killed", 1, 25.0]], 1),
        ([["let go", 1, 15.0, "run", 1]], 0),
        ([["let go", 2, 15.0, "run", 1]], 1),
    ],
)
def test_a_run_taken_from_a_living_process_is_noticed(tmp_path: Path, between: list[list[object]], problems: int):
    took = [["took", 1, 10.0, "run", 1], *between, ["took", 2, 20.0, "run", 2]]
    (tmp_path / FILE).write_text("".join(json.dumps(line) + "\n" for line in took))

    assert len(Holders.of(tmp_path).problems(Counter())) == problems
