"""Rows out of an XLSX workbook: one sheet in memory, within bounds, each value as its CSV file would have it."""

import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import IO

import python_calamine

from services.customers.imports.domain.cells import Unfit, key_of, told
from services.customers.imports.domain.troubles import BrokenFile, Trouble
from services.customers.imports.handlers import source as bounds
from services.customers.imports.handlers.source import Row, Source, Taken
from services.customers.imports.handlers.workbook_marks import UNREADABLE, Marks, marks_of

MOST_WORKBOOK = 64 << 20
"""Bytes of an XLSX file."""
MOST_UNPACKED = 1 << 30
"""Bytes that an XLSX file may unpack to."""
MOST_EXACT = 10**15
"""Spreadsheets keep 15 digits of a number; from here on the last ones may be made up."""


def sheet_rows(head: bytes, source: Source, taken: Taken) -> Iterator[Row]:
    """The rows that are not blank of the sheet that `taken` names, of the first one to be seen otherwise."""
    taken.encoding = None
    with tempfile.TemporaryFile() as file:
        file.write(head)
        while chunk := source.read(bounds.CHUNK):
            file.write(chunk)
            if file.tell() > MOST_WORKBOOK:
                raise BrokenFile(Trouble.WORKBOOK_TOO_LARGE)
        file.seek(0)
        _check_size(file)
        file.seek(0)
        sheet = _sheet(file, taken)
        with marks_of(file, sheet.name) as marks:
            yield from _rows(sheet, marks)


def _check_size(file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except UNREADABLE:
        raise BrokenFile(Trouble.NO_WORKBOOK) from None
    if unpacked > MOST_UNPACKED:
        raise BrokenFile(Trouble.WORKBOOK_TOO_LARGE)


def _sheet(file: IO[bytes], taken: Taken) -> python_calamine.CalamineSheet:
    try:
        workbook = python_calamine.load_workbook(file)
        known = [sheet for sheet in workbook.sheets_metadata if sheet.typ is python_calamine.SheetTypeEnum.WorkSheet]
        seen = [sheet.name for sheet in known if sheet.visible is python_calamine.SheetVisibleEnum.Visible]
        wanted = seen
        if taken.sheet is not None:
            wanted = [sheet.name for sheet in known if key_of(sheet.name) == key_of(taken.sheet)]
        if not wanted:
            taken.sheet = None
            raise BrokenFile(Trouble.NO_SHEET, told(seen))
        taken.sheet = wanted[0]
        return workbook.get_sheet_by_name(wanted[0])
    except (python_calamine.CalamineError, OSError, ValueError, IndexError):
        raise BrokenFile(Trouble.NO_WORKBOOK) from None


def _rows(sheet: python_calamine.CalamineSheet, marks: Marks) -> Iterator[Row]:
    """Cells stand at their places, from column A on."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = before + [text_of_cell(cell) for cell in cells]
        for at, mark in marks.of_row(number):
            if at < len(texts):
                texts[at] = mark(texts[at])
        if any(text.strip() for text in texts):
            yield number, texts


def text_of_cell(cell: object) -> str:
    """What a spreadsheet's value would be as text in a CSV file; Unfit where no number of a system can be that."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return Unfit("true" if cell else "false")
    if isinstance(cell, float | int):
        return _plain(cell)
    if isinstance(cell, datetime):
        return Unfit(cell.isoformat(" "))
    if isinstance(cell, date | time):
        return Unfit(cell.isoformat())
    return Unfit(cell) if isinstance(cell, timedelta) else ""


def _plain(number: float) -> str:
    """Without exponent, and without the noise that binary fractions bring (0.30000000000000004).

    What a spreadsheet cannot hold is written as it would write it: an error, or an exponent for lost digits.
    """
    if not isfinite(number):
        return "#NUM!"
    if abs(number) >= MOST_EXACT:
        return f"{number:e}"
    if number == int(number):
        return str(int(number))
    return Unfit(format(Decimal(repr(round(number, 8))), "f").removesuffix(".0"))
