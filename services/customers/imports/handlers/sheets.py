"""Rows out of a file's bytes, CSV or XLSX, without a look at what they mean.

CSV streams: UTF-8 (with or without its mark) or GB18030, decided by the first bytes beyond ASCII and then held to
strictly; separated by comma, semicolon or tab. XLSX is read as one sheet in memory, within bounds.
"""

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Protocol

import python_calamine

from services.customers.imports.domain.troubles import BrokenFile, Trouble


class Source(Protocol):
    """Bytes that come one after the other."""

    def read(self, most: int, /) -> bytes: ...


Row = tuple[int, list[str]]
"""The row's number as a spreadsheet shows it (the header is 1), and its cells."""

CHUNK = 1 << 18
LONGEST_LINE = 1 << 20
LONGEST_CELL = 1 << 17
MOST_WORKBOOK = 64 << 20
"""Bytes of an XLSX file."""
MOST_UNPACKED = 1 << 30
"""Bytes that an XLSX file may unpack to."""

_XLSX = b"PK\x03\x04"
_OTHER = (b"\xd0\xcf\x11\xe0", b"\xff\xfe", b"\xfe\xff", b"%PDF", b"\x1f\x8b")
"""Old XLS, UTF-16, PDF and gzip say so at their head."""
_MARK = b"\xef\xbb\xbf"


def rows_of(source: Source) -> Iterator[Row]:
    """All rows that are not blank, the header first. Raises BrokenFile, at once or on the way."""
    head = source.read(CHUNK)
    if not head.strip():
        raise BrokenFile(Trouble.EMPTY_FILE)
    if head.startswith(_XLSX):
        return _sheet_rows(head, source)
    if head.startswith(_OTHER) or b"\0" in head[: head.find(b"\n")]:
        raise BrokenFile(Trouble.BINARY_FILE)
    return _text_rows(head.removeprefix(_MARK), source)


# ------------------------------------------------------------------------------------------------ CSV


def _text_rows(head: bytes, source: Source) -> Iterator[Row]:
    lines = _lines(_blocks(head, source))
    first = next(lines)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(_again(first, lines), delimiter=_separator(first), strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise BrokenFile(Trouble.BROKEN_QUOTES, str(reader.line_num)) from None
        if any(cells):
            yield number, cells


def _blocks(head: bytes, source: Source) -> Iterator[bytes]:
    """The bytes cut after line ends; neither encoding uses that byte within a character."""
    rest = head
    while True:
        chunk = source.read(CHUNK)
        if not chunk:
            break
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield rest + chunk[:cut]
            rest = chunk[cut:]
        else:
            rest += chunk
            if len(rest) > LONGEST_LINE:
                raise BrokenFile(Trouble.LINE_TOO_LONG)
    if rest:
        yield rest


def _lines(blocks: Iterator[bytes]) -> Iterator[str]:
    encoding, done = "", 0
    for block in blocks:
        if not encoding and not block.isascii():
            encoding = _encoding_of(block)
        try:
            text = block.decode(encoding or "ascii")
        except UnicodeDecodeError as fault:
            line = done + block.count(b"\n", 0, fault.start) + 1
            raise BrokenFile(Trouble.WRONG_ENCODING, str(line)) from None
        done += block.count(b"\n")
        yield from io.StringIO(text, newline="")


def _encoding_of(block: bytes) -> str:
    """UTF-8 unless the block is none but GB18030; of two broken ones, the one that goes further is meant."""
    far = {}
    for encoding in ("utf-8", "gb18030"):
        try:
            block.decode(encoding)
        except UnicodeDecodeError as fault:
            far[encoding] = fault.start
        else:
            return encoding
    return max(far, key=lambda encoding: far[encoding])


def _separator(header: str) -> str:
    """The most frequent of comma, semicolon and tab outside of quotes."""
    plain = "".join(header.split('"')[::2])
    return max(",;\t", key=plain.count)


def _again(first: str, others: Iterator[str]) -> Iterator[str]:
    yield first
    yield from others


# ------------------------------------------------------------------------------------------------ XLSX


def _sheet_rows(head: bytes, source: Source) -> Iterator[Row]:
    with tempfile.TemporaryFile() as file:
        file.write(head)
        while chunk := source.read(CHUNK):
            file.write(chunk)
            if file.tell() > MOST_WORKBOOK:
                raise BrokenFile(Trouble.WORKBOOK_TOO_LARGE)
        file.seek(0)
        _check_size(file)
        file.seek(0)
        yield from _cells_of(file)


def _check_size(file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise BrokenFile(Trouble.NO_WORKBOOK) from None
    if unpacked > MOST_UNPACKED:
        raise BrokenFile(Trouble.WORKBOOK_TOO_LARGE)


def _cells_of(file: IO[bytes]) -> Iterator[Row]:
    try:
        workbook = python_calamine.load_workbook(file)
        sheet = workbook.get_sheet_by_index(0)
    except (python_calamine.CalamineError, OSError, ValueError, IndexError):
        raise BrokenFile(Trouble.NO_WORKBOOK) from None
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = [text_of_cell(cell) for cell in cells]
        if any(texts):
            yield number, texts


def text_of_cell(cell: object) -> str:
    """What a spreadsheet's value would be as text in a CSV file."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float | int):
        return _plain(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else ""


def _plain(number: float) -> str:
    """Without exponent, and without the noise that binary fractions bring (0.30000000000000004)."""
    if number == int(number):
        return str(int(number))
    return format(Decimal(repr(round(number, 8))), "f")
