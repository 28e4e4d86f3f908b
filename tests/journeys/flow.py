"""Whether anything is still under way between the processes of a distributed network, asked of logs and broker."""

from collections.abc import Mapping, Sequence
from itertools import product

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.topics import PARTITIONS
from shared.contracts import care, complaints, customers, responsibility
from shared.contracts.confirmations import REPORTING
from shared.settings import ServiceName

LISTENERS: Mapping[ServiceName, Sequence[str]] = {
    "customers": (complaints.FACTS, care.FACTS, REPORTING),
    "complaints": (customers.FACTS, customers.DIRECTORY, customers.CONTACTS, complaints.FACTS, care.FACTS),
    "care": (
        customers.FACTS,
        customers.DIRECTORY,
        customers.CONTACTS,
        complaints.FACTS,
        responsibility.RESPONSIBILITY,
    ),
    "reporting": (
        customers.FACTS,
        customers.DIRECTORY,
        complaints.FACTS,
        responsibility.RESPONSIBILITY,
        care.FACTS,
    ),
}
"""Who reads what."""

Places = Mapping[TopicPartition, int]


class Flow:
    """The events on their way: from the four logs over the broker to whoever listens."""

    def __init__(self, databases: Mapping[ServiceName, str], bootstrap: str) -> None:
        self._databases = databases
        self._bootstrap = bootstrap

    async def is_quiet(self) -> bool:
        """Whether every recorded event was published, and every published one taken by all who listen."""
        return await self._published() and await self._taken() and await self._published()

    async def _published(self) -> bool:
        waiting = "SELECT EXISTS (SELECT FROM event_log WHERE sequence IS NULL)"
        return not any([await self.ask(service, waiting) for service in self._databases])

    async def _taken(self) -> bool:
        ends = await self._ends()
        for service, topics in LISTENERS.items():
            taken = await self._positions(service)
            if any(taken.get(place, 0) < end for place, end in ends.items() if place.topic in topics):
                return False
        return True

    async def _ends(self) -> Places:
        topics = {topic for topics in LISTENERS.values() for topic in topics}
        places = [TopicPartition(topic, partition) for topic, partition in product(topics, range(PARTITIONS))]
        consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap)
        await consumer.start()
        try:
            ends: Places = await consumer.end_offsets(places)
        finally:
            await consumer.stop()
        return ends

    async def _positions(self, service: ServiceName) -> Places:
        """Up to where the service's present consumer group has committed."""
        query = "SELECT max(generation) FROM consumer_generation WHERE consumer = $1"
        generation = await self.ask(service, query, service)
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        await admin.start()
        try:
            group = f"crm.{service}" + (f".{generation}" if generation else "")
            committed = await admin.list_consumer_group_offsets(group)
        finally:
            await admin.close()
        return {place: found.offset for place, found in committed.items()}

    async def ask(self, service: ServiceName, query: str, *arguments: object) -> object:
        """One value out of a service's database."""
        connection: asyncpg.Connection = await asyncpg.connect(self._databases[service])
        try:
            return await connection.fetchval(query, *arguments)
        finally:
            await connection.close()
