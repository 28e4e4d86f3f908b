"""The bus inside one process: each subscriber reads the producer's event log by sequence.

It commits its own position with its effect, exactly like a consumer group (decision "in process"); a slow or parked
subscriber stops nobody else, and a kill loses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import BigInteger

from shared.bus.contacts import CONTACTS_TOPIC
from shared.bus.event import Event
from shared.bus.inbox import Inbox
from shared.bus.outbox import published_after
from shared.bus.port import Record
from shared.clock import Clock, WakeUp
from shared.db import Connection, Database
from shared.kernel_schema import EVENT_LOG
from shared.retry import retry_forever
from shared.statement import Statement, given
from shared.telemetry import log

BATCH = 500
POLL = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a consumer has read, and the generation to which that belongs."""

    position: int
    generation: int


_PLACE = Statement(
    """
    SELECT coalesce((SELECT position FROM consumer_position WHERE consumer = :consumer AND topic = :source), 0)
               AS position,
           coalesce((SELECT generation FROM consumer_generation WHERE consumer = :consumer), 0) AS generation
    """,
    _Place,
)
_ADVANCE = Statement(
    """
    INSERT INTO consumer_position (consumer, topic, position) VALUES (:consumer, :source, :position)
    ON CONFLICT (consumer, topic) DO UPDATE SET position = EXCLUDED.position
    """
)
_REMOVE_CONTACTS = Statement(
    EVENT_LOG.delete().where(
        EVENT_LOG.c.topic == CONTACTS_TOPIC,
        EVENT_LOG.c.sequence > given("removed"),
        EVENT_LOG.c.sequence <= given("sequence", BigInteger),
    )
)


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
        self._types = [f"{kind}.%" for kind in inbox.kinds]
        self._removed = 0  # contacts up to this sequence are gone; who has just started does not know
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
        place = await self._place()
        events = await published_after(self._producer, place.position, BATCH, self._topics, self._types)
        if not events:
            return 0
        last = events[-1].sequence or 0

        async def advance(transaction: Connection) -> None:
            await _ADVANCE.execute(transaction, consumer=self._inbox.consumer, source=self.source, position=last)

        await self._inbox.take([_record(event) for event in events], advance=advance, generation=place.generation)
        if CONTACTS_TOPIC in self._topics:
            await self._remove_contacts(last)
        return len(events)

    async def _remove_contacts(self, sequence: int) -> None:
        """Takes contacts up to a sequence out of the log, now that they are taken."""
        await _REMOVE_CONTACTS.execute(self._producer, removed=min(self._removed, sequence), sequence=sequence)
        self._removed = sequence

    async def _place(self) -> _Place:
        found = await _PLACE.one(self._inbox.database, consumer=self._inbox.consumer, source=self.source)
        return found or _Place(0, 0)


def _record(event: Event) -> Record:
    return Record(event.topic, 0, event.sequence or 0, event.key, event)
