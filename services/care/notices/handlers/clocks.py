"""What the clocks of a case beside its answer's have to say reaches staff too: warnings, the miss, the levels after it.

It is told when it is noticed, however long after its moment that is. What is newer of the same clock replaces what has
not gone to the same person.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.care.context import Context
from services.care.messages.domain import Message
from services.care.messages.handlers import plan_messages
from services.care.notices.handlers.writing import administration, is_recent, local, notice_to, round_of
from shared.bus.event import Event
from shared.contracts.clocks import ComplaintClockEscalated, ComplaintClockWarned
from shared.contracts.complaints import ComplaintClockMissed
from shared.db import Connection


async def on_complaint_clock_warned(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.clock_warned: the time for a clock runs out. Of a clock that was recalculated the same per
    cent comes again, for another deadline."""
    notices = [
        _notice(
            context, fact.staff_id, fact, "warned", f"{fact.percent}:{fact.due_at.isoformat()}", percent=fact.percent
        )
        for fact in [event.read(ComplaintClockWarned) for event in _heard(context, events)]
        if fact.staff_id is not None
    ]
    await plan_messages(context, transaction, notices)


async def on_complaint_clock_missed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.clock_missed: a case was not taken, a step not done or a case not solved in time.

    Where there is nobody, administration hears.
    """
    notices = []
    for fact in [event.read(ComplaintClockMissed) for event in _heard(context, events)]:
        told = [fact.staff_id] if fact.staff_id else await administration(transaction, fact)
        notices += [_notice(context, staff_id, fact, "late") for staff_id in told]
    await plan_messages(context, transaction, notices)


async def on_complaint_clock_escalated(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.clock_escalated: the next above hears of a miss."""
    facts = [event.read(ComplaintClockEscalated) for event in _heard(context, events)]
    notices = [_notice(context, fact.staff_id, fact, "escalated", str(fact.level), level=fact.level) for fact in facts]
    await plan_messages(context, transaction, notices)


def _heard(context: Context, events: Sequence[Event]) -> list[Event]:
    return [event for event in events if not event.historical and is_recent(context, event.time)]


_KEYS = {"warned": "complaint_clock_warned", "late": "complaint_clock_missed", "escalated": "complaint_clock_escalated"}


def _notice(
    context: Context,
    staff_id: UUID,
    fact: ComplaintClockWarned | ComplaintClockMissed | ComplaintClockEscalated,
    what: str,
    part: str | None = None,
    **figures: int,
) -> Message:
    key = ":".join([_KEYS[what], round_of(fact), fact.clock, *([part] if part is not None else [])])
    variables = {"number": fact.number, "due": local(context, fact.due_at), **{n: str(v) for n, v in figures.items()}}
    notice = notice_to(context, staff_id, fact, f"complaint_{what}_{fact.clock}", key, variables)
    return replace(notice, about=f"complaint_late_{fact.clock}:{fact.complaint_id}")
