"""What is due by itself: warnings, breaches, escalations, and overlong pauses that end."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from services.complaints.cases.domain import Case, breach_notices
from services.complaints.cases.events import clock_fact, events_of
from services.complaints.cases.store import holding, rounds, saving
from services.complaints.clocks import handlers as case_clocks
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.response_clocks.domain import advancing as clocks
from services.complaints.response_clocks.domain.advancing import ClockEvent, ended_pause
from services.complaints.response_clocks.domain.chain import Chain, without
from services.complaints.response_clocks.domain.clock import next_moment
from services.complaints.response_clocks.store import Concern, lines_of
from shared.bus import outbox
from shared.db import Connection
from shared.telemetry import TIMER_LATENESS


async def advance_batch(context: Context) -> int:
    """Warns, breaches, escalates and ends overlong pauses of what is due now, a batch; returns how many cases."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        due = await holding.lock_due(transaction, now)
        if due:
            await advance(transaction, due, now)
    noticed = context.clock.now()
    lateness = TIMER_LATENESS.labels("complaints")
    for case in due:
        moment = next_moment(case.clock) or now
        lateness.observe(max(0.0, (noticed - moment).total_seconds()))
    return len(due)


async def advance(transaction: Connection, due: Sequence[Case], now: datetime) -> list[Case]:
    """Gives each locked case what its clock has to say at `now`, all in a fixed number of statements.

    Who hears of a miss is behind the handler, from the notice on behind whom the case is against; whoever was told in
    this round is skipped (decision 17).
    """
    behind = await lines_of(transaction, map(_concern, due))
    told = await rounds.told_in(transaction, [case for case in due if case.clock.breached_at is not None])
    advanced = [_advanced(case, now, without(behind[_concern(case)], told.get(case.id, ()))) for case in due]
    await saving.save_clocks(transaction, [case for case, _ in advanced])
    resumed = [case for case, events in advanced if ended_pause(events)]
    await rounds.end_pauses(transaction, resumed)
    await case_clocks.pauses_ended(transaction, resumed)
    await history.append_resumed(transaction, advanced, now)
    notices = [notice for case, events in advanced for notice in breach_notices(case, events, now)]
    await rounds.keep_breach_notices(transaction, notices)
    facts = [(case, [clock_fact(case, event) for event in events]) for case, events in advanced]
    await outbox.append(transaction, [event for case, of_case in facts for event in events_of(case, of_case, now)])
    return [case for case, _ in advanced]


def _concern(case: Case) -> Concern:
    return Concern(case.concerns_id, case.customer_id)


def _advanced(case: Case, now: datetime, line: Chain) -> tuple[Case, tuple[ClockEvent, ...]]:
    clock, events = clocks.advance(case.clock, now, line)
    if not events:
        return case._replace(clock=clock), events
    return case._replace(clock=clock).moved(max(event.at for event in events)), events


async def advance_due(context: Context) -> int:
    """The same; what is more than a batch is done by two at once, so that the database works while we do."""
    advanced = await advance_batch(context)
    if advanced == holding.BATCH:
        advanced += sum(await asyncio.gather(_advance_on(context), _advance_on(context)))
    return advanced


async def _advance_on(context: Context) -> int:
    total = 0
    while advanced := await advance_batch(context):
        total += advanced
    return total
