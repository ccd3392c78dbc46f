"""FakeClock: time that goes on when it is told to."""

from __future__ import annotations

import asyncio

from saga_agent.clock import Clock
from saga_agent.testing.clock import FakeClock


async def test_time_stands_still_until_it_is_advanced() -> None:
    clock: Clock = FakeClock(start=100.0)
    sleeper = asyncio.ensure_future(clock.sleep(5))
    await asyncio.sleep(0)

    assert (clock.now(), sleeper.done()) == (100.0, False)
    sleeper.cancel()


async def test_advance_wakes_sleepers_in_the_order_they_are_due() -> None:
    clock = FakeClock(start=0.0)
    woken: list[tuple[str, float]] = []

    async def sleep(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.now()))

    sleepers = [asyncio.ensure_future(sleep(name, seconds)) for name, seconds in (("c", 9), ("a", 2), ("b", 2))]

    await clock.advance(5)
    assert (woken, clock.now()) == ([("a", 2.0), ("b", 2.0)], 5.0)
    await clock.advance(4)
    assert woken[2:] == [("c", 9.0)]
    await asyncio.gather(*sleepers)


async def test_a_sleeper_that_sleeps_again_is_woken_again_within_one_advance() -> None:
    clock = FakeClock(start=0.0)
    beats: list[float] = []

    async def heart() -> None:
        while True:
            await clock.sleep(5)
            beats.append(clock.now())

    beating = asyncio.ensure_future(heart())

    await clock.advance(17)

    assert (beats, clock.now()) == ([5.0, 10.0, 15.0], 17.0)
    beating.cancel()


async def test_a_cancelled_sleeper_stays_asleep_and_disturbs_nobody() -> None:
    clock = FakeClock()
    cancelled, other = asyncio.ensure_future(clock.sleep(1)), asyncio.ensure_future(clock.sleep(2))
    await asyncio.sleep(0)
    cancelled.cancel()

    await clock.advance(3)

    assert (cancelled.cancelled(), other.done()) == (True, True)


async def test_a_sleep_of_no_time_returns_without_an_advance() -> None:
    clock = FakeClock(start=7.0)

    await clock.sleep(0)
    await clock.sleep(-1)

    assert clock.now() == 7.0
