"""80/20 of products and brands: who brings most by sales and by profit (domain 2.5)."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.customers.network import BASE, bought, brand, colleague, slug, store
from tests.customers.test_buying import take_back
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

OCTOBER = datetime(2026, 10, 5, 4, tzinfo=UTC)
SPAN = {"from": "2026-10", "to": "2026-10"}


def line(product: str, quantity: int = 10, amount: str | None = None, cost: str | None = None) -> dict[str, Any]:
    said = {"product": product, "quantity": quantity, "amount": amount, "cost": cost}
    return {name: value for name, value in said.items() if value is not None}


async def ranking(customers: OneService, what: str = "product", **asked: Any) -> dict[str, Any]:
    answer = await customers.http.get(f"{BASE}/{what}-ranking", params={**SPAN, **asked})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def told(found: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(each[name] for name in names) for each in found["items"]]


async def goods(customers: OneService) -> tuple[UUID, UUID]:
    """A cream sells best and leaves little, a mask leaves most, of an oil nobody knows the cost."""
    shop, high = await store(customers), await brand(customers, "high")
    lines = [line("CR", 10, "700.00", "680.00"), line("MK", 5, "200.00", "20.00")]
    whole = await bought(customers, shop, "900.00", OCTOBER, brand_id=high, lines=lines)
    await bought(customers, shop, "100.00", OCTOBER, lines=[line("OIL", 4)])
    await bought(customers, shop, "50.00", OCTOBER)
    await bought(customers, shop, "9999.00", datetime(2026, 9, 5, 4, tzinfo=UTC), lines=[line("OLD", 1, "9999.00")])
    return whole, high


async def test_products_stand_by_sales_and_by_profit(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await goods(customers)

        by_sales = await ranking(customers)

        assert told(by_sales, "place", "product", "pieces", "amount", "share", "cumulative_share", "brings_most") == [
            (1, "CR", 10, "700.00", "0.7000", "0.7000", True),
            (2, "MK", 5, "200.00", "0.2000", "0.9000", True),
            (3, "OIL", 4, "100.00", "0.1000", "1.0000", False),
        ]
        assert by_sales["totals"] == {
            "ranked": 3, "bring_most": 2, "amount": "1000.00", "costed": "900.00", "cost": "700.00",
            "profit": "200.00", "sales": "1050.00",
        }  # fmt: skip
        by_profit = await ranking(customers, by="profit")
        assert told(by_profit, "product", "profit", "costed", "share", "brings_most") == [
            ("MK", "180.00", "200.00", "0.9000", True),
            ("CR", "20.00", "700.00", "0.1000", False),
            ("OIL", None, None, None, False),
        ]
        assert by_profit["totals"]["bring_most"] == 1
        assert (by_profit["from"], by_profit["to"]) == ("2026-10", "2026-10")


async def test_what_comes_back_counts_less_by_name_or_in_part(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        whole, _ = await goods(customers)
        await take_back(customers, whole, "80.00", lines=[line("MK", 2)])
        assert told(await ranking(customers), "product", "pieces", "amount", "cost")[1] == (
            "MK", 3, "120.00", "12.00",
        ), "two of five pieces cost 8.00"  # fmt: skip

        back = await take_back(customers, whole, "90.00")

        assert told(await ranking(customers), "product", "pieces", "amount", "cost")[:2] == [
            ("CR", 10, "630.00", "612.00"), ("MK", 3, "100.00", "10.00"),
        ], "a tenth of each line"  # fmt: skip
        path = f"{BASE}/purchases/{back}/reversal"
        assert (await customers.http.post(path, json={"reason": "重复录入"})).status_code == 201
        assert told(await ranking(customers), "amount")[0] == ("700.00",)


async def test_brands_stand_by_all_that_was_bought_of_them(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        _, high = await goods(customers)

        found = await ranking(customers, "brand", by="profit")

        assert told(found, "place", "brand_id", "brand_name", "amount", "costed", "profit") == [
            (1, str(high), "雅丽", "900.00", "900.00", "200.00"), (2, None, None, "150.00", None, None),
        ]  # fmt: skip
        assert (found["totals"]["amount"], found["totals"]["sales"]) == ("1050.00", "1050.00")


async def test_pages_go_on_and_all_of_them_say_what_all_come_to(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await goods(customers)
        first = await ranking(customers, limit=2)
        rest = await ranking(customers, limit=2, cursor=first["next"])
        assert [name for (name,) in told(first, "product") + told(rest, "product")] == ["CR", "MK", "OIL"]
        assert (rest["next"], rest["totals"]) == (None, first["totals"])
        assert told(rest, "place", "cumulative_share") == [(3, "1.0000")]
        foreign = await customers.http.get(f"{BASE}/product-ranking", params={"cursor": first["next"], "by": "profit"})
        assert slug(foreign) == (400, "malformed")


async def test_a_time_without_sales_is_empty_and_some_are_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        for what in ("product", "brand"):
            found = await ranking(customers, what)
            assert (found["items"], found["totals"]["ranked"], found["totals"]["sales"]) == ([], 0, "0.00")
        path = f"{BASE}/product-ranking"
        for wrong in ({"from": "2026-10", "to": "2026-09"}, {"from": "2020-01", "to": "2026-01"}):
            assert slug(await customers.http.get(path, params=wrong)) == (422, "purchase-span-refused")
        salesperson = bearer("salesperson", await colleague(customers))
        assert (await customers.http.get(path, headers=salesperson)).status_code == 403


async def test_a_year_of_many_entries_is_found_by_its_months(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        sought = "SELECT id FROM purchase WHERE reversed_at IS NULL AND month BETWEEN 24300 AND 24311"
        async with customers.database.transaction() as transaction:
            await transaction.execute("SET LOCAL enable_seqscan = off")
            plan = await transaction.fetch(f"EXPLAIN {sought}")
        assert any("purchase_months" in row[0] for row in plan)
