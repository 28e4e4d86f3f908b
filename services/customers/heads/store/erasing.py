"""Whether a customer stands, or was erased."""

from uuid import UUID

from services.customers.heads.domain import Erased
from shared.statement import Reader, Scalar

_IS_ERASED = Scalar("SELECT erased_at IS NOT NULL FROM archive WHERE customer_id = :id", bool)
"""By hand: the archive is a room above this one."""


async def is_erased(reader: Reader, customer_id: UUID) -> bool:
    return bool(await _IS_ERASED.one(reader, id=customer_id))


async def check(reader: Reader, customer_id: UUID) -> None:
    """Before something personal of a held customer is entered. Raises Erased."""
    if await is_erased(reader, customer_id):
        raise Erased("register them anew, should they come back")
