"""Whether the topic of contacts still keeps anything of somebody: a tombstone takes effect when the broker compacts.

The partitions are read from their beginning: what the broker would still hand to a new reader is what it keeps.
"""

import asyncio
import time
from collections.abc import Collection
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.bus.contacts import CONTACTS_TOPIC

LOOK_EVERY: Final = 60.0
"""Seconds between two readings of the topic."""
READ_SECONDS: Final = 300.0
AT_ONCE: Final = 1_000


class KeptByKafka:
    """Reads the topic, now and then."""

    def __init__(self, bootstrap: str, *, topic: str = CONTACTS_TOPIC, look_every: float = LOOK_EVERY) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._every = look_every
        self._next_look = 0.0

    async def __call__(self, keys: Collection[str]) -> Collection[str]:
        """All of them until the topic has been read again."""
        if time.monotonic() < self._next_look:
            return keys
        self._next_look = time.monotonic() + self._every
        async with asyncio.timeout(READ_SECONDS):
            return await self._read(set(keys))

    async def _read(self, keys: set[str]) -> set[str]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, enable_auto_commit=False)
        places = [TopicPartition(self._topic, each) for each in await self._partitions()]
        await consumer.start()
        try:
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            kept: set[str] = set()
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                for messages in (await consumer.getmany(timeout_ms=500, max_records=AT_ONCE)).values():
                    kept |= keys & {_key(each.key) for each in messages if each.value is not None}
            return kept
        finally:
            await consumer.stop()

    async def _partitions(self) -> list[int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        await admin.start()
        try:
            [described] = await admin.describe_topics([self._topic])
            return [each["partition"] for each in described["partitions"]]
        finally:
            await admin.close()


def _key(key: bytes | None) -> str:
    return (key or b"").decode("utf-8", "replace")
