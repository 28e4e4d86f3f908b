"""Customers from files (domain 2.1, 2.3)."""

from collections.abc import Sequence

import pytest

from services.customers.imports.domain.layout import ImportKind
from services.customers.imports.handlers import applying
from shared.contracts.customers import ContactListed, CustomerRegistered
from tests.customers.importing import csv_of, imported, send, xlsx_of
from tests.customers.network import BASE, region, slug, store
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

HEADER = ("external_no", "name", "kind", "region", "phones", "address")
ROWS: Sequence[Sequence[str]] = (
    ("S-1", "花想容", "门店", "华东", "138 0013 8000；021 6123 4567", "南京路1号"),
    ("P-1", "王芳", "person", "", "", ""),
)


async def _listed(customers: OneService, number: str) -> dict[str, object]:
    [item] = (await customers.http.get(f"{BASE}/customers?external_no={number}")).json()["items"]
    customer: dict[str, object] = item
    return customer


async def test_rows_become_customers(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        region_id = await region(customers)

        done = await imported(customers, csv_of(ROWS, HEADER), "customers")

        assert (done.state, done.total, done.figures) == ("done", 2, (2, 0, 0))
        listed = await _listed(customers, "S-1")
        assert listed["phones"] == ["+8613800138000", "+862161234567"]
        assert (listed["name"], listed["kind"], listed["region_id"]) == ("花想容", "store", str(region_id))
        assert (await _listed(customers, "P-1"))["kind"] == "person"
        events = await customers.events(CustomerRegistered, ContactListed)
        assert len(events) == 4
        assert all(event.historical for event in events)


async def test_the_same_file_again_adds_nothing(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await region(customers)
        file = csv_of(ROWS, HEADER)

        await imported(customers, file, "customers")
        again = await imported(customers, file, "customers")

        assert again.figures == (0, 2, 0)
        assert await customers.database.fetchval("SELECT count(*) FROM customer") == 2


async def test_a_number_with_another_content_is_a_bad_row(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, "花想容", external_no="S-1", phones=["13800138000"])
        rows = [
            ("S-1", "花想容", "13800138000"),
            ("S-1", "花想容", ""),
            ("S-1", "月季", ""),
            ("S-2", "月季", ""),
            ("S-2", "x", ""),
        ]

        done = await imported(customers, csv_of(rows, ("external_no", "name", "phones")), "customers")

        assert done.figures == (1, 2, 2)
        assert done.faults == [(n, "external_no", "already exists with other content") for n in (4, 6)]


async def test_bad_cells_are_told_without_quoting_them(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        rows = [
            ("", "花想容", "", "", "", ""),
            ("S-2", "", "", "", "", ""),
            ("S-3", "月季", "company", "Atlantis", "call me", ""),
            ("S-4", "月季", "", "", "", "x" * 301),
        ]

        done = await imported(customers, csv_of(rows, HEADER), "customers")

        assert done.figures == (0, 0, 4)
        assert [(row, column) for row, column, _ in done.faults] == [
            (2, "external_no"),
            (3, "name"),
            (4, "kind"),
            (4, "phones"),
            (4, "region"),
            (5, "address"),
        ]
        assert "call me" not in str(done.faults)


async def test_a_dry_run_registers_nobody(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await region(customers)
        before = len(await customers.events())

        done = await imported(customers, xlsx_of(ROWS, HEADER), "customers", dry_run=True)

        assert done.figures == (2, 0, 0)
        assert await customers.database.fetchval("SELECT count(*) FROM customer") == 0
        assert len(await customers.events()) == before


async def test_many_customers_come_in_several_transactions(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(applying.LINES_AT_ONCE, ImportKind.CUSTOMERS, 7)
    async with one_service(fresh_database, "customers") as customers:
        rows = [(f"S-{n % 40}", f"店{n % 40}") for n in range(60)]

        done = await imported(customers, csv_of(rows, ("external_no", "name")), "customers")

        assert done.figures == (40, 20, 0)


async def test_nothing_personal_stands_open_while_a_file_waits(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        answer = await send(customers, csv_of([("P-1", "王芳")], ("external_no", "name")), "customers")

        assert answer.status_code == 202
        stored = await customers.database.fetchval("SELECT sealed FROM import_chunk")
        assert "王芳".encode() not in stored


async def test_a_broken_file_registers_nobody(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        file = csv_of([("S-1", "花想容")] * 3000, ("external_no", "name")) + b"S-2,\xff\xff\n"

        done = await imported(customers, file, "customers")

        assert (done.state, done.error_slug) == ("failed", "wrong-encoding")
        assert await customers.database.fetchval("SELECT count(*) FROM customer") == 0


async def test_fields_of_purchases_are_no_fields_of_customers(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        answer = await send(customers, b"x", "customers", mapping={"amount": "amount"})

        assert slug(answer) == (422, "unknown-import-field")
