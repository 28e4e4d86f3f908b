"""What rows are read from, and what is known of it on the way."""

from dataclasses import dataclass
from typing import Protocol

from services.customers.imports.domain.form import Encoding

CHUNK = 1 << 18
"""Bytes that are taken at once."""

Row = tuple[int, list[str]]
"""The row's number as a spreadsheet shows it (the header is 1), and its cells."""


class Source(Protocol):
    """Bytes that come one after the other."""

    def read(self, most: int, /) -> bytes: ...


@dataclass(slots=True)
class Taken:
    """How a file is read: what was asked for, and what was found where nothing was."""

    sheet: str | None = None
    encoding: Encoding | None = None
    delimiter: str | None = None
