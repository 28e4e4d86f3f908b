"""Who waits for whom, and in which order locks are taken, so that a month's books and tiers never miss a purchase.

The order is always: the books, a month, customers' rows, anything else.

- The *books* stand for all past months together and for work on many customers at once. Who enters something late for
  one customer shares them, and so do the parts of a purchases file; closes of months, policies, handed-over teams and
  whatever registers many customers have them alone.
- The running month has a lock of its own, shared by everybody who enters something into it, so that a close that
  begins the moment it ends waits for them. Entries into the running month never wait for a close.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, select
from sqlmodel import col

from services.customers.heads.store.visibility import visible
from services.customers.heads.tables import CustomerRow
from shared.db import Connection
from shared.months import Month
from shared.statement import Scalar, Statement, any_given

_BOOKS = 0
"""Stands for the books where a month could stand; 4017 is the class of all these locks."""

_SHARE = Statement("SELECT pg_advisory_xact_lock_shared(4017, :month)")
_ALONE = Statement("SELECT pg_advisory_xact_lock(4017, 0)")
_MANY = Statement("SELECT pg_advisory_xact_lock(4017, 0), pg_advisory_xact_lock_shared(4017, :running)")
_BESIDE = Statement("SELECT pg_advisory_xact_lock_shared(4017, 0), pg_advisory_xact_lock_shared(4017, :running)")
_CLOSE = Statement("SELECT pg_advisory_xact_lock(4017, 0), pg_advisory_xact_lock(4017, :month)")
_CLOSE_IF_FREE = Scalar("SELECT pg_try_advisory_xact_lock(4017, 0) AND pg_try_advisory_xact_lock(4017, :month)", bool)
_PATIENCE = Statement("SELECT set_config('lock_timeout', '15s', true)")

_IN_ORDER = (
    select(col(CustomerRow.id)).where(col(CustomerRow.id) == any_given("ids", Uuid)).order_by(col(CustomerRow.id))
)
_CUSTOMERS = Scalar(_IN_ORDER.with_for_update(key_share=True), UUID)
_SEEN = Scalar(_IN_ORDER.where(visible("customer.id")).with_for_update(key_share=True, of=CustomerRow), UUID)


async def enter(transaction: Connection, month: Month, running: Month) -> None:
    """Before something of `month` is entered for one customer."""
    await _SHARE.execute(transaction, month=month.ordinal if month == running else _BOOKS)


async def enter_many(transaction: Connection, running: Month) -> None:
    """Before something is entered for many customers, in whatever months."""
    await _MANY.execute(transaction, running=running.ordinal)


async def enter_beside(transaction: Connection, running: Month) -> None:
    """Before purchases of many known customers are entered, in whatever months, beside others who do the same.

    All customers' rows are locked next, in one go; so whoever holds rows of months waits for no customer.
    """
    await _BESIDE.execute(transaction, running=running.ordinal)


async def many_customers(transaction: Connection) -> None:
    """Before many customers' rows are changed."""
    await _ALONE.execute(transaction)


async def close(transaction: Connection, month: Month) -> None:
    """Before a month is closed; waits up to 15 s for entries under way."""
    await _PATIENCE.execute(transaction)
    await _CLOSE.execute(transaction, month=month.ordinal)


async def close_if_free(transaction: Connection, month: Month) -> bool:
    """The same without waiting; False where anybody has books or month."""
    return await _CLOSE_IF_FREE.only(transaction, month=month.ordinal)


async def customers(transaction: Connection, ids: Sequence[UUID], *, viewer: UUID | None = None) -> set[UUID]:
    """Locks the rows of customers, so that their events follow their commits.

    Returns those that exist, and that the viewer sees if there is one.
    """
    if viewer is None:
        return set(await _CUSTOMERS.all(transaction, ids=ids))
    return set(await _SEEN.all(transaction, ids=ids, viewer=viewer))
