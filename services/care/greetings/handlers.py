"""Greetings on a customer's occasions; so far on the rise of a tier."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from services.care.context import Context
from services.care.messages import store as messages
from services.care.messages.domain import Message, Purpose, Replacement
from services.care.messages.handlers import plan_messages
from shared.bus.event import Event
from shared.contracts.customers import TierChanged
from shared.db import Connection
from shared.ids import new_id

ABOUT = "tier"
STALE_AFTER = timedelta(days=7)
"""A congratulation that could not go out for so long is none any more."""


async def on_tier_changed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to tier.changed: a rise is greeted once; history is silent (decision 5).

    A greeting that still waits is replaced by the next rise, and by a fall, after which it would not be true.
    """
    moves = _live(events)
    last = {fact.customer_id: (event, fact) for event, fact in moves}
    greetings = [_greeting(context, event, fact) for event, fact in moves if fact.to_tier < fact.from_tier]
    await plan_messages(context, transaction, greetings)
    fallen = [customer for customer, (_, fact) in last.items() if fact.to_tier >= fact.from_tier]
    await messages.replace(transaction, [_nothing_to_greet(customer) for customer in fallen])


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
        about=ABOUT,
    )


def _nothing_to_greet(customer_id: UUID) -> Replacement:
    return Replacement(id=None, about=ABOUT, customer_id=customer_id, reason="tier_fell")
