"""Setting the obligation matrix."""

from uuid import UUID

from services.care.context import Context
from services.care.obligations import queries, store
from services.care.obligations.domain import Matrix, MatrixVersion
from services.care.scheme import handlers as scheme
from shared.versions import check_version


async def set_matrix(context: Context, matrix: Matrix, *, expected_version: int | None, by: UUID) -> MatrixVersion:
    """Makes the next version; the planning loop plans every customer anew who was planned by an older one.

    Raises PreconditionRequired, or Stale when another version holds than was read.
    """
    async with context.database.transaction() as transaction:
        await store.lock(transaction)
        present = await queries.present(transaction)
        check_version(present.version, expected_version)
        following = MatrixVersion(present.version + 1, matrix, context.clock.now(), by)
        await store.add(transaction, following)
        await scheme.announce(transaction)
        return following
