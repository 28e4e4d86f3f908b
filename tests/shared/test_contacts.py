"""Contacts travel sealed: in the log, over either transport and in the parking; only their readers open them."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from cryptography.exceptions import InvalidTag
from pydantic import SecretStr, ValidationError

from deploy.topics import ensure_topics
from shared.bus.contacts import CONTACTS_TOPIC, ContactSeal, SealedUnderAnotherKey, is_sealed, sealed_by, tombstone
from shared.bus.event import Event
from shared.bus.kafka import KafkaPublisher
from shared.bus.kept_contacts import KeptByKafka
from shared.bus.outbox import append
from shared.bus.port import Record
from shared.bus.replay import Replayed, replay
from shared.clock import ManualClock
from shared.contracts.customers import ContactListed
from shared.ids import new_id
from shared.settings import Settings
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.shared.bus_under_test import OverKafka, bus_under_test
from tests.support import MASTER_KEY, SETTINGS, START, one_service, runtime_of, whole_network

PHONE = "+8613800138000"
NAME = "周婷"
OLD, NEW = bytes(32), bytes(range(1, 33))


def contact(customer: UUID | None = None, version: int = 1) -> Event:
    fact = ContactListed(customer_id=customer or new_id(), kind="person", name=NAME, phones=[PHONE])
    return Event.of(fact, aggregate_id=fact.customer_id, version=version, at=START)


def test_what_is_sealed_is_opened_by_a_ring_that_has_its_key() -> None:
    event = contact()
    [sealed] = ContactSeal([OLD]).sealed([event])

    assert is_sealed(sealed)
    assert PHONE not in sealed.data
    assert ContactSeal([NEW, OLD]).opened(sealed) == event
    [anew] = ContactSeal([NEW, OLD]).sealed([event])
    assert sealed_by(anew) != sealed_by(sealed)
    with pytest.raises(SealedUnderAnotherKey):
        ContactSeal([OLD]).opened(anew)


def test_what_an_older_release_told_in_the_open_is_read_as_it_is() -> None:
    assert ContactSeal([OLD]).opened(contact()).read(ContactListed).phones == [PHONE]


def test_a_value_opens_for_its_own_customer_alone() -> None:
    [sealed] = ContactSeal([OLD]).sealed([contact()])

    with pytest.raises(InvalidTag):
        ContactSeal([OLD]).opened(replace(sealed, key=str(new_id())))


def test_a_key_of_its_own_seals_before_the_master_key() -> None:
    given = {"CRM_CONTACTS_KEY": "no key", "CRM_CONTACTS_KEYS_BEFORE": f"{OLD.hex()},short"}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in given.items():
            environment.setenv(name, value)
        with pytest.raises(ValidationError, match="32 bytes in hex") as refused:
            Settings()
    assert {fault["loc"][0] for fault in refused.value.errors()} == {"contacts_key", "contacts_keys_before"}


async def test_no_log_takes_a_contact_in_the_open(fresh_database: FreshDatabase) -> None:
    async with runtime_of(fresh_database, "customers", ManualClock(START)) as runtime:
        with pytest.raises(ValueError, match="sealed"):
            async with runtime.database.transaction() as transaction:
                await append(transaction, [contact()])


async def test_a_contact_reaches_care_and_lies_nowhere_in_the_open(fresh_database: FreshDatabase) -> None:
    async with whole_network(fresh_database) as network:
        customer = {"name": NAME, "kind": "person", "phones": [PHONE]}
        answer = await network.http.post("/customers/v1/customers", json=customer)
        assert answer.status_code == 201, answer.text
        logged = await network.database("customers").fetch("SELECT data::text FROM event_log")
        assert "sealed" in str(logged)
        assert PHONE not in str(logged)
        assert NAME not in str(logged)
        await network.drain()

        assert await network.database("care").fetchval("SELECT count(*) FROM contact") == 1
        assert await network.database("care").fetchval("SELECT count(*) FROM parked_event") == 0


async def test_a_contact_under_a_key_not_yet_given_waits_for_it(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "care") as care:
        [sealed] = ContactSeal([NEW]).sealed([contact()])
        await care.inbox.take([Record(sealed.topic, 0, 1, sealed.key, sealed)])
        rows = await care.database.fetch("SELECT error, body FROM parked_event")
        assert [row["error"] for row in rows] == ["shared.bus.contacts.SealedUnderAnotherKey"]

        settings = SETTINGS.model_copy(update={"contacts_keys_before": SecretStr(f"{OLD.hex()}, {NEW.hex()}")})
        care.inbox.contacts = replace(care.service.runtime, settings=settings).contacts
        assert await replay(care.inbox, "a person") == [Replayed(1, 0)]
        assert await care.database.fetchval("SELECT count(*) FROM contact") == 1


async def test_contacts_are_told_again_under_the_present_key(fresh_database: FreshDatabase) -> None:
    from services.customers.archive.handlers import tell_contacts_again

    async with one_service(fresh_database, "customers") as customers, one_service(fresh_database, "care") as care:
        for number in range(3):
            customer = {"name": f"{NAME}{number}", "kind": "person", "phones": [PHONE]}
            assert (await customers.http.post("/customers/v1/customers", json=customer)).status_code == 201
        await care.deliver(await customers.events(ContactListed))
        told_before = len(await customers.events(ContactListed))

        assert await tell_contacts_again(customers.service.context) == 3

        again = (await customers.events(ContactListed))[told_before:]
        assert {event.key for event in again} == {event.key for event in await customers.events(ContactListed)}
        assert all(event.historical for event in again), "nobody is greeted because of it"
        await care.deliver(again)
        assert await care.database.fetchval("SELECT count(*) FROM contact") == 3


async def test_kafka_holds_nothing_in_the_open_and_names_the_key(
    fresh_database: FreshDatabase, kafka_bootstrap: str
) -> None:
    await ensure_topics(kafka_bootstrap)
    event = contact()
    async with bus_under_test(fresh_database, kafka_bootstrap) as bus:
        [sealed] = ContactSeal([MASTER_KEY]).sealed([event])
        await bus.record(sealed)
        await bus.relayed()

    consumer = AIOKafkaConsumer(CONTACTS_TOPIC, bootstrap_servers=kafka_bootstrap, auto_offset_reset="earliest")
    async with consumer, asyncio.timeout(20):
        while (message := await consumer.getone()).key != event.key.encode():
            pass
    assert message.value is not None
    assert PHONE.encode() not in message.value
    assert dict(message.headers)["ce_sealedby"].decode() == sealed_by(sealed)


async def test_a_tombstone_is_passed_over(fresh_database: FreshDatabase, kafka_bootstrap: str) -> None:
    """It tells the broker to forget; the key stays, and what comes after it has its effect."""
    await ensure_topics(kafka_bootstrap)
    key = new_id()
    async with bus_under_test(fresh_database, kafka_bootstrap) as bus:
        assert isinstance(bus.transport, OverKafka)
        async with AIOKafkaProducer(bootstrap_servers=kafka_bootstrap) as producer:
            await producer.send_and_wait(CONTACTS_TOPIC, None, key=str(key).encode())
        reader = bus.readers[0]
        reader.topic = CONTACTS_TOPIC
        reader.inbox.contacts = ContactSeal([MASTER_KEY])
        bus.start(reader)
        await bus.record(*reader.inbox.contacts.sealed([bus.event(key, 1, topic=CONTACTS_TOPIC)]))
        await bus.relayed()

        async def taken() -> bool:  # of this key: others of the run tell of contacts on the same topic
            return bool(await reader.values(key))

        await eventually(taken, within=40)
        assert await reader.values(key) == [1]
        assert await reader.database.fetchval("SELECT count(*) FROM parked_event WHERE key = $1", str(key)) == 0


async def test_a_tombstone_goes_in_the_open_and_is_taken_by_nobody(fresh_database: FreshDatabase) -> None:
    """In process it passes the readers, and takes what was told before it out of the log."""
    async with whole_network(fresh_database) as network:
        body = {"name": NAME, "kind": "person", "phones": [PHONE]}
        person = UUID((await network.http.post("/customers/v1/customers", json=body)).json()["id"])
        await network.drain()
        forgotten = tombstone(contact(person, version=2))
        database = network.database("customers")
        async with database.transaction() as transaction:
            await append(transaction, [forgotten])
        await network.drain()

        told = "SELECT count(*) FROM event_log WHERE topic = $1"
        assert await database.fetchval(told, CONTACTS_TOPIC) == 0
        for reader in ("complaints", "care"):
            kept = "SELECT count(*) FROM contact WHERE customer_id = $1"
            assert await network.database(reader).fetchval(kept, person) == 1, "it is for the topic, not for readers"
            assert await network.database(reader).fetchval("SELECT count(*) FROM parked_event") == 0


async def test_what_the_broker_keeps_is_read_from_it(kafka_bootstrap: str) -> None:
    """A value counts as long as a new reader would be given it, whatever came after it."""
    topic, known, never_told = f"kept-{new_id().hex}", str(new_id()), str(new_id())
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
        publisher = KafkaPublisher(kafka_bootstrap, "customers")
        told = replace(contact(), topic=topic, key=known)
        await publisher.publish([told])
        async with AIOKafkaProducer(bootstrap_servers=kafka_bootstrap) as producer:
            await producer.send_and_wait(topic, None, key=known.encode())
            await producer.send_and_wait(topic, None, key=never_told.encode())
        await publisher.close()
        kept = KeptByKafka(kafka_bootstrap, topic=topic, look_every=0)
        assert await kept([known, never_told]) == {known}

        await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=1)})

        assert await kept([known, never_told]) == set()
        seldom = KeptByKafka(kafka_bootstrap, topic=topic)
        assert await seldom([known]) == set()
        assert await seldom([known]) == [known], "not read again so soon: it may be there"
    finally:
        await admin.close()


async def test_a_tombstone_is_no_value_over_kafka(kafka_bootstrap: str) -> None:
    await ensure_topics(kafka_bootstrap)
    event = tombstone(contact())
    publisher = KafkaPublisher(kafka_bootstrap, "customers")
    await publisher.publish([event])
    await publisher.close()

    consumer = AIOKafkaConsumer(CONTACTS_TOPIC, bootstrap_servers=kafka_bootstrap, auto_offset_reset="earliest")
    async with consumer, asyncio.timeout(20):
        while (message := await consumer.getone()).key != event.key.encode():
            pass
    assert message.value is None
