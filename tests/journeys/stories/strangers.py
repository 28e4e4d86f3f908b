"""Messages that nobody understands lie on the topic: they are set aside, and all others pass."""

import json

from aiokafka import AIOKafkaProducer

from shared.bus.binary_mode import headers_of
from shared.bus.event import Event
from shared.clock import real_time
from shared.contracts.customers import FACTS, CustomerUpdated
from shared.ids import new_id
from tests.journeys import looks
from tests.journeys.flow import LISTENERS
from tests.journeys.network import company
from tests.journeys.stage import Distributed


async def nobody_understands(stage: Distributed) -> None:
    """Garbage and an event of a later major are parked by each who reads them, and listed; the rest flows on."""
    brand_company = await company(stage.http)
    store = await brand_company.store()
    garbage, later = new_id().hex, new_id().hex
    await _put(stage.bootstrap, garbage, b"\x00\xff\xfe garbage", [])
    await _put(stage.bootstrap, later, b'{"wonderful": "news"}', _of_a_later_major())

    await brand_company.buys(store, "1500.00", await stage.now())
    await stage.until(looks.reported_tier_is(stage, store, "C"), "the rest flows on")
    await stage.until(looks.greeted(stage, store, 1), "everywhere")
    assert (await brand_company.complains(store))["tier"] == "C"
    await stage.quiet()

    rows = [json.loads(line) for line in (await stage.crm("parking", "list", "--json")).splitlines()]
    listed = {(row["service"], row["key"]): row["error"] for row in rows}
    readers = [service for service, topics in LISTENERS.items() if FACTS in topics]
    assert len(rows) == len(listed) == 2 * len(readers)
    for service in readers:
        assert listed[service, garbage].startswith("not understood: no event of ours")
        assert listed[service, later] == "not understood: major version 9"


def _of_a_later_major() -> list[tuple[str, bytes]]:
    fact = CustomerUpdated(customer_id=new_id(), kind="store")
    event = Event.of(fact, aggregate_id=fact.customer_id, version=1, at=real_time())
    headers = dict(headers_of(event, "customers"))
    return list((headers | {"ce_dataschema": b"urn:crm:crm.customer.updated:9"}).items())


async def _put(bootstrap: str, key: str, body: bytes, headers: list[tuple[str, bytes]]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        await producer.send_and_wait(FACTS, body, key=key.encode(), headers=headers)
    finally:
        await producer.stop()
