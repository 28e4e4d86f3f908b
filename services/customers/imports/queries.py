"""Reads of imports that answer requests."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Text, Uuid, exists, not_, or_, select, tuple_
from sqlmodel import col

from services.customers.context import Context
from services.customers.imports.domain.jobs import ImportNotFound, Job
from services.customers.imports.domain.troubles import Fault, Trouble
from services.customers.imports.store.jobs import JOBS, kept_job
from services.customers.imports.tables import ImportFaultRow, ImportJobRow
from shared.statement import Scalar, Statement, given

FAULTS_AT_ONCE = 5_000


def _fault(row_no: int, field: str, trouble: str, detail: str | None) -> Fault:
    return Fault(row_no, field, Trouble(trouble), detail or "")


_BEFORE = given("before", Uuid)
_ROW_AND_FIELD = (col(ImportFaultRow.row_no), col(ImportFaultRow.field))
_JOB = Statement(JOBS.where(col(ImportJobRow.id) == given("id")), kept_job)
_LATEST = Statement(
    JOBS.where(or_(_BEFORE.is_(None), col(ImportJobRow.id) < _BEFORE))
    .order_by(col(ImportJobRow.id).desc())
    .limit(given("most")),
    kept_job,
)
_FAULTS = Statement(
    select(*_ROW_AND_FIELD, col(ImportFaultRow.trouble), col(ImportFaultRow.detail))
    .where(
        col(ImportFaultRow.import_id) == given("id"),
        tuple_(*_ROW_AND_FIELD) > tuple_(given("row", BigInteger), given("field", Text)),
    )
    .order_by(*_ROW_AND_FIELD)
    .limit(given("most")),
    _fault,
)


_ENTERING = Scalar(
    select(
        exists().where(
            not_(col(ImportJobRow.swept)), col(ImportJobRow.state) == "running", not_(col(ImportJobRow.dry_run))
        )
    ),
    bool,
)


async def entering(context: Context) -> bool:
    """Whether a file is being imported at the moment."""
    return await _ENTERING.only(context.database)


async def job(context: Context, id_: UUID) -> Job:
    """The import with its figures; raises ImportNotFound."""
    found = await _JOB.one(context.database, id=id_)
    if found is None:
        raise ImportNotFound("no import has this id")
    return found.opened(context.uploads)


async def jobs(context: Context, before: UUID | None, most: int) -> list[Job]:
    """Imports, the latest first."""
    return [kept.opened(context.uploads) for kept in await _LATEST.all(context.database, before=before, most=most)]


async def faults(context: Context, id_: UUID) -> AsyncIterator[Sequence[Fault]]:
    """Bad rows in the order of the file, page by page: no connection is held between pages."""
    row, field = 0, ""
    while found := await _FAULTS.all(context.database, id=id_, row=row, field=field, most=FAULTS_AT_ONCE):
        yield found
        row, field, *_ = found[-1]
