"""Tiers: up at once in the running month, down only at the close (domain 2.4, decisions 9 to 12)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.contracts.customers import MonthClosed, TierChanged
from tests.customers.network import BASE, bought, brand, close, history, nobody, slug, store, tier
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

OCTOBER = datetime(2026, 10, 15, 4, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 20, 4, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 2, 4, tzinfo=UTC)


async def test_purchases_of_the_running_month_lift_at_once(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)

        await bought(customers, shop, "1000.00")
        await bought(customers, shop, "8999.99")
        await bought(customers, shop, "0.01")

        assert await history(customers, shop) == [
            ("D", "C", "purchase"),
            ("C", "B", "purchase"),
            ("B", "A", "purchase"),
        ]
        assert await tier(customers, shop) == "A"
        last = (await customers.facts(TierChanged))[-1]
        assert (str(last.total), last.policy_version, last.month) == ("10000.00", 1, None)


async def test_a_high_grade_brand_counts_half(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        high = await brand(customers, "high")

        await bought(customers, shop, "1999.99", brand_id=high)
        assert await tier(customers, shop) == "D"
        await bought(customers, shop, "0.01", brand_id=high)

        assert await tier(customers, shop) == "C"


async def test_a_month_that_is_over_waits_for_its_close(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "5000.00", OCTOBER)
        assert await tier(customers, shop) == "D"

        closed = await close(customers, "2026-10")

        assert await tier(customers, shop) == "B"
        assert (closed["customers"], closed["changed"]) == (1, 1)
        [event] = await customers.events(TierChanged)
        assert (event.historical, event.read(TierChanged).month) == (False, "2026-10")


async def test_the_close_lowers_to_what_the_month_earned(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        strong, weak = await store(customers), await store(customers)
        await bought(customers, strong, "12000.00")
        await bought(customers, weak, "3000.00")
        customers.clock.move_to(DECEMBER)
        await close(customers, "2026-11")
        await bought(customers, strong, "1500.00")
        customers.clock.forward(timedelta(days=31))

        closed = await close(customers, "2026-12")

        assert [await tier(customers, shop) for shop in (strong, weak)] == ["C", "D"]
        assert closed["moves"] == {"A>C": 1, "B>D": 1}
        assert closed["tiers"]["C"] == {"customers": 1, "amount": "1500.00", "share": "1.0000"}
        assert (await customers.facts(MonthClosed))[-1].moves == {"A>C": 1, "B>D": 1}


async def test_closed_months_are_for_managers_and_administration(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await bought(customers, await store(customers), "5000.00", OCTOBER)
        await close(customers, "2026-10")

        listed = {
            role: await customers.http.get(f"{BASE}/months", headers=bearer(role, nobody()))
            for role in ("salesperson", "beauty_mentor", "cs_specialist", "partner", "sales_manager", "admin_dept")
        }

        refused = {role for role, answer in listed.items() if answer.status_code == 403}
        assert refused == {"salesperson", "beauty_mentor", "cs_specialist", "partner"}
        assert listed["sales_manager"].json()["items"][0]["tiers"]["B"]["amount"] == "5000.00"


async def test_a_close_never_lowers_below_what_the_running_month_has_earned(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "1000.00", OCTOBER)
        await bought(customers, shop, "10000.00")

        await close(customers, "2026-10")

        assert await tier(customers, shop) == "A"


async def test_months_close_in_order_and_never_before_they_end(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        nothing = await customers.http.post(f"{BASE}/months/2026-10/close")
        shop = await store(customers)
        await bought(customers, shop, "100.00", datetime(2026, 8, 31, 15, 59, tzinfo=UTC))

        refusals = [
            slug(await customers.http.post(f"{BASE}/months/{month}/close"))
            for month in ("2026-11", "2027-01", "2026-10", "2026-07", "2026-13")
        ]

        assert slug(nothing) == (409, "month-without-data")
        assert refusals == [
            (409, "month-not-over"),
            (409, "month-not-over"),
            (409, "month-skipped"),
            (409, "month-without-data"),
            (422, "invalid"),
        ]
        assert [(await close(customers, month))["customers"] for month in ("2026-08", "2026-09", "2026-10")] == [
            1,
            1,
            1,
        ]


async def test_closing_again_changes_nothing(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "5000.00", OCTOBER)
        first = await close(customers, "2026-10")
        events = len(await customers.events())

        assert first["changed"] == 1
        assert await close(customers, "2026-10") == {**first, "changed": 0}
        listed = (await customers.http.get(f"{BASE}/months")).json()["items"]
        assert [month["changed"] for month in listed] == [1], "the month tells what its last revision moved"
        assert len(await customers.events()) == events


async def test_a_late_purchase_makes_a_revision_at_the_next_close(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "2000.00", OCTOBER)
        await close(customers, "2026-10")
        await bought(customers, shop, "1000.00", OCTOBER)
        assert await tier(customers, shop) == "C"

        closed = await close(customers, "2026-10")

        assert (closed["revision"], closed["changed"], await tier(customers, shop)) == (2, 1, "B")
        assert (await history(customers, shop))[-1] == ("C", "B", "revision")


async def test_a_return_lowers_the_month_of_its_purchase(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        purchase = await bought(customers, shop, "3000.00", OCTOBER)
        await close(customers, "2026-10")
        await customers.http.post(f"{BASE}/purchases/{purchase}/returns", json={"amount": "2000.01"})
        assert await tier(customers, shop) == "B"

        await close(customers, "2026-10")

        assert await tier(customers, shop) == "D"


async def test_a_schedule_closes_each_month_some_days_after_its_end(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_CLOSE_MONTHS_AFTER_DAYS", "3")
    async with one_service(fresh_database, "customers") as customers:
        assert await customers.run_loops("month close") == 0
        shop = await store(customers)
        await bought(customers, shop, "3000.00", OCTOBER)

        assert (await customers.run_loops("month close"), await tier(customers, shop)) == (1, "B")
        customers.clock.move_to(datetime(2026, 12, 3, 15, 59, tzinfo=UTC))
        assert await customers.run_loops("month close") == 0
        customers.clock.forward(timedelta(minutes=1))

        assert (await customers.run_loops("month close"), await tier(customers, shop)) == (1, "D")


async def test_data_from_before_the_first_closed_month_is_closed_in_order_too(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "3000.00", OCTOBER)
        await close(customers, "2026-10")
        await bought(customers, shop, "10000.00", datetime(2026, 8, 15, tzinfo=UTC))
        customers.clock.move_to(DECEMBER)

        skipped = [
            slug(await customers.http.post(f"{BASE}/months/{month}/close"))
            for month in ("2026-11", "2026-09", "2026-07")
        ]
        first = [await close(customers, month) for month in ("2026-08", "2026-09")]

        assert skipped == [(409, "month-skipped"), (409, "month-skipped"), (409, "month-without-data")]
        assert [month["moves"] for month in first] == [{}, {"A>D": 1}]
        october = await close(customers, "2026-10")
        assert (october["moves"], october["revision"]) == ({"D>B": 1}, 2)
        assert await tier(customers, shop) == "B"
        assert (await close(customers, "2026-11"))["moves"] == {"B>D": 1}


async def test_a_revision_of_an_old_month_moves_no_standing_tier(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        september = datetime(2026, 9, 15, tzinfo=UTC)
        await bought(customers, shop, "1000.00", september)
        await bought(customers, shop, "1000.00", OCTOBER)
        for month in ("2026-09", "2026-10"):
            await close(customers, month)
        before = await history(customers, shop)
        await bought(customers, shop, "9000.00", september)

        revised = await close(customers, "2026-09")

        assert (revised["revision"], revised["changed"], revised["tiers"]["A"]["customers"]) == (2, 0, 1)
        assert (await tier(customers, shop), await history(customers, shop)) == ("C", before)
        closed = [fact for fact in await customers.facts(MonthClosed) if fact.revision == 2]
        assert [(fact.month, fact.moves) for fact in closed] == [("2026-09", {}), ("2026-10", {"A>C": 1})]


async def test_closes_of_past_months_are_history_and_that_of_the_last_is_news(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "1000.00", datetime(2026, 9, 15, tzinfo=UTC))

        for month in ("2026-09", "2026-10"):
            await close(customers, month)

        assert [event.historical for event in await customers.events(MonthClosed)] == [True, False]
        assert [event.historical for event in await customers.events(TierChanged)] == [True, False]


@pytest.mark.example(17)
@pytest.mark.parametrize("on_2_december, then", [(None, "C"), ("3200.00", "B")])
async def test_a_store_through_its_months(fresh_database: FreshDatabase, on_2_december: str | None, then: str) -> None:
    async with one_service(fresh_database, "customers", _on("10-05")) as customers:
        shop, high = await store(customers), await brand(customers, "high")

        await bought(customers, shop, "6000.00")
        assert await tier(customers, shop) == "B"
        customers.clock.move_to(_on("10-20"))
        await bought(customers, shop, "8000.00", brand_id=high)
        assert await tier(customers, shop) == "A"

        customers.clock.move_to(_on("11-10"))
        october = await close(customers, "2026-10")
        assert (october["moves"], await last_move(customers, shop)) == ({}, ("B", "A", "purchase", "10000.00"))
        await bought(customers, shop, "2999.99")
        returned = await bought(customers, shop, "0.02", brand_id=high)
        assert await tier(customers, shop) == "A"

        customers.clock.move_to(_on("12-01"))
        november = await close(customers, "2026-11")
        assert (november["revision"], await last_move(customers, shop)) == (1, ("A", "B", "close", "3000.00"))

        customers.clock.move_to(_on("12-02"))
        if on_2_december:
            await bought(customers, shop, on_2_december)
        customers.clock.move_to(_on("12-03"))
        await customers.http.post(f"{BASE}/purchases/{returned}/returns", json={"amount": "0.02"})
        revised = await close(customers, "2026-11")

        assert (revised["revision"], await tier(customers, shop)) == (2, then)
        if then == "C":
            assert await last_move(customers, shop) == ("B", "C", "revision", "2999.99")


async def last_move(customers: OneService, shop: UUID) -> tuple[str, str, str, str]:
    """(from, to, cause, the month's total) of the last change."""
    answer = await customers.http.get(f"{BASE}/customers/{shop}/tier-history")
    move = answer.json()["items"][-1]
    return move["from"], move["to"], move["cause"], move["total"]


def _on(day: str) -> datetime:
    """Nine in the morning of a day of 2026, in the company's zone."""
    return datetime.fromisoformat(f"2026-{day}T09:00:00+08:00")


async def test_a_pointer_names_what_was_sent_and_no_branch_of_ours(fresh_database: FreshDatabase) -> None:
    """Of a field that may be several things, each of which says what it misses."""
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        body = {"tier": "B", "reason": "x", "until": "20261120"}
        answer = await customers.http.put(f"{BASE}/customers/{shop}/tier-override", json=body)

    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {"#/until"}
