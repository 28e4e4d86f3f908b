"""Greetings on a customer's occasions; so far on the rise of a tier."""

from collections.abc import Sequence
from datetime import timedelta

from services.care.context import Context
from services.care.messages.domain import Message, Purpose
from services.care.messages.handlers import plan_messages
from shared.bus.event import Event
from shared.contracts.customers import TierChanged
from shared.db import Connection
from shared.ids import new_id

STALE_AFTER = timedelta(days=7)
"""A congratulation that could not go out for so long is none any more."""


async def on_tier_changed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to tier.changed: a rise is greeted once; history is silent (decision 5)."""
    rises = [(event, fact) for event, fact in _live(events) if fact.to_tier < fact.from_tier]
    await plan_messages(context, transaction, [_greeting(context, event, fact) for event, fact in rises])


def _live(events: Sequence[Event]) -> list[tuple[Event, TierChanged]]:
    return [(event, event.read(TierChanged)) for event in events if not event.historical]


def _greeting(context: Context, event: Event, fact: TierChanged) -> Message:
    return Message(
        id=new_id(),
        customer_id=fact.customer_id,
        occasion="tier_rise",
        occasion_key=f"tier_rise:{event.id}",
        template="tier_rise",
        variables={"tier": fact.to_tier},
        purpose=Purpose.RELATIONSHIP,
        expires_at=context.clock.now() + STALE_AFTER,
    )
