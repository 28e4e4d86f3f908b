"""Uploaded files in the database: sealed, in chunks."""

from uuid import UUID

from shared.db import Connection

_INSERT_CHUNK = "INSERT INTO import_chunk (import_id, number, sealed) VALUES ($1, $2, $3)"
_CHUNK = "SELECT sealed FROM import_chunk WHERE import_id = $1 AND number = $2"


async def insert_chunk(transaction: Connection, id_: UUID, number: int, sealed: bytes) -> None:
    await transaction.execute(_INSERT_CHUNK, id_, number, sealed)


async def set_size(transaction: Connection, id_: UUID, size: int) -> None:
    """`size` in bytes of the whole file."""
    await transaction.execute("UPDATE import_job SET size = $2 WHERE id = $1", id_, size)


async def chunk(reader: Connection, id_: UUID, number: int) -> bytes | None:
    """The sealed chunk; None after the last one."""
    sealed: bytes | None = await reader.fetchval(_CHUNK, id_, number)
    return sealed
