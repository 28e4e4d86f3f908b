"""Rotation: the keys of persons are wrapped by the present master key, while requests go on."""

from uuid import UUID

from services.customers.context import Context
from services.customers.personal_keys import store

AT_ONCE = 500
"""Keys of one transaction."""
NOBODY = UUID(int=0)


async def wrap_anew(context: Context, most: int = AT_ONCE) -> None:
    """Wraps by the present master key every key that an earlier one wrapped.

    What is sealed stays as it is. A batch is one transaction: whoever stops it and runs it again goes on where it was.
    Raises UnknownMasterKey when a key that has wrapped is not in the ring; what came before it stays done.
    """
    after: UUID | None = NOBODY
    while after is not None:
        async with context.database.transaction() as transaction:
            after = await store.wrap_anew(transaction, context.personal.ring, after, most)
