"""Entries that were mistakes are undone: once, audited, with all that followed from them (decision 21)."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.customers import PurchaseReversed, TierChanged
from shared.ids import new_id
from tests.customers.importing import NUMBERED, csv_of, imported
from tests.customers.network import BASE, bought, brand, buy, close, history, nobody, slug, store, tier
from tests.postgres import FreshDatabase
from tests.support import ADMIN_ID, OneService, bearer, one_service

AUGUST, SEPTEMBER, OCTOBER = (datetime(2026, month, 15, 4, tzinfo=UTC) for month in (8, 9, 10))


async def undo(customers: OneService, entry: UUID, reason: str = "wrong customer", **headers: str) -> Any:
    return await customers.http.post(
        f"{BASE}/purchases/{entry}/reversal", json={"reason": reason}, headers=headers or None
    )


async def undone(customers: OneService, entry: UUID) -> dict[str, Any]:
    answer = await undo(customers, entry)
    assert answer.status_code == 201, answer.text
    reversal: dict[str, Any] = answer.json()
    return reversal


async def take_back(customers: OneService, purchase: UUID, amount: str, **more: Any) -> UUID:
    answer = await customers.http.post(f"{BASE}/purchases/{purchase}/returns", json={"amount": amount, **more})
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def listed(customers: OneService, shop: UUID, **more: str) -> list[UUID]:
    answer = await customers.http.get(f"{BASE}/purchases", params={"customer_id": str(shop), **more})
    return [UUID(item["id"]) for item in answer.json()["items"]]


async def totals(customers: OneService) -> dict[tuple[int, str], Decimal]:
    rows = await customers.database.fetch("SELECT month, grade, sum(amount) AS amount FROM month_total GROUP BY 1, 2")
    return {(row["month"], row["grade"]): row["amount"] for row in rows}


async def test_a_mistake_of_the_running_month_gives_the_tier_back(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "1200.00")
        mistake = await bought(customers, shop, "99000.00")
        assert await tier(customers, shop) == "A"

        await undone(customers, mistake)

        assert await tier(customers, shop) == "C"
        assert (await history(customers, shop))[-1] == ("A", "C", "revision")
        event = (await customers.events(TierChanged))[-1]
        change = event.read(TierChanged)
        assert (str(change.total), change.month, event.historical) == ("1200.00", None, False)
        assert sum((await totals(customers)).values()) == Decimal(1200)


async def test_it_is_announced_shown_and_audited_and_its_reason_lies_sealed(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        kept, mistake = await bought(customers, shop, "10.00"), await bought(customers, shop, "50.00")

        reversal = await undone(customers, mistake)

        assert (reversal["purchase_id"], reversal["reversed_by"]) == (str(mistake), str(ADMIN_ID))
        assert (await customers.http.get(f"{BASE}/purchases/{mistake}/reversal")).json() == reversal
        shown = (await customers.http.get(f"{BASE}/purchases/{mistake}")).json()
        assert (shown["amount"], shown["reversed_at"]) == ("50.00", reversal["reversed_at"])
        assert await listed(customers, shop) == [kept]
        assert await listed(customers, shop, reversed="true") == [mistake, kept]
        [event] = await customers.events(PurchaseReversed)
        fact = event.read(PurchaseReversed)
        assert (event.aggregate_id, event.aggregate_version, str(fact.amount)) == (mistake, 2, "-50.00")
        assert (fact.customer_id, fact.purchase_id, fact.return_id) == (shop, mistake, None)
        audited = (await customers.http.get(f"{BASE}/audit")).json()["items"]
        assert [(entry["what"], entry["subject"]) for entry in audited] == [("purchase.reversed", str(mistake))]
        words = await customers.database.fetchval("SELECT words FROM purchase_reversal")
        assert b"wrong customer" not in words


async def test_its_number_is_free_for_the_right_entry(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        wrong, right = await store(customers), await store(customers)
        mistake = await bought(customers, wrong, "500.00", external_no="PO-1")
        assert slug(await buy(customers, right, "500.00", external_no="PO-1")) == (409, "external-no-reused")

        await undone(customers, mistake)

        entered = await bought(customers, right, "500.00", external_no="PO-1")
        again = await buy(customers, right, "500.00", external_no="PO-1")
        assert (again.status_code, again.json()["id"]) == (200, str(entered))
        shown = (await customers.http.get(f"{BASE}/purchases/{mistake}")).json()
        assert (shown["external_no"], shown["customer_id"]) == ("PO-1", str(wrong))


async def test_an_entry_is_undone_once_and_a_purchase_after_its_returns(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        purchase = await bought(customers, shop, "100.00")
        back = await take_back(customers, purchase, "30.00", external_no="R-1")

        assert slug(await undo(customers, purchase)) == (409, "returns-stand")
        await undone(customers, back)
        assert sum((await totals(customers)).values()) == Decimal(100)
        again = await take_back(customers, purchase, "100.00", external_no="R-1")
        await undone(customers, again)
        await undone(customers, purchase)

        assert slug(await undo(customers, purchase)) == (409, "purchase-reversed")
        assert slug(await undo(customers, back)) == (409, "purchase-reversed")
        refused = await customers.http.post(f"{BASE}/purchases/{purchase}/returns", json={"amount": "1.00"})
        assert slug(refused) == (409, "purchase-reversed")
        told = [
            (event.aggregate_id, event.read(PurchaseReversed)) for event in await customers.events(PurchaseReversed)
        ]
        assert [(id_, fact.return_id, str(fact.amount)) for id_, fact in told] == [
            (purchase, back, "30.00"),
            (purchase, again, "100.00"),
            (purchase, None, "-100.00"),
        ]
        versions = [event.aggregate_version for event in await customers.events(PurchaseReversed)]
        assert versions == [3, 5, 6], "each is a version of the purchase"
        assert await totals(customers) == {}


async def test_undone_at_once_it_is_undone_once(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        mistake = await bought(customers, shop, "100.00")
        url = f"{BASE}/purchases/{mistake}/returns"

        answers = await asyncio.gather(*(undo(customers, mistake) for _ in range(3)))
        back = await customers.http.post(url, json={"amount": "40.00"})

        assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
        assert slug(back) == (409, "purchase-reversed")
        assert (await totals(customers), len(await customers.events(PurchaseReversed))) == ({}, 1)


async def test_a_mistake_of_a_closed_month_is_taken_up_by_its_revision(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        high = await brand(customers, "high")
        await bought(customers, shop, "1500.00", OCTOBER)
        mistake = await bought(customers, shop, "20000.00", OCTOBER, brand_id=high)
        assert (await close(customers, "2026-10"))["tiers"]["A"]["customers"] == 1

        await undone(customers, mistake)

        assert await tier(customers, shop) == "A", "until the month is closed again"
        revised = await close(customers, "2026-10")
        assert (revised["revision"], revised["tiers"]["C"]) == (
            2,
            {"customers": 1, "amount": "1500.00", "share": "1.0000"},
        )
        assert await tier(customers, shop) == "C"


async def test_the_first_purchase_undone_moves_what_counts_from_it(fresh_database: FreshDatabase) -> None:
    """A mistake dated years back: no month has to be closed because of it, and closed ones forget the customer."""
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        mistake = await bought(customers, shop, "0.00", datetime(1990, 2, 1, tzinfo=UTC))
        await bought(customers, shop, "2000.00", AUGUST)
        assert slug(await customers.http.post(f"{BASE}/months/2026-08/close")) == (409, "month-skipped")
        assert (await close(customers, "1990-02"))["customers"] == 1

        await undone(customers, mistake)

        row = await customers.database.fetchrow("SELECT counts_from, first_purchase FROM customer")
        assert row is not None
        assert (row["counts_from"], row["first_purchase"]) == (2026 * 12 + 7, 2026 * 12 + 7)
        assert (await close(customers, "1990-02"))["customers"] == 0
        listed_months = (await customers.http.get(f"{BASE}/months")).json()["items"]
        assert [(item["month"], item["revision"]) for item in listed_months] == [("1990-02", 2)]


async def test_undone_before_it_was_closed_a_month_is_none_with_data(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        mistake = await bought(customers, shop, "0.00", datetime(1990, 2, 1, tzinfo=UTC))
        await bought(customers, shop, "2000.00", AUGUST)

        await undone(customers, mistake)

        assert (await close(customers, "2026-08"))["tiers"]["C"]["customers"] == 1


async def test_an_open_month_before_gives_nothing_back_until_it_is_closed(fresh_database: FreshDatabase) -> None:
    """What October has earned nobody knows before its close; that takes the mistake's tier away."""
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        customers.clock.move_to(datetime(2026, 12, 2, tzinfo=UTC))
        await bought(customers, shop, "3000.00", datetime(2026, 11, 20, tzinfo=UTC))
        mistake = await bought(customers, shop, "99000.00")

        await undone(customers, mistake)

        assert await tier(customers, shop) == "A"
        await close(customers, "2026-11")
        assert await tier(customers, shop) == "B"


async def test_a_windows_average_has_another_divisor_afterwards(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        thresholds = {"A": "250", "B": "90", "C": "30"}
        body = {"thresholds": thresholds, "window_months": 3, "starts_on": "2026-08-01"}
        assert (await customers.http.post(f"{BASE}/tier-policies", json=body)).status_code == 201
        shop = await store(customers)
        mistake = await bought(customers, shop, "1.00", AUGUST)
        await bought(customers, shop, "90.00", OCTOBER)
        for month in ("2026-08", "2026-09", "2026-10"):
            await close(customers, month)
        assert await tier(customers, shop) == "C", "91 over three months"

        await undone(customers, mistake)
        await close(customers, "2026-10")

        assert await tier(customers, shop) == "B", "90 in its first month"
        stale = [item["stale"] for item in (await customers.http.get(f"{BASE}/months")).json()["items"]]
        assert stale == [False, False, False]


@pytest.mark.parametrize("numbered", [True, False])
async def test_a_file_brings_back_what_has_a_number_alone(fresh_database: FreshDatabase, numbered: bool) -> None:
    """An appended file has the old rows in it: one without a number stays undone; of a number the file knows better."""
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, external_no="SH-1")
        row = ("SH-1", "2026-11-02", "70.00", "PO-1")
        file = csv_of([row], NUMBERED) if numbered else csv_of([row[:3]])
        await imported(customers, file)
        [mistake] = await listed(customers, shop)
        await undone(customers, mistake)

        again = await imported(customers, file)

        assert again.figures == ((1, 0, 0) if numbered else (0, 1, 0))
        assert len(await listed(customers, shop)) == again.ok


async def test_who_may_undo_what(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        recent, old = await bought(customers, shop, "1.00"), await bought(customers, shop, "1.00", OCTOBER)
        far = await bought(customers, shop, "1.00", SEPTEMBER - timedelta(days=100))
        manager, administration = bearer("cs_manager", new_id()), bearer("admin_dept", new_id())

        for role in ("salesperson", "beauty_mentor", "cs_specialist", "general_manager", "partner"):
            assert slug(await undo(customers, recent, **bearer(role, new_id()))) == (403, "forbidden"), role
        assert slug(await undo(customers, far, **manager)) == (403, "needs-administration")
        for month in ("2026-06", "2026-07", "2026-08", "2026-09", "2026-10"):
            await close(customers, month)
        assert slug(await undo(customers, old, **manager)) == (403, "needs-administration")
        assert (await undo(customers, recent, **manager)).status_code == 201
        assert (await undo(customers, old, **administration)).status_code == 201
        assert (await undo(customers, far, **administration)).status_code == 201
        assert slug(await undo(customers, nobody())) == (404, "unknown-purchase")
        assert (await undo(customers, recent, "")).status_code == 422
        stands = await bought(customers, shop, "1.00")
        assert slug(await customers.http.get(f"{BASE}/purchases/{stands}/reversal")) == (404, "not-reversed")
        read = await customers.http.get(f"{BASE}/purchases/{recent}/reversal", headers=bearer("salesperson", new_id()))
        assert read.status_code == 403
