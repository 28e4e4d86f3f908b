"""Letting a clock stand, and letting it run again."""

from datetime import timedelta
from uuid import UUID

from services.complaints.cases.domain import Case, CaseState, Said, moment_of
from services.complaints.cases.store import rounds
from services.complaints.cases.store.accused import accused_in
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.domain import RESUMED
from services.complaints.history.handlers import Movement
from services.complaints.response_clocks.domain import advancing as clocks
from services.complaints.response_clocks.domain.advancing import LONGEST_PAUSE, USUAL_PAUSE


async def pause(context: Context, id_: UUID, said: Said, at_most: timedelta | None) -> Case:
    """Lets the clock stand while the customer is asked something; it runs again by itself after `at_most`."""
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        if said.at is None or not case.historical(said.at):
            (await accused_in(transaction, id_)).check_not(said.by, "pause")
        case.require(CaseState.OPEN)
        said.require_text(case, "what the complainant is asked")
        moment = moment_of(case, said.at, context.clock.now())
        usual = LONGEST_PAUSE if case.taken_over else USUAL_PAUSE
        paused, events = clocks.pause(case.clock, moment, usual if at_most is None else at_most)
        clock, ended = clocks.settle(paused, context.clock.now())  # a pause of the past is over if its end has passed
        movement = Movement(case._replace(clock=clock), "paused", said, moment, clock_events=(*events, *ended))
        case = await history.keep(transaction, context, movement)
        await rounds.keep_pause(transaction, case, clock.pauses[-1], movement.entry_id)
    return case


async def resume(context: Context, id_: UUID, said: Said) -> Case:
    """Ends a pause before its longest end; from there on it is over, whether or not a timer has run.

    Raises ComplaintNotFound, WrongState, TimeNotAllowed, ClockNotRunning.
    """
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        case.require(CaseState.OPEN)
        moment = moment_of(case, said.at, context.clock.now())
        standing, _ = clocks.settle(case.clock, moment)
        clock, events = clocks.resume(standing, moment)
        movement = Movement(case._replace(clock=clock), RESUMED, said, moment, clock_events=events)
        return await history.keep(transaction, context, movement)
