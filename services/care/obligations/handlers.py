"""Setting the obligation matrix."""

from uuid import UUID

from services.care.context import Context
from services.care.obligations import queries, store
from services.care.obligations.domain import Matrix, MatrixVersion
from shared.errors import Stale


async def set_matrix(context: Context, matrix: Matrix, *, expected_version: int | None, by: UUID) -> MatrixVersion:
    """Makes the next version; the planning loop plans every customer anew who was planned by an older one.

    `expected_version` is the one the caller read, None for whatever is there. Raises Stale when another one holds.
    """
    async with context.database.transaction() as transaction:
        await store.lock(transaction)
        present = await queries.present(transaction)
        if expected_version is not None and expected_version != present.version:
            raise Stale(f"it is at version {present.version} now; read it again and repeat")
        following = MatrixVersion(present.version + 1, matrix, context.clock.now(), by)
        await store.add(transaction, following)
        return following
