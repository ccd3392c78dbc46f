"""A short storm with every full test run; `python -m tests.chaos` blows longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.storm import Weather, storm


@pytest.mark.slow
async def test_a_short_storm_breaks_nothing(tmp_path: Path) -> None:
    weather = Weather(url=f"sqlite:///{tmp_path / 'saga.db'}", folder=tmp_path, seconds=15, seed=15, workers=2)

    verdict = await storm(weather)

    assert verdict.broken == []
    assert verdict.counts["kills"] >= 3
    assert verdict.counts["runs finished"] > 0
    assert verdict.counts["acknowledged rows"] > 100
