"""Purchases, returns and closes at the same time: one lift each, and no purchase missed by a close."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

from services.customers.purchases import handlers
from services.customers.purchases.domain import PurchaseAsked
from shared.contracts.customers import TierChanged
from tests.customers.network import BASE, bought, buy, close, history, store, tier
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

OCTOBER = datetime(2026, 10, 15, 4, tzinfo=UTC)


async def until_closed(customers: OneService, month: str) -> None:
    """Closes as an administrator would who is told to try again."""
    for _ in range(50):
        answer = await customers.http.post(f"{BASE}/months/{month}/close")
        if answer.status_code == 200:
            return
        assert answer.status_code == 503, answer.text
    raise AssertionError("never closed")


async def test_purchases_that_cross_a_threshold_at_once_give_one_lift(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)

        answers = await asyncio.gather(*(buy(customers, shop, "500.00") for _ in range(8)))

        assert {answer.status_code for answer in answers} == {201}
        assert await history(customers, shop) == [("D", "C", "purchase"), ("C", "B", "purchase")]
        assert [event.aggregate_version for event in await customers.events(TierChanged)] == [2, 3]


async def test_a_close_misses_no_purchase_that_comes_meanwhile(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shops = [await store(customers) for _ in range(4)]
        for shop in shops:
            await bought(customers, shop, "1000.00", OCTOBER)

        late = [buy(customers, shop, "250.00", OCTOBER) for shop in shops for _ in range(8)]
        running = [buy(customers, shop, "625.00") for shop in shops for _ in range(4)]
        closing = asyncio.create_task(until_closed(customers, "2026-10"))
        answers = await asyncio.gather(*late, *running)
        await closing

        assert {answer.status_code for answer in answers} <= {201, 503}
        again = await close(customers, "2026-10")
        bought_in_october = await customers.database.fetchval(
            "SELECT sum(amount) FROM purchase WHERE month = 2026 * 12 + 9"
        )
        assert sum(Decimal(t["amount"]) for t in again["tiers"].values()) == bought_in_october
        await _check_standing(customers)


async def _check_standing(customers: OneService) -> None:
    """Everybody stands at what October or November earned, whichever is more."""
    rows = await customers.database.fetch(
        "SELECT c.tier, (SELECT max(m.amount) FROM month_total m WHERE m.customer_id = c.id) AS most FROM customer c"
    )
    for row in rows:
        expected = next((t for t, least in (("A", 10000), ("B", 3000), ("C", 1000)) if row["most"] >= least), "D")
        assert row["tier"] == expected


async def test_two_closes_at_once_are_one_close(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "1000.00", OCTOBER)

        one, other = await asyncio.gather(close(customers, "2026-10"), close(customers, "2026-10"))

        assert sorted([one.pop("changed"), other.pop("changed")]) == [0, 1]
        assert one == other
        assert await history(customers, shop) == [("D", "C", "close")]


async def test_a_purchase_that_fails_leaves_nothing(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        context = customers.service.context

        class Broken(Exception):
            pass

        try:
            async with customers.database.ambient_transaction():
                await handlers.record(context, PurchaseAsked(shop, None, Decimal("5000.00"), None, None), viewer=None)
                raise Broken
        except Broken:
            pass

        assert await customers.database.fetchval("SELECT count(*) FROM purchase") == 0
        assert await customers.database.fetchval("SELECT count(*) FROM month_total") == 0
        assert (await tier(customers, shop), await customers.events(TierChanged)) == ("D", [])


async def test_an_override_and_purchases_at_once_leave_the_override_standing(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        body = {"tier": "D", "reason": "暂停合作", "until": "2026-12-31"}

        await asyncio.gather(
            customers.http.put(f"{BASE}/customers/{shop}/tier-override", json=body),
            *(buy(customers, shop, "1000.00") for _ in range(4)),
        )

        assert await tier(customers, shop) == "D"
        lines = await history(customers, shop)
        assert [line[0] for line in lines] == ["D", *(line[1] for line in lines)][: len(lines)]


async def test_who_is_being_merged_is_waited_for(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        for number in range(4):
            into, gone = await store(customers), await store(customers, f"重复店{number}")
            chance = {"customer_id": str(gone), "amount": "5.00", "stage": "contact"}
            prospect = {"name": "张三", "source": "referral", "referred_by_customer_id": str(gone)}
            merge, *others = await asyncio.gather(
                customers.http.post(f"{BASE}/customers/{gone}/merge", json={"into": str(into)}),
                *(customers.http.post(f"{BASE}/opportunities", json=chance) for _ in range(4)),
                *(customers.http.post(f"{BASE}/prospects", json=prospect) for _ in range(4)),
            )
            assert merge.status_code == 201, merge.text
            assert {answer.status_code for answer in others} <= {201, 404, 422}, [each.text for each in others]
            late = await customers.http.post(f"{BASE}/prospects", json=prospect)
            assert late.json()["referred_by_customer_id"] == str(into), "merged ids go on"


async def test_a_number_without_a_moment_that_comes_three_times_at_once_is_one_purchase(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        body = {"customer_id": str(await store(customers)), "amount": "10.00", "external_no": "ERP-1"}
        answers = await asyncio.gather(*(customers.http.post(f"{BASE}/purchases", json=body) for _ in range(3)))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
