"""Rows out of a file's bytes, CSV or XLSX, without a look at what they mean.

CSV streams, in the encoding that a mark at its head or the sender says, or that `encoding.py` finds, and is held to it
strictly; separated by comma, semicolon, tab or `|`. Workbooks are read by `workbooks.py`.
"""

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain

from services.customers.imports.domain.rows import Unended
from services.customers.imports.domain.troubles import BrokenFile, Trouble
from services.customers.imports.handlers import source as bounds
from services.customers.imports.handlers.encoding import codec_of, found, without_mark
from services.customers.imports.handlers.source import Row, Source, Taken
from services.customers.imports.handlers.workbooks import sheet_rows

LONGEST_LINE = 1 << 20
LONGEST_CELL = 1 << 17

_XLSX = b"PK\x03\x04"
_OTHER = (b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")
"""Old XLS, PDF and gzip say so at their head."""
_SEPARATOR_SAID = re.compile(r"\s*\"?sep=([,;\t|])\"?\s*", re.IGNORECASE)
"""What some spreadsheets want as a first line, and do not count as one."""


def rows_of(source: Source, taken: Taken | None = None) -> Iterator[Row]:
    """All rows that are not blank, the header first. Raises BrokenFile, at once or on the way."""
    taken = taken or Taken()
    head = source.read(bounds.CHUNK)
    if head.startswith(_XLSX):
        return sheet_rows(head, source, taken)
    if taken.sheet is not None:
        taken.sheet = None
        raise BrokenFile(Trouble.NO_SHEETS)
    head, source = without_mark(head, source, taken)
    if not head.strip():
        raise BrokenFile(Trouble.EMPTY_FILE)
    if head.startswith(_OTHER) or b"\0" in head[: head.find(b"\n")]:
        raise BrokenFile(Trouble.BINARY_FILE)
    return _text_rows(head, source, taken)


def _text_rows(head: bytes, source: Source, taken: Taken) -> Iterator[Row]:
    lines = _Lines(_lines(_blocks(head, source), taken))
    blank, first = lines.first()
    separator = _SEPARATOR_SAID.fullmatch(first)
    csv.field_size_limit(LONGEST_CELL)
    text = lines if separator else chain([first], lines)
    taken.delimiter = separator[1] if separator else _separator(first)
    reader = csv.reader(text, delimiter=taken.delimiter, strict=True)
    width, number = 0, blank
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise BrokenFile(Trouble.BROKEN_QUOTES, str(blank + bool(separator) + reader.line_num)) from None
        if any(cell.strip() for cell in cells):
            width = width or len(cells)
            yield number, Unended(cells) if len(cells) < width and not lines.ended else cells


class _Lines(Iterator[str]):
    """The lines of a file; knows whether the last one taken had its end."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.ended = True

    def __next__(self) -> str:
        line = next(self._lines)
        self.ended = line.endswith(("\n", "\r"))
        return line

    def first(self) -> tuple[int, str]:
        """The first line that says something, and how many blank ones stand before it."""
        for blank, line in enumerate(self):
            if line.strip():
                return blank, line
        raise BrokenFile(Trouble.EMPTY_FILE)


def _blocks(head: bytes, source: Source) -> Iterator[bytes]:
    """The bytes cut after line ends; neither encoding uses that byte within a character."""
    rest = head
    while True:
        chunk = source.read(bounds.CHUNK)
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


def _lines(blocks: Iterator[bytes], taken: Taken) -> Iterator[str]:
    done = 0
    for block in found(blocks, taken):
        try:
            text = block.decode(codec_of(taken))
        except UnicodeDecodeError as fault:
            line = done + block.count(b"\n", 0, fault.start) + 1
            raise BrokenFile(Trouble.WRONG_ENCODING, str(line)) from None
        done += block.count(b"\n")
        yield from io.StringIO(text, newline="")


def _separator(header: str) -> str:
    """The most frequent of comma, semicolon, tab and `|` outside of quotes."""
    plain = "".join(header.split('"')[::2])
    return max(",;\t|", key=plain.count)
