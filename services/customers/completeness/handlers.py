"""Judging archives anew: those of older releases, and all of them when the weights have changed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.customers.archive import domain as archive
from services.customers.archive.store.customers import by_ids
from services.customers.completeness import store
from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.standing import store as standing
from services.customers.standing.domain import bits_of
from shared.db import Connection
from shared.ids import made_within

AT_ONCE: Final = 200
"""Customers of one transaction, so that none of them is held for long."""
NOBODY: Final = UUID(int=0)
LATE: Final = timedelta(minutes=10)
"""For so long after its id was made somebody may still be registered: what registers makes ids before it commits."""


async def judge_anew(context: Context) -> int:
    """Due work: the next customers whom this version of the weights has not judged; how many these were.

    It goes on where it was, and follows whoever is registered, so it finds whom a process of an older release enters;
    it stays behind the latest for a while, since ids are not committed in the order in which they are made.
    """
    judged: int | None = 0
    while judged == 0:
        judged = await _judge_next(context)
    return judged or 0


async def _judge_next(context: Context) -> int | None:
    """Looks at the next customers; how many it judged, None at the end or while another process is at it.

    The end is also where all are judged who were registered of late.
    """
    late = made_within(LATE)
    async with context.database.transaction() as transaction:
        after = await standing.reached(transaction, NOBODY)
        found = await standing.to_judge(transaction, after, AT_ONCE) if after is not None else []
        if not found:
            return None
        unjudged = [id_ for id_, judged in found if not judged]
        if unjudged:
            await _judge(context, transaction, unjudged)
        settled = [id_ for id_, _ in found if id_ < late]
        if settled:
            await standing.reach(transaction, settled[-1])
    return len(unjudged) if unjudged or settled else None


async def _judge(context: Context, transaction: Connection, ids: Sequence[UUID]) -> None:
    await locks.customers(transaction, ids)
    customers = await by_ids(transaction, ids, context.personal)
    said = await store.traits_filled(transaction, ids, context.personal)
    bits = {
        each.id: bits_of([*archive.filled(each.profile), *said.get(each.id, ())], each.profile.kind)
        for each in customers
    }
    await standing.judge(transaction, bits)
