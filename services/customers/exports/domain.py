"""What stands in an exported file, and that no text in it is taken for a formula (domain 2.3).

Columns that an import knows are called as there, so a file can be imported again: what has a number is known by it, a
purchase without one may come in once more. The process that writes a file loads
this module: nothing of the web framework or the database.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias


class ExportForm(StrEnum):
    """The form of a file."""

    CSV = "csv"
    XLSX = "xlsx"


class CellKind(StrEnum):
    """What the cells of a column are. Texts stay text; amounts, days and moments are values in a workbook."""

    TEXT = "text"
    MONEY = "money"
    WHOLE = "whole"
    DAY = "day"
    MOMENT = "moment"


class Column(NamedTuple):
    """A column with the name in its header."""

    name: str
    kind: CellKind = CellKind.TEXT


Cell: TypeAlias = str | int | None
"""As it is handed to the process that writes: amounts with two places, days and moments (with their offset) in ISO."""
Row: TypeAlias = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file to write: its form, what it is called, its columns."""

    form: ExportForm
    name: str
    columns: Sequence[Column]

    def as_line(self) -> bytes:
        """The sheet as a line of JSON."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def of_line(cls, line: bytes) -> "Sheet":
        """What `as_line` wrote."""
        said = json.loads(line)
        columns = [Column(name, CellKind(kind)) for name, kind in said["columns"]]
        return cls(ExportForm(said["form"]), said["name"], columns)


FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula."""


def as_text(cell: str) -> str:
    """A text of a CSV file: what could be read as a formula stands behind an apostrophe, as spreadsheets write it."""
    return f"'{cell}" if cell.startswith(FORMULAS) else cell


CUSTOMERS: Final = (
    Column("id"),
    Column("external_no"),
    Column("name"),
    Column("kind"),
    Column("tier"),
    Column("region"),
    Column("stage"),
    Column("phones"),
    Column("emails"),
    Column("address"),
    Column("birthday", CellKind.DAY),
    Column("opened_on", CellKind.DAY),
    Column("legal_name"),
    Column("licence_no"),
    Column("credit_rating"),
    Column("registered_at", CellKind.MOMENT),
    Column("masked"),
)
PURCHASES: Final = (
    Column("id"),
    Column("kind"),
    Column("customer_id"),
    Column("customer_no"),
    Column("store"),
    Column("brand"),
    Column("amount", CellKind.MONEY),
    Column("cost", CellKind.MONEY),
    Column("occurred_at", CellKind.MOMENT),
    Column("month"),
    Column("external_no"),
    Column("order_no"),
    Column("receipt_no"),
    Column("returns_id"),
    Column("lines"),
)
PAYMENTS: Final = (
    Column("id"),
    Column("customer_id"),
    Column("customer_no"),
    Column("store"),
    Column("invoice_no"),
    Column("due_on", CellKind.DAY),
    Column("amount", CellKind.MONEY),
    Column("paid_on", CellKind.DAY),
    Column("state"),
    Column("days_late", CellKind.WHOLE),
)
