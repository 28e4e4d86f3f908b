"""Parked contacts lie sealed, and whoever replays them, in whatever process, can open them."""

from deploy.network import build_service
from shared.bus.event import Event
from shared.bus.port import Record
from shared.bus.replay import Replayed, replay
from shared.clock import ManualClock
from shared.contracts.customers import ContactListed
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.support import START, one_service, runtime_of

PHONE = "+8613800138000"


def _contact() -> Event:
    contact = ContactListed(
        customer_id=new_id(),
        kind="store",
        name="Orchid",
        phones=[PHONE],
        emails=[],
        language="zh-CN",
        time_zone=None,
        birthday=None,
    )
    return Event.of(contact, aggregate_id=contact.customer_id, version=1, at=START)


async def test_a_contact_parked_beside_one_service_is_replayed_beside_another(fresh_database: FreshDatabase) -> None:
    """All in one every service is built before care parks; a command for care alone builds nothing but care."""
    event = _contact()
    async with one_service(fresh_database, "care") as care:
        async with runtime_of(fresh_database, "reporting", ManualClock(START)) as beside:
            build_service("reporting", beside)
            async with care.database.transaction() as transaction:
                record = Record(event.topic, 0, 1, event.key, event)
                await care.service.inbox().park(transaction, [record], "a fault")

        body = await care.database.fetchval("SELECT body FROM parked_event")
        assert PHONE.encode() not in body

        rebuilt = build_service("care", care.service.runtime)
        assert await replay(rebuilt.inbox(), by="a person") == [Replayed(1, 0)]
        assert await care.database.fetchval("SELECT count(*) FROM contact") == 1
