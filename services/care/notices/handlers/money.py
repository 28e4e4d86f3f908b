"""What colleagues are to pay, and are paid, reaches them by their work channel: that a penalty was proposed against
them or decided, until when they may appeal, that an appeal was decided, what stands no longer, rewards, costs of fault.

Complaints tells of it on a topic of its own (decision 22b). What they are told has no amount and no reason, and what is
published of the message says nothing of its matter: its occasion is the same for all of them. A request may decide
thousands, and a month's end may propose as many: what comes within a minute is one message to each. It waits for the
end of quiet hours. History is silent (decision 5).
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from services.care.context import Context
from services.care.messages.domain import CONFIDENTIAL, Message, Purpose
from services.care.messages.handlers import plan_messages
from services.care.notices.handlers.writing import is_recent, local
from shared.bus.event import Event
from shared.contracts import responsibility
from shared.contracts.base import Fact
from shared.contracts.responsibility import Booked
from shared.db import Connection
from shared.ids import new_id

F = TypeVar("F", bound=Fact)
LASTS: Final = timedelta(days=14)
"""So long it is worth telling somebody what they pay, after an outage too."""
GATHER: Final = timedelta(minutes=1)
"""So long a message waits for others that say the same to the same person."""


async def on_penalty_proposed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Whom it is against hears of it, once for each time that the rule was broken; not when its amount changes."""
    told = [
        _message(context, fact.person_id, "penalty_proposed", f"{fact.penalty_id}:{fact.at.isoformat()}")
        for fact in _news(context, events, responsibility.PenaltyProposed)
        if fact.person_id
    ]
    await plan_messages(context, transaction, told, after=GATHER)


async def on_penalty_decided(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """All who pay a part hear of it: until when they may appeal, or that an appeal was decided."""
    told = []
    for fact in _news(context, events, responsibility.PenaltyDecided):
        payers, key = [share.person_id for share in fact.shares], f"{fact.penalty_id}:{fact.at.isoformat()}"
        if fact.appeal_until is None:
            told += _messages(context, payers, "penalty_appeal_decided", key)
        else:
            told += [_appealable(context, person_id, key, fact.appeal_until) for person_id in payers]
    await plan_messages(context, transaction, told, after=GATHER)


async def on_penalty_waived(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Who was told of it hears that they pay nothing; on appeal, that this was decided."""
    told = []
    for fact in _news(context, events, responsibility.PenaltyWaived):
        template = "penalty_appeal_decided" if fact.on_appeal else "penalty_ended"
        told += _messages(context, fact.person_ids, template, f"{fact.penalty_id}:{fact.at.isoformat()}")
    await plan_messages(context, transaction, told, after=GATHER)


async def on_penalty_withdrawn(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Whom it was proposed against hears that it stands no longer."""
    await _ended(context, transaction, _news(context, events, responsibility.PenaltyWithdrawn))


async def on_penalty_reversed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """All who paid a part hear that it stands no longer."""
    await _ended(context, transaction, _news(context, events, responsibility.PenaltyReversed))


async def on_reward_granted(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    told = [
        message
        for fact in _news(context, events, responsibility.RewardGranted)
        for message in _messages(context, _people(fact.bookings), "reward_granted", str(fact.reward_id))
    ]
    await plan_messages(context, transaction, told, after=GATHER)


async def on_reward_reversed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    told = [
        message
        for fact in _news(context, events, responsibility.RewardReversed)
        for message in _messages(context, _people(fact.bookings), "reward_reversed", str(fact.reward_id))
    ]
    await plan_messages(context, transaction, told, after=GATHER)


async def on_fault_cost_booked(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Who promised what the rules do not allow hears that its cost was booked, and that it was taken back; it may be
    decided anew, so each booking is told once."""
    told = [
        _message(context, each.person_id, "fault_cost_reversed" if each.reverses else "fault_cost_booked", str(each.id))
        for fact in _news(context, events, responsibility.FaultCostBooked)
        for each in fact.bookings
        if each.person_id
    ]
    await plan_messages(context, transaction, told, after=GATHER)


async def _ended(
    context: Context,
    transaction: Connection,
    facts: Iterable[responsibility.PenaltyWithdrawn | responsibility.PenaltyReversed],
) -> None:
    told = [
        message
        for fact in facts
        for message in _messages(context, fact.person_ids, "penalty_ended", f"{fact.penalty_id}:{fact.at.isoformat()}")
    ]
    await plan_messages(context, transaction, told, after=GATHER)


def _news(context: Context, events: Sequence[Event], contract: type[F]) -> list[F]:
    return [event.read(contract) for event in events if not event.historical and is_recent(context, event.time)]


def _people(bookings: Iterable[Booked]) -> list[UUID]:
    return [booking.person_id for booking in bookings if booking.person_id]


def _messages(context: Context, people: Collection[UUID], template: str, key: str) -> list[Message]:
    return [_message(context, person_id, template, key) for person_id in people]


def _appealable(context: Context, person_id: UUID, key: str, until: datetime) -> Message:
    """Those that may be appealed until another moment are another message."""
    return _message(
        context, person_id, "penalty_decided", key, until=until, about=f"money:penalty_decided:{until.isoformat()}"
    )


def _message(
    context: Context,
    person_id: UUID,
    template: str,
    key: str,
    *,
    until: datetime | None = None,
    about: str | None = None,
) -> Message:
    """`until` is when it is of no use any longer, and stands in it as `due`."""
    return Message(
        id=new_id(),
        staff_id=person_id,
        occasion=CONFIDENTIAL,
        occasion_key=f"{template}:{key}",
        template=template,
        variables={"due": local(context, until)} if until else {},
        purpose=Purpose.SERVICE,
        expires_at=until or context.clock.now() + LASTS,
        about=about or f"money:{template}",
    )
