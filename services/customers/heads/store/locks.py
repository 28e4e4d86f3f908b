"""Who waits for whom, and in which order locks are taken, so that a month's books and tiers never miss a purchase.

The order is always: the books, a month, customers' rows, anything else.

- The *books* stand for all past months together and for work on many customers at once. Who enters something late for
  one customer shares them; imports, closes of months, policies and handed-over teams have them alone.
- The running month has a lock of its own, shared by everybody who enters something into it, so that a close that
  begins the moment it ends waits for them. Entries into the running month never wait for a close.
"""

from collections.abc import Sequence
from uuid import UUID

from services.customers.heads.store.visibility import sees
from shared.db import Connection
from shared.months import Month

_CLASS = 4_017
_BOOKS = 0

_SHARE = "SELECT pg_advisory_xact_lock_shared($1, $2)"
_ALONE = "SELECT pg_advisory_xact_lock($1, $2)"
_MANY = "SELECT pg_advisory_xact_lock($1, $2), pg_advisory_xact_lock_shared($1, $3)"
_CLOSE = "SELECT pg_advisory_xact_lock($1, $2), pg_advisory_xact_lock($1, $3)"
_CUSTOMERS = "SELECT id FROM customer WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"
_SEEN = f"""
SELECT id FROM customer c WHERE id = ANY($1::uuid[]) AND {sees("$2", "c.id")} ORDER BY id FOR NO KEY UPDATE OF c
"""  # noqa: S608  names of ours


async def enter(transaction: Connection, month: Month, running: Month) -> None:
    """Before something of `month` is entered for one customer."""
    await transaction.execute(_SHARE, _CLASS, month.ordinal if month == running else _BOOKS)


async def enter_many(transaction: Connection, running: Month) -> None:
    """Before something is entered for many customers, in whatever months."""
    await transaction.execute(_MANY, _CLASS, _BOOKS, running.ordinal)


async def many_customers(transaction: Connection) -> None:
    """Before many customers' rows are changed."""
    await transaction.execute(_ALONE, _CLASS, _BOOKS)


async def close(transaction: Connection, month: Month) -> None:
    """Before a month is closed; waits up to 15 s for entries under way."""
    await transaction.execute("SELECT set_config('lock_timeout', '15s', true)")
    await transaction.execute(_CLOSE, _CLASS, _BOOKS, month.ordinal)


async def customers(transaction: Connection, ids: Sequence[UUID], *, viewer: UUID | None = None) -> set[UUID]:
    """Locks the rows of customers, so that their events follow their commits.

    Returns those that exist, and that the viewer sees if there is one.
    """
    if viewer is None:
        return {row["id"] for row in await transaction.fetch(_CUSTOMERS, ids)}
    return {row["id"] for row in await transaction.fetch(_SEEN, ids, viewer)}
