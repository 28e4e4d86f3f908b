"""The bus inside one process: each subscriber reads the producer's event log by sequence.

It commits its own position with its effect, exactly like a consumer group (decision "in process"); a slow or parked
subscriber stops nobody else, and a kill loses nothing.
"""

from collections.abc import Sequence
from datetime import timedelta

from shared.bus.event import Event
from shared.bus.inbox import Inbox
from shared.bus.outbox import CONTACTS_TOPIC, published_after
from shared.bus.port import Record
from shared.clock import Clock, WakeUp
from shared.db import Connection, Database
from shared.retry import retry_forever
from shared.telemetry import log

BATCH = 500
POLL = timedelta(milliseconds=200)

_POSITION = """
SELECT coalesce((SELECT position FROM consumer_position WHERE consumer = $1 AND topic = $2), 0) AS position,
       coalesce((SELECT generation FROM consumer_generation WHERE consumer = $1), 0) AS generation
"""
_ADVANCE = """
INSERT INTO consumer_position (consumer, topic, position) VALUES ($1, $2, $3)
ON CONFLICT (consumer, topic) DO UPDATE SET position = EXCLUDED.position
"""


class InProcessPublisher:
    """Publishing in process is the stamp itself: there is nobody to send to."""

    async def publish(self, events: Sequence[Event]) -> None:
        return None

    def begin_anew(self) -> None:
        return None

    def is_too_large(self, event: Event) -> bool:
        return False


class InProcessSubscription:
    """One consumer's reading of one producer's log."""

    def __init__(self, inbox: Inbox, producer: Database, source: str, topics: Sequence[str], clock: Clock) -> None:
        self._inbox = inbox
        self._producer = producer
        self.source = source
        self._topics = list(topics)
        self._log = log("subscription").bind(consumer=inbox.consumer, source=source)
        self.wake_up: WakeUp = clock.wake_up()

    async def run(self) -> None:
        await retry_forever(self._turn, self._log)

    async def _turn(self) -> None:
        if not await self.step():
            await self.wake_up.wait_until(None, POLL)

    async def drain(self) -> int:
        total = 0
        while taken := await self.step():
            total += taken
        return total

    async def step(self) -> int:
        """Takes the next batch; returns how many events it was."""
        position, generation = await self._place()
        async with self._producer.connection() as reader:
            events = await published_after(reader, position, BATCH, self._topics)
        if not events:
            return 0
        last = events[-1].sequence or 0

        async def advance(transaction: Connection) -> None:
            await transaction.execute(_ADVANCE, self._inbox.consumer, self.source, last)

        await self._inbox.take([_record(event) for event in events], advance=advance, generation=generation)
        if CONTACTS_TOPIC in self._topics:
            await self._producer.execute(
                "DELETE FROM event_log WHERE topic = $1 AND sequence <= $2", CONTACTS_TOPIC, last
            )
        return len(events)

    async def _place(self) -> tuple[int, int]:
        """The position, and the consumer's generation to which it belongs."""
        row = await self._inbox.database.fetchrow(_POSITION, self._inbox.consumer, self.source)
        return (row["position"], row["generation"]) if row is not None else (0, 0)


def _record(event: Event) -> Record:
    return Record(event.topic, 0, event.sequence or 0, event.key, event)
