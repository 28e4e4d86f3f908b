"""Complaints per round: fills cases and rounds from their events."""

from collections.abc import Sequence

from services.reporting.complaints import store
from services.reporting.complaints.domain import RoundStart, RoundStop
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


async def on_complaint_opened(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest([event.read(complaints.ComplaintOpened) for event in events], _case)
    await store.keep_cases(transaction, facts)
    await store.begin(transaction, [_start(context, fact) for fact in facts])


async def on_complaint_reopened(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A new round; the earlier one stays as it was."""
    facts = [event.read(complaints.ComplaintReopened) for event in events]
    await store.move(transaction, "open", latest(facts, _case))
    await store.begin(transaction, [_start(context, fact) for fact in latest(facts, _round)])


def _start(context: Context, fact: complaints.ComplaintOpened | complaints.ComplaintReopened) -> RoundStart:
    month = Month.of(fact.at, context.runtime.zone)
    return RoundStart(fact.complaint_id, fact.round, month, fact.at, fact.answer_due_at)


async def on_complaint_answered(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(complaints.ComplaintAnswered) for event in events]
    await store.move(transaction, "answered", latest(facts, _case))
    await store.stop(transaction, _stops(facts))


async def on_complaint_resolved(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A solution stops the clock as well when nothing had answered before (decision 16)."""
    facts = [event.read(complaints.ComplaintResolved) for event in events]
    await store.move(transaction, "resolved", latest(facts, _case))
    await store.stop(transaction, _stops([fact for fact in facts if fact.stopped_clock]))


def _stops(facts: Sequence[complaints.ComplaintAnswered | complaints.ComplaintResolved]) -> list[RoundStop]:
    return [RoundStop(fact.complaint_id, fact.round, fact.at, fact.in_time) for fact in latest(facts, _round)]


async def on_complaint_closed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(complaints.ComplaintClosed) for event in events]
    await store.move(transaction, "closed", latest(facts, _case))


async def on_complaint_overdue(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """The breach is the first level of the chain (decision 17)."""
    facts = latest([event.read(complaints.ComplaintOverdue) for event in events], _round)
    await store.breach(transaction, facts)
    cases = latest(facts, _case)
    await store.escalate(transaction, cases, [1] * len(cases))


async def on_complaint_escalated(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest([event.read(complaints.ComplaintEscalated) for event in events], _case)
    await store.escalate(transaction, facts, [fact.level for fact in facts])


async def on_complaint_paused(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest([event.read(complaints.ComplaintPaused) for event in events], _round)
    await store.reschedule(transaction, facts, [None] * len(facts))


async def on_complaint_resumed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest([event.read(complaints.ComplaintResumed) for event in events], _round)
    await store.reschedule(transaction, facts, [fact.answer_due_at for fact in facts])
