"""Waiting for what an event will tell in a moment: a request that names a customer not heard of yet (decision 4)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

T = TypeVar("T")

PATIENCE: Final = (0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.3, 0.5, 0.5)
"""Seconds of real time between looks: 2 s in all."""
PLACES: Final = 40
"""How many requests of a process wait at a time: their looks are 200 a second at most, whoever asks for nobody."""


class WaitingRoom:
    """Where the requests of a process wait; whoever finds no place looks once and has the answer of that moment."""

    def __init__(self, places: int = PLACES) -> None:
        self._free = places

    async def until_heard_of(self, look: Callable[[], Awaitable[T | None]]) -> T | None:
        """What `look` finds, as soon as it finds something; None when it is not heard of in time.

        `look` holds a connection only while it looks.
        """
        found = await look()
        if found is not None or not self._free:
            return found
        self._free -= 1
        try:
            for seconds in PATIENCE:
                await asyncio.sleep(seconds)
                found = await look()
                if found is not None:
                    return found
        finally:
            self._free += 1
        return None
