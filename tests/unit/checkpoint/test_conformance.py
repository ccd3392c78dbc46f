"""The published conformance suite for LangGraph savers, one test for each capability."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.conformance.capabilities import Capability

from saga_agent.checkpoint.saver import StorageCheckpointer


@pytest.mark.parametrize("capability", [each.value for each in Capability])
async def test_the_saver_conforms_in(capability: str, saver: StorageCheckpointer) -> None:
    """Base and optional capabilities alike are detected, and every case of each passes."""

    @checkpointer_test(name="StorageCheckpointer")
    async def registered() -> AsyncGenerator[StorageCheckpointer, None]:
        yield saver

    report = await validate(registered, capabilities={capability})
    result = report.results[capability]

    assert result.failures == []
    assert result.passed is True
    assert result.tests_passed > 0
