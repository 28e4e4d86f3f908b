"""Product safety reaches administration: the alarm of a batch, a report to the authority that is due or missed.

They know no quiet hours, and say number, batch and deadline, nothing of who reacted nor how.
"""

from collections.abc import Sequence
from dataclasses import replace

from services.care.context import Context
from services.care.messages.domain import Message, Purpose
from services.care.messages.handlers import plan_messages
from services.care.notices.handlers.writing import STALE_AFTER, administration, is_recent, local, notice_to
from shared.bus.event import Event
from shared.contracts.safety import BatchAlarmed, ComplaintSafetyReportDue, ComplaintSafetyReportMissed
from shared.db import Connection
from shared.ids import new_id


async def on_safety_report_due(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.safety_report_due."""
    facts = [event.read(ComplaintSafetyReportDue) for event in _heard(context, events)]
    await _tell(context, transaction, facts, "complaint_safety_report_due")


async def on_safety_report_missed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.safety_report_missed: it replaces a warning that has not gone."""
    facts = [event.read(ComplaintSafetyReportMissed) for event in _heard(context, events)]
    await _tell(context, transaction, facts, "complaint_safety_report_missed")


async def on_batch_alarmed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to batch.alarmed."""
    notices = []
    for fact in [event.read(BatchAlarmed) for event in _heard(context, events)]:
        variables = {
            "batch": f"{fact.product} {fact.batch}" if fact.product else fact.batch,
            "cases": str(fact.cases),
            "customers": str(fact.customers),
        }
        notices += [
            Message(
                id=new_id(),
                staff_id=staff_id,
                occasion="batch_alarmed",
                occasion_key=f"batch_alarmed:{fact.batch_id}:{fact.alarm}",
                template="batch_alarmed",
                variables=variables,
                purpose=Purpose.SERVICE,
                urgent=True,
                expires_at=context.clock.now() + STALE_AFTER,
                about=f"batch_alarmed:{fact.batch_id}",
            )
            for staff_id in await administration(transaction, fact)
        ]
    await plan_messages(context, transaction, notices)


async def _tell(
    context: Context,
    transaction: Connection,
    facts: Sequence[ComplaintSafetyReportDue | ComplaintSafetyReportMissed],
    template: str,
) -> None:
    notices = []
    for fact in facts:
        variables = {"number": fact.number, "due": local(context, fact.due_at)}
        key = f"{template}:{fact.complaint_id}:{fact.due_at.isoformat()}"
        notices += [
            replace(
                notice_to(context, staff_id, fact, template, key, variables),
                about=f"complaint_safety_report:{fact.complaint_id}",
            )
            for staff_id in await administration(transaction, fact)
        ]
    await plan_messages(context, transaction, notices)


def _heard(context: Context, events: Sequence[Event]) -> list[Event]:
    return [event for event in events if not event.historical and is_recent(context, event.time)]
