"""Letting a clock stand, and letting it run again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.complaints.cases.domain import Case, CaseState, Said, moment_of
from services.complaints.cases.events import clock_facts, events_of
from services.complaints.cases.store import rounds, saving
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import store as history
from services.complaints.response_clocks.domain import advancing as clocks
from services.complaints.response_clocks.domain.advancing import LONGEST_PAUSE, USUAL_PAUSE, ClockEvent, ended_pause
from services.complaints.response_clocks.domain.clock import ResponseClock
from shared.bus import outbox
from shared.db import Connection


async def pause(context: Context, id_: UUID, said: Said, at_most: timedelta | None) -> Case:
    """Lets the clock stand while the customer is asked something; it runs again by itself after `at_most`."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        case.require(CaseState.OPEN)
        said.require_text(case, "why the clock is to stand")
        moment = moment_of(case, said.at, now)
        usual = LONGEST_PAUSE if case.taken_over else USUAL_PAUSE
        clock, events = clocks.pause(case.clock, moment, at_most or usual)
        case = await _move_clock(transaction, case, clock, events, now=now, moment=moment)
        entry_id = await history.append(transaction, context, case, "paused", said, moment)
        await rounds.keep_pause(transaction, case, clock.pauses[-1], entry_id)
    return case


async def resume(context: Context, id_: UUID, said: Said) -> Case:
    """Ends a pause before its longest end."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        case.require(CaseState.OPEN)
        moment = moment_of(case, said.at, now)
        clock, events = clocks.resume(case.clock, moment)
        case = await _move_clock(transaction, case, clock, events, now=now, moment=moment)
        await history.append(transaction, context, case, "resumed", said, moment)
    return case


async def _move_clock(
    transaction: Connection,
    case: Case,
    clock: ResponseClock,
    events: Sequence[ClockEvent],
    *,
    now: datetime,
    moment: datetime,
) -> Case:
    """Saves a locked case with its clock moved, and publishes it."""
    case = case._replace(clock=clock).moved(moment)
    await saving.save(transaction, [case])
    await rounds.end_pauses(transaction, [case] if ended_pause(events) else [])
    await outbox.append(transaction, events_of(case, clock_facts(case, events, ()), now))
    return case
