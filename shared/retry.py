"""Work without end: what relays, subscriptions and loops do about faults."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from shared.db import PASSING
from shared.errors import Busy

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0
"""Seconds."""


async def retry_forever(
    attempt: Callable[[], Awaitable[None]],
    log: Any,
    *,
    passing: tuple[type[BaseException], ...] = (),
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> NoReturn:
    """Attempts again and again until cancelled.

    A fault that passes by itself (those of the database, `Busy`, and `passing`) is a warning, any other is logged with
    its place; both are followed by a pause that doubles until an attempt succeeds.
    """
    mild: tuple[type[BaseException], ...] = (Busy, *PASSING, *passing)
    seconds = FIRST_PAUSE
    while True:
        try:
            await attempt()
        except mild as fault:
            log.warning("waits", fault=type(fault).__name__, seconds=seconds)
        except Exception as fault:
            log.exception("failed", fault=type(fault).__name__, seconds=seconds)
        else:
            seconds = FIRST_PAUSE
            continue
        await pause(seconds)
        seconds = min(seconds * 2, LONGEST_PAUSE)
