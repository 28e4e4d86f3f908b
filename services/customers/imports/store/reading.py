"""What is read of a file, in the database: good rows, faults, and how far reading has come."""

import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.customers.imports.domain.cells import key_of
from services.customers.imports.domain.jobs import Reading
from services.customers.imports.domain.layout import ImportKind
from shared.db import Connection

_NAMES = {
    ImportKind.PURCHASES: "SELECT id, name FROM brand",
    ImportKind.CUSTOMERS: "SELECT id, name FROM region",
}
_STAGED = (
    "import_id",
    "row_no",
    "customer_no",
    "occurred_at",
    "content",
    "month",
    "amount",
    "brand_id",
    "external_no",
    "numbered",
)
_BEGIN_READING = """
WITH forgotten AS (
    UPDATE import_job SET bytes_read = 0, rows_total = 0, rows_unfit = 0 WHERE id = $1
)
INSERT INTO import_reading (import_id, last_row, whole) VALUES ($1, 0, false)
"""
_KEEP_FAULTS = """
INSERT INTO import_fault (import_id, row_no, field, trouble)
SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING
"""
_ADVANCE_READING = """
WITH place AS (
    UPDATE import_reading SET last_row = $2 WHERE import_id = $1
)
UPDATE import_job SET rows_total = rows_total + $3, rows_unfit = rows_unfit + $4, bytes_read = $5, attempts = 0
WHERE id = $1
"""
_END_READING = """
WITH place AS (
    UPDATE import_reading SET whole = true WHERE import_id = $1
)
UPDATE import_job SET bytes_read = size WHERE id = $1
"""


async def names(reader: Connection, kind: ImportKind) -> dict[str, str]:
    """The ids of brands (purchases) or regions (customers), by name and by id."""
    rows = await reader.fetch(_NAMES[kind])
    return {key_of(row["name"]): str(row["id"]) for row in rows} | {str(row["id"]): str(row["id"]) for row in rows}


async def reading(reader: Connection, id_: UUID) -> Reading | None:
    """How far the file is read; None when reading has not begun, or what was read went with a crash of the server."""
    row = await reader.fetchrow("SELECT last_row, whole FROM import_reading WHERE import_id = $1", id_)
    return Reading(row["last_row"], row["whole"]) if row else None


async def begin_reading(transaction: Connection, id_: UUID) -> Reading:
    """From the first row, with the figures of reading at zero."""
    await transaction.execute(_BEGIN_READING, id_)
    return Reading(0, False)


async def keep_rows(transaction: Connection, copy: bytes) -> None:
    """Good rows of a purchases file, in COPY's text form."""
    await transaction.copy_to_table("import_row", source=io.BytesIO(copy), columns=_STAGED, format="text")


async def keep_faults(transaction: Connection, id_: UUID, faults: Sequence[Sequence[Any]]) -> None:
    """Each fault as (row, field, trouble); one that is known already stays as it is."""
    if faults:
        rows, fields, troubles = (list(column) for column in zip(*faults, strict=True))
        await transaction.execute(_KEEP_FAULTS, id_, rows, fields, troubles)


async def advance_reading(
    transaction: Connection, id_: UUID, *, last_row: int, rows: int, bad: int, bytes_read: int
) -> None:
    """Figures and place after some rows were read; `bytes_read` is a total."""
    await transaction.execute(_ADVANCE_READING, id_, last_row, rows, bad, bytes_read)


async def end_reading(transaction: Connection, id_: UUID) -> None:
    await transaction.execute(_END_READING, id_)
