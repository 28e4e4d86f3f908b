"""Imports of invoices and contracts: the same checks as of others, dry or not, each row once (domain 2.1, 2.2, 2.3)."""

from typing import Any

from shared.contracts.network import ContractSigned
from shared.contracts.payments import PaymentRecorded
from shared.contracts.worth import SegmentChanged
from tests.customers.importing import Done, csv_of, imported, xlsx_of
from tests.customers.network import BASE, brand, region, store
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

INVOICES = ("customer_no", "invoice_no", "due_on", "amount", "paid_on")
CONTRACTS = ("external_no", "customer_no", "brand", "region", "starts_on", "ends_on")


async def invoices(customers: OneService, *rows: tuple[object, ...], **how: Any) -> Done:
    return await imported(customers, csv_of(rows, INVOICES), "payments", **how)


async def contracts(customers: OneService, *rows: tuple[object, ...], **how: Any) -> Done:
    return await imported(customers, csv_of(rows, CONTRACTS), "contracts", **how)


async def stand(customers: OneService) -> list[tuple[str, str, str]]:
    items = (await customers.http.get(f"{BASE}/payments")).json()["items"]
    return sorted((each["invoice_no"], each["amount"], each["state"]) for each in items)


async def signed(customers: OneService) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await customers.http.get(f"{BASE}/contracts")).json()["items"]
    return items


async def test_invoices_are_told_once_paid_later_and_silently(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        first = [("S-1", "FP-1", "2026-11-30", "1,000.00", ""), ("S-1", "FP-2", "2026/11/1", "5", "2026-11-02")]

        done = await invoices(customers, *first)
        again = await invoices(customers, *first)
        paid = await invoices(customers, ("S-1", "FP-1", "", "", "2026-11-03"))

        assert (done.figures, again.figures, paid.figures) == ((2, 0, 0), (0, 2, 0), (1, 0, 0))
        assert await stand(customers) == [("FP-1", "1000.00", "paid"), ("FP-2", "5.00", "paid")]
        events = await customers.events(PaymentRecorded)
        assert [(event.aggregate_version, event.historical) for event in events] == [(1, True), (1, True), (2, True)]
        await customers.run_loops("customers.worth")
        [turned] = await customers.events(SegmentChanged)
        assert (turned.read(SegmentChanged).credit, turned.historical) == ("high", True)


async def test_an_invoice_that_one_file_tells_of_twice_is_one(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")

        done = await imported(
            customers,
            xlsx_of([("S-1", "FP-1", "2026-11-30", 10, None), ("S-1", "FP-1", None, None, "2026-11-03")], INVOICES),
            "payments",
        )

        assert (done.figures, await stand(customers)) == ((2, 0, 0), [("FP-1", "10.00", "paid")])
        assert [event.aggregate_version for event in await customers.events(PaymentRecorded)] == [1, 2]


async def test_bad_rows_of_invoices_are_listed_and_a_dry_run_writes_nothing(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        await store(customers, external_no="S-2")
        await invoices(customers, ("S-1", "FP-1", "2026-11-30", "10", ""))
        rows = (
            ("S-1", "FP-2", "2026-11-30", "10", ""),
            ("S-9", "FP-3", "2026-11-30", "10", ""),
            ("S-1", "FP-4", "", "", "2026-11-01"),
            ("S-2", "FP-1", "", "", "2026-11-01"),
            ("S-1", "FP-1", "2026-11-30", "11", ""),
            ("S-1", "FP-5", "2026-11-30", "-1", ""),
            ("S-1", "FP-6", "2026-11-30", "1", "2026-11-05"),
            ("S-1", "FP-7", "1950-11-30", "1", ""),
            ("S-1", "", "2026-11-30", "1", ""),
        )

        dry = await invoices(customers, *rows, dry_run=True)
        assert await stand(customers) == [("FP-1", "10.00", "open")]
        done = await invoices(customers, *rows)

        assert dry.figures == done.figures == (1, 0, 8)
        assert dry.faults == done.faults
        assert [(row, column) for row, column, _ in done.faults] == [
            (3, "customer_no"), (4, "invoice_no"), (5, "invoice_no"), (6, "invoice_no"), (7, "amount"), (8, "paid_on"),
            (9, "due_on"), (10, "invoice_no"),
        ]  # fmt: skip
        assert await stand(customers) == [("FP-1", "10.00", "open"), ("FP-2", "10.00", "open")]
        assert len(await customers.events(PaymentRecorded)) == 2


async def places(customers: OneService) -> None:
    """Two stores, a brand, two regions."""
    for number in ("S-1", "S-2"):
        await store(customers, external_no=number)
    await brand(customers, "mid")
    for name in ("鹿城", "瓯海"):
        await region(customers, name)


async def test_contracts_are_signed_by_the_rules_each_once(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await places(customers)
        rows = (
            ("HT-1", "S-1", "雅丽", "鹿城", "2026-01-01", ""),
            ("HT-2", "S-2", "雅丽", "鹿城", "2026-02-01", ""),
            ("HT-3", "S-2", "雅丽", "瓯海", "2026-02-01", "2027-02-01"),
            ("HT-3", "S-2", "雅丽", "瓯海", "2026-02-01", "2027-02-01"),
            ("HT-3", "S-2", "雅丽", "瓯海", "2026-02-02", "2027-02-01"),
            ("HT-4", "S-9", "雅丽", "瓯海", "2026-02-01", ""),
            ("HT-5", "S-2", "雅美", "瓯海", "2026-02-01", ""),
            ("HT-6", "S-2", "雅丽", "平阳", "2026-02-01", ""),
            ("HT-7", "S-2", "雅丽", "瓯海", "2028-02-01", "2027-02-01"),
        )

        dry = await contracts(customers, *rows, dry_run=True)
        assert await signed(customers) == []
        done = await contracts(customers, *rows)
        again = await contracts(customers, *rows)

        assert dry.figures == done.figures == (2, 1, 6)
        assert dry.faults == done.faults == again.faults
        assert again.figures == (0, 3, 6)
        assert [(row, column) for row, column, _ in done.faults] == [
            (3, ""), (6, "external_no"), (7, "customer_no"), (8, "brand"), (9, "region"), (10, "ends_on"),
        ]  # fmt: skip
        assert "same-brand" in done.faults[0][2]
        assert [each["external_no"] for each in await signed(customers)] == ["HT-3", "HT-1"]
        events = await customers.events(ContractSigned)
        assert [event.historical for event in events] == [True, True]
