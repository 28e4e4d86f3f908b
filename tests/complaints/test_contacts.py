"""Contacts reach both services that write to customers, and stay in no log."""

from shared.bus.contacts import CONTACTS_TOPIC
from shared.bus.inprocess import TakenContacts
from tests.postgres import FreshDatabase
from tests.support import whole_network


async def test_a_contact_stays_until_every_reader_has_taken_it(fresh_database: FreshDatabase) -> None:
    async with whole_network(fresh_database) as network:
        body = {"name": "美丽人生", "kind": "store", "phones": ["13800138000"]}
        assert (await network.http.post("/customers/v1/customers", json=body)).status_code == 201
        await network.drain()

        for service in ("complaints", "care"):
            kept = await network.database(service).fetchval("SELECT sealed FROM contact")
            assert kept is not None, service
            assert b"13800138000" not in kept
        left = "SELECT count(*) FROM event_log WHERE topic = $1"
        assert await network.database("customers").fetchval(left, CONTACTS_TOPIC) == 0


def test_what_one_reader_has_not_taken_stays() -> None:
    contacts = TakenContacts()
    contacts.join("care")
    contacts.join("complaints")

    assert [contacts.taken("care", 7), contacts.taken("complaints", 5), contacts.taken("complaints", 9)] == [0, 5, 7]
