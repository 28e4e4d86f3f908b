"""Reading and setting the obligation matrix."""

from uuid import UUID

from services.care.context import Context
from services.care.obligations import store
from services.care.obligations.domain import Matrix
from services.care.obligations.store import MatrixVersion
from shared.errors import Stale


async def read_matrix(context: Context) -> MatrixVersion:
    """The matrix that holds now."""
    return await store.present(context.database)


async def set_matrix(context: Context, matrix: Matrix, *, seen: int | None, by: UUID) -> MatrixVersion:
    """Makes the next version; the planning loop plans every customer anew who was planned by an older one.

    `seen` is the version the caller read, None for whatever is there. Raises Stale when another one holds.
    """
    async with context.database.transaction() as transaction:
        await store.lock(transaction)
        present = await store.present(transaction)
        if seen is not None and seen != present.version:
            raise Stale(f"it is at version {present.version} now; read it again and repeat")
        following = MatrixVersion(present.version + 1, matrix, context.clock.now(), by)
        await store.add(transaction, following)
        return following
