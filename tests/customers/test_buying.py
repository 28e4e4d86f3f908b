"""What a customer bought: over a time, month by month and by brand, and what is left of it (domain 2.3)."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.customers.buying.domain import PurchaseSpanRefused, trend_span
from shared.contracts.customers import PurchaseRecorded, PurchaseReversed, TierChanged
from shared.months import Month
from tests.customers.network import BASE, bought, brand, buy, colleague, nobody, slug, somebody_waits, store, tier
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

CREAM = {"product": "CR-50", "quantity": 12, "amount": "600.00", "cost": "240.00"}
MASK = {"product": "MK-5", "quantity": 30, "cost": "60.01"}
UNSAID = {"product": "ML-1", "quantity": 1}


def day(month: int, number: int, hour: int = 4) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=UTC)


async def take_back(customers: OneService, purchase: UUID, amount: str, **more: Any) -> UUID:
    path = f"{BASE}/purchases/{purchase}/returns"
    answer = await customers.http.post(path, json={"amount": amount, **more})
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def correct(customers: OneService, purchase: UUID, shop: UUID, amount: str, **more: Any) -> Any:
    body = {"customer_id": str(shop), "amount": amount, "reason": "a zero too many", **more}
    return await customers.http.post(f"{BASE}/purchases/{purchase}/correction", json=body)


async def listed(customers: OneService, shop: UUID, **asked: Any) -> dict[str, Any]:
    answer = await customers.http.get(f"{BASE}/customers/{shop}/purchases", params=asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_purchases_of_a_time_are_paged_with_what_all_of_them_come_to(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other, high = await store(customers), await store(customers), await brand(customers, "high")
        await bought(customers, other, "7.00", day(10, 5))
        made = [await bought(customers, shop, f"{n}00.00", day(10, n + 1), brand_id=high) for n in range(1, 5)]
        unbranded = await bought(customers, shop, "50.00", day(10, 31, 15))
        await bought(customers, shop, "1.00", day(10, 31, 16))
        back = await take_back(customers, made[3], "30.00", occurred_at=day(10, 20).isoformat())

        asked = {"from": "2026-10-03", "to": "2026-10-31"}
        first = await listed(customers, shop, limit=3, **asked)
        rest = await listed(customers, shop, limit=3, cursor=first["next"], **asked)

        ids = [item["id"] for item in (*first["items"], *rest["items"])]
        assert ids == [str(each) for each in (unbranded, back, *made[:0:-1])]
        assert rest["next"] is None
        nothing = {"costed": None, "cost": None, "profit": None}
        sums = {"purchases": 4, "returns": 1, "bought": "950.00", "returned": "30.00", "amount": "920.00", **nothing}
        assert first["totals"] == rest["totals"] == sums
        assert {(item["brand_id"], item["brand_name"]) for item in first["items"]} == {
            (None, None), (str(high), "雅丽"),
        }  # fmt: skip
        branded = await listed(customers, shop, brand_id=str(high), **{"from": "2026-10-05"})
        assert [item["id"] for item in branded["items"]] == [str(back), str(made[3])]
        assert branded["totals"]["amount"] == "370.00"
        path = f"{BASE}/customers/{shop}/purchases"
        wrong = await customers.http.get(path, params={"from": "2026-10-03", "to": "2026-10-02"})
        assert slug(wrong) == (422, "purchase-span-refused")
        foreign = await customers.http.get(path, params={"cursor": first["next"], "from": "2026-10-04"})
        assert slug(foreign) == (400, "malformed")


async def test_what_is_left_is_told_of_entries_whose_cost_is_known(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        whole = await bought(customers, shop, "1000.00", day(10, 1), lines=[CREAM, MASK])
        await bought(customers, shop, "500.00", day(10, 2), lines=[CREAM, UNSAID])
        await bought(customers, shop, "90.00", day(10, 3))
        assert (await listed(customers, shop))["totals"] | {"purchases": 0} == {
            "purchases": 0, "returns": 0, "bought": "1590.00", "returned": "0.00", "amount": "1590.00",
            "costed": "1000.00", "cost": "300.01", "profit": "699.99",
        }  # fmt: skip

        await take_back(customers, whole, "250.00")
        part = (await listed(customers, shop))["totals"]
        assert (part["costed"], part["cost"], part["profit"]) == ("750.00", "225.01", "524.99"), "a quarter, 75.00"
        await take_back(customers, whole, "50.00", lines=[{**CREAM, "quantity": 1, "cost": "20.00"}])
        said = (await listed(customers, shop))["totals"]
        assert (said["costed"], said["cost"], said["profit"]) == ("700.00", "205.01", "494.99"), "its own word counts"


async def test_a_trend_goes_month_by_month_and_by_brand(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, high = await store(customers), await brand(customers, "high")
        old = await bought(customers, shop, "100.00", day(9, 10), brand_id=high, lines=[{**CREAM, "cost": "40.00"}])
        await bought(customers, shop, "20.00", day(9, 11), brand_id=high)
        await bought(customers, shop, "5.00", day(9, 30, 16))
        await bought(customers, shop, "3.00", datetime(2025, 11, 30, 15, tzinfo=UTC))
        await take_back(customers, old, "10.00", occurred_at=day(10, 9).isoformat())

        answer = await customers.http.get(f"{BASE}/customers/{shop}/purchases/trend")

        trend = answer.json()
        assert (trend["from"], trend["to"]) == ("2025-12", "2026-11")
        months = [each["month"] for each in trend["items"]]
        assert months == ["2025-12", *(f"2026-{number:02}" for number in range(1, 12))], "each of them"
        told = [
            (each["month"], each["brand_id"], each["brand_name"], each["amount"], each["profit"])
            for each in trend["items"][8:]
        ]
        assert told == [
            ("2026-08", None, None, "0.00", None),
            ("2026-09", str(high), "雅丽", "110.00", "54.00"),
            ("2026-10", None, None, "5.00", None),
            ("2026-11", None, None, "0.00", None),
        ]
        assert trend["items"][0] == {
            "month": "2025-12", "brand_id": None, "brand_name": None, "purchases": 0, "returns": 0, "bought": "0.00",
            "returned": "0.00", "amount": "0.00", "costed": None, "cost": None, "profit": None,
        }  # fmt: skip
        path = f"{BASE}/customers/{shop}/purchases/trend"
        far = await customers.http.get(path, params={"from": "2021-12", "to": "2026-11"})
        assert [each["month"] for each in far.json()["items"] if each["purchases"]] == ["2025-11", "2026-09", "2026-10"]
        assert len(far.json()["items"]) == 60
        assert slug(await customers.http.get(path, params={"from": "2021-11", "to": "2026-11"}))[0] == 422


def test_a_trend_covers_a_year_unless_said_and_five_at_most() -> None:
    november = Month(2026, 11)
    assert trend_span(None, None, november) == (Month(2025, 12), november)
    assert trend_span(Month(2026, 1), None, november) == (Month(2026, 1), november)
    assert trend_span(None, Month(2026, 3), november) == (Month(2025, 4), Month(2026, 3))
    for first, last in ((Month(2026, 4), Month(2026, 3)), (Month(2020, 1), Month(2025, 1))):
        with pytest.raises(PurchaseSpanRefused):
            trend_span(first, last, november)


async def test_who_does_not_see_the_customer_sees_nothing_of_what_was_bought(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "100.00")
        stranger = bearer("salesperson", await colleague(customers))

        for path in (f"{shop}/purchases", f"{shop}/purchases/trend", f"{nobody()}/purchases"):
            answer = await customers.http.get(f"{BASE}/customers/{path}", headers=stranger)
            assert slug(answer) == (404, "customer-not-found")


async def test_an_order_and_a_receipt_may_be_those_of_several_purchases(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        numbers = {"order_no": " ＤＤ-77 ", "receipt_no": "SJ-1"}
        first = await bought(customers, shop, "10.00", day(11, 2), external_no="PO-1", **numbers)
        await bought(customers, shop, "20.00", day(11, 3), **numbers)
        back = await take_back(customers, first, "5.00", receipt_no="SJ-9")

        shown = (await listed(customers, shop))["items"]
        assert [(each["order_no"], each["receipt_no"]) for each in shown] == [
            ("DD-77", "SJ-9"),
            ("DD-77", "SJ-1"),
            ("DD-77", "SJ-1"),
        ]
        assert shown[0]["id"] == str(back)
        again = await buy(customers, shop, "10.00", day(11, 2), external_no="PO-1")
        assert (again.status_code, again.json()["repeated"]) == (200, True), "what is not said is left alone"
        other = await buy(customers, shop, "10.00", day(11, 2), external_no="PO-1", order_no="DD-78")
        assert slug(other) == (409, "external-no-reused")


async def test_a_purchase_is_put_right_by_one_command_both_or_neither(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        wrong, right = await store(customers), await store(customers)
        mistake = await bought(customers, wrong, "50000.00", day(11, 2), external_no="PO-1")
        assert await tier(customers, wrong) == "A"
        assert slug(await correct(customers, mistake, nobody(), "5000.00")) == (422, "unknown-customer")
        assert (await listed(customers, wrong))["totals"]["amount"] == "50000.00", "nothing was undone"

        answer = await correct(customers, mistake, right, "5000.00", external_no="PO-1", order_no="DD-1")

        entered = answer.json()["id"]
        assert (answer.status_code, answer.headers["Location"]) == (201, f"{BASE}/purchases/{entered}")
        assert await tier(customers, wrong) == "D"
        assert (await listed(customers, wrong))["items"] == []
        [one] = (await listed(customers, right))["items"]
        assert (one["amount"], one["occurred_at"]) == ("5000.00", "2026-11-02T04:00:00Z")
        reversal = (await customers.http.get(f"{BASE}/purchases/{mistake}/reversal")).json()
        assert (reversal["replaced_by"], reversal["reason"]) == (entered, "a zero too many")
        audited = (await customers.http.get(f"{BASE}/audit")).json()["items"]
        assert [(each["what"], each["subject"]) for each in audited] == [
            ("purchase.corrected", entered),
            ("purchase.reversed", str(mistake)),
        ]
        told = [str(fact.amount) for fact in await customers.facts(PurchaseRecorded)]
        assert (told, len(await customers.facts(PurchaseReversed))) == (["50000.00", "5000.00"], 1)
        assert slug(await correct(customers, mistake, right, "1.00")) == (409, "purchase-reversed")


async def test_who_keeps_a_tier_by_what_is_right_keeps_it_throughout(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        mistake = await bought(customers, shop, "12000.00", day(11, 2))
        assert (await correct(customers, mistake, shop, "11000.00")).status_code == 201

        assert [(each.from_tier, each.to_tier) for each in await customers.facts(TierChanged)] == [("D", "A")]


async def test_who_puts_right_whose_a_purchase_is_holds_both_in_one_order(fresh_database: FreshDatabase) -> None:
    """Who comes from the other side, as a merge may, waits for one of them and not for ever."""
    async with one_service(fresh_database, "customers") as customers:
        first, second = sorted([await store(customers), await store(customers, "别家")])
        mistake = await bought(customers, second, "10.00", day(11, 2))
        async with customers.database.transaction() as transaction:
            await transaction.execute("UPDATE customer SET version = version + 1 WHERE id = $1", first)
            putting = asyncio.create_task(correct(customers, mistake, first, "10.00"))
            await eventually(lambda: somebody_waits(customers))
            await transaction.execute("UPDATE customer SET version = version + 1 WHERE id = $1", second)

        assert (await putting).status_code == 201


async def test_what_came_back_is_not_corrected_and_not_by_everybody(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        purchase = await bought(customers, shop, "100.00")
        back = await take_back(customers, purchase, "30.00")

        assert slug(await correct(customers, purchase, shop, "90.00")) == (409, "returns-stand")
        assert slug(await correct(customers, back, shop, "20.00")) == (422, "return-refused")
        assert slug(await correct(customers, nobody(), shop, "20.00")) == (404, "unknown-purchase")
        path = f"{BASE}/purchases/{purchase}/correction"
        seller = bearer("salesperson", await colleague(customers))
        assert slug(await customers.http.post(path, json={}, headers=seller)) == (403, "forbidden")
