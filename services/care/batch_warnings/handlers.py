"""Warnings of a batch: each store that bought it is phoned, and its sale is stopped (domain 3.8).

Once per store, batch and alarm; further buyers bring further calls, and a lifted alarm ends what is still open. Batches
travel beside customers, so a customer of whom nobody has heard becomes a stub.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from services.care.accounts import store as accounts
from services.care.batch_warnings import store
from services.care.context import Context
from services.care.obligations.domain import Window
from services.care.staffing import store as staffing
from services.care.touches import events as touch_events
from services.care.touches import store as touches
from services.care.touches.domain import Task, TaskKind, TaskState
from services.care.touches.handlers import give_anew
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.safety import BatchAlarmed, BatchExtended, BatchFact, BatchLifted
from shared.db import Connection
from shared.ids import new_id

WARNS = "salesperson"
STOPS = "logistics_manager"
LIFTED = "alarm_lifted"
"""Why nobody need be warned any longer."""


async def on_batch_alarmed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to batch.alarmed: a call to every buyer that it names, and the stop of sale."""
    facts = [event.read(BatchAlarmed) for event in events if not event.historical]
    for fact in facts:
        await store.keep(transaction, fact)
        stop = _task(context, fact, TaskKind.SALE_STOP, STOPS, None)
        await _plan(context, transaction, [stop, *_warnings(context, fact, fact.customer_ids)])


async def on_batch_extended(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to batch.extended: a call to the buyers of whom nobody has told before, while the alarm stands."""
    facts = [event.read(BatchExtended) for event in events if not event.historical]
    for fact in [each for each in facts if each.customer_ids]:
        if await store.stands(transaction, fact.batch_id, fact.alarm):
            await _plan(context, transaction, _warnings(context, fact, fact.customer_ids))


async def on_batch_lifted(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to batch.lifted: what is still open of its warnings is dropped."""
    now = context.clock.now()
    for fact in [event.read(BatchLifted) for event in events]:
        await store.lift(transaction, fact.batch_id, fact.alarm)
        await accounts.lock(transaction, await store.warned(transaction, fact.batch_id, fact.alarm))
        tasks = await store.lock_open(transaction, fact.batch_id, fact.alarm)
        await touches.end(transaction, tasks, TaskState.DROPPED, now, LIFTED)
        dropped = [task.next_version(state=TaskState.DROPPED) for task in tasks]
        await outbox.append(transaction, touch_events.dropped(dropped, now, LIFTED))


async def reassign(context: Context, transaction: Connection, ids: Sequence[UUID]) -> None:
    """Gives open warnings and stops of sale to who is responsible now; customers' rows are locked by the caller."""
    await give_anew(context, transaction, ids, _assigned)


async def _plan(context: Context, transaction: Connection, tasks: Sequence[Task]) -> None:
    await accounts.ensure(transaction, (task.customer_id for task in tasks))
    now = context.clock.now()
    added = await touches.add(transaction, await _assigned(transaction, tasks), now)
    await outbox.append(transaction, touch_events.planned(added, now))


def _warnings(context: Context, fact: BatchFact, customer_ids: Iterable[UUID]) -> list[Task]:
    return [_task(context, fact, TaskKind.BATCH_WARNING, WARNS, customer_id) for customer_id in customer_ids]


def _task(context: Context, fact: BatchFact, kind: TaskKind, role: str, customer_id: UUID | None) -> Task:
    now = context.clock.now()
    within = context.settings.sale_stop_within if kind is TaskKind.SALE_STOP else context.settings.batch_warning_within
    return Task(
        id=new_id(),
        customer_id=customer_id,
        kind=kind,
        role=role,
        contact="phone",
        assignee_id=None,
        window=Window(now, now + within),
        anchor_at=now,
        batch_id=fact.batch_id,
        round=fact.alarm,
    )


async def _assigned(transaction: Connection, tasks: Sequence[Task]) -> list[Task]:
    """A warning to the team's person in its role or their successor, else to whom that role's people answer (decision
    25); a stop of sale, which is no customer's, to who has the role longest."""
    if not tasks:
        return []
    customers = await accounts.lock(transaction, (task.customer_id for task in tasks))
    teams = {account.id: account.team for account in customers}
    named = {team[WARNS] for team in teams.values() if WARNS in team}
    people = await staffing.around(transaction, named, [WARNS])
    stops = await staffing.first_in_role(transaction, STOPS)
    return [
        replace(
            task,
            assignee_id=people.responsible(teams.get(task.customer_id, {}), task.role) if task.customer_id else stops,
            assigned_by=None,
        )
        for task in tasks
    ]
