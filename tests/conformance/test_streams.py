"""The kit of streams: our own logs, hub and reader keep it, and broken ones are caught."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from saga_agent.errors import InvalidInput
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.testing.streams import Check, Stand, all_checks, stand_on
from tests.conformance import adapters
from tests.conformance.stream_faults import STREAM_FAULTS

CHECKS = {check.name: check for check in all_checks()}
# The rules of logs are the storage kit's, which every adapter runs there.
TOLD = list(all_checks(["reader", "hub"]))


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.name)
async def test_the_reference_keeps(check: Check) -> None:
    await check.run(stand_on(adapters.memory()))


@pytest.mark.parametrize("check", TOLD, ids=lambda check: check.name)
async def test_sqlite_keeps(check: Check, tmp_path: Path) -> None:
    await check.run(stand_on(adapters.sqlite(tmp_path)))


@pytest.mark.slow
@pytest.mark.parametrize("check", TOLD, ids=lambda check: check.name)
async def test_postgresql_keeps(check: Check, fresh_postgres: Callable[[], str]) -> None:
    await check.run(stand_on(adapters.postgres(fresh_postgres())))


@pytest.mark.parametrize(
    ("fault", "name"), [(fault, name) for fault, (_, names) in STREAM_FAULTS.items() for name in names]
)
async def test_a_broken_reader_or_hub_is_caught_by_the_check_that_names_its_fault(
    fault: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saga_agent.testing.streams.check.PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr("saga_agent.testing.streams.hubs.PATIENCE_SECONDS", 1.0)
    build, _ = STREAM_FAULTS[fault]

    @contextlib.asynccontextmanager
    async def make() -> AsyncGenerator[Stand]:
        async with MemoryStorage() as storage:
            yield build(storage)

    with pytest.raises(AssertionError, match=f"^{name}: "):
        await CHECKS[name].run(make)


def test_every_check_of_readers_and_hubs_has_a_fault_it_finds() -> None:
    found = {name for _, names in STREAM_FAULTS.values() for name in names}

    assert {check.name for check in TOLD} == found


def test_an_unknown_port_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'queue' is nothing the kit can check; choose from log, reader, hub"):
        all_checks(["queue"])
