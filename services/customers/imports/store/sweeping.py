"""What an ended job no longer needs leaves the database, part by part."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import not_, null, select, update
from sqlmodel import col

from services.customers.imports.domain.jobs import ImportState
from services.customers.imports.tables import ImportJobRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given

SWEEP_ROWS = 50_000
_ENDED = (ImportState.DONE.value, ImportState.FAILED.value)
_TO_SWEEP = Scalar(
    select(col(ImportJobRow.id))
    .where(not_(col(ImportJobRow.swept)), col(ImportJobRow.state).in_(_ENDED))
    .order_by(col(ImportJobRow.id))
    .limit(1),
    UUID,
)
_SWEEP = (
    Statement(
        """
        DELETE FROM import_row WHERE ctid = ANY (ARRAY(SELECT ctid FROM import_row WHERE import_id = :id LIMIT :rows))
        """
    ),
    Statement(
        """
        DELETE FROM import_chunk WHERE import_id = :id
            AND number IN (SELECT number FROM import_chunk WHERE import_id = :id ORDER BY number LIMIT :rows / 1000)
        """
    ),
)
"""By hand: rows go by where they lie, without a look at their long keys."""
_SWEPT = Statement(
    """
    WITH place AS (
        DELETE FROM import_reading WHERE import_id = :id
    ), parts AS (
        DELETE FROM import_part WHERE import_id = :id
    )
    UPDATE import_job SET swept = true, defaults = '{}', sealed_defaults = NULL WHERE id = :id
    """
)
"""By hand: three tables in one round trip."""


_FORGET_PREVIEWS = Statement(
    update(ImportJobRow)
    .values(preview=null())
    .where(col(ImportJobRow.preview).is_not(None), col(ImportJobRow.finished_at) < given("ended_before"))
)


async def to_sweep(reader: Reader) -> UUID | None:
    """A job that has ended but still has its upload."""
    return await _TO_SWEEP.one(reader)


async def sweep(transaction: Connection, id_: UUID) -> bool:
    """Removes a part of what an ended job no longer needs; False when that was the last of it."""
    done = [await statement.execute(transaction, id=id_, rows=SWEEP_ROWS) for statement in _SWEEP]
    if any(int(each.split()[-1]) for each in done):
        return True
    await _SWEPT.execute(transaction, id=id_)
    return False


async def forget_previews(transaction: Connection, ended_before: datetime) -> bool:
    """The first rows of jobs that ended before then; whether there were any."""
    done = await _FORGET_PREVIEWS.execute(transaction, ended_before=ended_before)
    return int(done.split()[-1]) > 0
