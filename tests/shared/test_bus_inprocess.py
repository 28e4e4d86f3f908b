"""The bus in process: an event reaches every reader once, whatever happens on the way."""

from shared.bus.event import Event
from shared.bus.outbox import record
from shared.contracts.customers import RegionListed
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.support import START, whole_network


async def test_what_customers_lists_is_known_everywhere(fresh_database: FreshDatabase) -> None:
    async with whole_network(fresh_database) as network:
        region = RegionListed(region_id=new_id(), name="华东")
        event = Event.of(region, aggregate_id=region.region_id, version=1, at=START)
        async with network.database("customers").transaction() as transaction:
            await record(transaction, [event])

        await network.drain()

        for service in ("complaints", "care", "reporting"):
            rows = await network.database(service).fetch("SELECT name FROM directory_name")
            assert [row["name"] for row in rows] == ["华东"]
        feed = (await network.http.get("/customers/v1/events")).json()
        assert [item["type"] for item in feed["items"]] == ["crm.directory.region"]
