"""The bus against a bare producer and a bare round trip: performance rows 8 and 9, over a real broker.

    python -m bench.bus

Relay: events of ~300 bytes, already committed, moved by our relay (select, publish, stamp) against one aiokafka
producer with the same settings and bytes. Latency: from the commit in one process, over NOTIFY, relay, broker and
inbox in two others, to the committed effect, at 200 events a second; against produce-to-consume with bare aiokafka.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.results import Result, save
from deploy.embedded_postgres import EmbeddedPostgres
from deploy.kafka.broker import KafkaBroker
from deploy.process import GATHER_STAMPS
from deploy.serving import settle_memory
from shared.bus import outbox
from shared.bus.binary_mode import headers_of
from shared.bus.event import Event
from shared.bus.inbox import Inbox
from shared.bus.kafka import KafkaPublisher
from shared.bus.kafka_subscription import BATCH, FETCH_WAIT_MILLISECONDS, KafkaSubscription
from shared.bus.notification import CommitNotifier, listen
from shared.bus.relay import Relay
from shared.clock import Clock, real_time
from shared.contracts.base import Fact
from shared.db import Connection, Database
from shared.ids import new_id
from shared.migrations import upgrade
from shared.personal import Vault
from shared.settings import ServiceName
from shared.telemetry import configure_logging

ROUNDS = 5
RELAYED = 10_000
RATE = 200
SECONDS = 5
TELL_EVERY = 0.1
SERVED: tuple[ServiceName, ...] = ("customers", "care")
KEYS = [new_id() for _ in range(500)]
NUMBERS = count()


class Sample(Fact):
    """What is sent: about 300 bytes."""

    TYPE: ClassVar[str] = "crm.bench.sample"
    TOPIC: ClassVar[str] = "crm.bench.v1"
    customer_id: UUID
    note: str = "x" * 200


def sample(n: int) -> Event:
    key = KEYS[n % len(KEYS)]
    return Event.of(Sample(customer_id=key), aggregate_id=key, version=n + 1, at=real_time())


def main() -> None:
    """Starts a broker and a durable PostgreSQL, measures, and stops them."""
    configure_logging("ERROR")
    with tempfile.TemporaryDirectory() as name, KafkaBroker(Path(name) / "kafka") as broker:
        Path(name).chmod(0o711)
        with EmbeddedPostgres(Path(name) / "postgresql") as postgres:
            postgres.ensure_databases(["customers", "care"])
            save("bus", uvloop.run(measure(postgres, broker.bootstrap)))


async def measure(postgres: EmbeddedPostgres, bootstrap: str) -> list[Result]:
    for service in SERVED:
        await upgrade(service, postgres.socket_url(service))
    await _create_topics(bootstrap)
    return [
        await measure_relay(postgres.socket_url("customers"), bootstrap),
        *await measure_latency(postgres, bootstrap),
    ]


async def _create_topics(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(Sample.TOPIC, 6, 1), NewTopic("bare", 6, 1), NewTopic("relayed", 6, 1)])
    await admin.close()


async def measure_relay(url: str, bootstrap: str) -> Result:
    """Row 8: events per second, ours and one producer's."""
    database = await Database.connect(url)
    publisher = KafkaPublisher(bootstrap, "customers")
    relay = Relay("customers", database, publisher, Clock(), gather_stamps=GATHER_STAMPS)
    ours, bare = [], []
    for _ in range(ROUNDS):
        events = [replace(sample(n), topic="relayed") for n in range(RELAYED)]
        bare.append(RELAYED / await _bare_producer(bootstrap, events))
        for start in range(0, RELAYED, 1000):
            async with database.transaction() as transaction:
                await outbox.append(transaction, events[start : start + 1000])
        began = time.perf_counter()
        await relay.drain()
        ours.append(RELAYED / (time.perf_counter() - began))
    await publisher.close()
    await database.close()
    return Result(
        "relay / one producer's maximum", "8", statistics.median(ours), statistics.median(bare), "events/s", 0.4
    )


async def _bare_producer(bootstrap: str, events: Sequence[Event]) -> float:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=0, max_batch_size=131_072
    )
    await producer.start()
    messages = [(event.data.encode(), event.key.encode(), headers_of(event, "customers")) for event in events]
    began = time.perf_counter()
    for start in range(0, len(messages), BATCH):
        sent = [
            await producer.send("bare", value, key=key, headers=headers)
            for value, key, headers in messages[start : start + BATCH]
        ]
        await asyncio.gather(*sent)
    took = time.perf_counter() - began
    await producer.stop()
    return took


async def measure_latency(postgres: EmbeddedPostgres, bootstrap: str) -> list[Result]:
    """Row 9: milliseconds from commit to effect, and of a bare round trip."""
    ours: list[float] = []
    bare: list[float] = []
    async with (
        _worker("relay", postgres.socket_url("customers"), bootstrap),
        _worker("consume", postgres.socket_url("care"), bootstrap) as consumer,
    ):
        database = await Database.connect(postgres.socket_url("customers"))
        notifier = asyncio.create_task(CommitNotifier(database).run())
        await _paced_commits(database, consumer, seconds=2)
        for _ in range(ROUNDS):
            bare += await _bare_round_trips(bootstrap)
            ours += await _paced_commits(database, consumer, seconds=SECONDS)
        notifier.cancel()
        await database.close()
    p99 = statistics.quantiles(ours, n=100)[98]
    return [
        Result(
            "commit to effect / bare round trip, median",
            "9",
            statistics.median(ours) * 1000,
            statistics.median(bare) * 1000,
            "ms",
            3,
            smaller_is_better=True,
        ),
        Result("commit to effect, 99 % within", "9", p99 * 1000, 50, "ms", 1, smaller_is_better=True),
    ]


async def _paced_commits(database: Database, consumer: asyncio.subprocess.Process, seconds: int) -> list[float]:
    assert consumer.stdout is not None
    committed: dict[str, float] = {}
    latencies: list[float] = []

    async def read(expected: int) -> None:
        assert consumer.stdout is not None
        while len(latencies) < expected:
            line = json.loads(await consumer.stdout.readline())
            latencies.append(line["at"] - committed[line["id"]])

    async def commit(event: Event) -> None:
        async with database.connection() as connection:
            await outbox.append(connection, [event])  # one statement that commits by itself, as intake does it
        committed[str(event.id)] = time.time()
        database.committed()

    reading = asyncio.create_task(read(RATE * seconds))
    began = time.perf_counter()
    commits = []
    for n in range(RATE * seconds):
        await asyncio.sleep(max(0.0, began + n / RATE - time.perf_counter()))
        event = sample(next(NUMBERS))
        committed[str(event.id)] = time.time()
        commits.append(asyncio.create_task(commit(event)))
    await asyncio.gather(*commits)
    await asyncio.wait_for(reading, 30)
    return latencies


async def _bare_round_trips(bootstrap: str) -> list[float]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=0)
    consumer = AIOKafkaConsumer(
        "bare", bootstrap_servers=bootstrap, auto_offset_reset="latest", fetch_max_wait_ms=FETCH_WAIT_MILLISECONDS
    )
    await producer.start()
    await consumer.start()
    await consumer.seek_to_end()
    taken: list[float] = []

    async def read() -> None:
        while len(taken) < RATE * SECONDS:
            for records in (await consumer.getmany(timeout_ms=250)).values():
                now = time.time()
                taken.extend(now - float(record.value) for record in records)

    reading = asyncio.create_task(read())
    began = time.perf_counter()
    for n in range(RATE * SECONDS):
        await asyncio.sleep(max(0.0, began + n / RATE - time.perf_counter()))
        await producer.send("bare", repr(time.time()).encode(), key=KEYS[n % len(KEYS)].bytes)
    await asyncio.wait_for(reading, 30)
    await consumer.stop()
    await producer.stop()
    return taken


@asynccontextmanager
async def _worker(part: str, url: str, bootstrap: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.bus", part, url, bootstrap, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def relay_worker(url: str, bootstrap: str) -> None:
    """The relay's process."""
    configure_logging("ERROR")
    settle_memory()
    database = await Database.connect(url)
    publisher = KafkaPublisher(bootstrap, "customers")
    relay = Relay("customers", database, publisher, Clock(), gather_stamps=GATHER_STAMPS)
    await asyncio.gather(relay.run(), listen(url, relay.wake_up.wake))


async def consuming_worker(url: str, bootstrap: str) -> None:
    """The consumer's process: prints, some together, each event's id and the moment its effect was committed."""
    configure_logging("ERROR")
    settle_memory()
    database = await Database.connect(url)
    await database.execute("CREATE TABLE IF NOT EXISTS effect (id uuid PRIMARY KEY)")
    pending: list[UUID] = []
    done: list[tuple[UUID, float]] = []

    async def keep(transaction: Connection, events: Sequence[Event]) -> None:
        ids = [event.id for event in events]
        await transaction.execute("INSERT INTO effect SELECT unnest($1::uuid[])", ids)
        pending.extend(ids)

    def note() -> None:
        now = time.time()
        done.extend((each, now) for each in pending)
        pending.clear()

    async def tell() -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            sys.stdout.write("".join(json.dumps({"id": str(each), "at": at}) + "\n" for each, at in done))
            sys.stdout.flush()
            done.clear()

    database.when_committed(note)
    reactions: dict[str, Any] = {Sample.TYPE: keep}
    subscription = KafkaSubscription(
        Inbox("bench", database, reactions, Vault(bytes(32), "bus:parking")), bootstrap, [Sample.TOPIC], "bench"
    )
    await asyncio.gather(subscription.run(), tell())


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["relay", url, bootstrap]:
            uvloop.run(relay_worker(url, bootstrap))
        case ["consume", url, bootstrap]:
            uvloop.run(consuming_worker(url, bootstrap))
        case _:
            main()
