"""The process that writes one file: `python -m services.customers.exports.handlers.writer_process` (decision 33).

Standard input: the sheet as a line of JSON, then rows, many to a line, then a line `end`. Standard output is the file.
Without that last line the parent is gone, and what was written is worth nothing. Rows go to disk as they come.
"""

import csv
import io
import json
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from typing import IO, Any, Final, Protocol

from services.customers.exports.domain import Cell, CellKind, ExportForm, Row, Sheet, as_text

MOST_MEMORY: Final = 1 << 30
"""Bytes of address space; a fraction of it is used, however long the file is."""
MOST_ROWS: Final = 1_000_000
"""Rows of one sheet of a workbook; what is more stands on further ones."""
END: Final = b"end\n"


class CutOff(Exception):
    """The parent went away before all rows were here."""


class Writer(Protocol):
    """What rows are written to, one after the other."""

    def write(self, row: Row) -> None: ...
    def close(self) -> None: ...


class CsvWriter:
    """UTF-8 with the mark by which Excel knows it; texts that look like formulas stand behind an apostrophe."""

    def __init__(self, sheet: Sheet, out: IO[bytes]) -> None:
        self._texts = [column.kind is CellKind.TEXT for column in sheet.columns]
        self._out = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=False)
        self._csv = csv.writer(self._out)
        self._csv.writerow([column.name for column in sheet.columns])

    def write(self, row: Row) -> None:
        self._csv.writerow(
            [
                as_text(str(cell)) if text and cell is not None else cell
                for text, cell in zip(self._texts, row, strict=True)
            ]
        )

    def close(self) -> None:
        self._out.flush()
        self._out.detach()


class XlsxWriter:
    """A workbook in constant memory: a row is on disk when the next one comes, its texts in place, none a formula."""

    def __init__(self, sheet: Sheet, out: IO[bytes]) -> None:
        import xlsxwriter  # only workbooks wait for it

        self._layout = sheet
        self._book = xlsxwriter.Workbook(out, {"constant_memory": True, "remove_timezone": True})
        self._book.use_zip64()
        formats = {CellKind.MONEY: "0.00", CellKind.DAY: "yyyy-mm-dd", CellKind.MOMENT: "yyyy-mm-dd hh:mm:ss"}
        self._formats = {kind: self._book.add_format({"num_format": said}) for kind, said in formats.items()}
        self._begin()

    def _begin(self) -> None:
        number = len(self._book.worksheets()) + 1
        self._sheet = self._book.add_worksheet(self._layout.name if number == 1 else f"{self._layout.name} {number}")
        self._row = 0
        for at, column in enumerate(self._layout.columns):
            self._sheet.write_string(0, at, column.name)

    def write(self, row: Row) -> None:
        if self._row == MOST_ROWS:
            self._begin()
        self._row += 1
        for at, (column, cell) in enumerate(zip(self._layout.columns, row, strict=True)):
            if cell is not None:
                self._cell(at, column.kind, cell)

    def _cell(self, at: int, kind: CellKind, cell: Cell) -> None:
        match kind:
            case CellKind.TEXT:
                self._sheet.write_string(self._row, at, str(cell))
            case CellKind.MONEY | CellKind.WHOLE:
                self._sheet.write_number(self._row, at, float(str(cell)), self._formats.get(kind))
            case CellKind.DAY:
                self._sheet.write_datetime(self._row, at, date.fromisoformat(str(cell)), self._formats[kind])
            case CellKind.MOMENT:
                self._sheet.write_datetime(self._row, at, datetime.fromisoformat(str(cell)), self._formats[kind])

    def close(self) -> None:
        self._book.close()


def _rows(source: IO[bytes]) -> Iterator[Any]:
    for line in source:
        if line == END:
            return
        yield from json.loads(line)
    raise CutOff


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    source = sys.stdin.buffer
    sheet = Sheet.of_line(source.readline())
    with os.fdopen(os.dup(sys.stdout.fileno()), "w+b") as out, closing(writer_of(sheet, out)) as writer:
        for row in _rows(source):
            writer.write(row)


def writer_of(sheet: Sheet, out: IO[bytes]) -> Writer:
    return CsvWriter(sheet, out) if sheet.form is ExportForm.CSV else XlsxWriter(sheet, out)


if __name__ == "__main__":
    try:
        main()
    except CutOff:
        sys.exit(1)
