"""The relay: publishes unpublished events in id order, then stamps the next sequences.

One relay at a time per service, by a lease on the database's clock; the stamp itself checks the lease, so a relay that
lost it while publishing stamps nothing (its events are published again by the next: readers' inboxes absorb that).
Unpublished rows are selected, never "ids above the last one seen": late commits would be lost.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.bus.event import Event
from shared.bus.outbox import CONTACTS_TOPIC, EVENT_COLUMNS, from_row
from shared.bus.port import Publisher, TooLargeToPublish
from shared.clock import Alarm, Clock
from shared.db import PASSING, Database
from shared.errors import Busy
from shared.ids import new_id
from shared.kernel_schema import ENSURE_PARTITION
from shared.telemetry import EVENTS_PUBLISHED, log

BATCH = 500
LEASE_SECONDS = 10.0
POLL = timedelta(milliseconds=100)
IDLE_WITHOUT_LEASE = timedelta(seconds=1)

_HOLD = """
UPDATE relay SET holder = $1, held_until = clock_timestamp() + make_interval(secs => $2)
WHERE holder IS NULL OR holder = $1 OR held_until < clock_timestamp()
RETURNING true
"""
_NEXT = f"""
SELECT id, recorded_at, {EVENT_COLUMNS} FROM event_log
WHERE sequence IS NULL AND NOT id = ANY($2::bigint[])
  AND NOT EXISTS (SELECT 1 FROM parked_event p
                  WHERE p.consumer = 'relay' AND p.key = event_log.key AND p.replayed_at IS NULL)
ORDER BY id LIMIT $1
"""  # noqa: S608  constant column list
_STAMP = """
WITH lease AS (
    UPDATE relay SET last_sequence = last_sequence + $2, held_until = clock_timestamp() + make_interval(secs => $3)
    WHERE holder = $1 AND held_until > clock_timestamp()
    RETURNING last_sequence - $2 AS base
), place AS (
    SELECT * FROM unnest($4::bigint[], $5::timestamptz[], $6::boolean[]) WITH ORDINALITY
        AS t(id, recorded_at, removed, n)
), removed AS (
    DELETE FROM event_log USING lease, place
    WHERE place.removed AND event_log.id = place.id AND event_log.recorded_at = place.recorded_at
    RETURNING 1
), stamped AS (
    UPDATE event_log SET sequence = lease.base + place.n
    FROM lease, place
    WHERE NOT place.removed AND event_log.id = place.id AND event_log.recorded_at = place.recorded_at
      AND event_log.sequence IS NULL
    RETURNING 1
)
SELECT (SELECT count(*) FROM removed) + (SELECT count(*) FROM stamped)
"""
_PARK = """
INSERT INTO parked_event (consumer, key, event_id, type, topic, partition, position, headers, body, error)
VALUES ('relay', $1, $2, $3, $4, 0, $5, '{}', NULL, 'larger than the broker takes')
ON CONFLICT DO NOTHING
"""


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
    ) -> None:
        self._service = service
        self._database = database
        self._publisher = publisher
        self._keep_contacts = keep_contacts
        self._published = published
        self._me = new_id()
        self._held_until = 0.0
        self._stamping: asyncio.Task[None] | None = None
        self._unstamped: list[int] = []
        self._ahead: asyncio.Task[list[Any]] | None = None
        self._log = log("relay").bind(service=service)
        self.alarm: Alarm = clock.alarm()

    async def run(self) -> None:
        """Publishes until cancelled; survives any fault of broker or database."""
        pause = 0.05
        while True:
            try:
                busy = await self.step()
            except (*PASSING, Busy) as fault:
                self._log.warning("relay waits", fault=type(fault).__name__, seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
                continue
            except Exception as fault:
                self._log.exception("relay failed", fault=type(fault).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
                continue
            pause = 0.05
            if not busy:
                await self.alarm.wait_until(None, POLL)

    async def step(self) -> int:
        """Publishes one batch when this relay holds the lease; returns how many events it was.

        One batch is stamped and another one read while this one is published; sequences still follow the order of
        publishing, and a batch is published only when the one before was taken.
        """
        if not await self._hold():
            await self._forget_ahead()  # whoever holds the lease now may have published these
            await asyncio.sleep(IDLE_WITHOUT_LEASE.total_seconds())
            return 0
        rows = await self._next()
        if not rows:
            await self._stamped()
            return 0
        ids = [row["id"] for row in rows]
        if len(rows) == BATCH:
            self._ahead = asyncio.create_task(self._database.fetch(_NEXT, BATCH, self._unstamped + ids))
        events = [from_row(row) for row in rows]
        try:
            await self._publisher.publish(events)
        except TooLargeToPublish as refused:
            await self._forget_ahead()
            await self._park(refused.events, {row["event_id"]: row["id"] for row in rows})
            return len(refused.events)
        except BaseException:
            await self._forget_ahead()
            raise
        await self._stamped()
        self._unstamped = ids
        self._stamping = asyncio.create_task(self._stamp(rows, events))
        return len(events)

    async def _next(self) -> list[Any]:
        """The next batch, which may have been read while the one before was published."""
        ahead, self._ahead = self._ahead, None
        rows: list[Any] = await (ahead or self._database.fetch(_NEXT, BATCH, self._unstamped))
        return rows

    async def _forget_ahead(self) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)

    async def _stamped(self) -> None:
        """Waits for the stamp of the batch before; raises its fault, then those events are published again."""
        stamping, self._stamping = self._stamping, None
        self._unstamped = []
        if stamping is not None:
            await stamping

    async def release(self) -> None:
        """Gives the lease back so that another relay starts at once."""
        await self._forget_ahead()
        await self._stamped()
        self._held_until = 0.0
        await self._database.execute("UPDATE relay SET holder = NULL WHERE holder = $1", self._me)

    async def _hold(self) -> bool:
        asked = time.monotonic()
        if asked + LEASE_SECONDS / 2 < self._held_until:
            return True
        if not await self._database.fetchval(_HOLD, self._me, LEASE_SECONDS):
            return False
        self._held_until = asked + LEASE_SECONDS
        return True

    async def _stamp(self, rows: Sequence[Any], events: Sequence[Event]) -> None:
        removed = [event.topic == CONTACTS_TOPIC and not self._keep_contacts for event in events]
        stamped = await self._database.fetchval(
            _STAMP,
            self._me,
            len(rows),
            LEASE_SECONDS,
            [row["id"] for row in rows],
            [row["recorded_at"] for row in rows],
            removed,
        )
        if stamped != len(rows):
            self._held_until = 0.0
            self._log.warning("lease lost while publishing", events=len(rows))
            return
        EVENTS_PUBLISHED.labels(self._service).inc(len(events))
        self._published()

    async def _park(self, events: Sequence[Event], ids: dict[UUID, int]) -> None:
        async with self._database.transaction() as transaction:
            for event in events:
                await transaction.execute(_PARK, event.key, event.id, event.type, event.topic, ids[event.id])
        self._log.error("events parked by the relay", count=len(events))


async def ensure_partitions(database: Database) -> None:
    """Makes this month's and the next month's partition of the event log."""
    await database.execute(ENSURE_PARTITION)
