"""Lines of purchases: products and batches, told of with every entry that moves them (domain 2.3, 3.8)."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.contracts.customers import PurchaseLine, PurchaseRecorded, PurchaseReturned, PurchaseReversed
from tests.customers.network import BASE, bought, buy, slug, store
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

CREAM: dict[str, Any] = {"product": "CR-50", "batch": "B7", "quantity": 12, "amount": "600.00", "cost": "240.00"}
MASK: dict[str, Any] = {"product": "MK-5", "quantity": 30}


async def take_back(customers: OneService, purchase: UUID, *lines: dict[str, Any], **more: Any) -> Any:
    body = {"amount": "50.00", "lines": list(lines), **more}
    return await customers.http.post(f"{BASE}/purchases/{purchase}/returns", json=body)


async def reverse(customers: OneService, entry: UUID | str) -> None:
    answer = await customers.http.post(f"{BASE}/purchases/{entry}/reversal", json={"reason": "entered twice"})
    assert answer.status_code == 201, answer.text


async def read(customers: OneService, entry: UUID | str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = (await customers.http.get(f"{BASE}/purchases/{entry}")).json()["lines"]
    return lines


async def test_lines_are_kept_shown_and_told_without_what_they_cost(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        purchase = await bought(customers, shop, "1500.00", lines=[CREAM, MASK])
        await bought(customers, shop, "10.00")

        nothing = {"batch": None, "amount": None, "cost": None}
        assert await read(customers, purchase) == [CREAM, {**nothing, **MASK}]
        listed = (await customers.http.get(f"{BASE}/purchases", params={"customer_id": str(shop)})).json()["items"]
        assert sorted(len(item["lines"]) for item in listed) == [0, 2]
        told = await customers.facts(PurchaseRecorded)
        assert [fact.lines for fact in told] == [
            [
                PurchaseLine(product="CR-50", batch="B7", quantity=12),
                PurchaseLine(product="MK-5", batch=None, quantity=30),
            ],
            [],
        ]


async def test_products_and_batches_are_folded_like_other_numbers(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        wide = {"product": " ＣＲ-50\u200b", "batch": "Ｂ7 ", "quantity": 1}

        purchase = await bought(customers, shop, "10.00", lines=[wide])

        [line] = await read(customers, purchase)
        assert (line["product"], line["batch"]) == ("CR-50", "B7")


async def test_the_same_number_with_other_lines_is_another_purchase(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        first = await buy(customers, shop, "100.00", external_no="PO-1", lines=[CREAM])

        again = await buy(customers, shop, "100.00", external_no="PO-1", lines=[CREAM])
        others = [await buy(customers, shop, "100.00", external_no="PO-1", lines=each) for each in ([], [CREAM, MASK])]

        assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
        assert [slug(each) for each in others] == [(409, "external-no-reused")] * 2


async def test_bad_lines_are_refused_and_leave_nothing(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        bad: list[Any] = [
            [MASK] * 201,
            [{**MASK, "quantity": 0}],
            [{**MASK, "quantity": -1}],
            [{**MASK, "quantity": "3"}],
            [{**MASK, "quantity": True}],
            [{**MASK, "quantity": 1_000_001}],
            [{**MASK, "product": " "}],
            [{**MASK, "batch": "\u200b"}],
            [{**MASK, "batch": "B" * 65}],
            [{**MASK, "cost": "-1.00"}],
            [{**MASK, "price": "1.00"}],
            [{"quantity": 1}],
            None,
        ]

        answers = [await buy(customers, shop, "100.00", lines=lines) for lines in bad]

        assert [answer.status_code for answer in answers] == [422] * len(bad)
        assert await customers.database.fetchval("SELECT count(*) FROM purchase") == 0


async def test_a_return_names_what_came_back_of_the_lines(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        purchase = await bought(customers, shop, "1500.00", lines=[CREAM, {**CREAM, "quantity": 3}, MASK])
        back = {"product": "CR-50", "batch": "B7", "quantity": 14}

        answer = await take_back(customers, purchase, back)
        too_many = await take_back(customers, purchase, {**back, "quantity": 2})
        in_two_lines = await take_back(customers, purchase, *[{**back, "quantity": 1}] * 2)
        another = await take_back(customers, purchase, {**back, "batch": "B8"})

        assert answer.status_code == 201
        [line] = await read(customers, answer.json()["id"])
        assert (line["batch"], line["quantity"]) == ("B7", 14)
        assert [slug(each) for each in (too_many, in_two_lines, another)] == [(422, "return-refused")] * 3
        assert in_two_lines.json()["errors"][0]["pointer"] == "#/lines/1/quantity"
        [fact] = await customers.facts(PurchaseReturned)
        assert fact.lines == [PurchaseLine(product="CR-50", batch="B7", quantity=-14)]
        assert fact.amount == Decimal("-50.00")


async def test_a_return_under_its_number_is_the_same_with_the_same_lines_only(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        purchase = await bought(customers, shop, "1500.00", lines=[CREAM])
        back = {"product": "CR-50", "batch": "B7", "quantity": 1}
        await take_back(customers, purchase, back, external_no="R-1")

        assert (await take_back(customers, purchase, back, external_no="R-1")).status_code == 200
        assert slug(await take_back(customers, purchase, external_no="R-1")) == (409, "external-no-reused")


async def test_a_receipt_that_a_repeated_return_does_not_name_is_left_alone(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        purchase = await bought(customers, await store(customers), "1500.00")
        await take_back(customers, purchase, external_no="R-1", receipt_no="SJ-1")

        assert (await take_back(customers, purchase, external_no="R-1")).status_code == 200
        assert (await take_back(customers, purchase, external_no="R-1", receipt_no="SJ-1")).status_code == 200
        other = await take_back(customers, purchase, external_no="R-1", receipt_no="SJ-2")
        assert slug(other) == (409, "external-no-reused")


async def test_of_two_returns_at_once_only_what_was_bought_comes_back(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        purchase = await bought(customers, shop, "1500.00", lines=[CREAM])
        back = {"product": "CR-50", "batch": "B7", "quantity": 12}

        answers = await asyncio.gather(*(take_back(customers, purchase, back) for _ in range(2)))

        assert sorted(answer.status_code for answer in answers) == [201, 422]


async def test_what_is_undone_takes_its_lines_along(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        purchase = await bought(customers, shop, "1500.00", lines=[CREAM])
        back = {"product": "CR-50", "batch": "B7", "quantity": 12}
        returned = (await take_back(customers, purchase, back)).json()["id"]

        await reverse(customers, returned)
        again = await take_back(customers, purchase, back)
        await reverse(customers, again.json()["id"])
        await reverse(customers, purchase)

        assert again.status_code == 201
        moved = [
            line.quantity
            for fact in await customers.facts(PurchaseRecorded, PurchaseReturned, PurchaseReversed)
            for line in fact.lines
        ]
        assert moved == [12, -12, 12, -12, 12, -12]
