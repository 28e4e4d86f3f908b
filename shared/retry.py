"""Work without end: what relays, subscriptions and loops do about faults."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from shared.db import PASSING
from shared.errors import Busy
from shared.repeats import Trouble

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0
"""Seconds."""


async def retry_forever(
    attempt: Callable[[], Awaitable[None]],
    log: Any,
    *,
    passing: tuple[type[BaseException], ...] = (),
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    trouble: Trouble | None = None,
) -> NoReturn:
    """Attempts again and again until cancelled.

    A fault that passes by itself (those of the database, `Busy`, and `passing`) is a warning, any other is logged with
    its place; both are followed by a pause that doubles until an attempt succeeds. However often it fails, it is told
    once a minute. Whoever hands in a `trouble` says itself when it is over: not every attempt that ends has gone well.
    """
    mild: tuple[type[BaseException], ...] = (Busy, *PASSING, *passing)
    telling = trouble or Trouble(log)
    seconds = FIRST_PAUSE
    while True:
        try:
            await attempt()
        except mild as fault:
            telling.met(fault)
        except Exception as fault:
            telling.met(fault, passing=False)
        else:
            if trouble is None:
                telling.over()
            seconds = FIRST_PAUSE
            continue
        await pause(seconds)
        seconds = min(seconds * 2, LONGEST_PAUSE)
