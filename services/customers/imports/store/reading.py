"""What is read of a file, in the database: good rows, faults, and how far reading has come."""

import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from asyncpg import Record
from sqlalchemy import Uuid, select
from sqlmodel import col

from services.customers.imports.domain.cells import key_of
from services.customers.imports.domain.jobs import Reading
from services.customers.imports.domain.layout import ImportKind
from services.customers.imports.domain.reading import Frame
from services.customers.imports.domain.troubles import Trouble
from services.customers.imports.tables import ImportFaultRow, ImportReadingRow
from services.customers.organisation.tables import BrandRow, RegionRow
from shared.db import Connection
from shared.statement import Reader, Statement, given, insert_many

_NAMES = {
    ImportKind.PURCHASES: Statement(select(col(BrandRow.id), col(BrandRow.name))),
    ImportKind.CUSTOMERS: Statement(select(col(RegionRow.id), col(RegionRow.name))),
    ImportKind.CONTRACTS: Statement(
        "SELECT id, 'brand:' AS kind, name FROM brand UNION ALL SELECT id, 'region:', name FROM region"
    ),
}
_STAGED = (
    "import_id", "row_no", "customer_no", "occurred_at", "content", "month", "amount", "brand_id", "external_no",
    "numbered", "order_no", "receipt_no", "lines",
)  # fmt: skip
_FAULT = ("row_no", "field", "trouble", "detail")
_READING = Statement(
    select(col(ImportReadingRow.last_row), col(ImportReadingRow.whole)).where(
        col(ImportReadingRow.import_id) == given("id")
    ),
    Reading,
)
_KEEP_FAULTS = Statement(insert_many(ImportFaultRow, *_FAULT, import_id=given("id", Uuid)).on_conflict_do_nothing())
_BEGIN_READING = Statement(
    """
    WITH forgotten AS (
        UPDATE import_job SET bytes_read = 0, rows_total = 0, rows_unfit = 0, rows_noted = 0 WHERE id = :id
    )
    INSERT INTO import_reading (import_id, last_row, whole) VALUES (:id, 0, false)
    """
)
"""By hand, as the next two: the job and its reading in one round trip."""
_ADVANCE_READING = Statement(
    """
    WITH place AS (
        UPDATE import_reading SET last_row = :last_row WHERE import_id = :id
    )
    UPDATE import_job
    SET rows_total = rows_total + :rows, rows_unfit = rows_unfit + :bad, rows_noted = rows_noted + :noted,
        bytes_read = :bytes_read, attempts = 0
    WHERE id = :id
    """
)
_END_READING = Statement(
    """
    WITH place AS (
        UPDATE import_reading SET whole = true WHERE import_id = :id
    )
    UPDATE import_job SET bytes_read = size WHERE id = :id
    """
)
_REFUSE_NOTED = Statement(
    """
    WITH told AS (
        UPDATE import_fault SET trouble = '{not_a_phone}'
        WHERE import_id = :id AND row_no = ANY(:rows::bigint[]) AND trouble = '{left_out}' RETURNING row_no
    )
    UPDATE import_job SET rows_noted = rows_noted - (SELECT count(*) FROM told) WHERE id = :id
    """,
    not_a_phone=Trouble.NOT_A_PHONE,
    left_out=Trouble.PHONE_LEFT_OUT,
)


async def names(reader: Reader, kind: ImportKind) -> dict[str, str]:
    """The ids of brands (purchases) or regions (customers), by name and by id; contracts name both."""
    if kind not in _NAMES:
        return {}
    rows = await _NAMES[kind].all(reader)
    called = {_kind_of(row) + key_of(row["name"]): str(row["id"]) for row in rows}
    return called | {_kind_of(row) + str(row["id"]): str(row["id"]) for row in rows}


def _kind_of(row: Record) -> str:
    return str(row.get("kind", ""))


async def reading(reader: Reader, id_: UUID) -> Reading | None:
    """How far the file is read; None when reading has not begun, or what was read went with a crash of the server."""
    return await _READING.one(reader, id=id_)


async def begin_reading(transaction: Connection, id_: UUID) -> Reading:
    """From the first row, with the figures of reading at zero."""
    await _BEGIN_READING.execute(transaction, id=id_)
    return Reading(0, False)


async def keep_rows(transaction: Connection, copy: bytes) -> None:
    """Good rows of a purchases file, in COPY's text form."""
    await transaction.copy_to_table("import_row", source=io.BytesIO(copy), columns=_STAGED, format="text")


async def keep_faults(transaction: Connection, id_: UUID, faults: Sequence[Sequence[Any]]) -> None:
    """Each fault as (row, field, trouble, detail); one that is known already stays as it is."""
    if faults:
        columns = dict(zip(_FAULT, map(list, zip(*faults, strict=True)), strict=True))
        await _KEEP_FAULTS.execute(transaction, id=id_, **columns)


async def refuse_noted(transaction: Connection, id_: UUID, rows: Sequence[int]) -> None:
    """Rows that were to be taken with something left out are refused as a whole: they count once, as bad."""
    await _REFUSE_NOTED.execute(transaction, id=id_, rows=rows)


async def advance_reading(transaction: Connection, id_: UUID, frame: Frame) -> None:
    """Figures and place after some rows were read; bytes are a total."""
    figures = {"rows": frame.rows, "bad": frame.bad, "noted": frame.noted}
    await _ADVANCE_READING.execute(transaction, id=id_, last_row=frame.last, bytes_read=frame.at, **figures)


async def end_reading(transaction: Connection, id_: UUID) -> None:
    await _END_READING.execute(transaction, id=id_)
