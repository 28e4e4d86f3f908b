"""What a spreadsheet has destroyed is a bad row with its place, never "not given" (decision 30a)."""

import io
from datetime import datetime

import pytest
import xlsxwriter

from shared.contracts.customers import CustomerRegistered
from shared.subprocesses import bare_environment
from tests.customers.importing import NUMBERED, amounts, csv_of, imported, xlsx_of
from tests.customers.network import bought, brand, store
from tests.postgres import FreshDatabase
from tests.support import one_service

DAY = "2026-10-05"


async def test_an_error_cell_is_told_and_hidden_by_no_default(fresh_database: FreshDatabase) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, (*NUMBERED, "brand"))
        sheet.write_row(1, 0, ("S-1", DAY, 1800, "E-1"))
        sheet.write_formula(1, 4, "=NA()", None, "#N/A")
        sheet.write_row(2, 0, ("S-1", DAY, 50))
        sheet.write_formula(2, 3, "=#REF!", None, "#REF!")
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        await brand(customers, "high")

        done = await imported(customers, file.getvalue(), defaults={"brand": "雅丽"})
        narrow = await imported(customers, csv_of([("S-1", DAY, 1, "########")], NUMBERED))
        text = await imported(customers, csv_of([("S-1", DAY, 1, "#REF!")], NUMBERED))

        assert (done.figures, narrow.figures, text.figures) == ((0, 0, 2), (0, 0, 1), (0, 0, 1))
        assert [fault[:2] for fault in done.faults] == [(2, "brand"), (3, "external_no")]
        assert "cell Sheet1!E2;" in done.faults[0][2]
        assert "cell Sheet1!D3;" in done.faults[1][2]
        assert "cell D2;" in text.faults[0][2]


async def test_numbers_that_lost_their_digits_name_nothing(fresh_database: FreshDatabase) -> None:
    """Neither orders nor new stores, in workbooks or in CSV; text of any length does."""
    book = xlsx_of([("S-1", DAY, 106, 20261204000000011), ("S-1", DAY, 106, 20261204000000012)], NUMBERED)
    rows = [("S-1", DAY, 88, "2.02612E+16"), ("2.02612e+11", DAY, 91, "A-17"), ("S-1", DAY, 7, "20261204000000011")]
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, book, create_customers=True)
        text = await imported(customers, csv_of(rows, NUMBERED), create_customers=True)

        assert (done.figures, text.figures) == ((0, 0, 2), (1, 0, 2))
        assert [fault[:2] for fault in done.faults] == [(2, "external_no"), (3, "external_no")]
        assert all("format the column as text" in fault[2] for fault in done.faults)
        assert [fault[:2] for fault in text.faults] == [(2, "external_no"), (3, "customer_no")]
        assert await amounts(customers) == [("S-1", DAY, "7.00")]


async def test_look_alikes_are_one_store(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        rows = [("\u200bSH-001", DAY, 10), ("ＳＨ－００１", DAY, 11), ("SH-001", "\u200e2026-10-05", 12)]

        done = await imported(customers, csv_of(rows), create_customers=True)

        assert done.figures == (3, 0, 0)
        assert {number for number, *_ in await amounts(customers)} == {"SH-001"}
        assert len(await customers.events(CustomerRegistered)) == 1


async def test_a_refused_purchase_creates_no_store(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        id_ = await store(customers, external_no="S-1")
        await bought(customers, id_, "5.00", datetime.fromisoformat(f"{DAY}T00:00:00+08:00"), external_no="R-0")
        rows = [("S-2", DAY, 5, "R-0"), ("S-3", DAY, 5, "R-0"), ("S-3", DAY, 6, "R-1")]

        dry = await imported(customers, csv_of(rows, NUMBERED), create_customers=True, dry_run=True)
        done = await imported(customers, csv_of(rows, NUMBERED), create_customers=True)

        assert done.figures == dry.figures == (1, 0, 2)
        assert done.faults == dry.faults
        assert {column for _, column, _ in done.faults} == {"external_no"}
        numbers = await customers.database.fetch("SELECT external_no FROM archive ORDER BY 1")
        assert [row["external_no"] for row in numbers] == ["S-1", "S-3"]


async def test_kinds_as_the_trade_calls_them(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        rows = [("1", "甲", "加盟店"), ("2", "乙", "美容院"), ("3", "丙", "club")]

        done = await imported(customers, csv_of(rows, ("external_no", "name", "kind")), "customers")

        assert done.figures == (2, 0, 1)
        assert all(kind in done.faults[0][2] for kind in ("store", "person", "加盟店", "美容院"))


def test_the_process_that_parses_uploads_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_MASTER_KEY", "x")
    monkeypatch.setenv("CRM_CUSTOMERS_DATABASE_URL", "x")

    assert not [name for name in bare_environment() if name.startswith("CRM")]
