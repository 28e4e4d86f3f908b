"""The payroll as a file, CSV or XLSX: one line for each person. No cell is a formula, whatever somebody is called."""

import csv
import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, TypeAlias

import xlsxwriter

from services.complaints.payroll.domain.payroll import Payroll, PayrollLine, PayrollState
from shared.languages import Language
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
    "department",
    "state",
)
_HEADS: Final[Mapping[Language, tuple[str, ...]]] = {
    "zh-CN": (
        "月份", "员工编号", "姓名", "部门编号", "应扣", "奖励", "上月结转",
        "扣款上限", "实扣", "结转下月", "计入工资", "签署", "部门", "状态",
    ),
    "en": (
        "Month", "Staff id", "Name", "Department id", "Charged", "Rewards", "Carried in", "Bound", "Kept of the wage",
        "Carried on", "Added to the wage", "Signature", "Department", "State",
    ),
}  # fmt: skip
_WORDS: Final[Mapping[str, str]] = {
    "holds": "已签署", "outdated": "签署后有变动", "missing": "未签署",
    "running": "进行中", "booked": "已结账", "closed": "已移交",
}  # fmt: skip
"""What signatures and states are called in Chinese."""
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula."""


def csv_of(payroll: Payroll, language: Language | None = None) -> str:
    """A header and a line for each person, amounts in CNY with two places; with the mark that tells Excel of UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_heads(language))
    writer.writerows([_written(cell) for cell in row] for row in _rows(payroll, language))
    return "\ufeff" + text.getvalue()


def xlsx_of(payroll: Payroll, language: Language | None = None) -> bytes:
    """The same as a workbook of one sheet, amounts as numbers."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as workbook:
        sheet = workbook.add_worksheet(str(payroll.month))
        money = workbook.add_format({"num_format": "0.00"})
        for column, name in enumerate(_heads(language)):
            sheet.write_string(0, column, name)
        for number, row in enumerate(_rows(payroll, language), 1):
            for column, cell in enumerate(row):
                if isinstance(cell, Decimal):
                    sheet.write_number(number, column, float(cell), money)
                elif cell is not None:
                    sheet.write_string(number, column, cell)
    return content.getvalue()


def _heads(language: Language | None) -> tuple[str, ...]:
    return COLUMNS if language is None else _HEADS[language]


def _rows(payroll: Payroll, language: Language | None) -> Iterator[tuple[Cell, ...]]:
    words = _WORDS if language == "zh-CN" else {}
    return (_row(payroll.month, each, payroll.state, words) for each in payroll.lines)


def _row(month: Month, of: PayrollLine, state: PayrollState, words: Mapping[str, str]) -> tuple[Cell, ...]:
    line = of.line
    amounts = (line.charged, line.rewards, line.carried_in, line.bound, line.deducted, line.carried_out, line.net)
    department = str(of.department_id) if of.department_id is not None else None
    said = (words.get(of.signature, of.signature), of.department_name, words.get(state, state))
    return (str(month), str(line.staff_id), of.name, department, *amounts, *said)


def _written(cell: Cell) -> str:
    """A text that could be read as a formula stands behind an apostrophe, as spreadsheets write it."""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULAS) else cell
    return "" if cell is None else f"{cell:.2f}"
