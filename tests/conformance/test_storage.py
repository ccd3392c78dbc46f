"""Every check of the kit on every adapter: `test_adapter_keeps[sqlite-documents.keeps_every_field]`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from saga_agent.testing.storage import Check, MakeStorage, all_checks
from saga_agent.testing.storage.catalogue import PORTS
from tests.conformance import adapters


@pytest.fixture
def make_storage(request: pytest.FixtureRequest, adapter: str, tmp_path: Path) -> MakeStorage:
    match adapter:
        case "memory":
            return adapters.memory()
        case "sqlite":
            return adapters.sqlite(tmp_path)
        case "postgres":
            return adapters.postgres(request.getfixturevalue("fresh_postgres")())
        case "keyed":
            return adapters.keyed()
        case _:
            return adapters.composed(tmp_path)


def _cases() -> Iterator[object]:
    for check in all_checks():
        yield pytest.param("memory", check, id=f"memory-{check.name}")
        # A commit for each of a thousand records, in nine ports, takes longer than all the rest.
        is_long = check.name.endswith(".purges_more_than_a_page") and check.port not in ("entities", "mentions")
        yield pytest.param("sqlite", check, id=f"sqlite-{check.name}", marks=[pytest.mark.slow] if is_long else [])
        # A third of a second each for the schema alone; together they take minutes.
        yield pytest.param("postgres", check, id=f"postgres-{check.name}", marks=pytest.mark.slow)
    # Beside the reference's journal only the story ports are new.
    for check in all_checks(ports=[port for port in PORTS if not port.startswith("journal.")]):
        yield pytest.param("keyed", check, id=f"keyed-{check.name}")
    # Of a composed storage only the host's port is new; its other ports have been checked as memory.
    for check in all_checks(ports=["documents"]):
        yield pytest.param("composed", check, id=f"composed-{check.name}")


@pytest.mark.parametrize(("adapter", "check"), list(_cases()))
async def test_adapter_keeps(check: Check, make_storage: MakeStorage) -> None:
    await check.run(make_storage)
