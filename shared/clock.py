"""The one place that asks the time. Everything else is given a `Clock`.

Business time may run ahead of real time in rehearsals (`forward`), never back. Token expiry, leases and rate limits
use real time and do not ask this clock.
"""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from weakref import WeakSet


def real_time() -> datetime:
    """The machine's time in UTC, whatever the rehearsal says."""
    return datetime.now(UTC)


class Clock:
    """Business time in UTC: a source plus an offset that only grows."""

    def __init__(self, source: Callable[[], datetime] = real_time, offset: timedelta = timedelta()) -> None:
        self._source = source
        self._offset = offset
        self._wake_ups: WeakSet[WakeUp] = WeakSet()

    @property
    def offset(self) -> timedelta:
        """How far business time runs ahead of real time."""
        return self._offset

    @property
    def is_at_rest(self) -> bool:
        """Whether everything that waits by this clock waits, and nothing of it has been woken."""
        return all(wake_up.is_at_rest for wake_up in list(self._wake_ups))

    def now(self) -> datetime:
        return self._source() + self._offset

    def forward(self, duration: timedelta) -> datetime:
        """Moves business time forward and wakes every timer. Raises ValueError for a negative duration."""
        if duration < timedelta():
            raise ValueError("the business clock only moves forward")
        self._offset += duration
        for wake_up in list(self._wake_ups):
            wake_up.wake()
        return self.now()

    def wake_up(self) -> "WakeUp":
        """A new wake-up that is also called when this clock is moved forward."""
        wake_up = WakeUp(self)
        self._wake_ups.add(wake_up)
        return wake_up


class WakeUp:
    """Lets a task sleep until a moment of business time, a wake, or a bound of real time, whichever comes first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._called = asyncio.Event()
        self._waits = self._works = False

    @property
    def is_at_rest(self) -> bool:
        """Whether who waits here has not been woken, or waits again since; one where nobody waits is at rest."""
        return not self._works and not (self._waits and self._called.is_set())

    def wake(self) -> None:
        self._called.set()

    async def wait_until(self, moment: datetime | None, at_most: timedelta) -> None:
        """Returns at `moment` (business time), when woken, or after `at_most` of real time."""
        self._waits, self._works = True, False
        try:
            await self._until(moment, at_most)
            self._works = True
        finally:
            self._waits = False
        self._called.clear()

    async def _until(self, moment: datetime | None, at_most: timedelta) -> None:
        seconds = at_most.total_seconds()
        if moment is not None:
            seconds = min(seconds, (moment - self._clock.now()).total_seconds())
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):  # `wait_for` would lose a cancellation that comes with a wake
                    await self._called.wait()


class ManualClock(Clock):
    """A clock that stands still until moved, for tests."""

    def __init__(self, start: datetime) -> None:
        super().__init__(source=lambda: start)

    def move_to(self, moment: datetime) -> datetime:
        """Forward to `moment`."""
        return self.forward(moment - self.now())
