"""The benchmarks over HTTP at their smallest: they measure what they say, and every answer is checked to be whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

for module in ("psutil", "matplotlib", "langgraph.checkpoint.sqlite"):
    pytest.importorskip(module, reason="needs the extra 'bench'")

from benchmarks.over_http import resumes, soak, stalled, streams  # noqa: E402
from benchmarks.server import serving  # noqa: E402

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model_url() -> Iterator[str]:
    with serving() as url:
        yield url


async def test_live_streams_are_compared_to_raw_langgraph(model_url: str, tmp_path: Path):
    topic = await streams.compare(model_url, tmp_path, streams=3, rounds=1, tokens=5)

    assert [row.what for row in topic.rows if row.budget] == [
        "first text, p50, to raw langgraph",
        "first text, p99, to raw langgraph",
        "completion, p50, to raw langgraph",
        "completion, p99, to raw langgraph",
        "slowest completion, to the median one",
    ]
    assert all((tmp_path / image).stat().st_size for image in topic.images.values())


async def test_resumed_readers_get_whole_messages(model_url: str, tmp_path: Path):
    topic = await resumes.compare(model_url, tmp_path, readers=3, tokens=60, rounds=1, long_rows=50, delay_ms=20)

    assert [row.what for row in topic.rows if row.budget] == [
        "one reader: first chunk",
        "one reader of 50 rows: caught up",
        "3 on one answer: caught up, the last of all",
        "3 on 3 answers: caught up, the last of all",
    ]


async def test_a_reader_is_really_stalled(model_url: str, tmp_path: Path):
    topic = await stalled.compare(model_url, tmp_path, readers=2, tokens=400, rounds=1, delay_ms=2, grace_seconds=0.1)

    behind = next(row.measured for row in topic.rows if row.what.startswith("behind"))
    assert int(behind.split()[0]) > 100, "what the kernel did not take is more than a buffer"


async def test_a_soak_counts_every_kind_of_turn_and_no_error(model_url: str, tmp_path: Path):
    topic = await soak.soak(model_url, tmp_path, seconds=4, writers=4, warm_up_turns=4, documents=1)

    rows = {row.what: row for row in topic.rows}
    assert rows["answers that were not as they must be, and refused requests"].met, topic.notes
    assert set(re.findall(r"[a-z]+(?= \d)", rows["turns"].measured)) == {"drop", "read", "stop", "watch"}
    assert all((tmp_path / image).stat().st_size for image in topic.images.values())
