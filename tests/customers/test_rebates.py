"""Rebates that are agreed, and what is earned by them, to the cent (domain 2.3)."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.customers.rebates.domain import RebateStep, accrue
from shared.contracts.rebates import RebateAgreed
from tests.customers.network import BASE, bought, brand, colleague, made, nobody, slug, store
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

STEPS = [{"from_amount": "1000.00", "rate": "0.02"}, {"from_amount": "5000.00", "rate": "0.035"}]
DAYS = {"from": "2026-10-01", "to": "2026-12-31"}


def october(day: int, hour: int = 4) -> datetime:
    return datetime(2026, 10, day, hour, tzinfo=UTC)


def body(shop: UUID, **more: Any) -> dict[str, Any]:
    return {"customer_id": str(shop), "steps": STEPS, **DAYS, **more}


async def ask(customers: OneService, shop: UUID, **more: Any) -> httpx.Response:
    return await customers.http.post(f"{BASE}/rebates", json=body(shop, **more))


async def figures(customers: OneService, rebate: str) -> tuple[str, str | None, str, str | None]:
    shown = (await customers.http.get(f"{BASE}/rebates/{rebate}")).json()
    return shown["purchased"], shown["rate"], shown["accrued"], shown["missing"]


async def take_back(customers: OneService, purchase: UUID, amount: str, at: datetime) -> str:
    said = {"amount": amount, "occurred_at": at.isoformat()}
    return str((await made(customers, f"purchases/{purchase}/returns", said))["id"])


@pytest.mark.parametrize(
    "purchased, rate, accrued, missing",
    [
        ("0.00", None, "0.00", "1000.00"),
        ("999.99", None, "0.00", "0.01"),
        ("1000.00", "0.02", "20.00", "4000.00"),
        ("1000.25", "0.02", "20.01", "3999.75"),
        ("4999.99", "0.02", "100.00", "0.01"),
        ("5000.00", "0.035", "175.00", None),
        ("5000.43", "0.035", "175.02", None),
    ],
)
def test_the_step_reached_counts_for_all_and_halves_of_a_cent_are_rounded_up(
    purchased: str, rate: str | None, accrued: str, missing: str | None
) -> None:
    steps = [RebateStep(Decimal(each["from_amount"]), Decimal(each["rate"])) for each in STEPS]

    earned = accrue(steps, Decimal(purchased))

    assert (earned.accrued, earned.rate) == (Decimal(accrued), rate and Decimal(rate))
    assert earned.missing == (missing and Decimal(missing))


async def test_what_is_earned_follows_purchases_returns_and_what_comes_late(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, high = await store(customers), await brand(customers, "high")
        agreed = await made(customers, "rebates", body(shop, brand_id=str(high)))
        assert (agreed["customer_name"], agreed["brand_name"]) == ("美丽人生美容院", "雅丽")
        rebate = agreed["id"]
        assert await figures(customers, rebate) == ("0.00", None, "0.00", "1000.00")

        first = await bought(customers, shop, "4000.10", october(2), brand_id=high)
        await bought(customers, shop, "700.00", october(3))
        await bought(customers, await store(customers), "700.00", october(3), brand_id=high)
        await bought(customers, shop, "9.00", datetime(2026, 9, 30, 15, 59, tzinfo=UTC), brand_id=high)
        assert await figures(customers, rebate) == ("4000.10", "0.02", "80.00", "999.90")
        await bought(customers, shop, "999.90", datetime(2026, 9, 30, 16, tzinfo=UTC), brand_id=high)
        assert await figures(customers, rebate) == ("5000.00", "0.035", "175.00", None), "it came late, and counts"

        back = await take_back(customers, first, "3500.00", october(9))
        assert await figures(customers, rebate) == ("1500.00", "0.02", "30.00", "3500.00")
        await customers.http.post(f"{BASE}/purchases/{back}/reversal", json={"reason": "wrong store"})
        assert (await figures(customers, rebate))[0] == "5000.00"
        await customers.http.post(f"{BASE}/purchases/{first}/reversal", json={"reason": "wrong store"})
        assert await figures(customers, rebate) == ("999.90", None, "0.00", "0.10")


async def test_agreements_of_one_customer_and_brand_never_overlap(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, high = await store(customers), await brand(customers, "high")

        answers = await asyncio.gather(*(ask(customers, shop, brand_id=str(high)) for _ in range(4)))

        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
        [stands] = [answer.json()["id"] for answer in answers if answer.status_code == 201]
        refused = await ask(customers, shop, brand_id=str(high), **{"from": "2026-12-31", "to": "2027-01-31"})
        assert (slug(refused), refused.json()["rebates"]) == ((409, "rebate-overlaps"), [stands])
        beside: list[dict[str, Any]] = [
            {"brand_id": str(high), "from": "2027-01-01", "to": "2027-01-31"},
            {"brand_id": str(await brand(customers))},
            {"brand_id": None},
        ]
        for other in beside:
            assert (await ask(customers, shop, **other)).status_code == 201, other
        assert slug(await ask(customers, shop)) == (409, "rebate-overlaps"), "two for whatever is bought"
        assert (await ask(customers, await store(customers))).status_code == 201


async def test_what_was_agreed_is_changed_and_taken_back_and_stands_in_the_audit(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "2000.00", october(2))
        rebate = (await made(customers, "rebates", body(shop)))["id"]
        path, version = f"{BASE}/rebates/{rebate}", {"If-Match": '"1"'}
        assert slug(await customers.http.patch(path, json={"to": "2026-11-30"})) == (428, "precondition-required")
        steps = [{"from_amount": "2000.00", "rate": "0.1"}]

        changed = await customers.http.patch(path, json={"steps": steps, "to": "2026-11-30"}, headers=version)

        shown = changed.json()
        assert (changed.headers["ETag"], shown["accrued"], shown["missing"]) == ('"2"', "200.00", None)
        assert (shown["from"], shown["to"], shown["steps"]) == ("2026-10-01", "2026-11-30", steps)
        assert slug(await customers.http.patch(path, json={"withdrawn": True}, headers=version))[0] == 412
        gone = await customers.http.patch(path, json={"withdrawn": True}, headers={"If-Match": '"2"'})
        assert gone.json()["withdrawn"] is True
        assert (await ask(customers, shop)).status_code == 201, "it is in nobody's way"
        back = await customers.http.patch(path, json={"withdrawn": False}, headers={"If-Match": '"3"'})
        assert slug(back) == (409, "rebate-overlaps")
        audited = (await customers.http.get(f"{BASE}/audit")).json()["items"]
        assert [each["what"] for each in audited if each["subject"] == rebate] == [
            "rebate.changed", "rebate.changed", "rebate.agreed",
        ]  # fmt: skip
        told = [fact.withdrawn for fact in await customers.facts(RebateAgreed) if str(fact.rebate_id) == rebate]
        assert told == [False, False, True]


async def test_what_cannot_be_agreed_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        falling = [STEPS[1], STEPS[0]]
        same = [STEPS[0], {"from_amount": "2000.00", "rate": "0.02"}]
        for more, expected in (
            ({"steps": []}, "invalid"),
            ({"steps": falling}, "rebate-refused"),
            ({"steps": same}, "rebate-refused"),
            ({"steps": [{"from_amount": "1.00", "rate": "1.01"}]}, "invalid"),
            ({"steps": [{"from_amount": "1.00", "rate": "5e-1"}]}, "invalid"),
            ({"from": "2027-01-01"}, "rebate-refused"),
            ({"to": "2126-12-31"}, "rebate-refused"),
            ({"customer_id": str(nobody())}, "unknown-customer"),
            ({"brand_id": str(nobody())}, "unknown-brand"),
        ):
            assert slug(await ask(customers, shop, **more)) == (422, expected), more


async def test_agreements_are_listed_to_who_sees_the_customer(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other = await store(customers), await store(customers)
        first = (await made(customers, "rebates", body(shop)))["id"]
        second = (await made(customers, "rebates", body(other)))["id"]
        stranger = bearer("salesperson", await colleague(customers))
        manager = bearer("sales_manager", await colleague(customers, "sales_manager"))

        async def listed(**asked: str) -> list[str]:
            answer = await customers.http.get(f"{BASE}/rebates", params=asked)
            return [each["id"] for each in answer.json()["items"]]

        assert await listed() == [second, first]
        assert await listed(customer_id=str(shop)) == [first]
        assert await listed(holds_on="2026-12-31") == [second, first]
        assert await listed(holds_on="2027-01-01") == []
        page = (await customers.http.get(f"{BASE}/rebates", params={"limit": 1})).json()
        assert await listed(limit="1", cursor=page["next"]) == [first]
        assert (await customers.http.get(f"{BASE}/rebates", headers=stranger)).json()["items"] == []
        seen = await customers.http.get(f"{BASE}/rebates/{first}", headers=stranger)
        assert slug(seen) == (404, "no-such-rebate")
        hidden = await customers.http.post(f"{BASE}/rebates", json=body(shop), headers=manager)
        assert slug(hidden) == (422, "unknown-customer")
        forbidden = await customers.http.post(f"{BASE}/rebates", json=body(shop), headers=stranger)
        assert slug(forbidden) == (403, "forbidden")
