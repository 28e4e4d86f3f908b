"""A rebuild empties what follows from events, and sets its consumer back to the beginning under a new generation."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from shared import directory
from shared.bus.event import Event
from shared.bus.inbox import Inbox, Superseded
from shared.bus.port import Record, Unreadable
from shared.contracts.customers import RegionListed
from shared.db import Connection, Database
from shared.ids import new_id
from shared.personal import Vault
from shared.reactions import bind
from shared.rebuild import NothingToRebuild, rebuild
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.support import MASTER_KEY, START, database_of

SEAL = Vault(MASTER_KEY, "bus:parking")
BY = "a person"
NAMES = ("directory_name",)
"""The projection of the consumer of these tests, which takes names of regions."""


@pytest.fixture
async def consumer(fresh_database: FreshDatabase) -> AsyncIterator[Inbox]:
    database = await Database.connect(await database_of(fresh_database, "reporting"), pool_size=3)
    yield Inbox("reporting", database, bind(None, directory.REACTIONS), SEAL)
    await database.close()


def listed(position: int) -> Record:
    region = new_id()
    event = Event.of(RegionListed(region_id=region, name="浦东"), aggregate_id=region, version=1, at=START)
    return Record(event.topic, 0, position, event.key, event)


async def rows(consumer: Inbox) -> dict[str, int]:
    """How many rows stand in what a rebuild empties."""
    tables = ("directory_name", "inbox", "parked_event", "consumer_position")
    return {name: await consumer.database.fetchval(f"SELECT count(*) FROM {name}") for name in tables}


async def test_everything_is_emptied_and_taken_again(consumer: Inbox) -> None:
    broken = Record("crm.directory.v1", 0, 3, "a key", Unreadable({}, b"{", "no JSON"))
    read = [listed(1), listed(2), broken]
    await consumer.take(read)
    await consumer.database.execute("INSERT INTO consumer_position (consumer, topic) VALUES ('reporting', 'a topic')")
    before = await rows(consumer)
    assert all(before.values())

    assert (await rebuild(consumer.database, "reporting", NAMES, BY)).generation == 1
    assert not any((await rows(consumer)).values())

    await consumer.take(read, generation=1)
    assert await rows(consumer) == {**before, "consumer_position": 0}
    assert (await rebuild(consumer.database, "reporting", NAMES, BY)).generation == 2


async def _nothing(_: Connection, __: Sequence[Event]) -> None:
    """What another consumer does."""


async def test_another_consumer_keeps_what_it_has_taken(consumer: Inbox) -> None:
    other = Inbox("another", consumer.database, dict.fromkeys(consumer.effects, _nothing), SEAL)
    await other.take([listed(1)])

    await rebuild(consumer.database, "reporting", NAMES, BY)

    assert (await rows(consumer))["inbox"] == 1


async def test_a_batch_read_before_a_rebuild_has_no_effect_after_it(consumer: Inbox) -> None:
    read = [listed(1), listed(2)]

    await rebuild(consumer.database, "reporting", NAMES, BY)
    with pytest.raises(Superseded):
        await consumer.take(read, generation=0)

    assert not any((await rows(consumer)).values())


async def test_a_rebuild_waits_for_the_batch_under_way(consumer: Inbox) -> None:
    async with consumer.database.transaction() as batch:
        await consumer.apply(batch, [listed(1), listed(2)], 0)
        rebuilding = asyncio.create_task(rebuild(consumer.database, "reporting", NAMES, BY))
        await eventually(lambda: somebody_waits(consumer.database))
    assert (await rebuilding).generation == 1

    assert not any((await rows(consumer)).values())


async def somebody_waits(database: Database) -> bool:
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(await database.fetchval(f"SELECT EXISTS ({waiting})"))


async def test_without_projections_there_is_nothing_to_rebuild(consumer: Inbox) -> None:
    with pytest.raises(NothingToRebuild):
        await rebuild(consumer.database, "care", (), BY)
