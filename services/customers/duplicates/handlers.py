"""Comparing customers after they were written, so that registering and importing wait for nothing; judging pairs."""

from typing import Final
from uuid import UUID

from services.customers.archive.store.customers import by_ids
from services.customers.context import Context
from services.customers.duplicates import domain, queries, store
from services.customers.duplicates.domain import Duplicate
from services.customers.heads.store import locks
from shared import audit

AT_ONCE: Final = 100
"""Customers of a transaction: hearing their names holds the worker up for five thousandths of a second."""


async def compare(context: Context) -> int:
    """Due work: the next customers who are new or other than before; how many these were. They are held, so that none
    is erased, merged or changed between being read and being compared."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        due = await store.take_due(transaction, AT_ONCE)
        ids = sorted(await locks.customers(transaction, due))
        if ids:
            customers = await by_ids(transaction, ids, context.personal)
            keys = {each.id: domain.keys_of(each.profile) for each in customers}
            await store.keep_keys(transaction, context.traces, keys)
            found = domain.in_common(await store.meet(transaction, ids))
            await store.keep_pairs(transaction, ids, found, now)
    return len(due)


async def not_the_same(context: Context, id_: UUID, *, by: UUID, viewer: UUID | None) -> Duplicate:
    """Says of a pair that they are two customers: it stays away from then on; again it changes nothing.

    Raises DuplicateNotFound.
    """
    found = await queries.read(context, id_, viewer=viewer)
    async with context.database.transaction() as transaction:
        if await store.judge(transaction, id_, at=context.clock.now(), by=by):
            await audit.enter(transaction, by, "duplicate.not_the_same", id_)
    return found
