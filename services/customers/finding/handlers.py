"""Hearing names after they are given, so that registering and importing wait for no dictionary.

What a release before registered is heard in the same way, some names at a time.
"""

from typing import Final

from services.customers.context import Context
from services.customers.finding import domain, store

AT_ONCE: Final = 50
"""Names of a transaction: hearing them holds the worker up for three thousandths of a second."""


async def hear(context: Context) -> int:
    """Due work: the next names; how many these were, 0 when all are heard."""
    async with context.database.transaction() as transaction:
        found = await store.unheard(transaction, AT_ONCE)
        if found:
            await store.keep(transaction, {each.customer_id: domain.heard(each.name) for each in found})
    return len(found)
