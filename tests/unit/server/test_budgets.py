"""Budgets of computing: by class, by caller, and for all guests together."""

from __future__ import annotations

import asyncio

import pytest
from fastapi import Request

from saga_agent.server.budgets import BoundedAccount, CpuBudgets, RequestClass
from saga_agent.server.identity import LOCAL, Identity, IdentityKind
from saga_agent.server.problems import Refused
from saga_agent.server.settings import ServerSettings
from saga_agent.testing.clock import FakeClock

SETTINGS = ServerSettings(
    user_cpu_seconds_per_minute=6, guest_cpu_seconds_per_minute=3, guests_cpu_seconds_per_minute=12
)


def account(
    budgets: CpuBudgets, owner: str, kind: IdentityKind, *, of: RequestClass = "detect", address: str = "203.0.113.7"
) -> BoundedAccount:
    request = Request({"type": "http", "client": (address, 1), "headers": []})
    found = budgets.account(of, request, Identity(owner_id=owner, kind=kind))
    assert found is not None
    return found


async def worked(account: BoundedAccount, cpu_seconds: float) -> None:
    await account.enter()
    account.leave(cpu_seconds)


def test_the_one_writer_of_a_local_server_has_no_limit():
    request = Request({"type": "http", "client": ("127.0.0.1", 1), "headers": []})

    assert CpuBudgets(SETTINGS, FakeClock()).account("detect", request, LOCAL) is None


async def test_who_has_used_up_their_share_waits_until_it_has_grown_again():
    clock = FakeClock()
    budgets = CpuBudgets(SETTINGS, clock)
    await worked(account(budgets, "ada", "user"), 13)

    with pytest.raises(Refused, match="wait 10 s") as refused:
        await worked(account(budgets, "ada", "user"), 1)

    assert (refused.value.status, refused.value.retry_seconds) == (429, 10)
    await worked(account(budgets, "tam", "user"), 1)
    await worked(account(budgets, "ada", "user", of="write"), 1)
    await clock.advance(10)
    await worked(account(budgets, "ada", "user"), 1)


async def test_guests_share_what_their_address_has_and_all_of_them_what_guests_have():
    budgets = CpuBudgets(SETTINGS, FakeClock())
    await worked(account(budgets, "guest-1", "guest"), 7)
    with pytest.raises(Refused):
        await worked(account(budgets, "guest-2", "guest"), 1)
    for number in range(3):
        await worked(account(budgets, f"guest-{number + 3}", "guest", address=f"198.51.100.{number}"), 0.1)
    await worked(account(budgets, "guest-9", "guest", address="198.51.100.9"), 20)
    with pytest.raises(Refused):
        await worked(account(budgets, "guest-10", "guest", address="198.51.100.10"), 1)
    await worked(account(budgets, "ada", "user"), 1)


async def test_a_caller_has_one_piece_of_work_done_at_a_time_and_only_so_many_wait():
    budgets = CpuBudgets(SETTINGS, FakeClock())
    first = account(budgets, "ada", "user")
    await first.enter()
    waiting = [asyncio.create_task(worked(account(budgets, "ada", "user"), 0)) for _ in range(8)]
    await asyncio.sleep(0)

    with pytest.raises(Refused, match="still being worked on"):
        await account(budgets, "ada", "user").enter()
    assert not any(task.done() for task in waiting)
    await worked(account(budgets, "tam", "user"), 0)
    first.leave(0)
    await asyncio.gather(*waiting)
