"""The payroll as a file, CSV or XLSX: one line for each person. No cell is a formula, whatever somebody is called."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, TypeAlias

import xlsxwriter

from services.complaints.payroll.domain.payroll import Payroll, PayrollLine
from shared.months import Month

Cell: TypeAlias = str | Decimal | None
COLUMNS: Final = (
    "month",
    "staff_id",
    "name",
    "department_id",
    "charged",
    "rewards",
    "carried_in",
    "bound",
    "deducted",
    "carried_out",
    "net",
    "signature",
)
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def csv_of(payroll: Payroll) -> str:
    """A header and a line for each person, amounts in CNY with two places; with the mark that tells Excel of UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_written(cell) for cell in row] for row in _rows(payroll))
    return "\ufeff" + text.getvalue()


def xlsx_of(payroll: Payroll) -> bytes:
    """The same as a workbook of one sheet, amounts as numbers."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as workbook:
        sheet = workbook.add_worksheet(str(payroll.month))
        money = workbook.add_format({"num_format": "0.00"})
        for column, name in enumerate(COLUMNS):
            sheet.write_string(0, column, name)
        for number, row in enumerate(_rows(payroll), 1):
            for column, cell in enumerate(row):
                if isinstance(cell, Decimal):
                    sheet.write_number(number, column, float(cell), money)
                elif cell is not None:
                    sheet.write_string(number, column, cell)
    return content.getvalue()


def _rows(payroll: Payroll) -> Iterator[tuple[Cell, ...]]:
    return (_row(payroll.month, each) for each in payroll.lines)


def _row(month: Month, of: PayrollLine) -> tuple[Cell, ...]:
    line = of.line
    amounts = (line.charged, line.rewards, line.carried_in, line.bound, line.deducted, line.carried_out, line.net)
    department = str(of.department_id) if of.department_id is not None else None
    return (str(month), str(line.staff_id), of.name, department, *amounts, of.signature)


def _written(cell: Cell) -> str:
    """A text that could be read as a formula stands behind an apostrophe, as spreadsheets write it."""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULAS) else cell
    return "" if cell is None else f"{cell:.2f}"
