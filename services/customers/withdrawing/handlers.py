"""Taking customers back whom an import had registered."""

from collections.abc import Sequence
from uuid import UUID

from services.customers.archive import events
from services.customers.archive.store import customers
from services.customers.context import Context
from services.customers.duplicates import store as duplicates
from services.customers.heads.store import locks
from services.customers.tiers.store.months import mark_stale_from
from services.customers.withdrawing import store
from shared.bus import outbox
from shared.db import Connection
from shared.months import Month


async def withdraw(context: Context, transaction: Connection, made: Sequence[tuple[UUID, int]]) -> set[UUID]:
    """Takes back customers (id, version as they were registered) on whom nobody has built, within the caller's
    transaction, which has the books alone; returns who is gone. Their numbers are free."""
    await locks.customers(transaction, [id_ for id_, _ in made])
    found = await customers.by_ids(transaction, [id_ for id_, _ in made], context.personal)
    built = await store.built_on(transaction, made)
    gone = [each for each in found if each.id not in built]
    if gone:
        ids = [each.id for each in gone]
        await duplicates.forget(transaction, ids)
        await store.remove(transaction, ids)
        now = context.clock.now()
        await mark_stale_from(transaction, min(Month.of(each.registered_at, context.zone) for each in gone), now)
        await outbox.append(transaction, [event for each in gone for event in events.withdrawn(each, now)])
    return {each.id for each in gone}
