"""Rows out of bytes: encodings, separators, quotes, workbooks, and what is too much."""

import csv
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.customers.imports.domain.form import Encoding
from services.customers.imports.domain.rows import Unended
from services.customers.imports.domain.troubles import BrokenFile, Trouble
from services.customers.imports.handlers import source, workbooks
from services.customers.imports.handlers.sheets import rows_of
from services.customers.imports.handlers.source import Row, Taken
from shared.ids import new_id
from tests.customers.importing import NUMBERED, amounts, imported, xlsx_of
from tests.postgres import FreshDatabase
from tests.support import one_service


def rows(content: bytes) -> list[Row]:
    return list(rows_of(io.BytesIO(content)))


def broken(content: bytes) -> tuple[Trouble, str]:
    with pytest.raises(BrokenFile) as fault:
        rows(content)
    return fault.value.trouble, fault.value.detail


CELLS = st.text(st.characters(codec="gb18030", blacklist_categories=["Cs"], blacklist_characters="\x00﻿"), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    table=st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=12),
    separator=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    chunk=st.integers(1, 40),
)
def test_every_table_comes_back_as_it_was_written(
    monkeypatch: pytest.MonkeyPatch, table: list[list[str]], separator: str, encoding: str, chunk: int
) -> None:
    """Whatever the size of the pieces it comes in, when its encoding is said; the header tells the separator."""
    whole = [["编号", "金额"], *table]
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(whole)
    content = text.getvalue().encode(encoding)
    monkeypatch.setattr(source, "CHUNK", max(chunk, 16))

    said = Taken(encoding=Encoding(encoding))
    assert [cells for _, cells in rows_of(io.BytesIO(content), said)] == [
        cells for cells in whole if any(cell.strip() for cell in cells)
    ]


def test_rows_are_numbered_as_a_spreadsheet_numbers_them() -> None:
    assert rows(b"a,b\n\n1,2\r\n,\n3,4") == [(1, ["a", "b"]), (3, ["1", "2"]), (5, ["3", "4"])]


def test_a_cell_may_have_lines_and_quotes() -> None:
    assert rows(b'a,b\n"x\n""y"", z",2\n')[1] == (2, ['x\n"y", z', "2"])


@pytest.mark.parametrize(
    "header, separator", [("a;b,c;d", ";"), ('"a;b;c",d', ","), ("a\tb,c\td", "\t"), ("a|b,c|d", "|"), ("alone", ",")]
)
def test_the_header_tells_the_separator(header: str, separator: str) -> None:
    assert rows(header.encode())[0][1] == next(csv.reader([header], delimiter=separator))


def test_the_encoding_is_decided_by_the_first_letter_beyond_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "CHUNK", 4096)
    ascii_lines = b"number,name\n" + b"1,x\n" * 5_000

    assert rows(ascii_lines + "2,花想容\n".encode("gb18030"))[-1][1] == ["2", "花想容"]
    assert rows(ascii_lines + "2,花想容\n".encode())[-1][1] == ["2", "花想容"]


@pytest.mark.parametrize(
    "content, trouble, detail",
    [
        (b"", Trouble.EMPTY_FILE, ""),
        (b" \n\t\r\n", Trouble.EMPTY_FILE, ""),
        (b"\xef\xbb\xbf", Trouble.EMPTY_FILE, ""),
        ("花\n想\n容\n".encode() + "花,想\n".encode("gb18030"), Trouble.WRONG_ENCODING, "4"),
        ("花想容\n".encode("gb18030") + b"\xff\n", Trouble.WRONG_ENCODING, "2"),
        (b"a\n1\n" * 50_000 + b"\xff\n", Trouble.WRONG_ENCODING, "100001"),
        (b'a,b\n1,"2\n3,4\n', Trouble.BROKEN_QUOTES, "3"),
        (b'a,b\n1,"' + b"x\n" * 100_000, Trouble.BROKEN_QUOTES, "65538"),
        (b"a\n" + b"x" * (2 << 20), Trouble.LINE_TOO_LONG, ""),
        (b"\xd0\xcf\x11\xe0 an old or encrypted workbook", Trouble.BINARY_FILE, ""),
        (b"PK\x03\x04" + b"\0" * 100, Trouble.NO_WORKBOOK, ""),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(content: bytes, trouble: Trouble, detail: str) -> None:
    assert broken(content) == (trouble, detail)


def test_the_first_sheet_counts_and_numbers_its_rows_from_one() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        first = book.add_worksheet()
        first.write_row(2, 1, ["a", "b"])
        first.write_row(4, 1, [1.5, True])
        book.add_worksheet().write(0, 0, "other")

    assert rows(file.getvalue()) == [(3, ["", "a", "b"]), (5, ["", "1.5", "true"])]


def test_a_hidden_sheet_is_not_read() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        hidden, seen = book.add_worksheet("old"), book.add_worksheet("new")
        hidden.write(0, 0, "a")
        seen.write(0, 0, "b")
        seen.activate()
        seen.set_first_sheet()
        hidden.hide()
    taken = Taken()

    assert list(rows_of(io.BytesIO(file.getvalue()), taken)) == [(1, ["b"])]
    assert taken.sheet == "new"


def test_number_formats_keep_their_zeros() -> None:
    """As the sheet shows them; of what is no whole number only the value counts."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        formats = ["000000", '"SH-"000', "000-0000", "[$-804]0000", "0.00", "0", "000;[Red]-000"]
        for column, code in enumerate(formats):
            sheet.write(0, column, 42, book.add_format({"num_format": code}))
        sheet.write(1, 0, 1234567, book.add_format({"num_format": "000000"}))
        sheet.write(1, 1, 1.5, book.add_format({"num_format": "000000"}))
        sheet.write(1, 2, "7", book.add_format({"num_format": "000000"}))

    first, second = rows(file.getvalue())
    assert first == (1, ["000042", "SH-042", "000-0042", "0042", "42", "42", "042"])
    assert second[1][:3] == ["1234567", "1.5", "7"]


def test_what_a_spreadsheet_could_not_compute_is_told_as_its_error() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_formula(3, 1, "=NA()", None, "#N/A")
        sheet.write(3, 0, "x")

    assert rows(file.getvalue())[1] == (4, ["x", "#N/A"])


@pytest.mark.parametrize(
    "code, value, text",
    [
        ("000000_ ", 42, "000042"),
        ("* 000000", 42, "000042"),
        ("0_ ", 42, "42"),
        ("#,##0.00_);[Red](#,##0.00)", 42, "42"),
        ('_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', 42, "42"),
        ("0.000", 42, "42"),
        ("[>100]000;000000", 42, None),
        ("#000000", 42, None),
        ("000,000", 42, None),
        ("000000", -42, None),
        ("000000", 42.0000000001, None),
        ("General", 0.30000000000000004, None),
    ],
)
async def test_a_number_stands_as_its_format_shows_it_or_is_refused(
    fresh_database: FreshDatabase, code: str, value: float, text: str | None
) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("external_no", "name"))
        sheet.write(1, 0, value, book.add_format({"num_format": code}))
        sheet.write(1, 1, "A")
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, file.getvalue(), "customers")

        kept = [row["external_no"] for row in await customers.database.fetch("SELECT external_no FROM archive")]
        assert kept == ([text] if text else [])
        assert done.bad == int(text is None)
        assert all("cell Sheet1!A2" in reason and "as text" in reason for *_, reason in done.faults)


async def test_dates_and_truth_values_identify_nothing(fresh_database: FreshDatabase) -> None:
    """Where a date or an amount stands they count as before."""
    day = datetime(2026, 10, 5, tzinfo=UTC)
    book = xlsx_of([("S-1", day, 0.5, "E-1"), (day, day, 1, ""), ("S-1", day, 1, True), (0.5, day, 1, "")], NUMBERED)
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, book, create_customers=True)

        assert done.figures == (1, 0, 3)
        assert [fault[:2] for fault in done.faults] == [(3, "customer_no"), (4, "external_no"), (5, "customer_no")]
        assert "cell Sheet1!A3 holds a date, a truth value or a fraction" in done.faults[0][2]
        assert await amounts(customers) == [("S-1", "2026-10-05", "0.50")]


@pytest.mark.parametrize("number, text", [("1e999", "#NUM!"), ("NaN", "#NUM!"), ("20261204000000011", "2.026120e+16")])
def test_a_number_that_a_workbook_cannot_hold_spoils_its_cell_only(number: str, text: str) -> None:
    book = io.BytesIO(xlsx_of([("S-1", "2026-10-05", 77_777)]))
    changed = io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v>77777</v>", f"<v>{number}</v>".encode()))

    assert rows(changed.getvalue())[1] == (2, ["S-1", "2026-10-05", text])


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_line_that_names_the_separator_is_no_row(separator: str) -> None:
    content = f"sep={separator}\r\na{separator}b\r\n1,5{separator}2\r\n".encode()

    assert rows(content) == [(1, ["a", "b"]), (2, ["1,5", "2"])]


def test_rows_of_blanks_are_no_rows() -> None:
    assert rows("\n  \na;b\n ; \u3000\n1;2\n".encode()) == [(3, ["a", "b"]), (5, ["1", "2"])]


def test_a_last_line_without_its_end_may_be_cut_off() -> None:
    ended, cut = rows(b"a,b\n1\n")[1][1], rows(b"a,b\n1")[1][1]

    assert ended == cut == ["1"]
    assert isinstance(cut, Unended)
    assert not isinstance(ended, Unended)


def test_an_empty_workbook_has_no_rows() -> None:
    assert rows(xlsx_of([], [])) == []


def test_a_zip_that_is_no_workbook() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")

    assert broken(file.getvalue()) == (Trouble.NO_WORKBOOK, "")


def test_a_workbook_that_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    book = xlsx_of([("S-1", "2026-10-05", 1)])
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1000)
    assert broken(book) == (Trouble.WORKBOOK_TOO_LARGE, "")

    monkeypatch.setattr(workbooks, "MOST_WORKBOOK", 1000)
    monkeypatch.setattr(source, "CHUNK", 500)
    assert broken(book) == (Trouble.WORKBOOK_TOO_LARGE, "")


async def test_a_sheet_too_wide_for_any_memory_ends_its_reader_and_nothing_else(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    """Two cells in opposite corners: 17 thousand million cells, were they all to be held."""
    path = tmp_path / f"{new_id()}.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "customer_no")
        sheet.write(1_048_575, 16_383, "far away")

    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, path.read_bytes())

        assert (done.state, done.error_slug) == ("failed", "reader-ended")
