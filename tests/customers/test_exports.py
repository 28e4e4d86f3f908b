"""Files of customers, purchases and payments: text as text, masked by role, of whatever length (domain 2.3)."""

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
import python_calamine

from services.customers.exports import domain
from services.customers.exports.domain import ExportForm, Sheet
from services.customers.exports.handlers import exporting, writer, writer_process
from services.customers.exports.handlers.writer import END, written
from shared.auth.principal import ADMIN, Principal
from shared.errors import Busy
from shared.subprocesses import bare_environment
from tests.customers.importing import imported
from tests.customers.network import BASE, bought, brand, colleague, made, region, slug, store
from tests.postgres import FreshDatabase
from tests.support import ADMIN_ID, OneService, bearer, one_service

FORMULA = '=HYPERLINK("http://example.com")'
DANGEROUS = (FORMULA, "+49", "-1+1", "@SUM(A1)")
WRITER = [sys.executable, "-m", "services.customers.exports.handlers.writer_process"]


async def file(customers: OneService, name: str, **asked: Any) -> bytes:
    headers = asked.pop("headers", {})
    answer = await customers.http.get(f"{BASE}/exports/{name}", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    return answer.content


async def rows(customers: OneService, name: str, **asked: Any) -> list[dict[str, str]]:
    content = (await file(customers, name, **asked)).decode()
    assert content.startswith("\ufeff"), "the mark by which Excel knows UTF-8"
    return list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))


async def sheet(customers: OneService, name: str, **asked: Any) -> list[dict[str, Any]]:
    workbook = python_calamine.load_workbook(io.BytesIO(await file(customers, name, **asked)))
    header, *found = workbook.get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, header), row, strict=True)) for row in found]


async def invoice(customers: OneService, shop: Any, number: str, **said: Any) -> None:
    body = {"customer_id": str(shop), "invoice_no": number, "due_on": "2026-11-01", "amount": "10.00", **said}
    await made(customers, "payments", body)


async def test_a_text_that_looks_like_a_formula_is_text(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        for number, name in enumerate(DANGEROUS):
            shop = await store(customers, name, external_no=f"-{number}")
            await bought(customers, shop, "5.00", external_no=f"@{number}")

        told = await rows(customers, "customers.csv")
        assert [each["name"] for each in told] == [f"'{name}" for name in DANGEROUS]
        assert [each["external_no"] for each in told] == [f"'-{number}" for number in range(4)]
        content = await file(customers, "purchases.xlsx")
        book = await sheet(customers, "purchases.xlsx")
        assert [(each["store"], each["external_no"]) for each in book] == [
            (name, f"@{number}") for number, name in enumerate(DANGEROUS)
        ]
        xml = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in xml
        assert b"<hyperlink" not in xml
        assert xml.count(b't="inlineStr"') > 4 * 4


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra"])
def test_a_cell_of_csv_begins_no_formula(text: str) -> None:
    assert domain.as_text(text) == f"'{text}"
    assert domain.as_text(f"a{text}") == f"a{text}"


async def test_purchases_come_with_what_they_cost_narrowed_and_amounts_as_numbers(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        high, shop = await brand(customers, "high"), await store(customers, external_no="S-1")
        line = {"product": "CR-50", "quantity": 2, "cost": "40.00"}
        at = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)
        purchase = await bought(
            customers, shop, "100.00", at, brand_id=high, external_no="PO-1", order_no="D-1", lines=[line]
        )
        path = f"{BASE}/purchases/{purchase}"
        back = await customers.http.post(f"{path}/returns", json={"amount": "25.00", "receipt_no": "R-1"})
        gone = await bought(customers, shop, "9.00")
        await customers.http.post(f"{BASE}/purchases/{gone}/reversal", json={"reason": "twice"})
        await bought(customers, await store(customers), "7.00")

        first, second = await rows(customers, "purchases.csv", customer_id=str(shop))
        assert first == {
            "id": str(purchase), "kind": "purchase", "customer_id": str(shop), "customer_no": "S-1",
            "store": "美丽人生美容院", "brand": "雅丽", "amount": "100.00", "cost": "40.00",
            "occurred_at": "2026-11-01T00:30:00+08:00", "month": "2026-11", "external_no": "PO-1", "order_no": "D-1",
            "receipt_no": "", "returns_id": "", "lines": "CR-50 × 2 ~ 40.00",
        }  # fmt: skip
        assert (second["kind"], second["amount"], second["cost"]) == ("return", "-25.00", "-10.00")
        assert (second["id"], second["returns_id"], second["receipt_no"]) == (back.json()["id"], str(purchase), "R-1")
        [one, two] = await sheet(customers, "purchases.xlsx", brand_id=str(high))
        assert (one["amount"], one["occurred_at"], two["amount"]) == (
            100.0,
            datetime.fromisoformat("2026-11-01T00:30:00"),
            -25.0,
        )
        assert len(await rows(customers, "purchases.csv", **{"from": "2026-11-01", "to": "2026-11-01"})) == 1
        wrong = await customers.http.get(f"{BASE}/exports/purchases.csv?from=2026-11-02&to=2026-11-01")
        assert slug(wrong) == (422, "purchase-span-refused")
        assert slug(await customers.http.get(f"{BASE}/exports/purchases.pdf")) == (422, "invalid")


async def test_payments_say_how_they_stand_today(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, external_no="S-1")
        await invoice(customers, shop, "FP-1", due_on="2026-11-01")
        await invoice(customers, shop, "FP-2", due_on="2026-11-02", paid_on="2026-11-03", amount="20.50")
        await invoice(customers, shop, "FP-3", due_on="2026-12-01")

        told = [
            (each["invoice_no"], each["state"], each["days_late"]) for each in await rows(customers, "payments.csv")
        ]
        assert told == [("FP-1", "overdue", "3"), ("FP-2", "paid", "1"), ("FP-3", "open", "0")]
        asked = {"from": "2026-11-02", "to": "2026-11-02"}
        [one] = await sheet(customers, "payments.xlsx", **asked)
        assert (one["customer_no"], one["amount"], one["days_late"]) == ("S-1", 20.5, 1)
        assert (one["due_on"], one["paid_on"]) == (date(2026, 11, 2), date(2026, 11, 3))


async def test_who_does_not_need_a_field_exports_it_masked_and_nobody_whom_they_do_not_see(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        east = await region(customers)
        person = {
            "name": "李美丽", "kind": "person", "phones": ["13800138000"], "emails": ["li@example.com"],
            "birthday": "1980-05-06", "region_id": str(east),
        }  # fmt: skip
        await made(customers, "customers", person)
        await store(customers, "别家", address="南京路 1")
        head = bearer("general_manager", await colleague(customers, "general_manager"))
        logistics = bearer("logistics_manager", await colleague(customers, "logistics_manager"))
        seller = bearer("salesperson", await colleague(customers))

        [full] = await rows(customers, "customers.csv", region_id=str(east))
        assert (full["name"], full["phones"], full["birthday"]) == ("李美丽", "'+8613800138000", "1980-05-06")
        assert (full["region"], full["masked"]) == ("华东", "")
        masked = (await rows(customers, "customers.csv", headers=head))[0]
        assert (masked["phones"], masked["birthday"], masked["masked"]) == ("'+8613800138000", "", "birthday")
        assert await rows(customers, "customers.csv", headers=logistics) == [], "in no team of theirs"
        refused = await customers.http.get(f"{BASE}/exports/customers.csv", headers=seller)
        assert slug(refused) == (403, "forbidden")


async def test_each_export_is_entered_once(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        for name in ("customers.csv", "customers.xlsx", "payments.csv"):
            await file(customers, name)
        await file(customers, "purchases.csv", customer_id=str(shop))

        entries = (await customers.http.get(f"{BASE}/audit")).json()["items"]
        assert [(each["what"], each["subject"], each["made_by"]) for each in entries] == [
            ("purchases.exported", str(shop), str(ADMIN_ID)),
            ("payments.exported", None, str(ADMIN_ID)),
            ("customers.exported", None, str(ADMIN_ID)),
            ("customers.exported", None, str(ADMIN_ID)),
        ]


async def test_what_was_exported_can_be_imported_again(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, external_no="S-1", phones=["13800138000"], opened_on="2020-02-03")
        await bought(customers, shop, "100.00", external_no="PO-1", brand_id=await brand(customers))

        people = await imported(customers, await file(customers, "customers.csv"), "customers")
        bought_again = await imported(customers, await file(customers, "purchases.csv"))

        assert (people.figures, bought_again.figures) == ((0, 1, 0), (0, 1, 0))


async def test_the_lines_of_purchases_come_back_as_they_went_out(fresh_database: FreshDatabase) -> None:
    lines: list[dict[str, Any]] = [
        {"product": "焕颜精华", "batch": "B-17", "quantity": 12, "amount": "1200.00", "cost": "480.00"},
        {"product": "=眼霜; a@b × 3 「新」~5", "batch": "B=1@2", "quantity": 1, "amount": None, "cost": "7.50"},
        {"product": "-面膜", "batch": None, "quantity": 3, "amount": "0.00", "cost": None},
    ]
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, external_no="S-1")
        await bought(customers, shop, "1200.00", external_no="PO-1", lines=lines)
        await bought(customers, shop, "10.00", external_no="PO-2", lines=lines[::-1])

        for form in ("csv", "xlsx"):
            content = await file(customers, f"purchases.{form}")
            for number, entry in enumerate(await customers.database.fetch("SELECT id FROM purchase ORDER BY id")):
                path = f"{BASE}/purchases/{entry['id']}/reversal"
                assert (await customers.http.post(path, json={"reason": f"twice {number}"})).is_success or form != "csv"
            assert (await imported(customers, content)).figures == (2, 0, 0)
            assert (await imported(customers, content)).figures == (0, 2, 0)
            said = "SELECT id FROM purchase WHERE reversed_at IS NULL ORDER BY external_no"
            found = [
                (await customers.http.get(f"{BASE}/purchases/{row['id']}")).json()["lines"]
                for row in await customers.database.fetch(said)
            ]
            assert found == [lines, lines[::-1]]


async def test_a_fault_is_a_refusal_and_leaves_no_half_file(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers)
        monkeypatch.setattr(writer, "_WRITER", "services.customers.exports.nowhere")

        answer = await customers.http.get(f"{BASE}/exports/customers.csv")

        assert slug(answer) == (503, "busy")
        assert (await customers.http.get(f"{BASE}/audit")).json()["items"] == []


async def test_a_writer_whose_rows_break_off_writes_nothing() -> None:
    async def breaks_off() -> AsyncIterator[Sequence[domain.Row]]:
        yield [("1",)]
        raise ConnectionResetError

    with pytest.raises(Busy):
        await written(Sheet(ExportForm.CSV, "a", [domain.Column("a")]), breaks_off())


def test_a_process_whose_rows_break_off_says_so() -> None:
    sheet = Sheet(ExportForm.CSV, "a", [domain.Column("a")])
    cut = sheet.as_line() + b'[["1"]]\n'
    ended = subprocess.run(WRITER, input=cut, capture_output=True, env=bare_environment(), check=False)

    assert ended.returncode == 1


async def _told(customers: OneService, number: int) -> None:
    await customers.database.execute(
        "INSERT INTO payment (id, version, customer_id, invoice_no, due_on, amount, told_at)"
        " SELECT lpad(to_hex(n), 32, '0')::uuid, 1, (SELECT id FROM customer LIMIT 1), n, '2026-11-01', n, now()"
        " FROM generate_series(1, $1::integer) n ON CONFLICT DO NOTHING",
        number,
    )


async def test_ten_times_the_rows_take_no_more_memory(fresh_database: FreshDatabase) -> None:
    caller = Principal(ADMIN_ID, frozenset({ADMIN}))
    values = dict.fromkeys(("customer_id", "since", "until", "viewer"))
    async with one_service(fresh_database, "customers") as customers:
        await store(customers)
        peaks, lines = [], []
        for number in (5_000, 50_000):
            await _told(customers, number)
            tracemalloc.start(1)
            with await exporting.export_payments(customers.service.context, ExportForm.CSV, values, caller) as content:
                peaks.append(tracemalloc.get_traced_memory()[1])
                tracemalloc.stop()
                lines.append(sum(1 for _ in content))

    assert lines == [5_001, 50_001]
    assert peaks[1] < peaks[0] * 1.2 + 500_000, peaks


def test_what_is_more_than_a_sheet_holds_stands_on_further_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_process, "MOST_ROWS", 2)
    book = io.BytesIO()
    writing = writer_process.XlsxWriter(Sheet(ExportForm.XLSX, "all", [domain.Column("a")]), book)
    for text in ("one", "two", "three"):
        writing.write([text])
    writing.close()
    book.seek(0)

    read = python_calamine.load_workbook(book)

    assert [read.get_sheet_by_name(name).to_python() for name in ("all", "all 2")] == [
        [["a"], ["one"], ["two"]],
        [["a"], ["three"]],
    ]


def test_the_process_that_writes_a_workbook_takes_no_more_memory_either() -> None:
    peaks = []
    for number in (5_000, 50_000):
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen(WRITER, stdin=subprocess.PIPE, stdout=out, env=bare_environment())
            assert process.stdin is not None
            with process.stdin as pipe:
                columns = [domain.Column("a"), domain.Column("b", domain.CellKind.MONEY)]
                pipe.write(Sheet(ExportForm.XLSX, "a", columns).as_line())
                for start in range(0, number, 1_000):
                    pipe.write(
                        json.dumps([(f"text {n}", "1.00") for n in range(start, start + 1_000)]).encode() + b"\n"
                    )
                pipe.write(END)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = status
            assert status == 0
            peaks.append(usage.ru_maxrss)

    assert peaks[1] < peaks[0] * 1.1, peaks
