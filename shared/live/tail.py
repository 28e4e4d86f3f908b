"""The end of a live stream in this process: one look at the table serves all clients, and none holds a connection."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from uuid import UUID

import anyio

from shared.clock import Clock, WakeUp
from shared.db import PASSING, Database
from shared.errors import Busy
from shared.live.seats import Seats
from shared.live.updates import LiveUpdate, Source, StreamStart
from shared.repeats import Trouble
from shared.telemetry import log

POLL = timedelta(milliseconds=200)
"""How long an update of another process may go unseen; a commit of this process wakes the tail."""
AT_MOST_EVERY = 0.02
BATCH = 500
REMEMBERED = 1_000
LONGEST_SESSION = 3_600.0
"""Seconds after which a client has to come again: a token is checked only when it comes."""


class LiveTail:
    """Follows the stream for every client of this process."""

    def __init__(self, database: Database, clock: Clock, source: Source) -> None:
        self._database = database
        self._source = source
        self._wake_up: WakeUp = clock.wake_up()
        database.when_committed(self._wake_up.wake)
        self._recent: deque[LiveUpdate] = deque(maxlen=REMEMBERED)
        self._arrived = asyncio.Event()
        self.seats = Seats()
        self.clients = 0
        self.ending = anyio.Event()
        """To be set when the server stops; every session ends within the next look at the table."""
        self._watching: asyncio.Task[None] | None = None
        self._trouble = Trouble(log("live"), waits="not watching", over="watching again")

    @property
    def watching(self) -> bool:
        """Whether this process looks at the table at all: only while somebody follows."""
        return self._watching is not None

    async def start(self, after: int | None) -> StreamStart:
        """Where a client begins that has seen everything up to `after`; None: with what happens from now on."""
        return (await self._source.extent(self._database)).start(after)

    async def follow(self, position: int, follower: UUID) -> AsyncIterator[LiveUpdate]:
        """The updates after a number that are for this follower, then what comes.

        Ends when the session has lasted long enough, the server stops, or the database is away.
        """
        until = asyncio.get_running_loop().time() + LONGEST_SESSION
        with self._watched(), suppress(Busy, *PASSING):
            while True:
                arrived = self._arrived
                batch = await self._after(position)
                for update in batch:
                    position = update.id
                    if update.is_for(follower):
                        yield update
                if self.ending.is_set() or (not batch and not await _happens(arrived, until)):
                    return

    async def _after(self, position: int) -> Sequence[LiveUpdate]:
        if self._recent and self._recent[0].id <= position + 1:
            return [update for update in self._recent if update.id > position]
        return await self._source.after(self._database, position, BATCH)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        self.clients += 1
        watching = self._watching = self._watching or asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self.clients -= 1
            if self.clients == 0:
                watching.cancel()
                self._watching = None
                self._recent.clear()

    async def _watch(self) -> None:
        end: int | None = None
        while True:
            try:
                end, more = await self._look(end)
                self._trouble.over()
            except (*PASSING, Busy) as fault:
                self._trouble.met(fault)
                more = False
            except Exception as fault:
                self._trouble.met(fault, passing=False)
                more = False
            if not more:
                await asyncio.sleep(AT_MOST_EVERY)
                await self._wake_up.wait_until(None, POLL)
            if self.ending.is_set():
                self._wake()

    async def _look(self, end: int | None) -> tuple[int, bool]:
        """Remembers the updates after `end` and wakes the clients; how far it is now, and whether there is more."""
        if end is None:
            end = (await self._source.extent(self._database)).last_id
            self._wake()
        new = await self._source.after(self._database, end, BATCH)
        if new:
            self._recent.extend(new)
            self._wake()
        return (new[-1].id if new else end), len(new) == BATCH

    def _wake(self) -> None:
        arrived, self._arrived = self._arrived, asyncio.Event()
        arrived.set()


async def _happens(arrived: asyncio.Event, until: float) -> bool:
    """Whether it happens before the moment (of the loop's clock)."""
    try:
        async with asyncio.timeout_at(until):
            await arrived.wait()
    except TimeoutError:
        return False
    return True
