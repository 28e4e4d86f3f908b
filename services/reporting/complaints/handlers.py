"""Complaints per round: fills cases and rounds from their events."""

from collections.abc import Sequence

from services.reporting.complaints import store
from services.reporting.context import Context
from shared.bus.event import Event
from shared.contracts import complaints, settlements
from shared.db import Connection


async def on_complaint_opened(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(complaints.ComplaintOpened) for event in events]
    await store.keep_cases(transaction, facts)
    await store.begin(transaction, facts, context.zone)
    if taken := [fact for fact in facts if fact.accepted_by is not None]:
        await store.accept(transaction, taken)


async def on_complaint_accepted(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.accept(transaction, [event.read(complaints.ComplaintAccepted) for event in events])


async def on_complaint_clock_missed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """That nobody took a case in time; misses of steps stand in the timeline alone."""
    facts = [event.read(complaints.ComplaintClockMissed) for event in events]
    if missed := [fact for fact in facts if fact.clock == "accept"]:
        await store.miss_accepting(transaction, missed)


async def on_complaint_reopened(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A new round; the earlier one stays as it was."""
    facts = [event.read(complaints.ComplaintReopened) for event in events]
    await store.move(transaction, facts)
    await store.assign(transaction, facts)
    await store.begin(transaction, facts, context.zone)


async def on_complaint_assigned(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.assign(transaction, [event.read(complaints.ComplaintAssigned) for event in events])


async def on_satisfaction_given(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """What the complainant says of a round."""
    await store.rate(transaction, [event.read(complaints.ComplaintSatisfactionGiven) for event in events])


async def on_complaint_corrected(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Another customer, subject or party."""
    await store.correct(transaction, [event.read(complaints.ComplaintCorrected) for event in events])


async def on_complaint_repeated(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.repeat(transaction, [event.read(complaints.ComplaintRepeated) for event in events])


async def on_complaint_noticed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.notice(transaction, [event.read(complaints.ComplaintNoticed) for event in events])


async def on_complaint_notice_acknowledged(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.acknowledge(transaction, [event.read(complaints.ComplaintNoticeAcknowledged) for event in events])


async def on_complaint_answered(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(complaints.ComplaintAnswered) for event in events]
    await store.move(transaction, facts)
    await store.stop(transaction, facts)


async def on_complaint_resolved(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A solution stops the clock as well when nothing had answered before (decision 16)."""
    facts = [event.read(complaints.ComplaintResolved) for event in events]
    await store.move(transaction, facts)
    if stopped := [fact for fact in facts if fact.stopped_clock]:
        await store.stop(transaction, stopped)


async def on_complaint_closed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.move(transaction, [event.read(complaints.ComplaintClosed) for event in events])


async def on_complaint_overdue(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.breach(transaction, [event.read(complaints.ComplaintOverdue) for event in events])


async def on_complaint_escalated(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.escalate(transaction, [event.read(complaints.ComplaintEscalated) for event in events])


async def on_complaint_paused(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.pause(transaction, [event.read(complaints.ComplaintPaused) for event in events])


async def on_complaint_resumed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.resume(transaction, [event.read(complaints.ComplaintResumed) for event in events])


async def on_complaint_clock_recalculated(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Administration has given the answer another time; other clocks have no place here."""
    facts = [event.read(complaints.ComplaintClockRecalculated) for event in events]
    if answers := [fact for fact in facts if fact.clock == "answer"]:
        await store.recalculate(transaction, answers)


async def on_compensation_granted(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(settlements.CompensationGranted) for event in events]
    await store.compensate(transaction, facts, context.zone, withdrawn=False)


async def on_compensation_withdrawn(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(settlements.CompensationWithdrawn) for event in events]
    await store.compensate(transaction, facts, context.zone, withdrawn=True)
