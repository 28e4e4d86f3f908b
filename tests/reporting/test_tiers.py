"""The month report of tiers: as closed, by its latest revision."""

from decimal import Decimal

from shared.auth.principal import ALL_ROLES
from shared.contracts import customers
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.reporting.facts import read
from tests.support import START, bearer, one_service

MANAGERS = ("general_manager", "sales_manager", "brand_manager", "logistics_manager", "cs_manager")


def closed(revision: int, a_customers: int) -> customers.MonthClosed:
    shares = {
        "A": customers.TierShare(customers=a_customers, amount=Decimal("70000.00"), share=Decimal("0.7012")),
        "D": customers.TierShare(customers=9, amount=Decimal("0.00"), share=Decimal("0.0000")),
    }
    return customers.MonthClosed(month="2026-10", revision=revision, closed_at=START, tiers=shares, moves={"C>A": 2})


async def test_a_month_as_closed(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(closed(1, a_customers=3))

        month = await read(reporting.http, "tiers", month="2026-10")

    assert month["tiers"]["A"] == {
        "customers": 3,
        "amount": "70000.00",
        "share": 0.7012,
        "expected_share": 0.7,
    }
    assert (month["moves"], month["revision"]) == ({"C>A": 2}, 1)


async def test_the_latest_revision_holds(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(closed(2, a_customers=5), closed(1, a_customers=3))

        month = await read(reporting.http, "tiers", month="2026-10")

    assert (month["revision"], month["tiers"]["A"]["customers"]) == (2, 5)


async def test_a_month_not_closed_is_empty(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        month = await read(reporting.http, "tiers", month="2026-11")

    assert (month["tiers"], month["moves"], month["revision"]) == ({}, {}, None)


async def test_what_is_sold_per_tier_is_for_managers_and_administration(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(closed(1, a_customers=3))
        answers = {
            role: (
                await reporting.http.get(
                    "/reporting/v1/tiers", params={"month": "2026-10"}, headers=bearer(role, new_id())
                )
            ).status_code
            for role in ALL_ROLES
        }

    assert {role for role, status in answers.items() if status == 200} == {*MANAGERS, "admin_dept", "admin"}
    assert set(answers.values()) == {200, 403}
