"""The matrix that holds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.care.obligations.domain import MatrixVersion, matrix_of
from services.care.obligations.tables import ObligationMatrixRow
from shared.statement import Reader, Statement


def _version(
    version: int, obligations: list[dict[str, Any]], set_at: datetime | None, set_by: UUID | None
) -> MatrixVersion:
    return MatrixVersion(version, matrix_of(obligations), set_at, set_by)


_PRESENT = Statement(
    select(
        col(ObligationMatrixRow.version),
        col(ObligationMatrixRow.obligations),
        col(ObligationMatrixRow.set_at),
        col(ObligationMatrixRow.set_by),
    )
    .order_by(col(ObligationMatrixRow.version).desc())
    .limit(1),
    _version,
)


async def present(reader: Reader) -> MatrixVersion:
    """The version that holds now."""
    found = await _PRESENT.one(reader)
    if found is None:
        raise LookupError("the migration seeds the first matrix")
    return found
