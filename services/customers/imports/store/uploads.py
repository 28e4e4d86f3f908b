"""Uploaded files in the database: sealed, in chunks."""

from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.customers.imports.tables import ImportChunkRow, ImportJobRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given, insert_one

_INSERT_CHUNK = Statement(insert_one(ImportChunkRow, "import_id", "number", "sealed"))
_CHUNK = Scalar(
    select(col(ImportChunkRow.sealed)).where(
        col(ImportChunkRow.import_id) == given("import_id"), col(ImportChunkRow.number) == given("number")
    ),
    bytes,
)
_SET_SIZE = Statement(update(ImportJobRow).values(size=given("size")).where(col(ImportJobRow.id) == given("id")))


async def insert_chunk(transaction: Connection, id_: UUID, number: int, sealed: bytes) -> None:
    await _INSERT_CHUNK.execute(transaction, import_id=id_, number=number, sealed=sealed)


async def set_size(transaction: Connection, id_: UUID, size: int) -> None:
    """`size` in bytes of the whole file."""
    await _SET_SIZE.execute(transaction, id=id_, size=size)


async def chunk(reader: Reader, id_: UUID, number: int) -> bytes | None:
    """The sealed chunk; None after the last one."""
    return await _CHUNK.one(reader, import_id=id_, number=number)
