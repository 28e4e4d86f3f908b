"""Events that are written by SQL are the very events that their contracts would write."""

import json
from datetime import UTC, datetime
from decimal import Decimal

from pydantic import BaseModel

from shared.bus.event import Event
from shared.contracts.base import Fact
from shared.contracts.customers import AccountTeamChanged, MonthClosed, PurchaseRecorded, TierChanged
from tests.customers.network import BASE, bought, brand, close, colleague, store
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

WRITTEN_BY_SQL: tuple[type[Fact], ...] = (TierChanged, PurchaseRecorded, AccountTeamChanged)
OCTOBER = datetime(2026, 10, 15, 4, 5, 6, 789, tzinfo=UTC)


async def everything_happens(customers: OneService) -> None:
    shop, high = await store(customers), await brand(customers, "high")
    await bought(customers, shop, "19999.99", OCTOBER, brand_id=high, external_no='"quoted" \\ 单号')
    await bought(customers, shop, "1000.00", OCTOBER)
    await close(customers, "2026-10")
    await bought(customers, shop, "20000.01", brand_id=high)
    seller = await colleague(customers)
    await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)})
    url = f"{BASE}/staff/{seller}"
    await customers.http.patch(url, json={"active": False}, headers={"If-Match": "*"})


def as_python_would(event: Event, contract: type[Fact]) -> Event:
    return Event.of(
        event.read(contract),
        aggregate_id=event.aggregate_id,
        version=event.aggregate_version,
        at=event.time,
        historical=event.historical,
    )


async def test_sql_writes_what_the_contract_would_write(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await everything_happens(customers)

        for contract in WRITTEN_BY_SQL:
            events = await customers.events(contract)
            assert events
            for event in events:
                twin = as_python_would(event, contract)
                data = json.loads(event.data)
                assert set(data) == set(_fields(contract))
                assert _same_values(contract, data, json.loads(twin.data))
                assert (event.topic, event.key, event.major) == (twin.topic, twin.key, twin.major)
                assert event.id.version == 7


async def test_sums_above_the_bound_of_one_amount_can_be_told(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        for _ in range(2):
            await bought(customers, shop, "9999999999.99", OCTOBER)

        closed = await close(customers, "2026-10")

        assert closed["tiers"]["A"]["amount"] == "19999999999.98"
        assert [str(fact.total) for fact in await customers.facts(TierChanged)] == ["19999999999.98"]
        assert (await customers.facts(MonthClosed))[0].tiers["A"].amount == Decimal("19999999999.98")


async def test_a_total_never_shows_a_threshold_that_was_not_reached(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, high = await store(customers), await brand(customers, "high")

        await bought(customers, shop, "19999.99", brand_id=high)

        [fact] = await customers.facts(TierChanged)
        assert (fact.to_tier, str(fact.total)) == ("B", "9999.99")


def _fields(contract: type[BaseModel]) -> list[str]:
    return list(contract.model_fields)


def _same_values(contract: type[BaseModel], ours: dict[str, object], theirs: dict[str, object]) -> bool:
    """Equal as texts."""
    return contract.model_validate(ours) == contract.model_validate(theirs) and ours == theirs
