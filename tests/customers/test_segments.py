"""Segments by loyalty, credit and size (domain 2.5, examples 19)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customers.segments.domain import segments
from services.customers.worth_policies.domain import FIRST
from tests.customers.network import BASE, bought, brand, colleague, nobody, slug, store
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

MONTHS = [datetime(2026, month, 5, 4, tzinfo=UTC) for month in range(5, 11)]
"""The six complete months before the November in which the tests begin."""
AMOUNTS = st.decimals(-20_000, 20_000, places=2)


async def read(customers: OneService, shop: UUID) -> dict[str, Any]:
    answer = await customers.http.get(f"{BASE}/customers/{shop}/segments")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def paid(customers: OneService, shop: UUID, number: int, days_late: int | None) -> None:
    """An invoice, the later the higher its number; None: not paid so far."""
    due = date(2026, 9, 1) + timedelta(days=number)
    body = {"customer_id": str(shop), "invoice_no": f"FP-{number}", "due_on": str(due), "amount": "1000.00"}
    if days_late is not None:
        body["paid_on"] = str(due + timedelta(days=days_late))
    answer = await customers.http.post(f"{BASE}/payments", json=body)
    assert answer.status_code == 201, answer.text


@pytest.mark.example(19)
async def test_who_pays_in_time_again_goes_from_risk_to_gold(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        for month in MONTHS:
            await bought(customers, shop, "3000.00", month)
        for number, days_late in enumerate((30, 24, 18, 18, 12, 6)):
            await paid(customers, shop, number, days_late)
        path, body = f"{BASE}/customers/{shop}/loyalty", {"criteria": {"price": 2, "share": 3}, "kind": "inertia"}
        assert slug(await customers.http.get(path)) == (404, "no-loyalty-rating")
        rated = await customers.http.put(path, json=body)
        assert (rated.status_code, (await customers.http.get(path)).json()) == (200, rated.json())
        assert (rated.json()["criteria"], rated.json()["kind"]) == (body["criteria"], "inertia")
        assert (await customers.http.put(path, json=body)).status_code == 428
        for said in ({"price": 6}, {"price": 0}, {"mood": 3}, {}):
            assert slug(await customers.http.put(path, json={"criteria": said})) == (422, "invalid")

        before = await read(customers, shop)

        assert before == {
            "customer_id": str(shop),
            "loyalty": {
                "score": "68.75",
                "level": "high",
                "behaviour": "100.00",
                "ratings": "37.50",
                "active_months": 6,
                "variation": "0.00",
            },
            "credit": {
                "score": "64.00",
                "level": "low",
                "invoices": 6,
                "mean_days_late": "18.00",
                "limit_use": None,
                "credit_rating": None,
            },
            "size": {"monthly": "3000.00", "level": "large"},
            "loyalty_credit": "risk",
            "loyalty_size": "cash_cow",
            "overridden": [],
            "cell": "high_low_large",
            "loyalty_credit_name": {"name_zh": "风险", "name_en": "Risk"},
            "loyalty_size_name": {"name_zh": "金牛", "name_en": "Cash cow"},
            "policy_version": 1,
            "policy_id": before["policy_id"],
        }
        await paid(customers, shop, 6, 0)
        after = await read(customers, shop)
        assert (after["credit"]["score"], after["loyalty_credit"], after["cell"]) == (
            "74.00", "gold", "high_high_large",
        )  # fmt: skip


async def test_the_running_month_counts_nothing_and_high_grades_half(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, high = await store(customers), await brand(customers, "high")
        for month in MONTHS[3:]:
            await bought(customers, shop, "5999.98", month, brand_id=high)
        await bought(customers, shop, "90000.00")

        found = await read(customers, shop)

        assert found["size"] == {"monthly": "2999.99", "level": "small"}
        assert found["loyalty"] == {
            "score": "30.00",
            "level": "low",
            "behaviour": "30.00",
            "ratings": None,
            "active_months": 3,
            "variation": "1.00",
        }
        assert (found["credit"], found["loyalty_credit"], found["cell"]) == (None, None, None)
        assert found["loyalty_size"] == "chicken_rib"


async def test_what_is_overdue_counts_and_what_is_not_due_does_not(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await paid(customers, shop, 400, None)
        assert (await read(customers, shop))["credit"] is None
        await paid(customers, shop, 0, None)
        today = customers.clock.now().astimezone(UTC).date()
        late = (today - date(2026, 9, 1)).days
        assert (await read(customers, shop))["credit"] == {
            "score": "0.00", "level": "low", "invoices": 1, "mean_days_late": f"{late}.00", "limit_use": None,
            "credit_rating": None,
        }  # fmt: skip


async def test_nobody_reads_of_customers_whom_they_do_not_see(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        stranger = bearer("salesperson", await colleague(customers))
        for id_, who in ((nobody(), None), (shop, stranger)):
            answer = await customers.http.get(f"{BASE}/customers/{id_}/segments", headers=who)
            assert slug(answer) == (404, "customer-not-found")


@given(st.lists(AMOUNTS, min_size=6, max_size=6), st.lists(st.integers(0, 4000), max_size=6))
def test_scores_stay_between_nothing_and_a_hundred(sums: list[Decimal], days_late: list[int]) -> None:
    found = segments(nobody(), sums, days_late, (), FIRST.segments)
    assert 0 <= found.loyalty.score <= 100
    assert (found.loyalty.variation is None) == all(each <= 0 for each in sums)
    assert (found.credit is None) == (not days_late)
    assert found.credit is None or 0 <= found.credit.score <= 100
    assert (found.cell is None) == (found.loyalty_credit is None) == (found.credit is None)


@pytest.mark.parametrize(
    "sums, score, level",
    [
        (["-100", "-5", "0", "0", "0", "0"], "0.00", "low"),
        (["6000", "0", "0", "0", "0", "0"], "10.00", "low"),
        (["0", "0", "3000", "3000", "3000", "3000"], "51.72", "low"),
        (["0", "3000", "3000", "3000", "3000", "3000"], "72.11", "high"),
    ],
    ids=["returns only", "one purchase", "four months", "five months"],
)
def test_loyalty_by_what_was_bought(sums: list[str], score: str, level: str) -> None:
    found = segments(nobody(), [Decimal(each) for each in sums], (), (), FIRST.segments)
    assert (found.loyalty.score, found.loyalty.level) == (Decimal(score), level)


@pytest.mark.example(19)
async def test_forty_customers_are_a_pyramid(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        for amount in ("4000.00", *["250.00"] * 6, *["15.00"] * 32, "4000.00"):
            await bought(customers, await store(customers), amount, MONTHS[0])

        found = (await customers.http.get(f"{BASE}/value-pyramid")).json()

        assert [(each["customers"], each["share"]) for each in found["levels"]] == [
            (2, "80.2"), (6, "15.0"), (32, "4.8"),
        ]  # fmt: skip
        assert (found["bring_most"], found["bring_most_profit"], found["margin"]) == (2, 2, "0.30")
        assert [each["profit_share"] for each in found["levels"]] == ["0.802", "0.150", "0.048"], "no cost is known"


async def test_the_pyramid_is_for_those_who_see_turnover(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        path = f"{BASE}/value-pyramid"
        empty = (await customers.http.get(path)).json()
        assert ([each["customers"] for each in empty["levels"]], empty["bring_most"]) == ([0, 0, 0], 0)
        for amount in ("700.00", "200.00", "100.00"):
            shop = await store(customers)
            await bought(customers, shop, amount, MONTHS[0])
            await bought(customers, shop, "5000.00")

        found = (await customers.http.get(path)).json()

        assert [(each["level"], each["customers"], each["amount"], each["share"]) for each in found["levels"]] == [
            ("top", 1, "700.00", "70.0"), ("next", 0, "0.00", "0.0"), ("rest", 2, "300.00", "30.0"),
        ]  # fmt: skip
        assert [(each["expected_share"], each["profit"], each["costed"]) for each in found["levels"]] == [
            (80, "210.00", "0.00"), (15, "0.00", "0.00"), (5, "90.00", "0.00"),
        ]  # fmt: skip
        assert found["bring_most"] == 2
        salesperson = bearer("salesperson", await colleague(customers))
        assert (await customers.http.get(path, headers=salesperson)).status_code == 403
