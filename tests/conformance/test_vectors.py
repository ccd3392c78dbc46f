"""Every check of the vector kit on every index, and the kit itself."""

from __future__ import annotations

import re

import pytest

from saga_agent.retrieval.qdrant import QdrantVectors
from saga_agent.testing.vectors import Check, MakeIndex, all_checks
from tests.conformance.vector_indexes import FAULTS, ListIndex, fresh, served

CHECKS = {check.name: check for check in all_checks()}
INDEXES: dict[str, MakeIndex] = {
    "embedded": fresh(lambda: QdrantVectors.embedded(model="test")),
    "server": served,
    "list": fresh(ListIndex),
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
@pytest.mark.parametrize("index", INDEXES)
async def test_index_keeps(index: str, check: Check) -> None:
    await check.run(INDEXES[index])


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_broken_index_is_caught_by_the_check_that_names_its_fault(fault: str) -> None:
    build, name = FAULTS[fault]

    with pytest.raises(AssertionError, match=f"^{re.escape(name)}: "):
        await CHECKS[name].run(fresh(build))


async def test_an_error_of_the_index_is_told_with_the_promise_it_broke() -> None:
    class Raises(ListIndex):
        async def purge(self, scope: object) -> None:
            raise OSError("no disk")

    with pytest.raises(AssertionError, match=r"^vectors\.purges_one_project: .* raised OSError\('no disk'\)\.$"):
        await CHECKS["vectors.purges_one_project"].run(fresh(Raises))
