"""The bus over Apache Kafka: CloudEvents in binary mode, an idempotent producer, consumers that acknowledge after.

What aiokafka needs to be told (decision 7): an idempotent batch never expires, so a bounded send means stopping and
rebuilding the producer; a partition that must wait is paused, so that the poll interval is never exceeded;
`group_instance_id` is unique per process.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError, MessageSizeTooLargeError
from aiokafka.partitioner import murmur2
from aiokafka.structs import ConsumerRecord

from shared.bus.event import Event
from shared.bus.inbox import Inbox
from shared.bus.port import Delivery, TooLargeToPublish, Unreadable
from shared.db import PASSING
from shared.errors import Busy
from shared.telemetry import log

SEND_SECONDS = 15.0
BATCH = 500
POLL_MILLISECONDS = 250
FETCH_WAIT_MILLISECONDS = 20
"""Short, because a partition that was just read waits for the fetch under way before it is asked for again."""
COMMIT_EVERY = 0.2
WATCH_EVERY = 30.0
LONGEST_PAUSE = 5.0
LARGEST_EVENT = 1_000_000


Batches: TypeAlias = "dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]"


class BrokerAway(ConnectionError):
    """The broker did not take the events in time; they stay in the outbox and are offered again."""


class KafkaPublisher:
    """Publishes a relay's events, pipelined, in order per key."""

    def __init__(self, bootstrap: str, service: str, *, send_seconds: float = SEND_SECONDS) -> None:
        self._bootstrap = bootstrap
        self._service = service
        self._seconds = send_seconds
        self._producer: AIOKafkaProducer | None = None

    async def publish(self, events: Sequence[Event]) -> None:
        """Returns when the broker has all of them; raises BrokerAway or TooLargeToPublish."""
        try:
            async with asyncio.timeout(self._seconds):
                producer = await self._ready()
                sent, refused = await self._send(producer, events)
                await asyncio.gather(*sent)
        except (KafkaError, OSError, TimeoutError) as fault:
            await self.close()
            raise BrokerAway(f"the broker did not take the events ({type(fault).__name__})") from fault
        except asyncio.CancelledError:
            await self.close()
            raise
        if refused:
            raise TooLargeToPublish(refused)

    async def _send(
        self, producer: AIOKafkaProducer, events: Sequence[Event]
    ) -> tuple[list["asyncio.Future[Any]"], list[Event]]:
        sent: list[asyncio.Future[Any]] = []
        refused: list[Event] = []
        for event in events:
            try:
                sent.append(
                    await producer.send(
                        event.topic,
                        event.data.encode(),
                        key=event.key.encode(),
                        headers=headers_of(event, self._service),
                    )
                )
            except MessageSizeTooLargeError:
                refused.append(event)
        return sent, refused

    async def _ready(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                client_id=f"crm-{self._service}-relay",
                enable_idempotence=True,
                acks="all",
                linger_ms=0,
                partitioner=_partition_of,
                max_batch_size=131_072,
                max_request_size=LARGEST_EVENT,
                request_timeout_ms=10_000,
                retry_backoff_ms=50,
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer

    async def close(self) -> None:
        """Stops the producer; the next publish builds a new one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            stopping = asyncio.ensure_future(_abandon(producer))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(stopping), 2)


@lru_cache(maxsize=65_536)
def _murmur2_partition(key: bytes, count: int) -> int:
    """Kafka's own placement of a key, remembered because aiokafka computes it in Python for every message."""
    return int((murmur2(key) & 0x7FFFFFFF) % count)


def _partition_of(key: bytes, every: list[int], _: list[int]) -> int:
    return every[_murmur2_partition(key, len(every))]


async def _abandon(producer: AIOKafkaProducer) -> None:
    """Stops without waiting for batches that may never be taken: the outbox still has them."""
    for name in ("_sender", "client"):
        part = getattr(producer, name, None)
        if part is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(part.close(), 1)
    producer._closed = True


def headers_of(event: Event, service: str) -> list[tuple[str, bytes]]:
    """CloudEvents attributes as Kafka headers (binary mode)."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event.id).encode()),
        ("ce_source", f"/crm/{service}".encode()),
        ("ce_type", event.type.encode()),
        ("ce_subject", str(event.aggregate_id).encode()),
        ("ce_time", event.time.isoformat().encode()),
        ("ce_dataschema", f"urn:crm:{event.type}:{event.major}".encode()),
        ("ce_partitionkey", event.key.encode()),
        ("ce_aggregateversion", str(event.aggregate_version).encode()),
        ("ce_historical", b"true" if event.historical else b"false"),
        ("content-type", b"application/json"),
    ]
    if event.traceparent:
        headers.append(("traceparent", event.traceparent.encode()))
    return headers


def delivery_of(record: "ConsumerRecord[bytes, bytes]") -> Delivery:
    """The event in a Kafka record, or what is known of something unreadable."""
    headers = {_text(name.encode()): _text(value) for name, value in record.headers}
    key = _text(record.key)
    content: Event | Unreadable
    try:
        content = _event(record, headers, key)
    except (KeyError, ValueError, AttributeError, UnicodeDecodeError) as fault:
        content = Unreadable(headers, record.value, f"no event of ours ({type(fault).__name__})")
    return Delivery(record.topic, record.partition, record.offset, key, content)


def _text(value: bytes | None) -> str:
    """What anybody may have put into a key or header, as text that can be parked: PostgreSQL takes no NUL."""
    return (value or b"").decode("utf-8", "replace").replace("\0", "\ufffd")


def _event(record: "ConsumerRecord[bytes, bytes]", headers: dict[str, str], key: str) -> Event:
    if record.value is None:
        raise ValueError("a message without a body")
    return Event(
        type=headers["ce_type"],
        topic=record.topic,
        key=key,
        time=datetime.fromisoformat(headers["ce_time"]),
        aggregate_id=UUID(headers["ce_subject"]),
        aggregate_version=int(headers["ce_aggregateversion"]),
        data=record.value.decode(),
        major=int(headers["ce_dataschema"].rsplit(":", 1)[1]),
        historical=headers.get("ce_historical") == "true",
        id=UUID(headers["ce_id"]),
        traceparent=headers.get("traceparent"),
        sequence=record.offset,
    )


class KafkaSubscription:
    """A consumer group's member in this process: batches per partition, effects first, offsets afterwards."""

    def __init__(self, inbox: Inbox, bootstrap: str, topics: Sequence[str], member: str) -> None:
        """`member` is unique per process and stable over its restarts (static membership)."""
        self._inbox = inbox
        self._bootstrap = bootstrap
        self._topics = list(topics)
        self._member = member
        self._log = log("subscription").bind(consumer=inbox.consumer)
        self._pauses: dict[TopicPartition, float] = {}
        self._done: dict[TopicPartition, int] = {}
        self._watched: dict[TopicPartition, int] = {}
        self._generation = 0

    async def run(self) -> None:
        """Consumes until cancelled; a lost broker or a changed generation builds the consumer anew."""
        pause = 0.2
        while True:
            try:
                await self._consume()
                pause = 0.2
            except (KafkaError, Busy, *PASSING) as fault:
                self._log.warning("consumer starts anew", fault=type(fault).__name__, seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception as fault:
                self._log.exception("consumer failed", fault=type(fault).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _consume(self) -> None:
        generation = self._generation = await generation_of(self._inbox)
        consumer = self._build(generation)
        self._pauses, self._done, self._watched = {}, {}, {}
        try:
            await consumer.start()
            async with asyncio.TaskGroup() as tasks:
                side = [tasks.create_task(self._commit_forever(consumer)), tasks.create_task(self._watch(consumer))]
                while await generation_of(self._inbox) == generation:
                    until = asyncio.get_running_loop().time() + 1.0
                    while asyncio.get_running_loop().time() < until:
                        await self._round(consumer)
                for task in side:
                    task.cancel()
        except* (KafkaError, OSError) as faults:
            raise BrokerAway(type(faults.exceptions[0]).__name__) from None
        finally:
            with contextlib.suppress(KafkaError, TimeoutError, OSError):
                await asyncio.wait_for(self._commit(consumer), 2)
            await leave(consumer)

    def _build(self, generation: int) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            *self._topics,
            bootstrap_servers=self._bootstrap,
            client_id=f"crm-{self._member}",
            group_id=f"crm.{self._inbox.consumer}" + (f".{generation}" if generation else ""),
            group_instance_id=self._member,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=FETCH_WAIT_MILLISECONDS,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            max_poll_interval_ms=300_000,
            request_timeout_ms=20_000,
            retry_backoff_ms=100,
        )

    async def _round(self, consumer: AIOKafkaConsumer) -> None:
        self._resume(consumer)
        batches = await consumer.getmany(timeout_ms=POLL_MILLISECONDS, max_records=BATCH)
        if len(batches) > 1:
            await self._take_together(consumer, batches)
        else:
            await self._take_each(consumer, batches)

    async def _take_together(self, consumer: AIOKafkaConsumer, batches: Batches) -> None:
        """All partitions of a round in one transaction; when it fails, each on its own, so that one waits alone."""
        deliveries = [delivery_of(record) for records in batches.values() for record in records]
        try:
            await self._inbox.take(deliveries, generation=self._generation)
        except (Busy, *PASSING):
            await self._take_each(consumer, batches)
        else:
            self._done.update({place: records[-1].offset + 1 for place, records in batches.items()})

    async def _take_each(self, consumer: AIOKafkaConsumer, batches: Batches) -> None:
        for place, records in batches.items():
            await self._take(consumer, place, records)

    async def _take(self, consumer: AIOKafkaConsumer, place: TopicPartition, records: list[Any]) -> None:
        try:
            await self._inbox.take([delivery_of(record) for record in records], generation=self._generation)
        except (Busy, *PASSING) as fault:
            self._log.warning(
                "partition waits", topic=place.topic, partition=place.partition, fault=type(fault).__name__
            )
            if place in consumer.assignment():
                consumer.pause(place)
                consumer.seek(place, records[0].offset)
            self._pauses[place] = asyncio.get_running_loop().time() + 0.5
            return
        self._done[place] = records[-1].offset + 1

    def _resume(self, consumer: AIOKafkaConsumer) -> None:
        now = asyncio.get_running_loop().time()
        for place in [place for place, until in self._pauses.items() if until <= now]:
            del self._pauses[place]
            if place in consumer.assignment():
                consumer.resume(place)

    async def _commit_forever(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            await asyncio.sleep(COMMIT_EVERY)
            await self._commit(consumer)

    async def _commit(self, consumer: AIOKafkaConsumer) -> None:
        """Offsets follow the effects; what is lost of them is delivered again and found in the inbox."""
        done, self._done = self._done, {}
        mine = {place: offset for place, offset in done.items() if place in consumer.assignment()}
        if mine:
            with contextlib.suppress(CommitFailedError, IllegalStateError):  # another member has the partition now
                await consumer.commit(mine)

    async def _watch(self, consumer: AIOKafkaConsumer) -> None:
        """Restarts a consumer whose position stands while the end moves."""
        while True:
            await asyncio.sleep(WATCH_EVERY)
            places = [place for place in consumer.assignment() if place not in self._pauses]
            ends = await consumer.end_offsets(places) if places else {}
            for place, end in ends.items():
                position = await consumer.position(place)
                if position < end and self._watched.get(place) == position:
                    raise BrokerAway(f"{place.topic} {place.partition} stands at {position} of {end}")
                self._watched[place] = position


async def leave(consumer: AIOKafkaConsumer) -> None:
    """Stops the consumer within 10 s, whatever its state.

    In a task of its own: while the broker is away aiokafka's stop raises CancelledError, which must not pass for a
    cancellation of ours and end the subscription, and it leaves its connections open.
    """
    stopping = asyncio.ensure_future(consumer.stop())
    done, _ = await asyncio.wait({stopping}, timeout=10)
    if not done:
        stopping.cancel()
        await asyncio.wait({stopping}, timeout=1)
    if stopping.cancelled() or (stopping.done() and stopping.exception()):
        with contextlib.suppress(Exception):
            await asyncio.wait_for(consumer._client.close(), 1)


async def generation_of(inbox: Inbox) -> int:
    """How often this consumer was rebuilt; every rebuild reads as a new group from the beginning."""
    found = await inbox.database.fetchval(
        "SELECT generation FROM consumer_generation WHERE consumer = $1", inbox.consumer
    )
    return int(found or 0)
