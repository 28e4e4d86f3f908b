"""The matrix that holds."""

from typing import Any

from services.care.obligations.domain import Matrix, MatrixVersion
from services.care.obligations.store import from_json
from shared.db import Connection, Database

_PRESENT = "SELECT version, obligations, set_at, set_by FROM obligation_matrix ORDER BY version DESC LIMIT 1"


async def present(reader: Connection | Database) -> MatrixVersion:
    """The version that holds now."""
    row = await reader.fetchrow(_PRESENT)
    if row is None:
        raise LookupError("the migration seeds the first matrix")
    return MatrixVersion(row["version"], _matrix(row["obligations"]), row["set_at"], row["set_by"])


def _matrix(rows: list[dict[str, Any]]) -> Matrix:
    return {(row["tier"], row["role"], row["contact"]): from_json(row["interval"]) for row in rows}
