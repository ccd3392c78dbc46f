"""Work in other threads: what it gives, whose account it is on, and that it is paid whatever becomes of it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from saga_agent.offload import charge_to, off_loop, own_account


class Account:
    """Lets everybody in, and writes down what was paid."""

    def __init__(self, *, refusal: Exception | None = None) -> None:
        self.entered, self.paid, self.refusal = 0, list[float](), refusal
        self.is_in, self.is_left = asyncio.Event(), asyncio.Event()

    async def enter(self) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.entered += 1
        self.is_in.set()

    def leave(self, cpu_seconds: float) -> None:
        self.paid.append(cpu_seconds)
        self.is_left.set()


def burn(rounds: int) -> int:
    return sum(number * number for number in range(rounds))


async def test_work_is_done_in_another_thread_and_its_value_comes_back():
    assert await off_loop(threading.get_ident) != threading.get_ident()
    assert await off_loop(max, 1, 2) == 2


async def test_what_the_work_raises_is_raised_where_it_was_asked_for():
    with pytest.raises(ZeroDivisionError):
        await off_loop(lambda: 1 / 0)


async def test_work_is_on_the_account_of_the_task_that_asked_and_costs_what_it_took():
    account = Account()
    with own_account():
        charge_to(account)
        await off_loop(burn, 10)
        await off_loop(burn, 300_000)
    await off_loop(burn, 10)

    assert account.entered == len(account.paid) == 2
    assert 0 <= account.paid[0] < account.paid[1]


async def test_work_that_fails_is_paid():
    account = Account()
    with own_account():
        charge_to(account)
        with pytest.raises(ZeroDivisionError):
            await off_loop(lambda: 1 / 0)

    assert len(account.paid) == 1


async def test_work_that_nobody_waits_for_any_more_is_paid():
    account, go_on = Account(), threading.Event()

    async def ask() -> None:
        charge_to(account)
        await off_loop(go_on.wait, 30)

    asking = asyncio.create_task(ask())
    await account.is_in.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert account.paid == []
    go_on.set()
    await account.is_left.wait()

    assert len(account.paid) == 1


async def test_nothing_is_begun_for_an_account_that_refuses():
    begun: list[int] = []
    with own_account():
        charge_to(Account(refusal=PermissionError("no")))
        with pytest.raises(PermissionError):
            await off_loop(begun.append, 1)

    assert begun == []


async def test_a_task_that_was_started_meanwhile_is_on_nobody_s_account():
    account = Account()
    with own_account():
        charge_to(account)
        await asyncio.create_task(off_loop(burn, 10))  # pyright: ignore[reportArgumentType]

    assert account.entered == 0
