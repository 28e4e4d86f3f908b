"""Promises outside the rules: those whose word is awaited hear of it by their channel of choice (domain 3.6).

No customer waits at night for what colleagues have to say of them, so these notices wait for the morning. They say
dates and numbers, and never what was promised.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from services.care.context import Context
from services.care.messages import store as messages
from services.care.messages.domain import CONFIDENTIAL, Message, Purpose
from services.care.messages.handlers import plan_messages
from services.care.notices.handlers.writing import STALE_AFTER, is_recent, local
from shared.bus.event import Event
from shared.contracts.commitments import CommitmentCorrected, CommitmentFact, CommitmentInsisted, CommitmentMade
from shared.contracts.internal import ComplaintFaultNoticed
from shared.db import Connection
from shared.ids import new_id

SAID: Final = "said"
"""Why nobody is asked any longer."""


async def on_commitment_made(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to commitment.made: who promised outside the rules is asked whether they confirm it."""
    facts = [event.read(CommitmentMade) for event in _fresh(context, events)]
    asked = [
        _notice(context, fact.staff_id, "commitment_asked", _asked(fact), {"due": local(context, fact.due_at)})
        for fact in facts
        if fact.outside_rules
    ]
    await plan_messages(context, transaction, asked)


async def on_commitment_insisted(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to commitment.insisted: who is said to have promised and their supervisor hear until when an
    understanding is to be reached."""
    facts = [event.read(CommitmentInsisted) for event in _fresh(context, events)]
    told = [
        _notice(context, staff_id, "commitment_insisted", _insisted(fact), {"due": local(context, fact.deadline)})
        for fact in facts
        for staff_id in dict.fromkeys((fact.staff_id, fact.supervisor_id))
        if staff_id is not None
    ]
    await plan_messages(context, transaction, told)


async def on_commitment_corrected(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to commitment.corrected: whose it was taken for is asked nothing any longer; who promised it outside the
    rules is asked whether they confirm it, where nobody has asked them."""
    facts = [event.read(CommitmentCorrected) for event in events]
    moved = [fact for fact in facts if fact.from_staff_id is not None]
    await messages.end(transaction, {about for fact in moved for about in (_asked(fact), _insisted(fact))}, SAID)
    fresh = {event.id for event in _fresh(context, events)}
    asked = [
        _notice(context, fact.staff_id, "commitment_asked", _asked(fact), {"due": local(context, fact.due_at)})
        for event, fact in zip(events, facts, strict=True)
        if fact.asked and event.id in fresh
    ]
    await plan_messages(context, transaction, asked)


async def on_commitment_confirmed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to what was said of a promise, or came about: what still waits to be sent about it asks nobody."""
    facts = [event.read(CommitmentFact) for event in events]
    await messages.end(transaction, {about for fact in facts for about in (_asked(fact), _insisted(fact))}, SAID)


on_commitment_denied = on_commitment_withdrawn = on_commitment_confirmed
on_understanding_reached = on_understanding_failed = on_commitment_confirmed


async def on_fault_noticed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.fault_noticed: whom a notice of fault is addressed to hears of its number, and nobody
    else, as of what they pay. Who was taken for it hears nothing of it any longer."""
    facts = [event.read(ComplaintFaultNoticed) for event in _fresh(context, events)]
    await messages.end(transaction, {_fault(fact) for fact in facts if fact.instead_of is not None}, SAID)
    withdrawn = {fact.instead_of for fact in facts}
    told = [
        _notice(context, fact.to_id, "fault_noticed", _fault(fact), {"notice": fact.number})
        for fact in facts
        if fact.number not in withdrawn
    ]
    await plan_messages(context, transaction, [replace(each, occasion=CONFIDENTIAL) for each in told])


def _fresh(context: Context, events: Sequence[Event]) -> list[Event]:
    """Without history, and without what a log of before this reaction tells."""
    return [event for event in events if not event.historical and is_recent(context, event.time)]


def _asked(fact: CommitmentFact) -> str:
    return f"commitment_asked:{fact.commitment_id}"


def _insisted(fact: CommitmentFact) -> str:
    return f"commitment_insisted:{fact.commitment_id}"


def _fault(fact: ComplaintFaultNoticed) -> str:
    return f"complaint_fault:{fact.complaint_id}"


def _notice(context: Context, staff_id: UUID, template: str, about: str, variables: dict[str, str]) -> Message:
    """A notice to a colleague, once for what it is about."""
    return Message(
        id=new_id(),
        staff_id=staff_id,
        occasion=template,
        occasion_key=about,
        template=template,
        variables=variables,
        purpose=Purpose.SERVICE,
        expires_at=context.clock.now() + STALE_AFTER,
        about=about,
    )
