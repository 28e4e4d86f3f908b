"""What an ended job no longer needs leaves the database, part by part."""

from uuid import UUID

from shared.db import Connection

SWEEP_ROWS = 50_000
_TO_SWEEP = "SELECT id FROM import_job WHERE NOT swept AND state IN ('done', 'failed') ORDER BY id LIMIT 1"
_SWEEP = (
    """
    DELETE FROM import_row WHERE ctid = ANY (ARRAY(SELECT ctid FROM import_row WHERE import_id = $1 LIMIT $2))
    """,
    """
    DELETE FROM import_chunk WHERE import_id = $1
        AND number IN (SELECT number FROM import_chunk WHERE import_id = $1 ORDER BY number LIMIT $2 / 1000)
    """,
)
_SWEPT = """
WITH place AS (
    DELETE FROM import_reading WHERE import_id = $1
)
UPDATE import_job SET swept = true WHERE id = $1
"""


async def to_sweep(reader: Connection) -> UUID | None:
    """A job that has ended but still has its upload."""
    id_: UUID | None = await reader.fetchval(_TO_SWEEP)
    return id_


async def sweep(transaction: Connection, id_: UUID) -> bool:
    """Removes a part of what an ended job no longer needs; False when that was the last of it."""
    removed = [int((await transaction.execute(sql, id_, SWEEP_ROWS)).split()[-1]) for sql in _SWEEP]
    if any(removed):
        return True
    await transaction.execute(_SWEPT, id_)
    return False
