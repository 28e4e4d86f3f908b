"""The bus inside one process: each subscriber reads the producer's event log by sequence.

It commits its own position with its effect, exactly like a consumer group (decision "in process"); a slow or parked
subscriber stops nobody else, and a kill loses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import BigInteger

from shared.bus.contacts import CONTACTS_TOPIC, forgets
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


class TakenContacts:
    """How far each reader of one producer's contacts has come: what all of them have taken does not stay in its log."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}

    def join(self, consumer: str) -> None:
        """One more reads them; how far it has come is not known yet."""
        self._positions[consumer] = 0

    def taken(self, consumer: str, position: int) -> int:
        """A reader has come so far; up to where all of them have."""
        self._positions[consumer] = position
        return min(self._positions.values())


class InProcessSubscription:
    """One consumer's reading of one producer's log."""

    def __init__(
        self,
        inbox: Inbox,
        producer: Database,
        source: str,
        topics: Sequence[str],
        clock: Clock,
        contacts: TakenContacts | None = None,
    ) -> None:
        """Those who read the contacts of one producer share `contacts`."""
        self._inbox = inbox
        self._producer = producer
        self.source = source
        self._topics = list(topics)
        self._types = [f"{kind}.%" for kind in inbox.kinds]
        self._contacts = contacts or TakenContacts()
        self._removed = 0  # contacts up to this sequence are gone; who has just started does not know
        if CONTACTS_TOPIC in topics:
            self._contacts.join(inbox.consumer)
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
            await self._remove_contacts(place.position)
            return 0
        last = events[-1].sequence or 0

        async def advance(transaction: Connection) -> None:
            await _ADVANCE.execute(transaction, consumer=self._inbox.consumer, source=self.source, position=last)

        records = [_record(event) for event in events if not forgets(event)]
        await self._inbox.take(records, advance=advance, generation=place.generation)
        await self._remove_contacts(last)
        return len(events)

    async def _remove_contacts(self, position: int) -> None:
        """Takes contacts out of the log that every reader has taken, as soon as the last of them has."""
        if CONTACTS_TOPIC not in self._topics:
            return
        taken = self._contacts.taken(self._inbox.consumer, position)
        if taken != self._removed:
            await _REMOVE_CONTACTS.execute(self._producer, removed=min(self._removed, taken), sequence=taken)
            self._removed = taken

    async def _place(self) -> _Place:
        found = await _PLACE.one(self._inbox.database, consumer=self._inbox.consumer, source=self.source)
        return found or _Place(0, 0)


def _record(event: Event) -> Record:
    return Record(event.topic, 0, event.sequence or 0, event.key, event)
