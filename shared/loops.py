"""Background work of a worker: what is due by itself."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from shared.clock import Clock, WakeUp
from shared.retry import retry_forever
from shared.telemetry import log


class Loop(Protocol):
    """A timer or a queue of jobs."""

    name: str

    async def run(self) -> None:
        """Works until cancelled."""

    async def step(self) -> int:
        """Does what is due now; returns how much that was, 0 when nothing is."""


class DueLoop:
    """Sleeps until the next due moment, then works until nothing is due; looks anyway after `at_most`."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        *,
        step: Callable[[], Awaitable[int]],
        next_due: Callable[[], Awaitable[datetime | None]] | None = None,
        at_most: timedelta = timedelta(milliseconds=500),
        wake_up: WakeUp | None = None,
    ) -> None:
        """`wake_up` is one that others call when something is new; without it, `at_most` is how late it is seen."""
        self.name = name
        self.wake_up: WakeUp = wake_up or clock.wake_up()
        self._step = step
        self._next_due = next_due
        self._at_most = at_most

    async def step(self) -> int:
        return await self._step()

    async def run(self) -> None:
        await retry_forever(self._turn, log("loop").bind(loop=self.name), pause=self._pause)

    async def _turn(self) -> None:
        if not await self._step():
            await self.wake_up.wait_until(await self._next_due() if self._next_due else None, self._at_most)

    async def _pause(self, seconds: float) -> None:
        await self.wake_up.wait_until(None, timedelta(seconds=seconds))
