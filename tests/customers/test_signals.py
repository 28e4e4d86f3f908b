"""Signals (domain 2.5): rising stars, whom to watch, who may go to a competitor."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customers.signals import handlers
from services.customers.signals.domain import Course, Signal, SignalTerms, find, settle
from shared.contracts.customers import Tier
from shared.contracts.scheme import PolicyVersioned
from shared.contracts.signals import SignalEnded, SignalRaised
from tests.customers.network import BASE, bought, brand, close, colleague, made, nobody, region, slug, store
from tests.customers.test_competitors import listed
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

MONTHS = [datetime(2026, month, 5, 4, tzinfo=UTC) for month in range(5, 11)]
"""The six complete months before the November in which the tests begin."""
TERMS = SignalTerms(2, 3, 3, Decimal("0.80"), Decimal("0.05"), 15, 5, 90)
TODAY = date(2026, 11, 4)
AMOUNTS = st.decimals(-20_000, 20_000, places=2)
THRESHOLDS: dict[Tier, Decimal] = {"A": Decimal(10_000), "B": Decimal(3_000), "C": Decimal(1_000)}


def course(tier: Tier, *sums: int, **more: Any) -> Course:
    return Course(nobody(), tier, [Decimal(each) for each in sums], THRESHOLDS, **more)


def codes(looked_at: Course, terms: SignalTerms = TERMS) -> dict[str, list[str]]:
    found = find(looked_at, terms, TODAY)
    return {kind: [reason.code for reason in reasons] for kind, reasons in found.items()}


async def shop_of(customers: OneService, *amounts: str, brand_id: UUID | None = None, **more: Any) -> UUID:
    """A store that bought these, the last in October."""
    shop = await store(customers, **more)
    for moment, amount in zip(MONTHS[-len(amounts) :], amounts, strict=True):
        if Decimal(amount):
            await bought(customers, shop, amount, moment, **({"brand_id": brand_id} if brand_id else {}))
    return shop


async def pinned(customers: OneService, shop: UUID, tier: str) -> None:
    """With a tier of which the tests speak, whatever months have closed."""
    body = {"tier": tier, "reason": "so it stands", "until": "2027-12-31"}
    answer = await customers.http.put(f"{BASE}/customers/{shop}/tier-override", json=body, headers={"If-Match": "*"})
    assert answer.status_code in (200, 201), answer.text


async def signals(customers: OneService, who: dict[str, str] | None = None, **asked: str) -> list[dict[str, Any]]:
    answer = await customers.http.get(f"{BASE}/signals", params=asked, headers=who)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def told(customers: OneService) -> list[tuple[str, str]]:
    raised = [("raised", fact.kind) for fact in await customers.facts(SignalRaised)]
    return raised + [(fact.cause, fact.kind) for fact in await customers.facts(SignalEnded)]


@pytest.mark.parametrize(
    "tier, sums, months",
    [
        ("D", (100, 250, 400, 550, 700, 850), 1),
        ("C", (1000, 1200, 1400, 1600, 1800, 2000), None),
        ("C", (1000, 1300, 1600, 1900, 2200, 2500), 2),
        ("B", (3000, 4000, 5000, 6000, 7000, 8000), 2),
        ("B", (3000, 4000, 5000, 6000, 7000, 8999), 2),
        ("C", (0, 0, 0, 0, 2000, 2900), None),
        ("C", (2900, 2900, 2900, 2900, 2900, 2900), None),
        ("A", (10_000, 11_000, 12_000, 13_000, 14_000, 15_000), None),
    ],
)
def test_a_rising_star_reaches_the_next_tier_within_three_months(
    tier: Tier, sums: Sequence[int], months: int | None
) -> None:
    reasons = find(course(tier, *sums), TERMS, TODAY).get("rising_star", ())
    assert [reason.months for reason in reasons] == ([] if months is None else [months])


def test_the_trend_is_that_of_all_months() -> None:
    [reason] = find(course("C", 1000, 1300, 1600, 1900, 2200, 2500), TERMS, TODAY)["rising_star"]
    assert (reason.now, reason.rise, reason.threshold) == (Decimal("2500.00"), Decimal("300.00"), Decimal(3000))


@pytest.mark.parametrize(
    "watched, why",
    [
        (course("A", 12_000, 12_000, 12_000, 12_000, 9_600, 9_600), ["purchases_weaken"]),
        (course("A", 12_000, 12_000, 12_000, 12_000, 9_601, 9_600), []),
        (course("A", *[12_000] * 6, overdue_days=15), ["overdue"]),
        (course("A", *[12_000] * 6, overdue_days=14), []),
        (course("A", *[12_000] * 6, days_late=(6, 5, 4, 0, 0, 0)), ["pays_later"]),
        (course("A", *[12_000] * 6, days_late=(6, 5, 3, 0, 0, 0)), []),
        (course("A", *[12_000] * 6, days_late=(90, 90, 90)), []),
        (course("A", *[0] * 6), []),
        (course("A", 12_000, 12_000, 12_000, 12_000, 0, -500, erased=True), []),
    ],
)
def test_an_a_is_watched_whose_purchases_or_payments_weaken(watched: Course, why: list[str]) -> None:
    assert codes(watched) == ({"watch": why} if why else {})


@pytest.mark.parametrize(
    "leaving, why",
    [
        (course("B", 4000, 4000, 5000, 5000, 5250, 5250), ["stopped_rising"]),
        (course("B", 4000, 4000, 5000, 5000, 5251, 5250), []),
        (course("B", *[5000] * 6), []),
        (course("B", 5000, 5000, 5000, 5000, 4000, 4000), ["purchases_weaken"]),
        (course("B", *[5000] * 6, told_on=TODAY - timedelta(days=89)), ["orders_elsewhere"]),
        (course("B", *[5000] * 6, told_on=TODAY - timedelta(days=90)), []),
        (course("C", 2000, 2000, 500, 500, 0, 0, told_on=TODAY), []),
    ],
)
def test_a_b_may_go_to_a_competitor(leaving: Course, why: list[str]) -> None:
    found = codes(leaving)
    found.pop("rising_star", None)
    assert found == ({"competitor": why} if why else {})


@given(st.sampled_from(["A", "B", "C", "D"]), st.lists(AMOUNTS, min_size=6, max_size=6))
def test_what_stands_is_found_anew_without_news(tier: Tier, sums: list[Decimal]) -> None:
    looked_at = Course(nobody(), tier, sums, THRESHOLDS)
    found = find(looked_at, TERMS, TODAY)
    standing = [
        Signal(nobody(), looked_at.customer_id, kind, tier, reasons, 1, datetime(2026, 11, 4, tzinfo=UTC))
        for kind, reasons in settle(looked_at, found, ()).begin
    ]
    assert not settle(looked_at, found, standing)
    assert {signal.kind for signal, _ in settle(looked_at, {}, standing).end} == set(found)


async def test_signals_are_found_once_a_day_told_once_and_end(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        high = await brand(customers, "high")
        star = await shop_of(customers, "1000.00", "1300.00", "1600.00", "1900.00", "2200.00", "2500.00")
        mixed = await shop_of(customers, "200.00", "600.00", "1000.00", "1400.00", "1700.00", "1800.00", brand_id=high)
        await shop_of(customers, *["12000.00"] * 6)
        for month in ("2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"):
            await close(customers, month)

        await customers.run_loops("customers.signals")

        found = {each["customer_id"]: each for each in await signals(customers)}
        assert set(found) == {str(star), str(mixed)}
        one = found[str(star)]
        assert (one["kind"], one["tier"], one["leads_to"], one["cause"]) == ("rising_star", "C", "B", None)
        [reason] = one["reasons"]
        assert (reason["code"], reason["now"], reason["rise"], reason["threshold"], reason["months"]) == (
            "trend", "2500.00", "300.00", "3000.00", 2,
        )  # fmt: skip
        assert (found[str(mixed)]["tier"], found[str(mixed)]["leads_to"]) == ("D", "C"), "high grades count half"
        assert (await customers.http.get(f"{BASE}/signals/{one['id']}")).json() == one
        assert await told(customers) == [("raised", "rising_star")] * 2
        await customers.run_loops("customers.signals")
        customers.clock.move_to(datetime(2026, 11, 20, tzinfo=UTC))
        await customers.run_loops("customers.signals")
        assert len(await told(customers)) == 2, "nothing is told twice"

        await bought(customers, star, "3000.00")
        customers.clock.move_to(datetime(2026, 11, 21, tzinfo=UTC))
        await customers.run_loops("customers.signals")

        assert await told(customers) == [("raised", "rising_star")] * 2 + [("tier", "rising_star")]
        [over] = await signals(customers, standing="false")
        assert (over["id"], over["cause"], over["ended_at"]) == (one["id"], "tier", "2026-11-21T00:00:00Z")
        [fact] = await customers.facts(SignalEnded)
        assert fact.tier == "B"


async def test_a_report_is_a_signal_there_and_then(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await shop_of(customers, *["5000.00"] * 6)
        await pinned(customers, shop, "B")
        rival = await made(customers, "competitors", {"name": "美研堂"})
        path = f"customers/{shop}/orders-elsewhere"
        early = await customers.http.post(f"{BASE}/{path}", json={"told_on": "2026-01-01"})
        assert (early.status_code, await signals(customers)) == (201, [])

        await made(customers, path, {"competitor_id": rival["id"], "told_on": "2026-11-01"})
        await made(customers, path, {"told_on": "2026-11-01"})
        await customers.run_loops("customers.signals")

        [signal] = await signals(customers, kind="competitor")
        [reason] = signal["reasons"]
        assert (reason["code"], reason["on"]) == ("orders_elsewhere", "2026-11-01")
        assert await told(customers) == [("raised", "competitor")]
        [fact] = await customers.facts(SignalRaised)
        assert fact.reasons[0].competitor_id == UUID(rival["id"])

        customers.clock.move_to(datetime(2027, 1, 31, 4, tzinfo=UTC))
        await customers.run_loops("customers.signals")
        [signal] = await signals(customers, kind="competitor", standing="true")
        assert [each["code"] for each in signal["reasons"]] == ["purchases_weaken"], "the report is old by now"
        assert await told(customers) == [("raised", "competitor")]


async def test_a_signal_that_rests_on_a_withdrawn_report_alone_ends_there_and_then(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await shop_of(customers, *["5000.00"] * 6)
        await pinned(customers, shop, "B")
        path = f"customers/{shop}/orders-elsewhere"
        first = await made(customers, path, {"told_on": "2026-11-01"})
        second = await made(customers, path, {"told_on": "2026-11-02"})

        async def withdrawn(report: dict[str, Any]) -> httpx.Response:
            return await customers.http.post(f"{BASE}/orders-elsewhere/{report['id']}/withdrawal", json={"reason": "x"})

        assert (await withdrawn(second)).status_code == 200
        [signal] = await signals(customers, standing="true")
        assert signal["reasons"][0]["on"] == "2026-11-01", "the other one was no mistake"
        assert (await withdrawn(first)).status_code == 200

        assert await signals(customers, standing="true") == []
        assert await told(customers) == [("raised", "competitor"), ("over", "competitor")]
        assert [each["withdrawn"] is None for each in await listed(customers, path)] == [False, False]
        assert slug(await withdrawn(first)) == (409, "already-withdrawn")
        assert slug(await withdrawn({"id": nobody()})) == (404, "no-such-report")


async def test_an_a_that_owes_is_watched_until_it_pays(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await shop_of(customers, *["12000.00"] * 6)
        await pinned(customers, shop, "A")
        invoice = {"customer_id": str(shop), "invoice_no": "R1", "due_on": "2026-10-10", "amount": "300.00"}
        await made(customers, "payments", invoice)
        await customers.run_loops("customers.signals")
        [signal] = await signals(customers)
        assert (signal["kind"], [each["code"] for each in signal["reasons"]]) == ("watch", ["overdue"])

        paid = await customers.http.post(f"{BASE}/payments", json={**invoice, "paid_on": "2026-11-03"})
        assert paid.status_code in (200, 201), paid.text
        await customers.run_loops("customers.worth")

        assert await told(customers) == [("raised", "watch"), ("over", "watch")]


async def test_whom_a_purchase_makes_a_rising_star_is_found_at_once(fresh_database: FreshDatabase) -> None:
    """Though everybody has been looked at today; what comes back ends it as soon."""
    async with one_service(fresh_database, "customers") as customers:
        await customers.run_loops("customers.signals")
        shop = await shop_of(customers, "100.00", "250.00", "400.00", "550.00", "700.00", "0.00")
        await customers.run_loops("customers.worth")
        assert await signals(customers) == []
        last = await bought(customers, shop, "850.00", MONTHS[-1])
        await customers.run_loops("customers.worth")
        assert await told(customers) == [("raised", "rising_star")]

        await made(customers, f"purchases/{last}/returns", {"amount": "850.00"})
        await customers.run_loops("customers.worth")

        assert await told(customers) == [("raised", "rising_star"), ("over", "rising_star")]


async def test_everybody_is_looked_at_in_parts(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "AT_ONCE", 2)
    async with one_service(fresh_database, "customers") as customers:
        shops = {str(await shop_of(customers, "400.00", "600.00", "800.00")) for _ in range(5)}
        for _ in range(2):
            assert await customers.run_loops("customers.signals") in (0, 5)

        assert {each["customer_id"] for each in await signals(customers, limit="50")} == shops
        assert len(await told(customers)) == 5


async def test_signals_are_seen_and_narrowed_by_who_serves_where(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        east = await region(customers)
        seller, other = await colleague(customers), await colleague(customers)
        amounts = ("400.00", "600.00", "800.00")
        mine = await shop_of(customers, *amounts, region_id=str(east))
        theirs = await shop_of(customers, *amounts)
        await customers.http.put(f"{BASE}/customers/{mine}/team", json={"salesperson": str(seller)})
        await customers.http.put(f"{BASE}/customers/{theirs}/team", json={"salesperson": str(other)})
        await customers.run_loops("customers.signals")

        async def whose(who: dict[str, str] | None = None, **asked: str) -> list[str]:
            return [each["customer_id"] for each in await signals(customers, who, **asked)]

        assert sorted(await whose()) == sorted([str(mine), str(theirs)])
        assert await whose(region_id=str(east)) == await whose(staff_id=str(seller)) == [str(mine)]
        assert await whose(bearer("salesperson", other)) == await whose(customer_id=str(theirs)) == [str(theirs)]
        assert await whose(kind="watch") == await whose(tier="A") == await whose(standing="false") == []
        [signal] = await signals(customers, customer_id=str(mine))
        assert signal["customer_name"] == "美丽人生美容院"
        hidden = await customers.http.get(f"{BASE}/signals/{signal['id']}", headers=bearer("salesperson", other))
        assert slug(hidden) == (404, "signal-not-found")


async def test_who_is_merged_or_erased_gives_no_signal_twice(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        amounts = ("400.00", "600.00", "800.00")
        kept, twice = await shop_of(customers, *amounts), await shop_of(customers, *amounts)
        person = await store(customers, "王芳", kind="person")
        for moment, amount in zip(MONTHS[-3:], amounts, strict=True):
            await bought(customers, person, amount, moment)
        await customers.run_loops("customers.signals")
        merged = await customers.http.post(f"{BASE}/customers/{twice}/merge", json={"into": str(kept)})
        assert merged.json()["moved"]["signal"] == 1
        gone = await customers.http.post(f"{BASE}/erasures", json={"customer_id": str(person), "reason": "asked"})
        assert gone.status_code == 202

        customers.clock.move_to(datetime(2026, 11, 10, tzinfo=UTC))
        await customers.run_loops("customers.signals")

        ended = {(fact.customer_id, fact.cause) for fact in await customers.facts(SignalEnded)}
        assert ended == {(person, "erased"), (kept, "doubled")}
        assert len(await signals(customers, customer_id=str(kept), standing="true")) == 1


async def policy(customers: OneService, **said: Any) -> httpx.Response:
    read = (await customers.http.get(f"{BASE}/signal-policy")).json()
    body = {name: read[name] for name in read if name not in ("version", "set_at", "set_by")} | said
    return await customers.http.put(f"{BASE}/signal-policy", json=body, headers={"If-Match": f'"{read["version"]}"'})


async def test_by_another_policy_others_are_found(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        for name in ("span", "star_months", "least_active", "overdue_days", "later_days", "report_days"):
            refused = await policy(customers, **{name: 0})
            assert slug(refused) == (422, "signal-policy-refused"), name
        assert slug(await policy(customers, least_active=7)) == (422, "signal-policy-refused")
        for share in ("0", "1"):
            assert slug(await policy(customers, weak_share=share)) == (422, "signal-policy-refused")
        shop = await shop_of(customers, "200.00", "300.00", "400.00")
        await customers.run_loops("customers.signals")
        assert await signals(customers) == []

        kept = await policy(customers, star_months=12)

        assert (kept.status_code, kept.json()["version"], kept.json()["weak_share"]) == (200, 2, "0.80")
        assert [each.version for each in await customers.facts(PolicyVersioned) if each.part == "signals"][-1] == 2
        await customers.run_loops("customers.signals")
        [signal] = await signals(customers)
        assert (signal["customer_id"], signal["policy_version"]) == (str(shop), 2)
