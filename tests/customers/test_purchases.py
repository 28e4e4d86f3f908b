"""Purchases and returns: once each, never in the future, never more back than was bought (domain 2.3)."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from shared.contracts.customers import PurchaseRecorded, PurchaseReturned
from shared.ids import new_id
from tests.customers.network import BASE, bought, brand, buy, close, nobody, slug, store, tier
from tests.postgres import FreshDatabase
from tests.support import START, OneService, bearer, one_service

JSON = {"Content-Type": "application/json"}


async def take_back(customers: OneService, purchase: UUID, amount: str, **more: Any) -> Any:
    return await customers.http.post(f"{BASE}/purchases/{purchase}/returns", json={"amount": amount, **more})


async def total(customers: OneService) -> Decimal:
    value: Decimal = await customers.database.fetchval("SELECT coalesce(sum(amount), 0) FROM month_total")
    return value


async def test_a_purchase_is_recorded_and_announced(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, high = await store(customers), await brand(customers, "high")

        answer = await buy(customers, shop, "1250.5", brand_id=high, external_no="PO-1")

        purchase = answer.json()["id"]
        assert (answer.status_code, answer.headers["Location"]) == (201, f"{BASE}/purchases/{purchase}")
        [event] = await customers.events(PurchaseRecorded)
        fact = event.read(PurchaseRecorded)
        assert fact == PurchaseRecorded(
            customer_id=shop,
            purchase_id=UUID(purchase),
            brand_id=high,
            amount=Decimal("1250.50"),
            occurred_at=START,
            external_no="PO-1",
        )
        assert (event.key, event.aggregate_id, event.aggregate_version) == (str(shop), UUID(purchase), 1)
        assert (event.time, event.historical, event.topic) == (START, False, PurchaseRecorded.TOPIC)
        shown = (await customers.http.get(f"{BASE}/purchases/{purchase}")).json()
        assert (shown["amount"], shown["grade"], shown["month"]) == ("1250.50", "high", "2026-11")


async def test_a_month_is_the_companys_and_not_that_of_utc(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        for hour in (15, 16):
            await bought(customers, shop, "1.00", datetime(2026, 10, 31, hour, tzinfo=UTC))

        items = (await customers.http.get(f"{BASE}/purchases", params={"customer_id": str(shop)})).json()["items"]

        assert [item["month"] for item in items] == ["2026-11", "2026-10"]


async def test_the_same_external_number_is_the_same_purchase(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        first = await buy(customers, shop, "100.00", external_no="PO-1")
        customers.clock.forward(timedelta(hours=1))

        again = await buy(customers, shop, "100", START, external_no="PO-1")
        undated = await customers.http.post(
            f"{BASE}/purchases", json={"customer_id": str(shop), "amount": "100.00", "external_no": "PO-1"}
        )
        others = [
            await buy(customers, shop, "100.01", START, external_no="PO-1"),
            await buy(customers, await store(customers), "100.00", START, external_no="PO-1"),
            await buy(customers, shop, "100.00", external_no="PO-1"),
            await buy(customers, shop, "100.00", START, external_no="PO-1", brand_id=await brand(customers)),
        ]

        assert [(a.status_code, a.json()["id"]) for a in (again, undated)] == [(200, first.json()["id"])] * 2
        assert [slug(other) for other in others] == [(409, "external-no-reused")] * 4
        assert (len(await customers.events(PurchaseRecorded)), await total(customers)) == (1, Decimal(100))


async def test_equal_purchases_without_a_number_are_two(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)

        assert await bought(customers, shop, "0.00") != await bought(customers, shop, "0.00")


async def test_what_cannot_be_right_is_refused_and_nothing_written(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        wrong: list[tuple[dict[str, Any], str, str]] = [
            ({"amount": "-0.01"}, "invalid", "#/amount"),
            ({"amount": "10000000000.00"}, "invalid", "#/amount"),
            ({"amount": "1e12"}, "invalid", "#/amount"),
            ({"amount": "NaN"}, "invalid", "#/amount"),
            ({"amount": "1.001"}, "invalid", "#/amount"),
            ({"amount": 1.5}, "invalid", "#/amount"),
            ({"amount": None}, "invalid", "#/amount"),
            ({"occurred_at": (START + timedelta(seconds=1)).isoformat()}, "moment-refused", "#/occurred_at"),
            ({"occurred_at": "1985-01-01T00:00:00Z"}, "moment-refused", "#/occurred_at"),
            ({"occurred_at": "2026-11-01T10:00:00"}, "invalid", "#/occurred_at"),
            ({"occurred_at": "yesterday"}, "invalid", "#/occurred_at"),
            ({"occurred_at": 1_700_000_000}, "invalid", "#/occurred_at"),
            ({"customer_id": str(nobody())}, "unknown-customer", "#/customer_id"),
            ({"customer_id": "S-1"}, "invalid", "#/customer_id"),
            ({"brand_id": str(nobody())}, "unknown-brand", "#/brand_id"),
            ({"external_no": "a\u0000b"}, "invalid", "#/external_no"),
            ({"external_no": "x" * 65}, "invalid", "#/external_no"),
            ({"tier": "A"}, "invalid", "#/tier"),
        ]
        for fields, expected, pointer in wrong:
            body = {"customer_id": str(shop), "amount": "1.00", "occurred_at": START.isoformat(), **fields}
            answer = await customers.http.post(f"{BASE}/purchases", json=body)
            assert slug(answer) == (422, expected), fields
            assert answer.json()["errors"][0]["pointer"] == pointer
            assert not re.search(r"Decimal\(|Value error|<\w+\.", answer.text), "said for people who read no Python"
        broken = await customers.http.post(f"{BASE}/purchases", content=b'{"amount": "1"', headers=JSON)
        latin = await customers.http.post(
            f"{BASE}/purchases", content='{"external_no": "é"}'.encode("latin-1"), headers=JSON
        )
        partner = await customers.http.post(f"{BASE}/purchases", json={}, headers=bearer("partner"))
        assert slug(broken) == (400, "malformed")
        assert latin.status_code == 400
        assert slug(partner) == (403, "forbidden")
        assert await customers.events(PurchaseRecorded) == []
        assert await total(customers) == 0


async def test_purchases_are_listed_newest_first(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        for day in (3, 1, 2, 2):
            await bought(customers, shop, f"{day}.00", START - timedelta(days=day))
        await bought(customers, await store(customers), "9.00")

        pages, cursor = [], None
        while True:
            params = {"customer_id": str(shop), "limit": "3"} | ({"cursor": cursor} if cursor else {})
            answer = (await customers.http.get(f"{BASE}/purchases", params=params)).json()
            pages.append([item["amount"] for item in answer["items"]])
            if (cursor := answer["next"]) is None:
                break

        assert pages == [["1.00", "2.00", "2.00"], ["3.00"]]
        branded = await bought(customers, shop, "5.00", brand_id=await brand(customers))
        assert (await customers.http.get(f"{BASE}/purchases/{branded}")).json()["brand_name"] == "雅丽"
        assert slug(await customers.http.get(f"{BASE}/purchases/{nobody()}")) == (404, "unknown-purchase")


async def test_a_return_is_negative_and_points_at_its_purchase(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        purchase = await bought(customers, shop, "100.00")

        answer = await take_back(customers, purchase, "30.00")

        assert answer.status_code == 201
        [event] = await customers.events(PurchaseReturned)
        fact = event.read(PurchaseReturned)
        assert (str(fact.amount), fact.purchase_id, str(fact.return_id)) == ("-30.00", purchase, answer.json()["id"])
        assert (event.aggregate_id, event.aggregate_version) == (purchase, 2)
        shown = (await customers.http.get(f"{BASE}/purchases/{purchase}")).json()
        back = (await customers.http.get(f"{BASE}/purchases/{fact.return_id}")).json()
        assert (shown["returned"], back["kind"], back["returns_id"]) == ("30.00", "return", str(purchase))
        assert await total(customers) == Decimal(70)


async def test_a_return_of_the_running_month_lowers_no_tier(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        purchase = await bought(customers, shop, "3000.00")

        await take_back(customers, purchase, "3000.00")

        assert await tier(customers, shop) == "B"


async def test_returns_that_cannot_be_right_are_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        purchase = await bought(customers, shop, "100.00")
        back = (await take_back(customers, purchase, "60.00")).json()["id"]

        assert slug(await take_back(customers, purchase, "40.01")) == (422, "return-refused")
        assert slug(await take_back(customers, purchase, "0.00")) == (422, "invalid")
        assert slug(await take_back(customers, purchase, "-1.00")) == (422, "invalid")
        assert slug(await take_back(customers, back, "1.00")) == (422, "return-refused")
        assert slug(await take_back(customers, nobody(), "1.00")) == (404, "unknown-purchase")
        early = (START - timedelta(seconds=1)).isoformat()
        assert slug(await take_back(customers, purchase, "1.00", occurred_at=early)) == (422, "return-refused")
        late = (START + timedelta(seconds=1)).isoformat()
        assert slug(await take_back(customers, purchase, "1.00", occurred_at=late)) == (422, "moment-refused")
        assert len(await customers.events(PurchaseReturned)) == 1


async def test_a_repeated_return_is_one_return(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        purchase = await bought(customers, shop, "100.00", external_no="PO-1")
        first = await take_back(customers, purchase, "60.00", external_no="R-1")

        again = await take_back(customers, purchase, "60.00", external_no="R-1")

        assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
        assert slug(await take_back(customers, purchase, "1.00", external_no="R-1")) == (409, "external-no-reused")
        assert slug(await take_back(customers, purchase, "1.00", external_no="PO-1")) == (409, "external-no-reused")
        assert slug(await buy(customers, shop, "60.00", external_no="R-1")) == (409, "external-no-reused")
        assert await total(customers) == Decimal(40)


async def test_returns_at_once_never_exceed_the_purchase(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        purchase = await bought(customers, await store(customers), "100.00")

        answers = await asyncio.gather(*(take_back(customers, purchase, "40.00") for _ in range(4)))

        assert sorted(answer.status_code for answer in answers) == [201, 201, 422, 422]
        assert await total(customers) == Decimal(20)


async def test_one_number_at_once_is_one_purchase(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shops = [await store(customers) for _ in range(2)]

        answers = await asyncio.gather(
            *(buy(customers, shops[n % 2], "100.00", external_no="PO-1") for n in range(6)),
        )

        assert sorted(answer.status_code for answer in answers) == [200, 200, 201, 409, 409, 409]
        assert (len(await customers.events(PurchaseRecorded)), await total(customers)) == (1, Decimal(100))


# ---------------------------------------------------------------------------- what needs administration


async def _entered(customers: OneService, shop: UUID, amount: str, at: str, **headers: str) -> tuple[int, str]:
    body = {"customer_id": str(shop), "amount": amount, "occurred_at": at}
    answer = await customers.http.post(f"{BASE}/purchases", json=body, headers=headers)
    return answer.status_code, answer.json().get("slug", "")


async def test_1990_begins_with_the_companys_day(fresh_database: FreshDatabase) -> None:
    """Eight hours before it does in UTC: for purchases and registrations alike."""
    first, before = "1990-01-01T00:00:00+08:00", "1989-12-31T23:59:59+08:00"
    async with one_service(fresh_database, "customers") as customers:
        administration = bearer("admin_dept", new_id())

        async def register(moment: str) -> httpx.Response:
            body = {"name": "兰芷", "kind": "store", "registered_at": moment}
            return await customers.http.post(f"{BASE}/customers", json=body, headers=administration)

        shop = UUID((await register(first)).json()["id"])
        assert (await register(before)).json()["slug"] == "date-refused"
        assert await _entered(customers, shop, "1.00", first, **administration) == (201, "")
        assert await _entered(customers, shop, "1.00", before, **administration) == (422, "moment-refused")


async def test_large_sums_and_months_that_are_over_need_administration(fresh_database: FreshDatabase) -> None:
    """It is the 4th of November 2026; a beauty mentor dates nothing years back, and stops no month by it."""
    async with one_service(fresh_database, "customers") as customers:
        mentor, manager = bearer("beauty_mentor", new_id()), bearer("cs_manager", new_id())
        body = {"name": "兰芷", "kind": "store"}
        mine = UUID((await customers.http.post(f"{BASE}/customers", json=body, headers=mentor)).json()["id"])
        refused = (403, "needs-administration")

        assert await _entered(customers, mine, "0", "1990-02-01T00:00:00+08:00", **mentor) == refused
        assert await _entered(customers, mine, "5.00", "2026-07-31T23:59:59+08:00", **mentor) == refused
        assert await _entered(customers, mine, "5.00", "2026-08-01T00:00:00+08:00", **mentor) == (201, "")
        assert await _entered(customers, mine, "100000.00", "2026-11-01T00:00:00+08:00", **manager) == (201, "")
        assert await _entered(customers, mine, "100000.01", "2026-11-01T00:00:00+08:00", **manager) == refused
        assert (await close(customers, "2026-08"))["month"] == "2026-08", "nothing lies before it"
        assert await _entered(customers, mine, "5.00", "2026-08-02T00:00:00+08:00", **manager) == refused
        administration = bearer("admin_dept", new_id())
        assert await _entered(customers, mine, "900000.00", "2026-08-02T00:00:00+08:00", **administration) == (201, "")


async def test_a_return_is_dated_into_months_that_are_open_and_recent(fresh_database: FreshDatabase) -> None:
    """It is November 2026. What was bought in a month that is closed may come back; it came back when it did."""
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        purchase = await bought(customers, shop, "90.00", datetime(2026, 6, 15, tzinfo=UTC))
        await bought(customers, shop, "90.00", datetime(2026, 9, 15, tzinfo=UTC))
        for month in ("2026-06", "2026-07", "2026-08", "2026-09"):
            await close(customers, month)
        manager, administration = bearer("cs_manager", new_id()), bearer("admin_dept", new_id())

        async def returned(at: str, headers: dict[str, str]) -> tuple[int, str]:
            body = {"amount": "1.00", "occurred_at": at}
            url = f"{BASE}/purchases/{purchase}/returns"
            answer = await customers.http.post(url, json=body, headers=headers)
            return answer.status_code, answer.json().get("slug", "")

        assert await returned("2026-06-20T09:00:00+08:00", manager) == (403, "needs-administration")
        assert await returned("2026-09-20T09:00:00+08:00", manager) == (403, "needs-administration")
        assert await returned("2026-10-20T09:00:00+08:00", manager) == (201, "")
        assert await returned("2026-06-20T09:00:00+08:00", administration) == (201, "")


async def test_registrations_of_the_past_need_administration_too(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        body = {"name": "兰芷", "kind": "store", "registered_at": "1990-02-01T00:00:00+08:00"}
        mentor = await customers.http.post(f"{BASE}/customers", json=body, headers=bearer("beauty_mentor", new_id()))
        administration = await customers.http.post(
            f"{BASE}/customers", json=body, headers=bearer("admin_dept", new_id())
        )

        assert (mentor.status_code, mentor.json()["slug"]) == (403, "needs-administration")
        assert administration.status_code == 201
