"""What can be said of a file's form, and how the sender sees what was read."""

import io
from datetime import timedelta
from typing import Any

import pytest
import xlsxwriter

from shared.ids import new_id
from tests.customers.importing import HEADER, amounts, csv_of, found, imported, send, xlsx_of
from tests.customers.network import BASE
from tests.postgres import FreshDatabase
from tests.support import bearer, one_service

LINE = ("S-1", "2026-10-05", "12.50")


async def test_the_sender_sees_how_the_first_rows_are_read(fresh_database: FreshDatabase) -> None:
    rows = [("花想容", "2026年10月5日", "1,250"), ("S-2", "yesterday", "1"), *[LINE] * 9]
    file = csv_of(rows, ("客户", "日期", "金额"), ";").decode().encode("gb18030")
    mapping = {"customer_no": "客户", "occurred_at": "日期", "amount": "金额"}
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, file, mapping=mapping, dry_run=True, create_customers=True)

        preview = done.job["preview"]
        assert (preview["encoding"], preview["delimiter"], preview["sheet"]) == ("gb18030", ";", None)
        assert preview["header"] == ["客户", "日期", "金额"]
        assert [row["row"] for row in preview["rows"]] == [2, 3, 4, 5, 6]
        first, second, *_ = preview["rows"]
        assert first == {
            "row": 2,
            "values": {"customer_no": "花想容", "occurred_at": "2026-10-04T16:00:00Z", "amount": "1250.00"},
            "bad": [],
        }
        assert (second["values"]["occurred_at"], second["bad"]) == ("yesterday", ["occurred_at"])


@pytest.mark.parametrize("said", ["xx", "1795708018", "2026", "9/7/11", "0"])
@pytest.mark.parametrize("kind, field", [("purchases", "occurred_at"), ("customers", "registered_at")])
async def test_a_default_that_is_no_date_is_told_row_by_row(
    fresh_database: FreshDatabase, kind: str, field: str, said: str
) -> None:
    file = b"customer_no,amount\nE-001,5\n" if kind == "purchases" else b"external_no,name\nE-001,A\n"
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, file, kind, defaults={field: said}, create_customers=kind == "purchases")

        assert (done.state, done.figures) == ("done", (0, 0, 1))
        assert [fault[:2] for fault in done.faults] == [(2, field)]
        [row] = done.job["preview"]["rows"]
        assert (row["values"][field], row["bad"]) == (said, [field])


async def test_a_bad_default_is_called_one(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, csv_of([LINE]), defaults={"external_no": "2.02612E+16"})

        assert done.faults[0][2].startswith("the default of external_no holds a number")


async def test_nobody_else_sees_what_the_file_holds(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, csv_of([LINE]))
        other = await customers.http.get(f"{BASE}/imports/{done.id}", headers=bearer("admin", new_id()))

        assert other.json()["preview"] is None
        assert done.job["preview"] is not None


async def test_first_rows_and_defaults_stand_sealed_and_not_for_long(fresh_database: FreshDatabase) -> None:
    """Values for absent columns are personal like the cells that they stand for."""
    async with one_service(fresh_database, "customers") as customers:
        how = {"customer_no": "S-secret"}
        answer = await send(customers, csv_of([LINE[1:]], HEADER[1:]), defaults=how, create_customers=True)
        id_ = answer.json()["id"]
        kept = str(await customers.database.fetchrow("SELECT * FROM import_job"))
        assert "S-secret" not in kept
        await customers.run_loops()

        done = await found(customers, id_)
        assert done.job["preview"]["rows"][0]["values"]["customer_no"] == "S-secret"
        assert await amounts(customers) == [("S-secret", "2026-10-05", "12.50")]
        [ended] = await customers.database.fetch("SELECT defaults, sealed_defaults, preview FROM import_job")
        assert b"S-secret" not in ended["preview"]
        assert (ended["defaults"], ended["sealed_defaults"]) == ({}, None)

        customers.clock.forward(timedelta(hours=23))
        await customers.run_loops()
        assert (await found(customers, id_)).job["preview"] is not None
        customers.clock.forward(timedelta(hours=2))
        await customers.run_loops()
        assert (await found(customers, id_)).job["preview"] is None


@pytest.mark.parametrize(
    "said, taken",
    [
        ({"encoding": "ebcdic"}, "'utf-8', 'utf-16', 'gb18030', 'big5', 'windows-1252' or 'mac-roman'"),
        ({"date_format": "whatever"}, "'DD/MM/YYYY'"),
    ],
)
async def test_an_unknown_form_is_refused_with_those_there_are(
    fresh_database: FreshDatabase, said: dict[str, Any], taken: str
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        answer = await send(customers, csv_of([LINE]), **said)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == f"#/{next(iter(said))}"
        assert taken in answer.text


async def test_dates_are_read_as_was_said(fresh_database: FreshDatabase) -> None:
    rows = [("S-1", "9/7/11", "1"), ("S-1", "2011-07-10", "2")]
    async with one_service(fresh_database, "customers") as customers:
        unsaid = await imported(customers, csv_of(rows), create_customers=True, dry_run=True)
        assert unsaid.figures == (1, 0, 1)
        assert "date_format" in unsaid.faults[0][2]

        said = await imported(customers, csv_of(rows), create_customers=True, date_format="d/m/yy")
        assert said.figures == (2, 0, 0)
        assert said.job["preview"]["date_format"] == "D/M/YY"
        assert await amounts(customers) == [("S-1", "2011-07-09", "1.00"), ("S-1", "2011-07-10", "2.00")]


def sheets(**named: list[tuple[object, ...]]) -> bytes:
    """A workbook with a sheet for each; one whose name begins with `hidden` is not to be seen."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        for name, rows in named.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name.startswith("hidden"):
                sheet.hide()
    return file.getvalue()


async def test_a_sheet_can_be_chosen(fresh_database: FreshDatabase) -> None:
    book = sheets(notes=[("what this is",)], hidden=[("old",)], 进货=[HEADER, LINE])
    async with one_service(fresh_database, "customers") as customers:
        first = await imported(customers, book, create_customers=True)
        assert (first.state, first.error_slug) == ("failed", "field-without-column")
        assert (first.job["sheet"], first.job["preview"]["header"]) == ("notes", ["what this is"])
        assert "sheet “notes”" in str(first.error)

        chosen = await imported(customers, book, create_customers=True, sheet="进货")
        assert (chosen.state, chosen.ok, chosen.job["sheet"]) == ("done", 1, "进货")

        unknown = await imported(customers, book, create_customers=True, sheet="sales")
        assert (unknown.state, unknown.error_slug) == ("failed", "no-sheet")
        assert unknown.error == "the workbook has no such sheet; it has: notes, 进货"


async def test_a_text_file_has_no_sheet_to_choose(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, csv_of([LINE]), sheet="进货")

        assert (done.state, done.error_slug, done.job["sheet"]) == ("failed", "no-sheets", None)


async def test_a_workbook_says_its_encoding_itself(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, xlsx_of([LINE]), create_customers=True, encoding="big5")

        assert (done.state, done.job["preview"]["encoding"]) == ("done", None)


async def test_the_same_key_with_another_form_is_another_request(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        key = {"Idempotency-Key": "once"}
        first = await send(customers, csv_of([LINE]), headers=key)
        assert (await send(customers, csv_of([LINE]), headers=key)).json() == first.json()

        assert (await send(customers, csv_of([LINE]), headers=key, date_format="D/M/YY")).status_code == 422
