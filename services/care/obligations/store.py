"""The matrix in the database."""

from services.care.obligations.domain import MatrixVersion, listed
from services.care.obligations.tables import ObligationMatrixRow
from shared.db import Connection
from shared.statement import Statement, insert_one

_LOCK = Statement("LOCK TABLE obligation_matrix IN SHARE ROW EXCLUSIVE MODE")
"""By hand: no builder has it."""
_ADD = Statement(insert_one(ObligationMatrixRow, "version", "obligations", "set_at", "set_by"))


async def lock(transaction: Connection) -> None:
    """Holds other writers off until the end of the transaction; readers go on."""
    await _LOCK.execute(transaction)


async def add(transaction: Connection, added: MatrixVersion) -> None:
    await _ADD.execute(
        transaction,
        version=added.version,
        obligations=listed(added.matrix),
        set_at=added.set_at,
        set_by=added.set_by,
    )
