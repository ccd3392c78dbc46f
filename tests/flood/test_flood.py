"""A crowd that comes at once is answered whole, and nobody's question is asked twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flood.flood import Flood, flood
from tests.servers.postgres import postgres_server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database that several processes can share."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'saga.db'}"
        return
    with postgres_server() as fresh:
        yield fresh()


async def test_a_crowd_on_two_processes_is_served_in_line(database: str, tmp_path: Path) -> None:
    outcome = await flood(Flood(database=database, folder=tmp_path, streams=60, live_turns=10))

    assert outcome.broken == []
    assert outcome.counts["times the model was asked"] == outcome.counts["runs"] == 60
    assert outcome.counts["streams told their place"] > 0


@pytest.mark.slow
async def test_two_thousand_streams_at_once_on_two_processes_are_all_whole(database: str, tmp_path: Path) -> None:
    outcome = await flood(Flood(database=database, folder=tmp_path, streams=2_000))

    assert outcome.broken == []
    assert outcome.counts["times the model was asked"] == outcome.counts["runs"] == 2_000
