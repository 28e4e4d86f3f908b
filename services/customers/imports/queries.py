"""Reads of imports that answer requests."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from services.customers.context import Context
from services.customers.imports.domain.jobs import ImportNotFound, Job
from services.customers.imports.domain.troubles import Fault, Trouble
from services.customers.imports.store.jobs import COLUMNS, job_of

FAULTS_AT_ONCE = 5_000

_JOB = f"SELECT {COLUMNS} FROM import_job WHERE id = $1"  # noqa: S608  constant column list
_PAGE = f"""
SELECT {COLUMNS} FROM import_job WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2
"""  # noqa: S608  constant column list
_FAULTS = """
SELECT row_no, field, trouble FROM import_fault WHERE import_id = $1 AND (row_no, field) > ($2, $3)
ORDER BY row_no, field LIMIT $4
"""


async def job(context: Context, id_: UUID) -> Job:
    """The import with its figures; raises ImportNotFound."""
    row = await context.database.fetchrow(_JOB, id_)
    if row is None:
        raise ImportNotFound("no import has this id")
    return job_of(row)


async def jobs(context: Context, before: UUID | None, limit: int) -> list[Job]:
    """Imports, the latest first."""
    return [job_of(row) for row in await context.database.fetch(_PAGE, before, limit)]


async def faults(context: Context, id_: UUID) -> AsyncIterator[Sequence[Fault]]:
    """Bad rows in the order of the file, page by page: no connection is held between pages."""
    after = (0, "")
    while True:
        rows = await context.database.fetch(_FAULTS, id_, *after, FAULTS_AT_ONCE)
        if not rows:
            return
        found = [Fault(row["row_no"], row["field"], Trouble(row["trouble"])) for row in rows]
        yield found
        after = (found[-1].row, found[-1].column)
