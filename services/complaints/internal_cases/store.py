"""Internal cases in the database."""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.internal_cases.domain import InternalCase
from services.complaints.internal_cases.tables import InternalCaseRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given, insert_one, table

_ADD = Statement(insert_one(InternalCaseRow, *table(InternalCaseRow).c.keys()))
_OF_COMMITMENT = Scalar(
    select(col(InternalCaseRow.complaint_id)).where(col(InternalCaseRow.commitment_id) == given("commitment_id")), UUID
)


async def add(transaction: Connection, internal: InternalCase) -> None:
    """Says what a case is about that this transaction has recorded."""
    await _ADD.execute(transaction, **asdict(internal))


async def of_commitment(reader: Reader, commitment_id: UUID) -> UUID | None:
    """The internal case that settles what a promise cost; None where there is none."""
    return await _OF_COMMITMENT.one(reader, commitment_id=commitment_id)
