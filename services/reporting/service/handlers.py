"""Service: fills touches from their events."""

from collections.abc import Sequence

from services.reporting.context import Context
from services.reporting.service import store
from shared.bus.event import Event
from shared.contracts import care
from shared.db import Connection


async def on_touch_planned(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.plan(transaction, [event.read(care.TouchPlanned) for event in events], context.zone)


async def on_touch_done(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A touch that was never planned, such as a call out of the blue, counts when it was done."""
    await store.settle(transaction, [event.read(care.TouchDone) for event in events], context.zone)


async def on_touch_missed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.settle(transaction, [event.read(care.TouchMissed) for event in events], context.zone)


async def on_touch_miss_withdrawn(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A touch that was in time and entered late: the month counts it as met."""
    await store.withdraw(transaction, [event.read(care.TouchMissWithdrawn) for event in events], context.zone)


async def on_touch_dropped(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.settle(transaction, [event.read(care.TouchDropped) for event in events], context.zone)


async def on_touch_make_good_ordered(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.order_make_good(transaction, [event.read(care.TouchMakeGoodOrdered) for event in events])


async def on_touch_made_good(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """The miss stays one, and is counted as made good."""
    await store.make_good(transaction, [event.read(care.TouchMadeGood) for event in events])


async def on_touch_make_good_missed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.miss_make_good(transaction, [event.read(care.TouchMakeGoodMissed) for event in events])
