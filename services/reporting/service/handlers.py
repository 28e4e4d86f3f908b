"""Service: fills touches from their events."""

from collections.abc import Sequence
from uuid import UUID

from services.reporting.context import Context
from services.reporting.service import store
from services.reporting.service.domain import Touch, month_of_window
from shared.bus.event import Event
from shared.contracts import care
from shared.contracts.care import TouchFact
from shared.db import Connection
from shared.months import Month
from shared.reactions import latest


def _task(fact: TouchFact) -> UUID:
    return fact.task_id


async def on_touch_planned(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest([event.read(care.TouchPlanned) for event in events], _task)
    zone = context.runtime.zone
    await store.plan(
        transaction,
        [Touch(fact, "open", month_of_window(fact.due_at, zone), fact.due_at, fact.not_before) for fact in facts],
    )


async def on_touch_done(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A touch that was never planned, such as a call out of the blue, counts when it was done."""
    facts = latest([event.read(care.TouchDone) for event in events], _task)
    zone = context.runtime.zone
    await store.settle(
        transaction,
        [Touch(f, "done", Month.of(f.at, zone), f.at, done_at=f.at, minutes=f.minutes) for f in facts],
    )


async def on_touch_missed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest([event.read(care.TouchMissed) for event in events], _task)
    zone = context.runtime.zone
    await store.settle(
        transaction,
        [Touch(f, "missed", month_of_window(f.due_at, zone), f.due_at, missed_at=f.at) for f in facts],
    )


async def on_touch_dropped(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest([event.read(care.TouchDropped) for event in events], _task)
    zone = context.runtime.zone
    await store.settle(transaction, [Touch(f, "dropped", Month.of(f.at, zone), f.at) for f in facts])
