"""The life cycle of a customer (domain 2.6, examples 20)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.customers.lifecycle.domain import StageChange, interval, live
from services.customers.worth_policies.domain import FIRST
from shared.contracts.complaints import CaseKind, ComplaintJudged, ComplaintOpened, ComplaintResolved
from shared.ids import new_id
from shared.months import Month
from tests.customers.network import BASE, bought, colleague, slug, store
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

FIFTHS = [date(2026, month, 5) for month in range(1, 9)]
KINDS: tuple[CaseKind, ...] = ("complaint", "grumble", "enquiry")
SUMS = ("5000.00",) * 6 + ("3500.00", "3400.00")


async def life(customers: OneService, shop: UUID) -> dict[str, Any]:
    answer = await customers.http.get(f"{BASE}/customers/{shop}/lifecycle")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@pytest.mark.example(20)
async def test_a_store_comes_grows_declines_is_lost_and_comes_back(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop = await store(customers)
        assert (await life(customers, shop))["stage"] == "potential"
        for day, amount in zip(FIFTHS, SUMS, strict=True):
            customers.clock.move_to(noon(day))
            await bought(customers, shop, amount)
        customers.clock.move_to(noon(date(2026, 8, 31)))
        assert (await life(customers, shop))["stage"] == "stable"

        customers.clock.move_to(noon(date(2026, 9, 1)))
        falling = await life(customers, shop)

        assert (falling["stage"], falling["aim"], falling["interval_days"]) == ("decline", "recovery", "31")
        assert falling["lost_on"] == "2026-11-06"
        customers.clock.move_to(noon(date(2026, 11, 5)))
        assert (await life(customers, shop))["stage"] == "decline"
        customers.clock.move_to(noon(date(2026, 11, 6)))
        assert (await life(customers, shop))["stage"] == "lost"
        customers.clock.move_to(noon(date(2026, 11, 20)))
        await bought(customers, shop, "100.00")

        back = await life(customers, shop)

        assert (back["stage"], back["observed_until"]) == ("exploration", "2027-02-18"), "for 90 days"
        assert [(each["stage"], each["on"]) for each in back["changes"]] == [
            ("exploration", "2026-01-05"),
            ("formation", "2026-03-05"),
            ("stable", "2026-06-05"),
            ("decline", "2026-09-01"),
            ("lost", "2026-11-06"),
            ("exploration", "2026-11-20"),
        ]


async def test_open_complaints_stand_beside_the_stage_and_do_not_move_it(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop = await store(customers)
        for day, amount in zip(FIFTHS[:6], SUMS, strict=False):
            customers.clock.move_to(noon(day))
            await bought(customers, shop, amount)
        now = customers.clock.now()

        async def beside() -> tuple[Any, ...]:
            found = await life(customers, shop)
            assert (found["stage"], found["since"]) == ("stable", "2026-06-05")
            return found["open_complaints"], found["overdue_complaints"], found["complaints_since"]

        assert await beside() == (0, 0, None)
        opening: dict[str, Any] = {"number": "C-1", "subject": "product", "channel": "line", "customer_id": shop}
        cases = [
            ComplaintOpened(
                complaint_id=new_id(),
                kind=kind,
                at=now + timedelta(minutes=n),
                answer_due_at=now + timedelta(hours=4 + n),
                **opening,
            )
            for n, kind in enumerate(KINDS)
        ]
        await customers.given(*cases)
        customers.clock.forward(timedelta(hours=4))

        assert await beside() == (2, 1, "2026-06-05T04:00:00Z"), "an enquiry is none"

        known: dict[str, Any] = {"customer_id": shop, "at": now}
        await customers.given(
            ComplaintJudged(complaint_id=cases[0].complaint_id, valid=False, good_faith=True, **known), version=2
        )
        assert await beside() == (1, 0, "2026-06-05T04:01:00Z")
        solved = ComplaintResolved(complaint_id=cases[1].complaint_id, in_time=True, stopped_clock=True, **known)
        await customers.given(solved, version=2)
        assert await beside() == (0, 0, None)


def test_a_rhythm_is_the_median_of_the_days_between() -> None:
    assert interval(FIFTHS) == 31
    assert interval(FIFTHS[:1]) is None


def test_one_purchase_is_lost_after_ninety_days() -> None:
    found = live(FIFTHS[:1], {}, date(2026, 4, 4), FIRST.life)
    assert (found.stage, found.lost_on) == ("exploration", date(2026, 4, 5))
    assert live(FIFTHS[:1], {}, date(2026, 4, 5), FIRST.life).stage == "lost"


def test_of_a_rhythm_with_a_half_it_is_lost_when_that_is_over() -> None:
    """Without the purchase of August the intervals are 31 28 31 30 31 30, the median 30.5: 91.5 days."""
    assert live(FIFTHS[:7], {}, date(2026, 10, 4), FIRST.life).stage != "lost"
    assert live(FIFTHS[:7], {}, date(2026, 10, 5), FIRST.life).stage == "lost"


def test_a_trend_that_recovers_ends_the_decline() -> None:
    days = [*FIFTHS, date(2026, 9, 5), date(2026, 10, 5)]
    sums = {Month(2026, day.month): Decimal(amount) for day, amount in zip(FIFTHS, SUMS, strict=True)}
    sums |= {Month(2026, 9): Decimal(9000), Month(2026, 10): Decimal(9000)}

    found = live(days, sums, date(2026, 11, 1), FIRST.life)

    assert found.changes[-2:] == (
        StageChange("decline", date(2026, 9, 1)),
        StageChange("stable", date(2026, 10, 1)),
    )


async def test_a_thousand_on_one_day_are_one_and_what_came_back_is_none(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        busy, regretting = await store(customers), await store(customers)
        await customers.database.execute(
            """
            INSERT INTO purchase (id, version, customer_id, grade, amount, returned, occurred_at, month, identity)
            SELECT uuidv7(), 1, $1, 'mid', 1, 0, $2, $3, uuid_send(uuidv7()) FROM generate_series(1, 1000)
            """,
            busy,
            customers.clock.now() - timedelta(days=3),
            Month(2026, 11).ordinal,
        )
        purchase = await bought(customers, regretting, "10.00")
        await customers.http.post(f"{BASE}/purchases/{purchase}/returns", json={"amount": "10.00"})

        found = await life(customers, busy)

        assert (found["stage"], found["interval_days"], len(found["changes"])) == ("exploration", None, 1)
        assert (await life(customers, regretting))["stage"] == "potential", "of returns only"
        hidden = await customers.http.get(
            f"{BASE}/customers/{busy}/lifecycle", headers=bearer("salesperson", await colleague(customers))
        )
        assert slug(hidden) == (404, "customer-not-found")
