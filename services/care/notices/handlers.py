"""Warnings and escalations reach staff by their channel of choice (decision 18).

They serve a complainant who waits, so they know no quiet hours (decision 24); they say the case's number, its deadline
and where it is read, and nothing about the complainant nor of what was said. A chain that reaches nobody alarms
administration. A newer notice of a case to the same person replaces one that has not gone.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.care.cases import store as cases
from services.care.context import Context
from services.care.messages import store as messages
from services.care.messages.domain import Message, Purpose, Replacement
from services.care.messages.handlers import plan_messages
from shared import directory
from shared.bus.event import Event
from shared.contracts.base import CaseFact
from shared.contracts.complaints import (
    ComplaintAssigned,
    ComplaintClockMissed,
    ComplaintEscalated,
    ComplaintNoticed,
    ComplaintOverdue,
    ComplaintRepeated,
    ComplaintWarned,
)
from shared.contracts.settlements import ComplaintApprovalAsked, ComplaintApprovalEnded
from shared.db import Connection
from shared.directory import StaffMember
from shared.ids import new_id
from shared.telemetry import log

STALE_AFTER = timedelta(days=1)
DECIDED = "decided"
"""Why nobody is told any longer that their word is asked for."""
ALARMED_ROLES = ("admin_dept", "admin")
"""Administration; where nobody of it is at work, those who administer this system."""


async def on_complaint_warned(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.warned."""
    facts = [event.read(ComplaintWarned) for event in events if not event.historical]
    numbers = await cases.numbers(transaction, {fact.complaint_id for fact in facts})
    notices = [
        _notice(
            context,
            fact.staff_id,
            fact,
            "complaint_warned",
            f"complaint_warned:{_round(fact)}:{fact.percent}",
            {
                "number": numbers.get(fact.complaint_id, str(fact.complaint_id)),
                "percent": str(fact.percent),
                "due": _local(context, fact.answer_due_at),
            },
        )
        for fact in facts
        if fact.staff_id
    ]
    await plan_messages(context, transaction, notices)


async def on_complaint_overdue(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.overdue: level 1 of the chain, the responsible person."""
    facts = [event.read(ComplaintOverdue) for event in events if not event.historical]
    notices = [_escalated(context, fact.staff_id, fact, 1) for fact in facts if fact.staff_id]
    await plan_messages(context, transaction, notices)


async def on_complaint_escalated(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.escalated."""
    facts = [event.read(ComplaintEscalated) for event in events if not event.historical]
    notices = [_escalated(context, fact.staff_id, fact, fact.level) for fact in facts if fact.staff_id]
    for fact in facts:
        if fact.staff_id is None:
            notices += await _alarms(context, transaction, fact)
    await plan_messages(context, transaction, notices)


async def on_complaint_repeated(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.repeated: a repeat is raised to the next above whom the case concerns."""
    facts = [event.read(ComplaintRepeated) for event in events if not event.historical]
    notices = [
        replace(
            _notice(
                context,
                fact.staff_id,
                fact,
                "complaint_repeated",
                f"complaint_repeated:{fact.complaint_id}:{fact.count}",
                {"number": fact.number, "count": str(fact.count)},
            ),
            about=f"complaint_repeated:{fact.complaint_id}",
        )
        for fact in facts
        if fact.staff_id
    ]
    await plan_messages(context, transaction, notices)


async def on_complaint_assigned(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.assigned: whose case it is now hears of it, with its deadline while its clock runs."""
    facts = [event.read(ComplaintAssigned) for event in events if not event.historical]
    fresh = [(fact, fact.number) for fact in facts if fact.number and _is_news(context, fact)]
    await plan_messages(context, transaction, [_assigned(context, fact, number) for fact, number in fresh])


def _assigned(context: Context, fact: ComplaintAssigned, number: str) -> Message:
    key = f"complaint_assigned:{_round(fact)}:{fact.at.isoformat()}"
    if fact.answer_due_at is None:
        return _notice(context, fact.responsible_id, fact, "complaint_assigned_undated", key, {"number": number})
    variables = {"number": number, "due": _local(context, fact.answer_due_at)}
    return _notice(context, fact.responsible_id, fact, "complaint_assigned", key, variables)


async def on_complaint_noticed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.noticed: whom a notice is addressed to hears of it by number and deadline, not its words.

    A newer notice of the case replaces it, whoever that is addressed to. A warning of the case does neither: they ask
    for different things.
    """
    facts = [event.read(ComplaintNoticed) for event in events if not event.historical]
    fresh = [fact for fact in facts if _is_news(context, fact)]
    numbers = await cases.numbers(transaction, {fact.complaint_id for fact in fresh})
    notices = []
    for fact in fresh:
        variables = {
            "notice": fact.number,
            "number": numbers.get(fact.complaint_id, str(fact.complaint_id)),
            "due": _local(context, fact.deadline),
        }
        key = f"complaint_noticed:{fact.complaint_id}:{fact.number}"
        notice = _notice(context, fact.to_id, fact, "complaint_noticed", key, variables)
        notices.append(replace(notice, about=_about_notices(fact)))
    await plan_messages(context, transaction, notices)
    await messages.replace(transaction, _superseded(facts))


def _superseded(facts: Sequence[ComplaintNoticed]) -> list[Replacement]:
    """Those who are no longer whom a case is against have nothing to hear of its notices."""
    addressed = {fact.complaint_id: fact.to_id for fact in facts}
    return [
        Replacement(id=None, about=_about_notices(fact), staff_id=fact.from_id)
        for fact in facts
        if fact.from_id not in (None, addressed[fact.complaint_id])
    ]


def _about_notices(fact: ComplaintNoticed) -> str:
    return f"complaint_notice:{fact.complaint_id}"


async def on_complaint_clock_missed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.clock_missed: a case was not taken, a step not done or a case not solved in time.

    It is told when it is noticed, however long after its moment that is; where there is nobody, administration hears.
    """
    heard = [event for event in events if not event.historical and _is_recent(context, event.time)]
    notices = []
    for fact in [event.read(ComplaintClockMissed) for event in heard]:
        template = f"complaint_late_{fact.clock}"
        variables = {"number": fact.number, "due": _local(context, fact.due_at)}
        key = f"complaint_clock_missed:{_round(fact)}:{fact.clock}"
        told = [fact.staff_id] if fact.staff_id else await _administration(transaction, fact)
        notices += [
            replace(
                _notice(context, staff_id, fact, template, key, variables),
                about=f"{template}:{fact.complaint_id}",
            )
            for staff_id in told
        ]
    await plan_messages(context, transaction, notices)


async def on_complaint_approval_asked(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.approval_asked: whose word is asked for hears of it, once each time it is.

    Where nobody is listed who may give it, administration hears.
    """
    notices = []
    for event in events:
        fact = event.read(ComplaintApprovalAsked)
        if event.historical or not _is_recent(context, event.time):
            continue
        key = f"complaint_approval:{fact.compensation_id or _round(fact)}:{fact.at.isoformat()}"
        template, asked = f"complaint_approval_{fact.matter}", [*fact.approver_ids]
        if not asked:
            template, asked = "complaint_approval_nobody", await _administration(transaction, fact)
        notices += [
            replace(
                _notice(context, staff_id, fact, template, key, {"number": fact.number}),
                about=_about_approval(fact),
            )
            for staff_id in asked
        ]
    await plan_messages(context, transaction, notices)


async def on_complaint_approval_ended(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.approval_ended: whom nobody asks any longer has nothing to hear."""
    about = {_about_approval(event.read(ComplaintApprovalEnded)) for event in events}
    await messages.end(transaction, about, DECIDED)


def _about_approval(fact: ComplaintApprovalAsked | ComplaintApprovalEnded) -> str:
    return f"complaint_approval:{fact.compensation_id or fact.matter}:{fact.complaint_id}"


def _is_news(context: Context, fact: CaseFact) -> bool:
    return _is_recent(context, fact.at)


def _is_recent(context: Context, moment: datetime) -> bool:
    """What is read again much later, such as from a log of before this reaction, is told to nobody."""
    return moment > context.clock.now() - STALE_AFTER


async def _administration(transaction: Connection, fact: CaseFact) -> list[UUID]:
    """Who hears of what reaches nobody else; if there is nobody of them either, the log says so."""
    alarmed: list[StaffMember] = []
    for role in ALARMED_ROLES:
        alarmed = alarmed or await directory.staff_in_role(transaction, role)
    if not alarmed:
        log("notices").error(
            "this reaches nobody, and administration has nobody to alarm",
            complaint_id=str(fact.complaint_id),
            about=fact.TYPE,
        )
    return [member.id for member in alarmed]


async def _alarms(context: Context, transaction: Connection, fact: ComplaintEscalated) -> list[Message]:
    alarmed = await _administration(transaction, fact)
    key = f"chain_reached_nobody:{_round(fact)}:{fact.level}"
    variables = _overdue(context, fact, fact.level)
    return [_notice(context, staff_id, fact, "chain_reached_nobody", key, variables) for staff_id in alarmed]


def _escalated(context: Context, staff_id: UUID, fact: ComplaintOverdue | ComplaintEscalated, level: int) -> Message:
    key = f"complaint_escalated:{_round(fact)}:{level}"
    return _notice(context, staff_id, fact, "complaint_escalated", key, _overdue(context, fact, level))


def _overdue(context: Context, fact: ComplaintOverdue | ComplaintEscalated, level: int) -> dict[str, str]:
    return {"number": fact.number, "level": str(level), "due": _local(context, fact.due_at)}


def _round(fact: CaseFact) -> str:
    return f"{fact.complaint_id}:{fact.round}"


def _local(context: Context, moment: datetime) -> str:
    return moment.astimezone(context.zone).strftime("%Y-%m-%d %H:%M")


def _notice(
    context: Context, staff_id: UUID | None, fact: CaseFact, template: str, key: str, variables: dict[str, str]
) -> Message:
    return Message(
        id=new_id(),
        staff_id=staff_id,
        occasion=template,
        occasion_key=key,
        template=template,
        variables=variables,
        purpose=Purpose.SERVICE,
        urgent=True,
        expires_at=context.clock.now() + STALE_AFTER,
        about=f"complaint:{fact.complaint_id}",
    )
