"""What falls due by itself: on the clock of the answer, and on the others of a case."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from services.complaints.cases.domain import Case
from services.complaints.cases.events import events_of
from services.complaints.cases.store import holding, saving
from services.complaints.clocks import handlers as clocks
from services.complaints.clocks import store
from services.complaints.context import Context
from services.complaints.watch.handlers.advancing import advance_due
from shared.bus import outbox
from shared.db import Connection, Database


async def do_due(context: Context) -> int:
    """Does what every clock has to say now; returns how much that was."""
    advanced = await advance_due(context)
    while noticed := await notice_batch(context):
        advanced += noticed
    return advanced


async def next_due(database: Database) -> datetime | None:
    """The next moment at which some clock has something to say."""
    answer, others = await asyncio.gather(holding.next_due(database), store.next_due(database))
    return min((moment for moment in (answer, others) if moment is not None), default=None)


async def notice_batch(context: Context) -> int:
    """Notices what has been missed by now, a batch: each miss once, with its own moment; returns of how many cases."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        ids = await store.lock_due(transaction, now)
        cases = await holding.held(transaction, ids)
        if cases:
            await notice(transaction, cases, now)
    return len(cases)


async def notice(transaction: Connection, cases: Sequence[Case], now: datetime) -> list[Case]:
    """Notices what the clocks of held cases, but their answers', have missed; returns the cases as they are then."""
    facts = await clocks.notice(transaction, cases, now)
    moved = {case.id: case.moved(max(fact.at for fact in facts[case.id])) for case in cases if case.id in facts}
    if moved:
        await saving.save_clocks(transaction, list(moved.values()))
        told = [event for case in moved.values() for event in events_of(case, facts[case.id], now)]
        await outbox.append(transaction, told)
    return [moved.get(case.id, case) for case in cases]
