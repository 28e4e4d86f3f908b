"""Waiting for what an event will tell in a moment: a request that names a customer not heard of yet (decision 4)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

T = TypeVar("T")

PATIENCE: Final = (0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.3, 0.5, 0.5)
"""Seconds of real time between looks: 2 s in all."""


async def until_heard_of(look: Callable[[], Awaitable[T | None]]) -> T | None:
    """What `look` finds, as soon as it finds something; None when it is not heard of in time.

    `look` holds a connection only while it looks.
    """
    for seconds in PATIENCE:
        found = await look()
        if found is not None:
            return found
        await asyncio.sleep(seconds)
    return await look()
