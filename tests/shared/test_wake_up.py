"""A wake-up ends when it should: woken, at its moment, or cancelled, even when these come together."""

import asyncio
from datetime import timedelta

import pytest

from shared.clock import ManualClock, WakeUp
from tests.support import START

FOREVER = timedelta(hours=1)


async def _sleep_again_and_again(wake_up: WakeUp) -> None:
    """As every loop of a service does."""
    while True:
        await wake_up.wait_until(None, FOREVER)


@pytest.mark.parametrize("turns", range(5))
async def test_a_cancellation_that_comes_with_a_ring_is_not_lost(turns: int) -> None:
    wake_up = ManualClock(START).wake_up()
    sleeping = asyncio.create_task(_sleep_again_and_again(wake_up))
    await asyncio.sleep(0.01)

    wake_up.wake()
    for _ in range(turns):
        await asyncio.sleep(0)
    sleeping.cancel()

    ended, _ = await asyncio.wait([sleeping], timeout=1)
    sleeping.cancel()
    assert ended, "the loop slept on: its process would never stop"


async def test_a_moved_clock_wakes_the_sleeper() -> None:
    clock = ManualClock(START)
    sleeping = asyncio.create_task(clock.wake_up().wait_until(START + FOREVER, FOREVER))
    await asyncio.sleep(0.01)
    clock.forward(FOREVER)
    await asyncio.wait_for(sleeping, 1)


async def test_a_moment_that_has_passed_is_not_waited_for() -> None:
    await asyncio.wait_for(ManualClock(START).wake_up().wait_until(START, FOREVER), 1)
