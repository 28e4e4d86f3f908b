"""A relay or a reader as a process of its own, to be killed: `python -m tests.faults.bus_worker relay|read …`."""

import asyncio
import sys
from collections.abc import Sequence

from shared.bus.event import Event
from shared.bus.inbox import Inbox
from shared.bus.kafka import KafkaPublisher
from shared.bus.kafka_subscription import KafkaSubscription
from shared.bus.relay import Relay
from shared.clock import Clock
from shared.db import Connection, Database
from shared.personal import Vault
from shared.telemetry import configure_logging
from tests.shared.bus_under_test import Counted


async def relay(url: str, bootstrap: str) -> None:
    """Publishes until killed."""
    database = await Database.connect(url, pool_size=4)
    await Relay("customers", database, KafkaPublisher(bootstrap, "customers"), Clock()).run()


async def read(url: str, bootstrap: str, topic: str, member: str) -> None:
    """Takes events into the table `effect` until killed."""
    database = await Database.connect(url, pool_size=4)

    async def count(transaction: Connection, events: Sequence[Event]) -> None:
        await transaction.execute(
            "INSERT INTO effect (event_id, key, value) SELECT * FROM unnest($1::uuid[], $2::text[], $3::integer[])",
            [event.id for event in events],
            [event.key for event in events],
            [event.read(Counted).value for event in events],
        )

    inbox = Inbox("reader", database, {Counted.TYPE: count}, Vault(bytes(32), "bus:parking"))
    await KafkaSubscription(inbox, bootstrap, [topic], member).run()


if __name__ == "__main__":
    configure_logging("ERROR")
    part, *arguments = sys.argv[1:]
    asyncio.run(relay(*arguments) if part == "relay" else read(*arguments))
