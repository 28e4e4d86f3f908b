"""Kill -9 of relay, reader and broker while 32 writers write: nothing lost, nothing twice, order per key kept."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.kafka.broker import KafkaBroker
from shared.bus import outbox
from shared.bus.event import Event
from shared.db import Database
from shared.ids import new_id
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.shared.bus_under_test import CREATE_EFFECT, Counted
from tests.support import START, database_of

WRITERS = 32
EVENTS_EACH = 60
TOPIC = "crm.kills.v1"


class Worker:
    """A process that is killed and started again."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.bus_worker", *self._arguments
        )

    async def kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


@pytest.fixture
async def databases(fresh_database: FreshDatabase) -> AsyncIterator[tuple[Database, Database]]:
    """The producer's and the reader's."""
    producer = await Database.connect(await database_of(fresh_database, "customers"), pool_size=8)
    reader = await Database.connect(await database_of(fresh_database, "care"), pool_size=2)
    await reader.execute(CREATE_EFFECT)
    yield producer, reader
    await producer.close()
    await reader.close()


async def _write(producer: Database, topic: str) -> str:
    """One aggregate's events, each in a transaction of its own; its key."""
    key = new_id()
    for value in range(1, EVENTS_EACH + 1):
        made = Event.of(Counted(customer_id=key, value=value), aggregate_id=key, version=value, at=START)
        fields = {name: getattr(made, name) for name in Event.__slots__}
        async with producer.transaction() as transaction:
            await outbox.append(transaction, [Event(**{**fields, "topic": topic})])
        await asyncio.sleep(random.random() * 0.1)
    return str(key)


async def _create(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, 3, 1)])
    await admin.close()


async def _all_taken(reader: Database) -> None:
    async def enough() -> bool:
        taken: Any = await reader.fetchval("SELECT count(DISTINCT event_id) FROM effect")
        return bool(taken >= WRITERS * EVENTS_EACH)

    await eventually(enough, within=90)


@pytest.mark.kafka
@pytest.mark.timeout(240)
async def test_nothing_is_lost_or_done_twice_under_kills(
    own_broker: KafkaBroker, databases: tuple[Database, Database]
) -> None:
    producer, reader = databases
    await _create(own_broker.bootstrap)
    relays = [Worker("relay", producer.url, own_broker.bootstrap) for _ in range(2)]
    readers = [Worker("read", reader.url, own_broker.bootstrap, TOPIC, f"reader-{n}") for n in range(2)]
    workers = [*relays, *readers]
    for worker in workers:
        await worker.start()

    writing = asyncio.gather(*(_write(producer, TOPIC) for _ in range(WRITERS)))
    for victim in (relays[0], readers[0], relays[1], readers[1]):
        await asyncio.sleep(1)
        await victim.kill()
        await victim.start()
    await asyncio.to_thread(own_broker.kill)
    await asyncio.sleep(1)
    await asyncio.to_thread(own_broker.start)
    keys = await writing
    await _all_taken(reader)
    for worker in workers:
        await worker.kill()

    rows = await reader.fetch("SELECT key, array_agg(value ORDER BY n) AS taken FROM effect GROUP BY key")
    taken = {row["key"]: list(row["taken"]) for row in rows}
    assert taken == {key: list(range(1, EVENTS_EACH + 1)) for key in keys}
