"""Undoing an import as a whole, while nobody has built on it (domain 2.3)."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.customers.imports.domain.layout import ImportKind
from services.customers.imports.handlers import undoing
from services.customers.imports.handlers.undoing import undo_next
from services.customers.schema import METADATA
from services.customers.withdrawing import store as withdrawing
from shared.contracts.customers import PurchaseReversed, TierChanged
from shared.contracts.network import ContractEnded, ContractWithdrawn
from shared.contracts.payments import PaymentRecorded
from shared.contracts.withdrawing import CustomerWithdrawn
from shared.contracts.worth import LifecycleChanged
from tests.customers.importing import NUMBERED, Done, amounts, csv_of, imported
from tests.customers.network import BASE, bought, brand, close, colleague, history, nobody, region, slug, store, tier
from tests.customers.test_imports_money import contracts, invoices, signed, stand
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service, whole_network

OCTOBER, NOVEMBER = "2026-10-15", "2026-11-02"
ROWS = [
    ("S-1", OCTOBER, "1000.00", "PO-1"),
    ("S-1", NOVEMBER, "50000.00", "PO-2"),
    ("S-2", NOVEMBER, "20.00", ""),
    ("S-2", NOVEMBER, "20.00", ""),
]


async def ask(customers: OneService, id_: str) -> httpx.Response:
    return await customers.http.post(f"{BASE}/imports/{id_}/undo")


async def undone(customers: OneService, done: Done) -> dict[str, Any]:
    answer = await ask(customers, done.id)
    assert answer.status_code == 202, answer.text
    await customers.run_loops()
    job: dict[str, Any] = (await customers.http.get(f"{BASE}/imports/{done.id}")).json()
    return job


async def shops(customers: OneService) -> tuple[UUID, UUID]:
    return await store(customers, external_no="S-1"), await store(customers, external_no="S-2")


async def standing(customers: OneService) -> list[Mapping[str, Any]]:
    """What purchases have left: sums of months, and from when customers count."""
    totals = await customers.database.fetch("SELECT month, amount FROM month_total ORDER BY customer_id, month")
    heads = await customers.database.fetch("SELECT tier, counts_from, first_purchase FROM customer ORDER BY id")
    return [dict(row) for row in (*totals, *heads)]


async def purchases(customers: OneService, shop: UUID) -> list[dict[str, Any]]:
    found = await customers.http.get(f"{BASE}/purchases", params={"customer_id": str(shop)})
    items: list[dict[str, Any]] = found.json()["items"]
    return items


async def test_purchases_of_an_import_are_undone_as_if_they_had_not_been(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        first, second = await shops(customers)
        own = await bought(customers, second, "7.00", external_no="PO-9")
        before = await standing(customers)
        done = await imported(customers, csv_of(ROWS, NUMBERED))
        assert (done.figures, done.job["undoable"], done.job["undo_asked_at"]) == ((4, 0, 0), True, None)
        assert await tier(customers, first) == "A"

        job = await undone(customers, done)

        assert (job["rows_undone"], job["rows_left"], job["undone_at"] is None) == (4, 0, False)
        assert await standing(customers) == before
        assert await history(customers, first) == [("D", "A", "purchase"), ("A", "D", "revision")]
        assert [each["id"] for each in await purchases(customers, second)] == [str(own)]
        told = await customers.events(PurchaseReversed)
        assert [event.historical for event in told] == [True] * 4
        assert sum(event.read(PurchaseReversed).amount for event in told) == Decimal("-51040.00")
        assert (await customers.events(TierChanged))[-1].historical is True
        judged = [event for event in await customers.events(LifecycleChanged) if event.key == str(first)]
        assert {event.historical for event in judged} == {True}
        audited = (await customers.http.get(f"{BASE}/audit")).json()["items"]
        assert [(each["what"], each["subject"]) for each in audited] == [("import.undone", done.id)]


async def test_asked_again_it_changes_nothing_and_the_file_may_come_again(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await shops(customers)
        done = await imported(customers, csv_of(ROWS, NUMBERED))
        first = await undone(customers, done)
        events = len(await customers.events(PurchaseReversed))

        again = await undone(customers, done)
        back = await imported(customers, csv_of(ROWS, NUMBERED))
        once_more = await undone(customers, done)

        assert again == first == once_more
        assert (len(await customers.events(PurchaseReversed)), back.figures) == (events, (4, 0, 0))
        everything = await amounts(customers)
        assert len(everything) == 8, "what was undone stays to be seen"


async def test_what_was_built_on_it_is_named_and_keeps_it(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        first, second = await shops(customers)
        done = await imported(customers, csv_of(ROWS, NUMBERED))
        customers.clock.forward(timedelta(minutes=1))
        purchase, mistaken = [(await purchases(customers, each))[0]["id"] for each in (first, second)]
        back = await customers.http.post(f"{BASE}/purchases/{purchase}/returns", json={"amount": "5.00"})
        right = {"customer_id": str(second), "amount": "4.00", "reason": "a zero too many"}
        corrected = await customers.http.post(f"{BASE}/purchases/{mistaken}/correction", json=right)
        assert corrected.status_code == 201, corrected.text
        await close(customers, "2026-10")

        refused = await ask(customers, done.id)

        assert slug(refused) == (409, "import-built-on")
        assert refused.json()["built_on"] == [
            f"return:{back.json()['id']}", f"correction:{corrected.json()['id']}", "month:2026-10",
        ]  # fmt: skip
        assert (await customers.http.get(f"{BASE}/imports/{done.id}")).json()["undo_asked_at"] is None
        await customers.run_loops()
        assert len(await purchases(customers, first)) == 3


async def test_a_month_that_was_closed_before_is_revised_once_more(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        first, _ = await shops(customers)
        await bought(customers, first, "10.00", customers.clock.now() - timedelta(days=20))
        before = (await close(customers, "2026-10"))["tiers"]
        customers.clock.forward(timedelta(minutes=1))
        done = await imported(customers, csv_of(ROWS[:1], NUMBERED))

        await undone(customers, done)

        assert (await close(customers, "2026-10"))["tiers"] == before


async def test_undoing_is_done_in_batches_and_goes_on_where_it_was_cut(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(undoing.AT_ONCE, ImportKind.PURCHASES, 2)
    async with one_service(fresh_database, "customers") as customers:
        first, _ = await shops(customers)
        done = await imported(customers, csv_of(ROWS, NUMBERED))
        await bought(customers, first, "1.00")
        assert (await ask(customers, done.id)).status_code == 202
        context = customers.service.context

        assert await undo_next(context) == 1
        half = (await customers.http.get(f"{BASE}/imports/{done.id}")).json()
        assert (half["rows_undone"], half["undone_at"]) == (2, None)
        with monkeypatch.context() as cut:
            cut.setattr("shared.bus.outbox.append", _dies)
            with pytest.raises(asyncio.CancelledError):
                await undo_next(context)
        assert (await customers.http.get(f"{BASE}/imports/{done.id}")).json() == half
        purchase = (await purchases(customers, first))[0]
        assert purchase["amount"] == "1.00"
        await customers.run_loops()

        whole = (await customers.http.get(f"{BASE}/imports/{done.id}")).json()
        assert (whole["rows_undone"], whole["rows_left"], whole["undone_at"] is None) == (4, 0, False)
        assert len(await customers.events(PurchaseReversed)) == 4


async def _dies(*_: object) -> None:
    raise asyncio.CancelledError


async def test_nothing_is_built_on_it_once_it_was_asked_for_and_what_was_undone_by_hand_is_left(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        first, second = await shops(customers)
        done = await imported(customers, csv_of(ROWS, NUMBERED))
        by_hand = (await purchases(customers, second))[0]["id"]
        await customers.http.post(f"{BASE}/purchases/{by_hand}/reversal", json={"reason": "twice"})
        await ask(customers, done.id)
        purchase = (await purchases(customers, first))[0]["id"]

        back = await customers.http.post(f"{BASE}/purchases/{purchase}/returns", json={"amount": "5.00"})

        assert slug(back) == (409, "purchase-reversed")
        job = await undone(customers, done)
        assert (job["rows_undone"], job["rows_left"]) == (3, 1)


async def test_only_what_is_done_and_has_written_something_is_undone(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await shops(customers)
        dry = await imported(customers, csv_of(ROWS, NUMBERED), dry_run=True)
        broken = await imported(customers, b"customer_no,amount\n")

        for job in (dry, broken):
            assert not job.job["undoable"], job
            assert slug(await ask(customers, job.id)) == (409, "import-not-undoable"), job
        assert slug(await ask(customers, str(nobody()))) == (404, "unknown-import")
        seller = bearer("salesperson", await colleague(customers))
        forbidden = await customers.http.post(f"{BASE}/imports/{dry.id}/undo", headers=seller)
        assert slug(forbidden) == (403, "forbidden")


async def test_what_a_job_that_was_given_up_has_written_is_undone(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        first, _ = await shops(customers)
        done = await imported(customers, csv_of(ROWS, NUMBERED))
        await customers.database.execute("UPDATE import_job SET state = 'failed', trouble = 'given-up'")

        job = await undone(customers, done)

        assert (job["state"], job["rows_undone"]) == ("failed", 4)
        assert await purchases(customers, first) == []


async def test_invoices_are_withdrawn_or_open_again_and_their_numbers_free(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await shops(customers)
        await invoices(customers, ("S-1", "FP-1", "2026-11-30", "10", ""))
        rows = (("S-1", "FP-1", "", "", "2026-11-03"), ("S-1", "FP-2", "2026-11-30", "20", ""))
        done = await invoices(customers, *rows)

        job = await undone(customers, done)

        assert (job["rows_undone"], job["rows_left"]) == (2, 0)
        assert await stand(customers) == [("FP-1", "10.00", "open"), ("FP-2", "20.00", "withdrawn")]
        right = await invoices(customers, ("S-2", "FP-2", "2026-12-31", "25", ""))
        assert (right.figures, (await stand(customers))[1]) == ((1, 0, 0), ("FP-2", "25.00", "open"))
        told = (await customers.events(PaymentRecorded))[-1]
        assert (told.aggregate_version, told.historical) == (3, True)
        await undone(customers, right)
        assert (await stand(customers))[1] == ("FP-2", "25.00", "withdrawn")


async def test_an_invoice_that_was_touched_since_keeps_its_import(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        first, _ = await shops(customers)
        done = await invoices(customers, ("S-1", "FP-1", "2026-11-30", "10", ""))
        paid = {"customer_id": str(first), "invoice_no": "FP-1", "paid_on": "2026-11-03"}
        invoice = (await customers.http.post(f"{BASE}/payments", json=paid)).json()["id"]

        refused = await ask(customers, done.id)

        assert (slug(refused), refused.json()["built_on"]) == ((409, "import-built-on"), [f"payment:{invoice}"])


async def test_contracts_are_withdrawn_and_their_numbers_free_unless_one_was_touched(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await shops(customers)
        await brand(customers)
        await region(customers, "鹿城")
        row = ("HT-1", "S-1", "雅丽", "鹿城", "2026-01-01", "")
        done = await contracts(customers, row)
        job = await undone(customers, done)
        assert job["rows_undone"] == 1
        assert [(each["state"], each["external_no"]) for each in await signed(customers)] == [("withdrawn", None)]
        assert [event.historical for event in await customers.events(ContractWithdrawn)] == [True]

        right = await contracts(customers, ("HT-1", "S-2", "雅丽", "鹿城", "2026-01-01", ""))
        assert right.figures == (1, 0, 0)
        [contract] = [each["id"] for each in await signed(customers) if each["state"] != "withdrawn"]
        path = f"{BASE}/contracts/{contract}"
        change = await customers.http.patch(
            path, json={"starts_on": "2026-03-01", "reason": "a month late"}, headers={"If-Match": '"1"'}
        )
        assert change.status_code == 200, change.text
        refused = await ask(customers, right.id)
        assert (slug(refused), refused.json()["built_on"]) == ((409, "import-built-on"), [f"contract:{contract}"])


async def test_invoices_that_stood_long_before_the_import_are_open_again_too(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await shops(customers)
        await invoices(customers, ("S-1", "FP-1", "2026-11-30", "10", ""))
        await customers.database.execute("UPDATE payment SET id = $1", UUID(int=1 << 80))
        done = await invoices(customers, ("S-1", "FP-1", "", "", "2026-11-03"))

        job = await undone(customers, done)

        assert (job["rows_undone"], await stand(customers)) == (1, [("FP-1", "10.00", "open")])


async def test_what_was_undone_is_missing_from_the_archive_again(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        first, _ = await shops(customers)
        assert "invoices" in await missing(customers, first)
        done = await invoices(customers, ("S-1", "FP-1", "2026-11-30", "10", ""))
        assert "invoices" not in await missing(customers, first)

        await undone(customers, done)
        assert "invoices" in await missing(customers, first)

        said = {"customer_id": str(first), "invoice_no": "FP-1", "due_on": "2026-11-30", "amount": "10.00"}
        assert (await customers.http.post(f"{BASE}/payments", json=said)).status_code == 201, "it was none of it"
        assert "invoices" not in await missing(customers, first)


async def missing(customers: OneService, shop: UUID) -> list[str]:
    archive = (await customers.http.get(f"{BASE}/customers/{shop}")).json()
    return list(archive["completeness"]["missing"])


async def test_an_import_of_contracts_that_are_over_is_undone_like_others(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await shops(customers)
        await brand(customers)
        await region(customers, "鹿城")
        done = await contracts(customers, ("HT-1", "S-1", "雅丽", "鹿城", "2025-01-01", "2026-01-01"))
        await customers.run_loops()
        assert await customers.events(ContractEnded) == [], "its end is no news"

        job = await undone(customers, done)

        assert (job["rows_undone"], job["rows_left"]) == (1, 0)


async def test_an_import_is_undone_though_a_term_of_it_has_run_out_since(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await shops(customers)
        await brand(customers)
        await region(customers, "鹿城")
        done = await contracts(customers, ("HT-1", "S-1", "雅丽", "鹿城", "2025-01-01", "2026-12-01"))
        customers.clock.move_to(datetime(2026, 12, 2, tzinfo=UTC))
        await customers.run_loops()
        assert len(await customers.events(ContractEnded)) == 1

        job = await undone(customers, done)

        assert (job["rows_undone"], job["rows_left"]) == (1, 0)


async def test_undoing_looks_no_further_than_the_import_has_written(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(undoing.AT_ONCE, ImportKind.PURCHASES, 2)
    async with one_service(fresh_database, "customers") as customers:
        first, _ = await shops(customers)
        done = await imported(customers, csv_of(ROWS, NUMBERED))
        for _ in range(3):
            await bought(customers, first, "1.00")
        assert (await ask(customers, done.id)).status_code == 202

        steps = [await undo_next(customers.service.context) for _ in range(4)]

        assert steps == [1, 1, 1, 0], "two batches, the end, and nothing more"
        assert len(await purchases(customers, first)) == 3


async def test_what_a_merged_store_had_bought_is_taken_back_where_it_was_told(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        first, second = await shops(customers)
        done = await imported(customers, csv_of(ROWS, NUMBERED))
        assert (await customers.http.post(f"{BASE}/customers/{second}/merge", json={"into": str(first)})).is_success
        bill = await invoices(customers, ("S-2", "FP-1", "2026-11-30", "10", ""))
        assert bill.figures == (1, 0, 0), "the old number is the kept store's"

        await undone(customers, done)

        told = [(each.customer_id, -each.amount) for each in await customers.facts(PurchaseReversed)]
        assert sorted(told) == sorted((first if no == "S-1" else second, Decimal(amount)) for no, _, amount, _ in ROWS)
        assert await purchases(customers, first) == []


SHOPS = (
    ("S-1", "丽人", "store", "13800138001"),
    ("S-2", "雅丽", "store", "13800138002"),
    ("P-1", "王芳", "person", ""),
)


async def test_customers_of_an_import_are_gone_with_their_keys_and_their_numbers_free(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        file = csv_of(SHOPS, ("external_no", "name", "kind", "phones"))
        done = await imported(customers, file, "customers")
        two = (await customers.http.get(f"{BASE}/customers?external_no=S-2")).json()["items"][0]["id"]
        tags = f"{BASE}/customers/{two}/tags"
        assert (await customers.http.post(tags, json={"tag": "vip"})).is_success
        refused = await ask(customers, done.id)
        assert (slug(refused), refused.json()["built_on"]) == ((409, "import-built-on"), [f"customer:{two}"])
        assert refused.json()["standing"] == [f"{two}:customer_tag:1"]
        who = {"name": "李四", "source": "referral", "referred_by_customer_id": two}
        assert (await customers.http.post(f"{BASE}/prospects", json=who)).status_code == 201
        again = (await ask(customers, done.id)).json()["standing"]
        assert again == [f"{two}:customer_tag:1", f"{two}:prospect:1"], "who was referred keeps by whom"
        await customers.database.execute("DELETE FROM prospect")
        assert (await customers.http.delete(tags, params={"tag": "vip"})).is_success
        change = {"address": "人民路 1 号"}
        moved = await customers.http.patch(f"{BASE}/customers/{two}", json=change, headers={"If-Match": '"1"'})
        assert moved.is_success
        assert (await ask(customers, done.id)).status_code == 409, "it was put right since"

        again = await imported(
            customers, csv_of([("S-3", "佳人", "store", "")], ("external_no", "name", "kind", "phones")), "customers"
        )
        job = await undone(customers, again)

        assert (job["rows_undone"], job["rows_left"]) == (1, 0)
        [gone] = await customers.facts(CustomerWithdrawn)
        assert (await customers.http.get(f"{BASE}/customers/{gone.customer_id}")).status_code == 404
        await store(customers, external_no="S-3")
        assert [event.historical for event in await customers.events(CustomerWithdrawn)] == [True]


async def test_who_was_merged_since_is_in_the_way_until_that_is_undone(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept = await store(customers)
        done = await imported(customers, csv_of(SHOPS, ("external_no", "name", "kind", "phones")), "customers")
        two = (await customers.http.get(f"{BASE}/customers?external_no=S-2")).json()["items"][0]["id"]
        assert (await customers.http.post(f"{BASE}/customers/{two}/merge", json={"into": str(kept)})).is_success

        refused = await ask(customers, done.id)

        assert (slug(refused), refused.json()["built_on"]) == ((409, "import-built-on"), [f"customer:{two}"])
        assert refused.json()["standing"] == [f"{two}:customer_merge:1"]
        await customers.run_loops()
        assert len((await customers.http.get(f"{BASE}/customers")).json()["items"]) == 3, "nothing is undone"

        assert (await customers.http.post(f"{BASE}/customers/{two}/unmerge")).is_success
        assert (await ask(customers, done.id)).status_code == 202


async def test_what_was_touched_between_asking_and_its_turn_stays(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, csv_of(SHOPS, ("external_no", "name", "kind", "phones")), "customers")
        assert (await ask(customers, done.id)).status_code == 202
        first = (await customers.http.get(f"{BASE}/customers?external_no=S-1")).json()["items"][0]["id"]
        await bought(customers, UUID(first), "1.00")

        await customers.run_loops()

        job = (await customers.http.get(f"{BASE}/imports/{done.id}")).json()
        assert (job["rows_undone"], job["rows_left"]) == (2, 1)
        left = (await customers.http.get(f"{BASE}/customers")).json()["items"]
        assert [each["id"] for each in left] == [first]
        assert await customers.database.fetchval("SELECT count(*) FROM personal_key") == 0


def test_every_table_of_a_customer_is_the_registrations_own_or_built_on_it() -> None:
    head = METADATA.tables["customer"].c.id
    named = {place.partition(".")[0] for place in (*withdrawing.OWN, *withdrawing.BUILT)}
    concerned = {
        table.name
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.name == "customer_id" or column.references(head)
    }
    assert concerned - named == {"archive_standing_reached"}, "how far a loop has come"


async def test_who_was_none_is_kept_nowhere(fresh_database: FreshDatabase) -> None:
    async with whole_network(fresh_database) as network:
        http = network.http
        layout = {"kind": "customers", "mapping": "{}"}
        file = csv_of(SHOPS[:1], ("external_no", "name", "kind", "phones"))
        sent = await http.post(f"{BASE}/imports", data=layout, files={"file": ("a.csv", file)}, headers=bearer())
        await network.drain()
        found = (await http.get(f"{BASE}/customers?external_no=S-1", headers=bearer())).json()["items"]
        shop = found[0]["id"]
        assert (await http.get(f"/reporting/v1/customers/{shop}", headers=bearer())).status_code == 200

        assert (await http.post(f"{BASE}/imports/{sent.json()['id']}/undo", headers=bearer())).status_code == 202
        await network.drain()

        assert (await http.get(f"/reporting/v1/customers/{shop}", headers=bearer())).status_code == 404
        case = {"customer_id": shop, "kind": "complaint", "subject": "product", "text": "x", "channel": "phone"}
        refused = await http.post("/complaints/v1/complaints", json=case, headers=bearer())
        assert slug(refused) == (422, "unknown-customer"), refused.text
        assert await network.database("care").fetchval("SELECT count(*) FROM account WHERE erased_at IS NULL") == 0


async def test_who_has_nothing_to_undo_waits_for_nobody(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers, customers.database.transaction() as closing:
        await closing.execute("SELECT pg_advisory_xact_lock(4017, 0)")

        assert await undo_next(customers.service.context) == 0


async def test_what_was_taken_back_builds_nothing_and_what_stands_is_named(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        http = customers.http
        done = await imported(customers, csv_of(SHOPS, ("external_no", "name", "kind", "phones")), "customers")
        shop = (await http.get(f"{BASE}/customers?external_no=S-1")).json()["items"][0]["id"]
        other = await store(customers, "佳人")
        await brand(customers)
        await region(customers, "鹿城")
        entry = await bought(customers, UUID(shop), "50000.00")
        assert await tier(customers, UUID(shop)) == "A"
        await contracts(customers, ("HT-1", "S-1", "雅丽", "鹿城", "2025-01-01", "2027-01-01"))
        contract = (await http.get(f"{BASE}/contracts", params={"customer_id": shop})).json()["items"][0]
        assert (await invoices(customers, ("S-1", "FP-1", "2026-11-30", "10", ""))).figures == (1, 0, 0)
        payment = (await http.get(f"{BASE}/payments", params={"customer_id": shop})).json()["items"][0]
        limit = await http.put(f"{BASE}/customers/{shop}/credit-limit", json={"amount": "100.00"})
        assert limit.is_success, limit.text
        for name in ("丽人二店", "丽人"):
            match = {"If-Match": (await http.get(f"{BASE}/customers/{shop}")).headers["ETag"]}
            moved = await http.patch(f"{BASE}/customers/{shop}", json={"name": name}, headers=match)
            assert moved.is_success, moved.text
        referral = {"kind": "store", "name": "新店", "source": "referral", "referred_by_customer_id": shop}
        referred = await http.post(f"{BASE}/prospects", json=referral)
        assert referred.is_success, referred.text

        refused = await ask(customers, done.id)

        assert slug(refused) == (409, "import-built-on")
        assert refused.json()["built_on"] == [f"customer:{shop}"]
        kinds = ("contract:1", "credit_limit:1", "month_total:1", "payment:1", "prospect:1", "purchase:1")
        assert refused.json()["standing"] == [f"{shop}:{each}" for each in kinds]

        reversal = await http.post(f"{BASE}/purchases/{entry}/reversal", json={"reason": "none"})
        assert reversal.is_success, reversal.text
        match = {"If-Match": (await http.get(f"{BASE}/payments/{payment['id']}")).headers["ETag"]}
        withdrawn = await http.patch(f"{BASE}/payments/{payment['id']}", json={"withdrawn": True}, headers=match)
        assert withdrawn.is_success, withdrawn.text
        ended = await http.post(f"{BASE}/contracts/{contract['id']}/withdrawal")
        assert ended.is_success, ended.text
        match = {"If-Match": (await http.get(f"{BASE}/customers/{shop}/credit-limit")).headers["ETag"]}
        assert (await http.delete(f"{BASE}/customers/{shop}/credit-limit", headers=match)).is_success
        moved = await http.patch(
            f"{BASE}/prospects/{referred.json()['id']}",
            json={"referred_by_customer_id": str(other)},
            headers={"If-Match": '"1"'},
        )
        assert moved.is_success, moved.text
        job = await undone(customers, done)

        assert (job["rows_undone"], job["rows_left"]) == (2, 1)
        assert (await http.get(f"{BASE}/customers/{shop}")).status_code == 200, "what was taken back is told of them"
