"""Over Kafka nothing overtakes a batch that failed, and no partition keeps another one from its turn."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaTimeoutError
from aiokafka.structs import ConsumerRecord

from shared.bus.binary_mode import headers_of
from shared.bus.event import Event
from shared.bus.kafka import BrokerAway, KafkaPublisher
from shared.bus.kafka_subscription import BATCH, KafkaMessage, _Reading
from tests.postgres import FreshDatabase
from tests.shared.bus_under_test import bus_under_test

ONE, OTHER = UUID(int=1), UUID(int=2)


class _Stumbling(KafkaPublisher):
    """A publisher whose first batch fails, as when the broker keeps it waiting too long."""

    stumbled = False

    async def _send(self, producer: AIOKafkaProducer, events: Sequence[Event]) -> list["asyncio.Future[Any]"]:
        if not self.stumbled:
            self.stumbled = True
            raise KafkaTimeoutError
        return await super()._send(producer, events)


async def test_no_batch_overtakes_the_one_that_failed(fresh_database: FreshDatabase, kafka_bootstrap: str) -> None:
    async with bus_under_test(fresh_database, kafka_bootstrap) as bus:
        publisher = _Stumbling(kafka_bootstrap, "customers")
        batches = [[bus.event(ONE, value)] for value in (1, 2)]
        try:
            outcomes = await asyncio.gather(*map(publisher.publish, batches), return_exceptions=True)
            assert [type(outcome) for outcome in outcomes] == [BrokerAway, BrokerAway]
            with pytest.raises(BrokerAway):
                await publisher.publish(batches[1])

            publisher.begin_anew()
            await asyncio.gather(*map(publisher.publish, batches))
        finally:
            await publisher.close()

        bus.start(bus.readers[0])
        await bus.taken(bus.readers[0], 2)
        assert await bus.readers[0].values(ONE) == [1, 2]


async def test_a_partition_with_much_waiting_keeps_no_other_from_its_turn(fresh_database: FreshDatabase) -> None:
    async with bus_under_test(fresh_database, None) as bus:
        [reader] = bus.readers
        consumer = AIOKafkaConsumer()
        reading = _Reading(consumer, reader.inbox, generation=0)
        much, little = (TopicPartition(bus.topic, partition) for partition in range(2))
        reading._waiting[much] = deque(_record(much, value, bus.event(ONE, value)) for value in range(1, 2 * BATCH + 1))
        reading._waiting[little] = deque([_record(little, 1, bus.event(OTHER, 1))])

        await reading._take_together(reading._next())
        await reading._take_together(reading._next())
        await consumer.stop()

        assert await reader.values(OTHER) == [1]
        assert await reader.values(ONE) == list(range(1, 2 * BATCH))


def _record(place: TopicPartition, offset: int, event: Event) -> KafkaMessage:
    """The event as a broker hands it out."""
    key, value = event.key.encode(), event.data.encode()
    headers = headers_of(event, "customers")
    return ConsumerRecord(*place, offset, 0, 0, key, value, None, len(key), len(value), tuple(headers))
