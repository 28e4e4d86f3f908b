"""The outlook: what the close of the running month will bring (domain 2.4, examples 18)."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.customers.outlook.domain import Days
from tests.customers.network import BASE, bought, brand, colleague, made, nobody, region, slug, store
from tests.customers.test_service_figures import NOTHING
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

SEPTEMBER = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)


async def outlook(customers: OneService, shop: UUID) -> dict[str, Any]:
    answer = await customers.http.get(f"{BASE}/customers/{shop}/outlook")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def listed(customers: OneService, **asked: Any) -> list[dict[str, Any]]:
    answer = await customers.http.get(f"{BASE}/outlook", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def go_to(customers: OneService, day: int, month: int = 10) -> None:
    customers.clock.move_to(datetime(2026, month, day, 4, 0, tzinfo=UTC))


@pytest.mark.example(18)
async def test_it_says_what_is_missing_and_where_the_run_rate_leads(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=SEPTEMBER) as customers:
        rising, falling = await store(customers), await store(customers)
        await bought(customers, falling, "10000.00")
        go_to(customers, 20)
        await bought(customers, falling, "2400.00")
        called = {"customer_name": "美丽人生美容院", "service": NOTHING}
        falls = {**called, "tier": "A", "total": "2400.00", "run_rate": "3720.00", "leads_to": "B", "missing": None}
        assert await outlook(customers, falling) == {
            "customer_id": str(falling), "next_tier": None, "pinned": False, "potential": None, **falls
        }  # fmt: skip

        go_to(customers, 25)
        await bought(customers, rising, "9100.00")
        told = len(await customers.events())

        rises = {
            **called,
            "tier": "B",
            "total": "9100.00",
            "missing": "900.00",
            "run_rate": "11284.00",
            "leads_to": "A",
        }
        assert await outlook(customers, rising) == {
            "customer_id": str(rising), "next_tier": "A", "pinned": False, "potential": None, **rises
        }  # fmt: skip
        assert [each["customer_id"] for each in await listed(customers)] == [str(rising), str(falling)]
        assert [each["customer_id"] for each in await listed(customers, direction="up")] == [str(rising)]
        assert [each["customer_id"] for each in await listed(customers, direction="down")] == [str(falling)]
        assert await listed(customers, direction="same") == []
        assert [each["customer_id"] for each in await listed(customers, tier="A")] == [str(falling)]
        assert len(await customers.events()) == told, "nothing is published but the list"


async def test_high_grade_counts_half_and_what_came_back_counts_no_more(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=SEPTEMBER) as customers:
        shop, high = await store(customers), await brand(customers, "high")
        go_to(customers, 10)
        purchase = await bought(customers, shop, "3000.00", brand_id=high)
        assert [(await outlook(customers, shop))[name] for name in ("total", "run_rate", "leads_to")] == [
            "1500.00", "4650.00", "B",
        ]  # fmt: skip

        answer = await customers.http.post(f"{BASE}/purchases/{purchase}/returns", json={"amount": "1000.02"})
        assert answer.status_code == 201, answer.text

        found = await outlook(customers, shop)
        assert (found["tier"], found["total"], found["missing"]) == ("C", "999.99", "2000.01")


async def test_a_window_of_months_is_averaged_with_what_is_projected(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=SEPTEMBER) as customers:
        terms = {"A": "10000", "B": "3000", "C": "1000"}
        await made(customers, "tier-policies", {"thresholds": terms, "window_months": 3, "starts_on": "2026-09-01"})
        shop = await store(customers)
        await bought(customers, shop, "5000.00")
        go_to(customers, 10)
        await bought(customers, shop, "1000.00")

        found = await outlook(customers, shop)

        assert (found["total"], found["run_rate"], found["leads_to"]) == ("3000.00", "4050.00", "B")
        assert found["missing"] == "14000.00", "of two months that count, what is to be bought in this one"


async def test_a_tier_set_by_hand_is_moved_by_no_close(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=SEPTEMBER) as customers:
        shop = await store(customers)
        body = {"tier": "A", "reason": "a flagship", "until": "2027-01-01"}
        assert (await customers.http.put(f"{BASE}/customers/{shop}/tier-override", json=body)).status_code == 200

        found = await outlook(customers, shop)

        assert (found["tier"], found["leads_to"], found["pinned"]) == ("A", "D", True)
        assert await listed(customers, direction="down") == []


async def test_everybody_sees_their_own_stores_page_by_page(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=SEPTEMBER) as customers:
        place, seller = await region(customers), await colleague(customers)
        shops = [await store(customers, region_id=str(place)) for _ in range(3)]
        other = await store(customers)
        team = {"salesperson": str(seller)}
        for shop in shops[:2]:
            assert (await customers.http.put(f"{BASE}/customers/{shop}/team", json=team)).is_success
        own = bearer("salesperson", seller)

        assert [each["customer_id"] for each in await listed(customers, region_id=str(place))] == list(map(str, shops))
        served = await listed(customers, served_by=str(seller))
        assert [each["customer_id"] for each in served] == list(map(str, shops[:2]))
        assert await listed(customers, served_by=str(nobody())) == []
        seen = (await customers.http.get(f"{BASE}/outlook", headers=own, params={"limit": 1})).json()
        rest = await customers.http.get(f"{BASE}/outlook", headers=own, params={"limit": 1, "cursor": seen["next"]})
        pages = [each["customer_id"] for page in (seen, rest.json()) for each in page["items"]]
        assert (pages, rest.json()["next"]) == (list(map(str, shops[:2])), None)
        for hidden in (other, nobody()):
            answer = await customers.http.get(f"{BASE}/customers/{hidden}/outlook", headers=own)
            assert slug(answer) == (404, "customer-not-found")


def test_today_counts_as_passed() -> None:
    assert Days.of(date(2026, 10, 25)) == Days(25, 31)
    assert Days.of(date(2028, 2, 29)) == Days(29, 29)


async def test_who_was_erased_is_in_no_list(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=SEPTEMBER) as customers:
        kept, gone = await store(customers), await store(customers, "王芳", kind="person")
        assert [each["customer_id"] for each in await listed(customers)] == [str(kept), str(gone)]

        asked = {"customer_id": str(gone), "reason": "asked"}
        assert (await customers.http.post(f"{BASE}/erasures", json=asked)).status_code == 202

        assert [each["customer_id"] for each in await listed(customers)] == [str(kept)]
