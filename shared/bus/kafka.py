"""The bus over Apache Kafka: an idempotent producer of CloudEvents in binary mode.

What aiokafka needs to be told (decision 7): an idempotent batch never expires, so a bounded send means stopping and
rebuilding the producer. Reading stands in `kafka_subscription.py`.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from shared.bus.binary_mode import headers_of
from shared.bus.contacts import forgets
from shared.bus.event import Event

SEND_SECONDS = 15.0
LARGEST_EVENT = 1_000_000
"""Bytes of a message; the broker's own bound lies above (message.max.bytes)."""
OVERHEAD = 4_096
"""Bytes kept for headers and framing."""
LONGEST_CHARACTER = 4
"""Bytes in UTF-8."""


class BrokerAway(ConnectionError):
    """The broker did not take the events in time; they stay in the outbox and are offered again."""


class KafkaPublisher:
    """Publishes a relay's events, pipelined, in order per key."""

    def __init__(self, bootstrap: str, service: str, *, send_seconds: float = SEND_SECONDS) -> None:
        self._bootstrap = bootstrap
        self._service = service
        self._seconds = send_seconds
        self._producer: AIOKafkaProducer | None = None
        self._sending = asyncio.Lock()
        self._failed = False

    async def publish(self, events: Sequence[Event]) -> None:
        """Returns when the broker has all of them; raises BrokerAway. Batches are sent in the order of the calls.

        After a fault every batch is refused until `begin_anew`: none may get ahead of the one that failed.
        """
        try:
            async with asyncio.timeout(self._seconds):
                async with self._sending:
                    if self._failed:
                        raise BrokerAway("a batch before this one was not taken")
                    sent = await self._send(await self._ready(), events)
                await asyncio.gather(*sent)
        except (KafkaError, OSError, TimeoutError) as fault:
            self._failed = True
            await self.close()
            raise BrokerAway(f"the broker did not take the events ({type(fault).__name__})") from fault
        except asyncio.CancelledError:
            self._failed = True
            await self.close()
            raise

    def begin_anew(self) -> None:
        self._failed = False

    async def _send(self, producer: AIOKafkaProducer, events: Sequence[Event]) -> list["asyncio.Future[Any]"]:
        return [
            await producer.send(
                event.topic,
                None if forgets(event) else event.data.encode(),
                key=event.key.encode(),
                headers=headers_of(event, self._service),
            )
            for event in events
        ]

    def is_too_large(self, event: Event) -> bool:
        if len(event.data) * LONGEST_CHARACTER < LARGEST_EVENT - OVERHEAD:
            return False
        return len(event.data.encode()) + len(event.key.encode()) > LARGEST_EVENT - OVERHEAD

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
            await asyncio.wait({stopping}, timeout=2)


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
                async with asyncio.timeout(1):
                    await part.close()
    producer._closed = True
