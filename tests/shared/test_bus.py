"""One suite for both transports: every event has its effect once and in order per key, whatever happens on the way."""

import asyncio
import json
from collections.abc import Callable, Sequence
from uuid import UUID

import pytest

from deploy.topics import ensure_topics
from shared.bus import parking
from shared.bus.contacts import CONTACTS_TOPIC, ContactSeal
from shared.bus.epoch import beginning_of
from shared.bus.event import Event
from shared.bus.outbox import append
from shared.bus.port import Publisher
from shared.bus.relay import LeaseLost, Relay
from shared.bus.replay import Replayed, replay
from shared.clock import ManualClock
from shared.db import Database
from shared.ids import new_id
from shared.telemetry import current_trace_id, span
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.shared.bus_under_test import OverKafka, Reader, bus_under_test
from tests.support import MASTER_KEY, START

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture(params=["in process", pytest.param("kafka", marks=pytest.mark.kafka)])
def bootstrap(request: pytest.FixtureRequest) -> str | None:
    """None for the bus inside the process, else the address of the real broker."""
    if request.param == "in process":
        return None
    address: str = request.getfixturevalue("kafka_bootstrap")
    return address


async def _parked(reader: Reader, count: int) -> None:
    async def enough() -> bool:
        return len(await parking.waiting(reader.database)) >= count

    await eventually(enough)


async def test_every_event_has_its_effect_once_and_in_order(
    fresh_database: FreshDatabase, bootstrap: str | None
) -> None:
    async with bus_under_test(fresh_database, bootstrap, readers=2) as bus:
        keys = [new_id() for _ in range(20)]
        for value in range(1, 31):
            await bus.record(*(bus.event(key, value) for key in keys))
        for reader in bus.readers:
            bus.start(reader)
        await bus.relayed()

        for reader in bus.readers:
            await bus.taken(reader, 600)
            assert [await reader.values(key) for key in keys] == [list(range(1, 31))] * 20


async def test_an_event_delivered_twice_has_its_effect_once(
    fresh_database: FreshDatabase, bootstrap: str | None
) -> None:
    async with bus_under_test(fresh_database, bootstrap) as bus:
        reader = bus.readers[0]
        bus.start(reader)
        await bus.record(bus.event(ONE, 1), bus.event(ONE, 2))
        await bus.relayed()
        await bus.taken(reader, 2)

        await bus.producer.execute("UPDATE event_log SET sequence = NULL")
        await bus.relayed()
        await bus.record(bus.event(OTHER, 1))
        await bus.relayed()
        await bus.taken(reader, 3)

        assert await reader.values(ONE) == [1, 2]


async def test_a_reader_killed_after_its_effect_takes_nothing_twice(
    fresh_database: FreshDatabase, bootstrap: str | None
) -> None:
    async with bus_under_test(fresh_database, bootstrap) as bus:
        reader = bus.readers[0]
        bus.start(reader)
        for value in range(1, 11):
            await bus.record(bus.event(ONE, value))
        await bus.relayed()
        await bus.taken(reader, 10)
        assert reader.running is not None
        reader.running.cancel()
        await bus.stop(reader)

        await bus.record(bus.event(ONE, 11))
        await bus.relayed()
        bus.start(reader)
        await bus.taken(reader, 11)

        assert await reader.values(ONE) == list(range(1, 12))


async def test_a_failing_event_is_parked_with_its_keys_later_ones_only(
    fresh_database: FreshDatabase, bootstrap: str | None
) -> None:
    async with bus_under_test(fresh_database, bootstrap) as bus:
        reader = bus.readers[0]
        reader.before = _refuse(ONE, 2)
        await bus.record(*(bus.event(key, value) for value in (1, 2, 3) for key in (ONE, OTHER)))
        bus.start(reader)
        await bus.relayed()
        await bus.taken(reader, 4)
        await _parked(reader, 2)

        assert await reader.values(OTHER) == [1, 2, 3]
        assert await reader.values(ONE) == [1]
        waiting = await parking.waiting(reader.database)
        assert [(row["key"], row["error"]) for row in waiting] == [
            (str(ONE), "builtins.KeyError"),
            (str(ONE), "an earlier event of its key is parked"),
        ]

        reader.before = lambda event: None
        assert await replay(reader.inbox, by="a person") == [Replayed(2, 0)]
        assert await reader.values(ONE) == [1, 2, 3]
        assert await parking.waiting(reader.database) == []


def _refuse(key: UUID, value: int) -> Callable[[Event], None]:
    def refuse(event: Event) -> None:
        if event.key == str(key) and event.aggregate_version == value:
            raise KeyError("this one is poison")

    return refuse


async def test_a_passing_fault_loses_nothing(fresh_database: FreshDatabase, bootstrap: str | None) -> None:
    async with bus_under_test(fresh_database, bootstrap) as bus:
        reader = bus.readers[0]
        faults = iter([ConnectionError("away"), TimeoutError("slow")])

        def fail_twice(_: Event) -> None:
            fault = next(faults, None)
            if fault is not None:
                raise fault

        reader.before = fail_twice
        await bus.record(*(bus.event(ONE, value) for value in range(1, 6)))
        bus.start(reader)
        await bus.relayed()
        await bus.taken(reader, 5)

        assert await reader.values(ONE) == [1, 2, 3, 4, 5]
        assert await parking.waiting(reader.database) == []


async def test_an_event_of_an_unknown_major_version_is_parked(
    fresh_database: FreshDatabase, bootstrap: str | None
) -> None:
    async with bus_under_test(fresh_database, bootstrap) as bus:
        reader = bus.readers[0]
        await bus.record(bus.event(ONE, 1, major=2), bus.event(OTHER, 1))
        bus.start(reader)
        await bus.relayed()
        await bus.taken(reader, 1)
        await _parked(reader, 1)

        waiting = await parking.waiting(reader.database)
        assert [row["error"] for row in waiting] == ["not understood: major version 2"]
        assert await reader.values(OTHER) == [1]


async def test_a_stale_version_is_ignored_and_a_gap_applied(
    fresh_database: FreshDatabase, bootstrap: str | None
) -> None:
    async with bus_under_test(fresh_database, bootstrap) as bus:
        reader = bus.readers[0]
        await bus.record(bus.event(ONE, 2), bus.event(ONE, 1), bus.event(ONE, 5))
        bus.start(reader)
        await bus.relayed()
        await bus.taken(reader, 2)

        assert await reader.values(ONE) == [2, 5]


async def test_a_restored_log_is_taken_though_its_versions_repeat(
    fresh_database: FreshDatabase, bootstrap: str | None
) -> None:
    async with bus_under_test(fresh_database, bootstrap) as bus:
        reader = bus.readers[0]
        bus.start(reader)
        await bus.record(*(bus.event(ONE, value) for value in (1, 2, 3)))
        await bus.relayed()
        await bus.taken(reader, 3)
        await bus.relay.release()

        await bus.producer.execute("DELETE FROM event_log WHERE sequence > 1")
        await bus.producer.execute("UPDATE relay SET last_sequence = $1", beginning_of(5))
        anew = [bus.event(ONE, value, data=bus.event(ONE, value * 10).data) for value in (2, 3)]
        await bus.record(*anew, bus.event(ONE, 2, data=bus.event(ONE, 99).data))
        await bus.relayed()
        await bus.taken(reader, 5)

        assert await reader.values(ONE) == [1, 2, 3, 20, 30], "and within the epoch a stale one is ignored as ever"


async def test_what_a_reader_does_nothing_with_leaves_no_trace(
    fresh_database: FreshDatabase, bootstrap: str | None
) -> None:
    async with bus_under_test(fresh_database, bootstrap) as bus:
        reader = bus.readers[0]
        foreign = [bus.event(OTHER, value, type="crm.purchase.recorded") for value in range(1, 1_201)]
        await bus.record(bus.event(ONE, 1), *foreign, bus.event(ONE, 2), bus.event(ONE, 3, type="crm.test.forgotten"))
        await bus.record(bus.event(ONE, 4), *foreign[:1])
        bus.start(reader)
        await bus.relayed()
        await bus.taken(reader, 3)

        assert await reader.values(ONE) == [1, 2, 4]
        inbox = await reader.database.fetch("SELECT aggregate_id, aggregate_version FROM inbox ORDER BY 2")
        assert [tuple(row) for row in inbox] == [(ONE, version) for version in (1, 2, 3, 4)], "no gap in its own"


async def test_events_far_behind_a_gap_are_found(fresh_database: FreshDatabase, bootstrap: str | None) -> None:
    async with bus_under_test(fresh_database, bootstrap) as bus:
        reader = bus.readers[0]
        bus.start(reader)
        for value in (1, 2):
            await bus.record(bus.event(ONE, value))
            async with bus.producer.connection() as connection:  # what was rolled back took its numbers along
                await connection.execute(
                    "SELECT nextval(pg_get_serial_sequence('event_log', 'id')) FROM generate_series(1, 9000)"
                )
        await bus.relay.drain()
        await bus.producer.execute("UPDATE relay SET last_sequence = last_sequence + 9000")
        await bus.record(bus.event(ONE, 3))
        await bus.relayed()
        await bus.taken(reader, 3)

        assert await reader.values(ONE) == [1, 2, 3]


async def test_a_late_commit_is_not_skipped(fresh_database: FreshDatabase, bootstrap: str | None) -> None:
    async with bus_under_test(fresh_database, bootstrap) as bus:
        reader = bus.readers[0]
        bus.start(reader)
        async with bus.producer.transaction() as slow:
            await append(slow, [bus.event(ONE, 1)])
            await bus.record(bus.event(OTHER, 1))
            await bus.relayed()
            await bus.taken(reader, 1)
        await bus.relayed()
        await bus.taken(reader, 2)

        assert await reader.values(ONE) == [1]


async def test_two_relays_stamp_each_event_once(fresh_database: FreshDatabase, bootstrap: str | None) -> None:
    async with bus_under_test(fresh_database, bootstrap) as bus:
        second = bus.another_relay()
        running = [asyncio.create_task(relay.run()) for relay in (bus.relay, second)]
        for value in range(1, 101):
            await bus.record(bus.event(ONE, value))
        bus.start(bus.readers[0])
        await bus.taken(bus.readers[0], 100)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

        assert await bus.readers[0].values(ONE) == list(range(1, 101))
        row = await bus.producer.fetchrow(
            "SELECT count(*) AS events, count(DISTINCT sequence) AS stamped, max(sequence) AS last FROM event_log"
        )
        assert row is not None
        assert (row["events"], row["stamped"]) == (100, 100)


class _Robbed:
    """A publisher during whose first batch another relay takes the lease, as after a pause longer than the lease."""

    def __init__(self, publisher: Publisher, database: Database) -> None:
        self._publisher = publisher
        self._database = database
        self._robbed = False

    async def publish(self, events: Sequence[Event]) -> None:
        await self._publisher.publish(events)
        if not self._robbed:
            self._robbed = True
            await self._database.execute(
                "UPDATE relay SET holder = $1, held_until = clock_timestamp() + interval '1 hour'", new_id()
            )

    def begin_anew(self) -> None:
        self._publisher.begin_anew()

    def is_too_large(self, event: Event) -> bool:
        return self._publisher.is_too_large(event)


async def test_a_relay_that_lost_its_lease_stamps_nothing_and_begins_anew_with_it(
    fresh_database: FreshDatabase, bootstrap: str | None
) -> None:
    async with bus_under_test(fresh_database, bootstrap) as bus:
        relay = Relay("customers", bus.producer, _Robbed(bus.transport.publisher(), bus.producer), ManualClock(START))
        await bus.record(*(bus.event(ONE, value) for value in range(1, 11)))
        with pytest.raises(LeaseLost):
            await relay.step()
        assert await bus.producer.fetchval("SELECT count(*) FROM event_log WHERE sequence IS NOT NULL") == 0
        assert await relay.step() == 0

        await bus.producer.execute("UPDATE relay SET holder = NULL")
        bus.start(bus.readers[0])
        assert await relay.drain() == 10
        await bus.taken(bus.readers[0], 10)
        stamps = await bus.producer.fetch("SELECT sequence FROM event_log ORDER BY id")
        assert [row["sequence"] for row in stamps] == list(range(1, 11))
        assert await bus.readers[0].values(ONE) == list(range(1, 11))


async def test_a_trace_follows_the_event(fresh_database: FreshDatabase, bootstrap: str | None) -> None:
    async with bus_under_test(fresh_database, bootstrap) as bus:
        reader = bus.readers[0]
        seen: list[str | None] = []
        reader.before = lambda event: seen.append(current_trace_id())
        with span("request", parent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"):
            await bus.record(bus.event(ONE, 1, traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
        bus.start(reader)
        await bus.relayed()
        await bus.taken(reader, 1)

        assert seen == ["0af7651916cd43dd8448eb211c80319c"]


async def test_one_readers_trouble_stops_nobody_else(fresh_database: FreshDatabase, bootstrap: str | None) -> None:
    async with bus_under_test(fresh_database, bootstrap, readers=2) as bus:
        troubled, well = bus.readers
        troubled.before = lambda event: (_ for _ in ()).throw(ConnectionError("away"))
        await bus.record(*(bus.event(ONE, value) for value in range(1, 11)))
        for reader in bus.readers:
            bus.start(reader)
        await bus.relayed()
        await bus.taken(well, 10)

        assert await troubled.count() == 0
        troubled.before = lambda event: None
        await bus.taken(troubled, 10)


async def test_contacts_do_not_stay_in_the_log(fresh_database: FreshDatabase, kafka_bootstrap: str) -> None:
    async with bus_under_test(fresh_database, kafka_bootstrap) as bus:
        contact = bus.event(ONE, 1, topic=CONTACTS_TOPIC)
        await bus.record(*ContactSeal([MASTER_KEY]).sealed([contact]), bus.event(OTHER, 1))
        await ensure_topics(kafka_bootstrap)
        await ensure_topics(kafka_bootstrap)
        await bus.relayed()

        left = await bus.producer.fetch("SELECT topic FROM event_log")
        assert [row["topic"] for row in left] == [bus.topic]


async def test_an_event_too_large_for_the_broker_is_parked_and_blocks_its_key_only(
    fresh_database: FreshDatabase, kafka_bootstrap: str
) -> None:
    async with bus_under_test(fresh_database, kafka_bootstrap) as bus:
        huge = bus.event(ONE, 1, data=json.dumps({"customer_id": str(ONE), "value": 1, "x": "x" * 1_100_000}))
        await bus.record(huge, bus.event(ONE, 2), bus.event(OTHER, 1))
        bus.start(bus.readers[0])
        await bus.relayed()
        await bus.taken(bus.readers[0], 1)

        assert await bus.readers[0].values(OTHER) == [1]
        parked = await parking.waiting(bus.producer)
        assert [(row["consumer"], row["key"]) for row in parked] == [("relay", str(ONE))]


async def test_a_message_that_is_no_event_is_parked(fresh_database: FreshDatabase, kafka_bootstrap: str) -> None:
    async with bus_under_test(fresh_database, kafka_bootstrap) as bus:
        assert isinstance(bus.transport, OverKafka)
        publisher = bus.transport.publishers[0]
        producer = await publisher._ready()
        await producer.send_and_wait(bus.topic, b"hello", key=b"somebody")
        await bus.record(bus.event(OTHER, 1))
        bus.start(bus.readers[0])
        await bus.relayed()
        await bus.taken(bus.readers[0], 1)
        await _parked(bus.readers[0], 1)

        waiting = await parking.waiting(bus.readers[0].database)
        assert [(row["key"], row["error"]) for row in waiting] == [
            ("somebody", "not understood: no event of ours (KeyError)")
        ]
