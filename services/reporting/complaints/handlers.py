"""Complaints per round: fills cases and rounds from their events, and reports a month."""

from collections.abc import Sequence

from services.reporting.complaints import store
from services.reporting.complaints.domain import MonthOfComplaints
from services.reporting.complaints.store import Began, Stopped
from services.reporting.context import Context
from shared.bus.event import Event
from shared.contracts import complaints
from shared.contracts.complaints import CaseFact
from shared.db import Connection
from shared.months import Month
from shared.reactions import latest


def _case(fact: CaseFact) -> object:
    return fact.complaint_id


def _round(fact: CaseFact) -> object:
    return fact.complaint_id, fact.round


async def open_cases(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest([event.read(complaints.ComplaintOpened) for event in events], _case)
    await store.keep_cases(transaction, facts)
    await store.begin(transaction, [_began(context, fact) for fact in facts])


async def reopen_cases(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A new round; the earlier one stays as it was."""
    facts = [event.read(complaints.ComplaintReopened) for event in events]
    await store.move(transaction, "open", latest(facts, _case))
    await store.begin(transaction, [_began(context, fact) for fact in latest(facts, _round)])


def _began(context: Context, fact: complaints.ComplaintOpened | complaints.ComplaintReopened) -> Began:
    month = Month.of(fact.at, context.runtime.zone)
    return Began(fact.complaint_id, fact.round, month, fact.at, fact.answer_due_at)


async def answer_cases(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(complaints.ComplaintAnswered) for event in events]
    await store.move(transaction, "answered", latest(facts, _case))
    await store.stop(transaction, _stopped(facts))


async def resolve_cases(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A solution stops the clock as well when nothing had answered before (decision 16)."""
    facts = [event.read(complaints.ComplaintResolved) for event in events]
    await store.move(transaction, "resolved", latest(facts, _case))
    await store.stop(transaction, _stopped([fact for fact in facts if fact.stopped_clock]))


def _stopped(facts: Sequence[complaints.ComplaintAnswered | complaints.ComplaintResolved]) -> list[Stopped]:
    return [Stopped(fact.complaint_id, fact.round, fact.at, fact.in_time) for fact in latest(facts, _round)]


async def close_cases(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(complaints.ComplaintClosed) for event in events]
    await store.move(transaction, "closed", latest(facts, _case))


async def breach_rounds(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """The breach is the first level of the chain (decision 17)."""
    facts = latest([event.read(complaints.ComplaintOverdue) for event in events], _round)
    await store.breach(transaction, facts)
    cases = latest(facts, _case)
    await store.escalate(transaction, cases, [1] * len(cases))


async def escalate_cases(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest([event.read(complaints.ComplaintEscalated) for event in events], _case)
    await store.escalate(transaction, facts, [fact.level for fact in facts])


async def pause_rounds(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest([event.read(complaints.ComplaintPaused) for event in events], _round)
    await store.reschedule(transaction, facts, [None] * len(facts))


async def resume_rounds(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest([event.read(complaints.ComplaintResumed) for event in events], _round)
    await store.reschedule(transaction, facts, [fact.answer_due_at for fact in facts])


async def report_month(context: Context, month: Month) -> MonthOfComplaints:
    """What became of the rounds that began in a month, as of now."""
    async with context.database.connection() as reader:
        return await store.month_of(reader, month, context.clock.now())
