"""The relay: publishes unpublished events in id order, then stamps the next sequences.

One relay at a time per service, by a lease on the database's clock; the stamp itself checks the lease, so a relay that
lost it while publishing stamps nothing (its events are published again by the next: readers' inboxes absorb that).
Unpublished rows are selected, never "ids above the last one seen": late commits would be lost.

Publishing waits for nobody: up to `MOST_MOVING` events and a batch are on their way to the broker while those that it
has taken are stamped together, in the order in which they were published. A fault forgets them all, and whoever holds
the lease publishes again from the first unstamped event.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import takewhile

from shared.bus import unpublished
from shared.bus.contacts import CONTACTS_TOPIC
from shared.bus.port import Publisher
from shared.bus.unpublished import LEASE_SECONDS, Unpublished
from shared.clock import Clock, WakeUp
from shared.db import PASSING, Database
from shared.errors import Busy
from shared.ids import new_id
from shared.partitions import ENSURE_PARTITION
from shared.repeats import Trouble
from shared.retry import retry_forever
from shared.telemetry import EVENTS_PUBLISHED, log

BATCH = 500
MOST_MOVING = 2 * BATCH
"""Another batch is published while fewer events than these are published and not stamped."""
SETTLE_SECONDS = 2.0
"""How long a relay that is stopped waits for what it has under way."""
POLL = timedelta(milliseconds=100)
IDLE_WITHOUT_LEASE = timedelta(seconds=1)


class LeaseLost(Busy):
    """Another relay may have published these events meanwhile."""

    slug = "lease-lost"
    title = "Another relay has taken over"


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows on their way: `published` ends when the broker has them."""

    rows: Sequence[Unpublished]
    published: "asyncio.Task[None]"

    @property
    def taken(self) -> bool:
        return self.published.done() and not self.published.cancelled() and self.published.exception() is None


class Relay:
    """Moves one service's events from its log to the bus."""

    def __init__(
        self,
        service: str,
        database: Database,
        publisher: Publisher,
        clock: Clock,
        *,
        keep_contacts: bool = False,
        published: Callable[[], None] = lambda: None,
        gather_stamps: timedelta = timedelta(),
    ) -> None:
        """`gather_stamps`: how long a stamp waits for more to stamp; readers of the log see an event by its stamp."""
        self._service = service
        self._database = database
        self._publisher = publisher
        self._keep_contacts = keep_contacts
        self._published = published
        self._gather_seconds = gather_stamps.total_seconds()
        self._me = new_id()
        self._held_until = 0.0
        self._epoch = 0
        self._moving: deque[_Batch] = deque()
        self._stamping: asyncio.Task[None] | None = None
        self._progress = asyncio.Event()
        self._log = log("relay").bind(service=service)
        self._trouble = Trouble(self._log)
        self.wake_up: WakeUp = clock.wake_up()

    async def run(self) -> None:
        """Publishes until cancelled; survives any fault of broker or database."""
        await retry_forever(self._turn, self._log, trouble=self._trouble)

    async def _turn(self) -> None:
        if await self._publish_next() < BATCH:  # whatever is committed after that look wakes it
            await self.wake_up.wait_until(None, POLL)
        if not self._moving:
            self._trouble.over()

    async def step(self) -> int:
        """Publishes and stamps one batch when this relay holds the lease; returns how many events it was."""
        moved = await self._publish_next()
        await self._settle()
        return moved

    async def drain(self) -> int:
        """Publishes and stamps what is there now, as fast as it can; returns how many events that were."""
        total = 0
        while moved := await self._publish_next():
            total += moved
        await self._settle()
        return total

    async def _publish_next(self) -> int:
        try:
            if not await self._hold():
                await self._forget()  # whoever holds the lease now may have published these
                await asyncio.sleep(IDLE_WITHOUT_LEASE.total_seconds())
                return 0
            await self._leave_room()
            rows = await unpublished.next_rows(self._database, self._moving_ids(), BATCH)
            return await self._start(rows) if rows else 0
        except BaseException:
            await self._forget()
            raise

    async def _start(self, rows: Sequence[Unpublished]) -> int:
        """Sends rows on their way, or parks those among them that the broker can never take; how many it was."""
        refused = [row for row in rows if self._publisher.is_too_large(row.event)]
        if refused:
            await self._park(refused)
            self.wake_up.wake()  # for the others of the batch
            return len(refused)
        events = [row.event if self._epoch == 0 else replace(row.event, epoch=self._epoch) for row in rows]
        publishing = asyncio.create_task(self._publisher.publish(events))
        self._moving.append(_Batch(rows, publishing))
        if not self._is_stamping():
            self._stamping = asyncio.create_task(self._stamp_moving())
        return len(rows)

    async def _leave_room(self) -> None:
        """Returns when another batch may be published; raises what kept those before from it."""
        while self._is_stamping() and len(self._moving_ids()) >= MOST_MOVING:
            self._progress.clear()
            await self._progress.wait()

    def _moving_ids(self) -> list[int]:
        return [row.log_id for batch in self._moving for row in batch.rows]

    def _is_stamping(self) -> bool:
        """Raises the fault of what has ended."""
        if self._stamping is None or not self._stamping.done():
            return self._stamping is not None
        ended, self._stamping = self._stamping, None
        if ended.cancelled():
            raise ConnectionAbortedError("what was under way was given up")
        ended.result()
        return False

    async def _stamp_moving(self) -> None:
        """Stamps what the broker has taken, as many batches at a time as there are, until nothing moves."""
        try:
            while self._moving:
                await self._moving[0].published
                if len(self._moving_ids()) < BATCH:
                    await asyncio.sleep(self._gather_seconds)
                taken = list(takewhile(lambda batch: batch.taken, self._moving))
                await self._stamp(taken)
                for _ in taken:
                    self._moving.popleft()
                self._progress.set()
        finally:
            self._progress.set()

    async def _settle(self) -> None:
        """Waits until nothing moves; a fault forgets what did, and is raised."""
        stamping, self._stamping = self._stamping, None
        if stamping is None:
            return
        try:
            await stamping
        except BaseException:
            await self._forget()
            raise

    async def _forget(self) -> None:
        """Gives up what is on its way; it is still unstamped and will be published again."""
        stamping, self._stamping = self._stamping, None
        moving, self._moving = self._moving, deque()
        tasks = [batch.published for batch in moving] + ([stamping] if stamping else [])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._publisher.begin_anew()

    async def release(self) -> None:
        """Gives the lease back so that another relay starts at once; when the database is away, it runs out.

        What is under way has two seconds to be stamped, otherwise the next relay publishes it again.
        """
        try:
            with contextlib.suppress(*PASSING, Busy):
                async with asyncio.timeout(SETTLE_SECONDS):
                    await self._settle()
        finally:
            await self._forget()
            self._held_until = 0.0
            with contextlib.suppress(*PASSING, Busy):
                await unpublished.release(self._database, self._me)

    async def _hold(self) -> bool:
        asked = time.monotonic()
        if asked + LEASE_SECONDS / 2 < self._held_until:
            return True
        epoch = await unpublished.hold(self._database, self._me)
        if epoch is None:
            return False
        self._epoch = epoch
        self._held_until = asked + LEASE_SECONDS
        return True

    async def _stamp(self, batches: Sequence[_Batch]) -> None:
        rows = [row for batch in batches for row in batch.rows]
        removed = [row.event.topic == CONTACTS_TOPIC and not self._keep_contacts for row in rows]
        stamped = await unpublished.stamp(self._database, self._me, rows, removed)
        if stamped != len(rows):
            self._held_until = 0.0
            raise LeaseLost(f"{len(rows) - stamped} events were left unstamped")
        EVENTS_PUBLISHED.labels(self._service).inc(len(rows))
        self._trouble.over()
        self._published()

    async def _park(self, refused: Sequence[Unpublished]) -> None:
        await unpublished.park(self._database, refused)


async def ensure_partitions(database: Database) -> None:
    """Makes this month's and the next month's partition of the event log."""
    await database.execute(ENSURE_PARTITION)
