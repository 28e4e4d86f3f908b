"""Segments and stages as they are kept and told (domain 2.5 and 2.6, examples 19 and 20)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.customers.worth.domain.telling import is_history
from services.customers.worth.handlers import judge_due, place
from services.customers.worth.store import places
from services.customers.worth.store.judging import hold
from services.customers.worth.store.places import places_are_stale, places_begin, places_found, places_stale
from shared.contracts.base import Fact
from shared.contracts.care import ConsentWithdrawn, TouchMissed
from shared.contracts.complaints import ComplaintOverdue
from shared.contracts.worth import LifecycleChanged, SegmentChanged
from shared.ids import new_id
from shared.months import Month
from tests.customers.network import BASE, bought, colleague, made, nobody, slug, store
from tests.customers.test_lifecycle import FIFTHS, SUMS, noon
from tests.customers.test_segments import MONTHS, paid
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

WORTH = "customers.worth"
SHOPS = 4
NOVEMBER = datetime(2026, 11, 20, 4, tzinfo=UTC)
PASS = f"{BASE}/worth-passes"


async def profile(customers: OneService, shop: UUID) -> dict[str, Any]:
    answer = await customers.http.get(f"{BASE}/customers/{shop}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def history(customers: OneService, shop: UUID, kind: str) -> list[dict[str, Any]]:
    answer = await customers.http.get(f"{BASE}/customers/{shop}/{kind}-history")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def kept(customers: OneService) -> list[tuple[Any, ...]]:
    """All that was judged, but for what counts what was told."""
    rows = await customers.database.fetch(
        "SELECT customer_id, stage, since, loyalty, credit, size, value, loyalty_score, credit_score, monthly, yearly,"
        " costed, cost, due_on FROM customer_worth ORDER BY customer_id"
    )
    return [tuple(row) for row in rows]


async def warned_of(customers: OneService) -> dict[UUID, dict[str, tuple[Any, ...]]]:
    """Who is warned of for which reasons, but for the figures that are as of the day of the last judgement."""
    rows = await customers.database.fetch("SELECT customer_id, reasons FROM early_warning WHERE ended_at IS NULL")
    return {
        row["customer_id"]: {
            code: tuple(figures.get(name) for name in ("change", "count", "on"))
            for code, figures in row["reasons"].items()
        }
        for row in rows
    }


@pytest.mark.example(19)
async def test_an_invoice_in_time_turns_a_customer_once(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        assert (await profile(customers, shop))["segments"]["loyalty_size"] == "chicken_rib", "as every new one"
        for month in MONTHS:
            await bought(customers, shop, "3000.00", month)
        for number, days_late in enumerate((30, 24, 18, 18, 12, 6)):
            await paid(customers, shop, number, days_late)
        ratings = {"criteria": {"price": 2, "share": 3}}
        assert (await customers.http.put(f"{BASE}/customers/{shop}/loyalty", json=ratings)).status_code == 200
        await customers.run_loops(WORTH)
        before = await profile(customers, shop)
        assert before["segments"] == {
            "loyalty": "high", "credit": "low", "size": "large", "loyalty_credit": "risk", "loyalty_size": "cash_cow",
            "cell": "high_low_large", "value": "top",
        }  # fmt: skip
        assert before["scores"] == {
            "loyalty": "68.75", "credit": "64.00", "size": "3000.00", "profit": "5400.00", "policy_version": 1,
            "policy_id": before["scores"]["policy_id"],
        }  # fmt: skip
        told = len(await customers.events(SegmentChanged))

        await paid(customers, shop, 6, 0)
        await customers.run_loops(WORTH)

        *_, fact = await customers.facts(SegmentChanged)
        assert len(await customers.events(SegmentChanged)) == told + 1, "one"
        assert (fact.was_loyalty_credit, fact.loyalty_credit, str(fact.credit_score)) == ("risk", "gold", "74.00")
        *_, last = await history(customers, shop, "segment")
        after = await profile(customers, shop)
        assert (last["segments"], last["scores"]) == (after["segments"], after["scores"])
        assert after["scores"]["credit"] == "74.00"
        await customers.run_loops(WORTH)
        assert len(await customers.events(SegmentChanged)) == told + 1, "and only once"


@pytest.mark.example(20)
async def test_each_stage_is_told_when_it_comes(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop = await store(customers)
        assert (await profile(customers, shop))["stage"] == "potential"
        for day, amount in zip(FIFTHS, SUMS, strict=True):
            customers.clock.move_to(noon(day))
            await bought(customers, shop, amount)
            await customers.run_loops(WORTH)
        for day in (date(2026, 9, 1), date(2026, 11, 5), date(2026, 11, 6)):
            customers.clock.move_to(noon(day))
            await customers.run_loops(WORTH)
        customers.clock.move_to(noon(date(2026, 11, 20)))
        await bought(customers, shop, "100.00")
        await customers.run_loops(WORTH)

        events = await customers.events(LifecycleChanged)

        facts = [event.read(LifecycleChanged) for event in events]
        assert [(fact.from_stage, fact.to_stage, str(fact.since)) for fact in facts] == [
            ("potential", "exploration", "2026-01-05"),
            ("exploration", "formation", "2026-03-05"),
            ("formation", "stable", "2026-06-05"),
            ("stable", "decline", "2026-09-01"),
            ("decline", "lost", "2026-11-06"),
            ("lost", "exploration", "2026-11-20"),
        ]
        assert not any(event.historical for event in events)
        moves = await history(customers, shop, "stage")
        assert [move["to"] for move in moves] == [fact.to_stage for fact in facts]
        assert {(move["policy_version"], move["holds"]) for move in moves} == {(1, True)}
        assert {(fact.policy_version, fact.policy_id) for fact in facts} == {(1, UUID(moves[0]["policy_id"]))}
        answer = await customers.http.get(f"{BASE}/customers", params={"stage": "exploration"})
        assert [each["id"] for each in answer.json()["items"]] == [str(shop)]
        for stage in ("lost", "potential"):
            answer = await customers.http.get(f"{BASE}/customers", params={"stage": stage})
            assert answer.json()["items"] == []


async def test_what_was_told_of_stages_stays_and_what_is_known_today_stands_beside_it(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[2])) as customers:
        shop = await store(customers)
        for day in FIFTHS[:3]:
            await bought(customers, shop, "500.00", noon(day))
        await customers.run_loops(WORTH)
        [told] = await history(customers, shop, "stage")
        assert (told["to"], told["since"], told["holds"]) == ("formation", "2026-03-05", True)

        await bought(customers, shop, "500.00", noon(date(2025, 12, 5)))
        await customers.run_loops(WORTH)

        answer = (await customers.http.get(f"{BASE}/customers/{shop}/stage-history")).json()
        assert answer["items"] == [{**told, "holds": False}], "as it was told, on the day that was known then"
        assert answer["lifecycle"] == [
            {"stage": "exploration", "on": "2025-12-05"}, {"stage": "formation", "on": "2026-02-05"},
        ]  # fmt: skip
        assert len(await customers.events(LifecycleChanged)) == 1


async def test_what_is_entered_into_past_months_is_no_news(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=NOVEMBER) as customers:
        shop = await store(customers)
        await bought(customers, shop, "3000.00", MONTHS[0])
        await customers.run_loops(WORTH)
        await bought(customers, shop, "3000.00")
        await customers.run_loops(WORTH)

        events = await customers.events(LifecycleChanged)

        assert [(event.read(LifecycleChanged).to_stage, event.historical) for event in events] == [
            ("lost", True), ("exploration", False),
        ]  # fmt: skip


def test_what_comes_of_an_import_is_no_news_unless_something_else_comes_with_it() -> None:
    shop, november = new_id(), Month(2026, 11)
    entered, imported = (november.ordinal, False), (november.ordinal, True)
    for marks, history in (
        ([imported], True), ([(None, True), (november.ordinal - 1, False)], True),
        ([imported, entered], False), ([imported, (None, False)], False), ([], False),
    ):  # fmt: skip
        assert is_history({shop: marks}, shop, november) is history, marks


async def test_who_was_merged_counts_with_who_is_kept_and_apart_again(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=NOVEMBER) as customers:
        kept_, gone = await store(customers), await store(customers, "美丽人生二店")
        for month in MONTHS[:3]:
            await bought(customers, kept_, "3000.00", month)
        for month in MONTHS[3:]:
            await bought(customers, gone, "3000.00", month)
        await customers.run_loops(WORTH)
        apart = await kept(customers)

        await made(customers, f"customers/{gone}/merge", {"into": str(kept_)})
        await customers.run_loops(WORTH)

        found = await profile(customers, kept_)
        assert (found["stage"], found["scores"]["loyalty"]) == ("stable", "100.00")
        assert len(await kept(customers)) == 1
        assert (await customers.http.post(f"{BASE}/customers/{gone}/unmerge")).status_code == 200
        customers.clock.forward(timedelta(minutes=2))
        await customers.run_loops(WORTH)
        assert await kept(customers) == apart


async def test_everybody_is_judged_anew_once_at_a_time(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=NOVEMBER) as customers:
        shop = await store(customers)
        await bought(customers, shop, "3000.00")
        await customers.run_loops(WORTH)
        before, told = await kept(customers), len(await customers.events())

        asked = await customers.http.post(PASS)

        assert (asked.status_code, asked.json()["judged"], asked.json()["customers"]) == (202, 0, 1)
        assert slug(await customers.http.post(PASS)) == (409, "worth-pass-under-way")
        await customers.run_loops(WORTH)
        done = (await customers.http.get(f"{PASS}/{asked.json()['id']}")).json()
        assert (done["judged"], done["customers"], done["done_at"] is not None) == (1, 1, True)
        assert (await kept(customers), len(await customers.events())) == (before, told)
        assert (await customers.http.get(PASS)).json()[0] == done
        assert slug(await customers.http.get(f"{PASS}/{nobody()}")) == (404, "no-such-worth-pass")


async def test_who_buys_is_judged_while_everybody_is(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=NOVEMBER) as customers:
        shop = await store(customers)
        asked = (await customers.http.post(PASS)).json()
        await bought(customers, shop, "3000.00")

        await judge_due(customers.service.context)

        assert (await profile(customers, shop))["stage"] == "exploration"
        assert (await customers.http.get(f"{PASS}/{asked['id']}")).json()["judged"] == 0


async def test_who_is_being_judged_while_places_are_found_is_placed_next(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=NOVEMBER) as customers:
        shop = await store(customers)
        await bought(customers, shop, "3000.00", MONTHS[-1])
        context = customers.service.context
        await judge_due(context)
        async with customers.database.transaction() as judging:
            await hold(judging, [shop])
            await place(context)
        assert (await profile(customers, shop))["segments"]["value"] == "rest"

        await place(context)

        assert (await profile(customers, shop))["segments"]["value"] == "top"


async def test_places_that_change_while_they_are_found_are_found_again(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=NOVEMBER) as customers:
        now = customers.clock.now()
        await places_begin(customers.database)
        assert await places_stale(customers.database, now), "whoever finds them may not come to the end"
        margin = await places.margin(customers.database)
        await places_found(customers.database, now, margin)
        assert not await places_stale(customers.database, now)
        await places_begin(customers.database)
        async with customers.database.transaction() as judging:
            await places_are_stale(judging, live=True)

        await places_found(customers.database, now, margin)

        assert await places_stale(customers.database, now)


async def test_nobody_reads_the_history_of_whom_they_do_not_see(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        stranger = bearer("salesperson", await colleague(customers))
        for kind in ("segment", "stage"):
            answer = await customers.http.get(f"{BASE}/customers/{shop}/{kind}-history", headers=stranger)
            assert slug(answer) == (404, "customer-not-found")


BUYS = st.tuples(
    st.just("buys"), st.integers(0, SHOPS - 1), st.integers(0, 200), st.sampled_from(["0.01", "900.00", "4000.00"])
)
PAYS = st.tuples(st.just("pays"), st.integers(0, SHOPS - 1), st.integers(-40, 90), st.integers(-1, 60))
WAITS = st.tuples(st.just("waits"), st.integers(1, 45))
RATES = st.tuples(st.just("rates"), st.integers(0, SHOPS - 1), st.integers(1, 5))
RETURNS = st.tuples(st.just("returns"), st.integers(0, 30))
SIGNALS = st.tuples(st.sampled_from(["misses", "is late", "withdraws"]), st.integers(0, SHOPS - 1), st.integers(0, 65))
STEPS = st.lists(st.one_of(BUYS, PAYS, WAITS, RATES, RETURNS, SIGNALS), min_size=1, max_size=14)
GETS_OLD: list[tuple[Any, ...]] = [
    ("buys", 0, 70, "900.00"), ("misses", 0, 58), ("misses", 0, 20), ("waits", 1), ("waits", 7)
]  # fmt: skip


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(steps=GETS_OLD)
@given(steps=STEPS)
async def test_what_was_touched_is_what_judging_everybody_finds(
    fresh_database: FreshDatabase, steps: list[tuple[Any, ...]]
) -> None:
    async with one_service(fresh_database, "customers", start=NOVEMBER) as customers:
        shops = [await store(customers, f"店{number}") for number in range(SHOPS)]
        purchases: list[UUID] = []
        for number, step in enumerate(steps):
            await _take(customers, shops, purchases, number, step)
            await customers.run_loops(WORTH)
        customers.clock.forward(timedelta(minutes=2))
        await customers.run_loops(WORTH)
        incremental, warned = await kept(customers), await warned_of(customers)

        for table in ("customer_worth", "segment_change", "stage_change", "early_warning"):
            await customers.database.execute(f"DELETE FROM {table}")
        await customers.http.post(PASS)
        await customers.run_loops(WORTH)
        customers.clock.forward(timedelta(minutes=2))
        await customers.run_loops(WORTH)

        touched = {row[0] for row in incremental}
        assert [row for row in await kept(customers) if row[0] in touched] == incremental
        assert await warned_of(customers) == warned


def touch_missed(shop: UUID, at: datetime, **more: Any) -> TouchMissed:
    return TouchMissed(
        task_id=new_id(),
        customer_id=shop,
        kind="obligation",
        role="salesperson",
        contact="visit",
        at=at,
        due_at=at,
        **more,
    )


def _happened(what: str, shop: UUID, at: datetime) -> Fact:
    if what == "misses":
        return touch_missed(shop, at)
    if what == "is late":
        return ComplaintOverdue(complaint_id=new_id(), customer_id=shop, number="C1", due_at=at, at=at)
    return ConsentWithdrawn(customer_id=shop, channel="sms", purpose="promotion", at=at)


async def _take(
    customers: OneService, shops: list[UUID], purchases: list[UUID], number: int, step: tuple[Any, ...]
) -> None:
    now = customers.clock.now()
    match step:
        case ("buys", shop, days, amount):
            purchases.append(await bought(customers, shops[shop], amount, now - timedelta(days=days)))
        case ("pays", shop, days, late):
            due = (now + timedelta(days=days)).date()
            body = {"customer_id": str(shops[shop]), "invoice_no": f"FP-{number}", "due_on": str(due), "amount": "9.00"}
            paid_on = due + timedelta(days=late)
            if late >= 0 and paid_on <= now.date():
                body["paid_on"] = str(paid_on)
            assert (await customers.http.post(f"{BASE}/payments", json=body)).status_code == 201
        case ("waits", days):
            customers.clock.forward(timedelta(days=days))
        case ("rates", shop, mark):
            path = f"{BASE}/customers/{shops[shop]}/loyalty"
            await customers.http.put(path, json={"criteria": {"price": mark}}, headers={"If-Match": "*"})
        case ("misses" | "is late" | "withdraws" as what, shop, days):
            await customers.given(_happened(what, shops[shop], now - timedelta(days=days)))
        case ("returns", which) if purchases:
            path = f"{BASE}/purchases/{purchases[which % len(purchases)]}/returns"
            await customers.http.post(path, json={"amount": "0.01"})


async def test_partners_read_nothing_of_what_a_store_is_worth(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        path = f"{BASE}/customers/{shop}"
        seen = (await customers.http.get(path, headers=bearer("partner"))).json()
        assert (seen["segments"], seen["scores"], seen["warning"]) == (None, None, None)
        assert (await profile(customers, shop))["potential"] is None
        for amount in ("8000.00", "12000.00"):
            said = {"amount": amount, "reason": "六张床"}
            await customers.http.put(f"{path}/potential", json=said, headers={"If-Match": "*"})
        assert (await profile(customers, shop))["potential"] == "12000.00"
        assert (await customers.http.get(path, headers=bearer("partner"))).json()["potential"] is None
        assert (await customers.http.get(f"{path}/segments", headers=bearer("partner"))).status_code == 403
