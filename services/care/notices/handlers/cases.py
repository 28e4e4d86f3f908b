"""Warnings and escalations reach staff by their channel of choice (decision 18).

They serve a complainant who waits, so they know no quiet hours (decision 24); they say the case's number, its deadline
and where it is read, and nothing about the complainant nor of what was said. A chain that reaches nobody alarms
administration. A newer notice of a case to the same person replaces one that has not gone.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.care.cases import store as cases
from services.care.context import Context
from services.care.messages import store as messages
from services.care.messages.domain import Message, Replacement
from services.care.messages.handlers import plan_messages
from services.care.notices.handlers.writing import administration, is_recent, local, notice_to, round_of
from shared.bus.event import Event
from shared.contracts.base import CaseFact
from shared.contracts.complaints import (
    ComplaintAssigned,
    ComplaintEscalated,
    ComplaintNoticed,
    ComplaintNoticeWithdrawn,
    ComplaintOverdue,
    ComplaintRepeated,
    ComplaintWarned,
)
from shared.contracts.letters import ComplaintReplyUnreached, ComplaintUnreached
from shared.contracts.settlements import ComplaintApprovalAsked, ComplaintApprovalEnded
from shared.db import Connection

WITHDRAWN = "withdrawn"
"""Why nobody is told any longer of a notice."""
DECIDED = "decided"
"""Why nobody is told any longer that their word is asked for."""


async def on_complaint_warned(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.warned."""
    facts = [event.read(ComplaintWarned) for event in events if not event.historical]
    numbers = await cases.numbers(transaction, {fact.complaint_id for fact in facts})
    notices = [
        notice_to(
            context,
            fact.staff_id,
            fact,
            "complaint_warned",
            f"complaint_warned:{round_of(fact)}:{fact.percent}",
            {
                "number": numbers.get(fact.complaint_id, str(fact.complaint_id)),
                "percent": str(fact.percent),
                "due": local(context, fact.answer_due_at),
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
            notice_to(
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
    key = f"complaint_assigned:{round_of(fact)}:{fact.at.isoformat()}"
    if fact.answer_due_at is None:
        return notice_to(context, fact.responsible_id, fact, "complaint_assigned_undated", key, {"number": number})
    variables = {"number": number, "due": local(context, fact.answer_due_at)}
    return notice_to(context, fact.responsible_id, fact, "complaint_assigned", key, variables)


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
            "due": local(context, fact.deadline),
        }
        key = f"complaint_noticed:{fact.complaint_id}:{fact.number}"
        notice = notice_to(context, fact.to_id, fact, "complaint_noticed", key, variables)
        notices.append(replace(notice, about=_about_notices(fact)))
    await plan_messages(context, transaction, notices)
    await messages.replace(transaction, _superseded(facts))


async def on_complaint_notice_withdrawn(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.notice_withdrawn: whom it was addressed to hears that it stands no longer, and nothing more
    of it that still waits."""
    facts = [event.read(ComplaintNoticeWithdrawn) for event in events if not event.historical]
    await messages.end(transaction, {_about_notices(fact) for fact in facts}, WITHDRAWN)
    fresh = [fact for fact in facts if _is_news(context, fact)]
    numbers = await cases.numbers(transaction, {fact.complaint_id for fact in fresh})
    notices = []
    for fact in fresh:
        variables = {"notice": fact.number, "number": numbers.get(fact.complaint_id, str(fact.complaint_id))}
        key = f"complaint_notice_withdrawn:{fact.complaint_id}:{fact.number}"
        notice = notice_to(context, fact.to_id, fact, "complaint_notice_withdrawn", key, variables)
        notices.append(replace(notice, about=f"complaint_notice_withdrawn:{fact.complaint_id}"))
    await plan_messages(context, transaction, notices)


def _superseded(facts: Sequence[ComplaintNoticed]) -> list[Replacement]:
    """Those who are no longer whom a case is against have nothing to hear of its notices."""
    addressed = {fact.complaint_id: fact.to_id for fact in facts}
    return [
        Replacement(id=None, about=_about_notices(fact), staff_id=fact.from_id)
        for fact in facts
        if fact.from_id not in (None, addressed[fact.complaint_id])
    ]


def _about_notices(fact: ComplaintNoticed | ComplaintNoticeWithdrawn) -> str:
    return f"complaint_notice:{fact.complaint_id}"


async def on_complaint_unreached(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.unreached: whoever handles the case hears that the first reply, or a question, reached
    nobody, and calls.

    Where there is nobody, administration hears.
    """
    facts = [event.read(ComplaintUnreached) for event in events if not event.historical]
    notices = []
    for fact in [each for each in facts if is_recent(context, each.at)]:
        told = [fact.staff_id] if fact.staff_id else await administration(transaction, fact)
        occasion = "complaint_unreached" if fact.question_id is None else "question_unreached"
        about = f"complaint_{'unreached' if fact.question_id is None else 'question'}:{fact.complaint_id}"
        key = about if fact.question_id is None else f"{occasion}:{fact.question_id}"
        notices += [
            replace(notice_to(context, staff_id, fact, occasion, key, {"number": fact.number}), about=about)
            for staff_id in told
        ]
    await plan_messages(context, transaction, notices)


async def on_reply_unreached(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.reply_unreached: whoever wrote it hears that it is to be read out or posted."""
    facts = [event.read(ComplaintReplyUnreached) for event in events if not event.historical]
    notices = [
        replace(
            notice_to(
                context,
                fact.staff_id,
                fact,
                "reply_unreached",
                f"reply_unreached:{fact.reply_id}",
                {"number": fact.number},
            ),
            about=f"complaint_unreached:{fact.complaint_id}",
        )
        for fact in facts
        if is_recent(context, fact.at)
    ]
    await plan_messages(context, transaction, notices)


async def on_complaint_approval_asked(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.approval_asked: whose word is asked for hears of it, once each time it is.

    Where nobody is listed who may give it, administration hears.
    """
    notices = []
    for event in events:
        fact = event.read(ComplaintApprovalAsked)
        if event.historical or not is_recent(context, event.time):
            continue
        key = f"complaint_approval:{fact.compensation_id or round_of(fact)}:{fact.at.isoformat()}"
        template, asked = f"complaint_approval_{fact.matter}", [*fact.approver_ids]
        if not asked:
            template, asked = "complaint_approval_nobody", await administration(transaction, fact)
        notices += [
            replace(
                notice_to(context, staff_id, fact, template, key, {"number": fact.number}),
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


async def _alarms(context: Context, transaction: Connection, fact: ComplaintEscalated) -> list[Message]:
    alarmed = await administration(transaction, fact)
    if fact.reopened:  # nobody stands above whom it concerns: administration stands in
        return [_escalated(context, staff_id, fact, fact.level) for staff_id in alarmed]
    key = f"chain_reached_nobody:{round_of(fact)}:{fact.level}"
    variables = _overdue(context, fact, fact.level)
    return [notice_to(context, staff_id, fact, "chain_reached_nobody", key, variables) for staff_id in alarmed]


def _escalated(context: Context, staff_id: UUID, fact: ComplaintOverdue | ComplaintEscalated, level: int) -> Message:
    if isinstance(fact, ComplaintEscalated) and fact.reopened:
        template, variables = "complaint_reopened_again", {**_overdue(context, fact, level), "round": str(fact.round)}
    else:
        template, variables = "complaint_escalated", _overdue(context, fact, level)
    return notice_to(context, staff_id, fact, template, f"{template}:{round_of(fact)}:{level}", variables)


def _overdue(context: Context, fact: ComplaintOverdue | ComplaintEscalated, level: int) -> dict[str, str]:
    return {"number": fact.number, "level": str(level), "due": local(context, fact.due_at)}


def _is_news(context: Context, fact: CaseFact) -> bool:
    return is_recent(context, fact.at)
