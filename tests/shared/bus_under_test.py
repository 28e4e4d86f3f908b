"""One producer and its readers over either transport: what the shared bus suite speaks with."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Protocol
from uuid import UUID

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.bus import outbox
from shared.bus.event import Event
from shared.bus.inbox import Inbox
from shared.bus.inprocess import InProcessPublisher, InProcessSubscription
from shared.bus.kafka import KafkaPublisher
from shared.bus.kafka_subscription import KafkaSubscription
from shared.bus.port import Effect, Publisher
from shared.bus.relay import Relay
from shared.clock import ManualClock
from shared.contracts.base import Fact
from shared.db import Connection, Database
from shared.ids import new_id
from shared.personal import Vault
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.support import MASTER_KEY, START, database_of

CREATE_EFFECT = """
CREATE TABLE effect (n bigint GENERATED ALWAYS AS IDENTITY, event_id uuid, key text, value integer, trace text)
"""


class Counted(Fact):
    """A fact for tests: the value counts up per key."""

    TYPE: ClassVar[str] = "crm.test.counted"
    TOPIC: ClassVar[str] = "crm.test.v1"
    customer_id: UUID
    value: int


class Reader:
    """A consumer that writes what it takes into its own database."""

    def __init__(self, name: str, database: Database, topic: str) -> None:
        self.database = database
        self.topic = topic
        self.before: Callable[[Event], None] = lambda event: None
        self.inbox = Inbox(name, database, {Counted.TYPE: self._reaction()}, Vault(MASTER_KEY, "bus:parking"))
        self.running: asyncio.Task[None] | None = None

    def _reaction(self) -> Effect:
        async def count(transaction: Connection, events: Sequence[Event]) -> None:
            for event in events:
                self.before(event)
                fact = event.read(Counted)
                await transaction.execute(
                    "INSERT INTO effect (event_id, key, value, trace) VALUES ($1, $2, $3, $4)",
                    event.id,
                    event.key,
                    fact.value,
                    event.traceparent,
                )

        return count

    async def values(self, key: UUID) -> list[int]:
        """What was taken for a key, in order."""
        rows = await self.database.fetch("SELECT value FROM effect WHERE key = $1 ORDER BY n", str(key))
        return [row["value"] for row in rows]

    async def count(self) -> int:
        return int(await self.database.fetchval("SELECT count(*) FROM effect"))


class Transport(Protocol):
    """How a relay and its readers are connected."""

    def publisher(self) -> Publisher: ...

    def subscription(self, reader: Reader, producer: Database) -> Coroutine[Any, Any, None]: ...


class InProcess:
    """Readers read the producer's log."""

    def publisher(self) -> Publisher:
        return InProcessPublisher()

    def subscription(self, reader: Reader, producer: Database) -> Coroutine[Any, Any, None]:
        return InProcessSubscription(reader.inbox, producer, "customers", [reader.topic], ManualClock(START)).run()


class OverKafka:
    """Through a real broker."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.publishers: list[KafkaPublisher] = []

    def publisher(self) -> Publisher:
        publisher = KafkaPublisher(self.bootstrap, "customers")
        self.publishers.append(publisher)
        return publisher

    def subscription(self, reader: Reader, producer: Database) -> Coroutine[Any, Any, None]:
        member = f"{reader.inbox.consumer}-{new_id().hex[-6:]}"
        return KafkaSubscription(reader.inbox, self.bootstrap, [reader.topic], member).run()


class BusUnderTest:
    """A producing service, a relay, and readers that can be started and killed."""

    def __init__(self, producer: Database, transport: Transport, topic: str) -> None:
        self.producer = producer
        self.transport = transport
        self.topic = topic
        self.readers: list[Reader] = []
        self.relay = self.another_relay()

    def another_relay(self) -> Relay:
        return Relay("customers", self.producer, self.transport.publisher(), ManualClock(START))

    def event(self, key: UUID, value: int, **changes: Any) -> Event:
        """The event that counts `key` to `value`."""
        fact = Counted(customer_id=key, value=value)
        made = Event.of(fact, aggregate_id=key, version=value, at=START)
        fields = {name: getattr(made, name) for name in Event.__slots__}
        return Event(**{**fields, "topic": self.topic, **changes})

    async def record(self, *events: Event) -> None:
        async with self.producer.transaction() as transaction:
            await outbox.append(transaction, events)

    async def relayed(self) -> None:
        """Until the relay has nothing left."""
        while await self.relay.step():
            pass

    def start(self, reader: Reader) -> None:
        reader.running = asyncio.create_task(self.transport.subscription(reader, self.producer))

    async def stop(self, reader: Reader) -> None:
        if reader.running is not None:
            reader.running.cancel()
            await asyncio.gather(reader.running, return_exceptions=True)
            reader.running = None

    async def taken(self, reader: Reader, count: int) -> None:
        """Until the reader has `count` effects."""

        async def enough() -> bool:
            return await reader.count() >= count

        await eventually(enough, within=40)


@asynccontextmanager
async def bus_under_test(
    fresh_database: FreshDatabase, bootstrap: str | None, readers: int = 1
) -> AsyncIterator[BusUnderTest]:
    """`bootstrap` None means in process; every test has a topic and consumers of its own."""
    topic = f"crm.test.{new_id().hex}" if bootstrap else "crm.test.v1"
    transport: Transport = InProcess()
    if bootstrap:
        await _create(bootstrap, topic)
        transport = OverKafka(bootstrap)
    bus = BusUnderTest(await Database.connect(await database_of(fresh_database, "customers")), transport, topic)
    try:
        for _ in range(readers):
            database = await Database.connect(await database_of(fresh_database, "care"), pool_size=8)
            await database.execute(CREATE_EFFECT)
            bus.readers.append(Reader(f"reader-{new_id().hex[-8:]}", database, topic))
        yield bus
    finally:
        for reader in bus.readers:
            await bus.stop(reader)
            await reader.database.close()
        for publisher in getattr(transport, "publishers", []):
            await publisher.close()
        await bus.producer.close()


async def _create(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 3, 1)])
    finally:
        await admin.close()
