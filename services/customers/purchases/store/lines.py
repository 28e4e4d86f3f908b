"""Lines of purchases and returns in the database."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, literal_column, select
from sqlmodel import col

from services.customers.purchases.domain import PurchaseLine
from services.customers.purchases.tables import PurchaseLineRow, PurchaseRow
from shared.db import Connection
from shared.nested import Nested
from shared.statement import Reader, Statement, any_given, by_column, given, insert_many, table

_FIELDS = tuple(field.name for field in fields(PurchaseLine))
_LINES = table(PurchaseLineRow).c
_ADD = Statement(insert_many(PurchaseLineRow, "entry_id", "line_no", *_FIELDS))


def _line(entry_id: UUID, **line: Any) -> tuple[UUID, PurchaseLine]:
    return entry_id, PurchaseLine(**line)


_LISTED = select(_LINES.entry_id, *(_LINES[name] for name in _FIELDS))
_OF_ENTRIES = Statement(
    _LISTED.where(col(PurchaseLineRow.entry_id) == any_given("ids", Uuid)).order_by(
        col(PurchaseLineRow.entry_id), col(PurchaseLineRow.line_no)
    ),
    _line,
)
OF_THE_ENTRY = Nested(
    select(*(_LINES[name] for name in _FIELDS))
    .where(col(PurchaseLineRow.entry_id) == literal_column("purchase.id", Uuid))
    .order_by(col(PurchaseLineRow.line_no)),
    PurchaseLine,
)
"""The lines of a purchase of the statement around it."""
_RETURNED = Statement(
    _LISTED.join(table(PurchaseRow), col(PurchaseRow.id) == col(PurchaseLineRow.entry_id)).where(
        col(PurchaseRow.returns_id) == given("purchase_id"), col(PurchaseRow.reversed_at).is_(None)
    ),
    _line,
)


async def add(transaction: Connection, entry_id: UUID, lines: Sequence[PurchaseLine]) -> None:
    """Adds the lines of an entry that was just recorded."""
    if lines:
        rows = [{"entry_id": entry_id, "line_no": number, **asdict(line)} for number, line in enumerate(lines, 1)]
        await _ADD.execute(transaction, **by_column(rows))


async def of_entry(reader: Reader, entry_id: UUID) -> tuple[PurchaseLine, ...]:
    """The lines of one entry, in their order."""
    return (await of_entries(reader, [entry_id])).get(entry_id, ())


async def of_entries(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, tuple[PurchaseLine, ...]]:
    """The lines of those entries that have any, in their order."""
    found: dict[UUID, tuple[PurchaseLine, ...]] = {}
    for entry_id, line in await _OF_ENTRIES.all(reader, ids=ids):
        found[entry_id] = (*found.get(entry_id, ()), line)
    return found


async def returned(reader: Reader, purchase_id: UUID) -> list[PurchaseLine]:
    """The lines of every return of a purchase that stands."""
    return [line for _, line in await _RETURNED.all(reader, purchase_id=purchase_id)]
