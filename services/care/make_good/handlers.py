"""Ordering that a miss is made good, and what becomes of the order."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from services.care.accounts import store as accounts
from services.care.accounts.domain import Account
from services.care.context import Context
from services.care.make_good import store
from services.care.make_good.domain import (
    IN_TIME,
    MakeGoodNotFound,
    MakeGoodStands,
    Outcome,
    check_missed,
    check_not_ended,
    check_not_own,
    end_of,
    ordered,
)
from services.care.staffing import store as staffing
from services.care.staffing.domain import Staffing
from services.care.touches import events as touch_events
from services.care.touches import queries as touch_queries
from services.care.touches import store as touches
from services.care.touches.domain import Task, TaskState
from services.care.touches.queries import TaskDetails
from shared import audit
from shared.bus import outbox
from shared.bus.event import Event
from shared.db import Connection
from shared.errors import DomainError
from shared.ids import new_id


async def order(context: Context, task_id: UUID, until: date | datetime, *, by: UUID) -> TaskDetails:
    """Opens the task by which a miss is made good until then: its person's, or that of who took over.

    Raises TaskNotFound, TaskNotMissed, OwnMiss, MakeGoodStands or Invalid.
    """
    now = context.clock.now()
    end = end_of(until, now=now, zone=context.zone)
    async with context.database.transaction() as transaction:
        missed, customers = await _locked(transaction, task_id)
        check_missed(missed)
        people = await _around(transaction, [missed], customers)
        check_not_own(missed, people, by)
        if await store.find(transaction, missed.id):
            raise MakeGoodStands("it is to be made good already; read the task for until when, and move that date")
        person = _person(people, customers, missed)
        added = ordered(missed, person, end, now=now, task_id=new_id())
        await touches.add(transaction, [added], now)
        await store.add(transaction, missed.id, added.id, by=by, at=now)
        (missed,) = await touches.raise_version(transaction, [missed])
        await audit.enter(transaction, by, "make_good.ordered", missed.id)
        told = touch_events.make_good_ordered(missed, added, now)
        await outbox.append(transaction, [told, *touch_events.planned([added], now)])
        return await touch_queries.written_task(transaction, added.id)


async def order_many(context: Context, ids: Iterable[UUID], until: date | datetime, *, by: UUID) -> list[Outcome]:
    """Orders each of these once, each by itself; one that is refused holds up no other. Raises Invalid for the date."""
    end_of(until, now=context.clock.now(), zone=context.zone)
    return [await _one_of_many(context, task_id, until, by) for task_id in dict.fromkeys(ids)]


async def _one_of_many(context: Context, task_id: UUID, until: date | datetime, by: UUID) -> Outcome:
    try:
        return Outcome(task_id, (await order(context, task_id, until, by=by)).id)
    except DomainError as refusal:
        return Outcome(task_id, refusal=refusal)


async def move(context: Context, task_id: UUID, until: date | datetime, *, by: UUID) -> TaskDetails:
    """Another date for an order that has not ended.

    Raises TaskNotFound, MakeGoodNotFound, OwnMiss, MakeGoodEnded or Invalid.
    """
    now = context.clock.now()
    end = end_of(until, now=now, zone=context.zone)
    async with context.database.transaction() as transaction:
        missed, customers = await _locked(transaction, task_id)
        make_good_id = await store.find(transaction, missed.id)
        if make_good_id is None:
            raise MakeGoodNotFound("nothing was ordered to be made good of this task; order it first")
        people = await _around(transaction, [missed], customers)
        check_not_own(missed, people, by)
        standing = await touches.lock(transaction, make_good_id)
        check_not_ended(standing, now)
        moved = standing.next_version(window=replace(standing.window, due_at=end))
        await touches.change(transaction, [moved])
        (missed,) = await touches.raise_version(transaction, [missed])
        await audit.enter(transaction, by, "make_good.moved", missed.id)
        told = touch_events.make_good_ordered(missed, moved, now)
        await outbox.append(transaction, [told, *touch_events.planned([moved], now)])
        return await touch_queries.written_task(transaction, moved.id)


async def made_good(transaction: Connection, done: Task, at: datetime) -> list[Event]:
    """The miss is made good by a task that was done at `at`; returns what is to be told of it."""
    (missed,) = await _missed_by(transaction, [done])
    return [touch_events.made_good(missed, done, at)]


async def not_made_good(transaction: Connection, ended: Sequence[Task]) -> list[Event]:
    """The time of these has ended without a touch; returns what is to be told of their misses."""
    if not ended:
        return []
    people = await staffing.around(transaction, {task.assignee_id for task in ended if task.assignee_id}, ())
    pairs = zip(await _missed_by(transaction, ended), ended, strict=True)
    return [touch_events.make_good_missed(missed, by, people.supervisor(by.assignee_id)) for missed, by in pairs]


async def drop(transaction: Connection, missed: Collection[UUID], now: datetime, reason: str = IN_TIME) -> list[Event]:
    """Their misses were none: orders to make them good go, unless they were fulfilled; returns what is to be told."""
    standing = await touches.lock_all(transaction, await store.standing_of(transaction, missed))
    owed = [task for task in standing if task.state in (TaskState.OPEN, TaskState.MISSED)]
    await store.drop(transaction, [task.id for task in owed], now)
    await touches.end(transaction, owed, TaskState.DROPPED, now, reason)
    return touch_events.dropped([task.next_version(state=TaskState.DROPPED) for task in owed], now, reason)


async def restore(transaction: Connection, missed: Collection[UUID], now: datetime, reason: str) -> list[Event]:
    """Their misses are such after all: what was dropped for that reason is to be made good again until the date that
    was ordered, also where that lies in the past; what then was not made good is told by the timer.

    Returns what is to be told.
    """
    missed_of = await store.dropped_of(transaction, missed, reason)
    if not missed_of:
        return []
    dropped = await touches.lock_all(transaction, missed_of.keys())
    opened = [task.next_version(state=TaskState.OPEN) for task in dropped]
    await touches.open_again(transaction, dropped)
    await store.restore(transaction, missed_of.keys())
    misses = await _missed_by(transaction, opened)
    ordered_again = [touch_events.make_good_ordered(miss, by, now) for miss, by in zip(misses, opened, strict=True)]
    return [*ordered_again, *touch_events.planned(opened, now)]


async def reassign(context: Context, transaction: Connection, ids: Collection[UUID]) -> None:
    """Hands open tasks of people who left to who took over, and those of nobody to who is there now; customers' rows
    are locked by the caller."""
    standing = await touches.lock_open(transaction, ids)
    if not standing:
        return
    customers = await accounts.lock(transaction, (task.customer_id for task in standing))
    people = await _around(transaction, standing, customers)
    found = [(task, _person(people, customers, task)) for task in standing]
    changed = [
        task.next_version(assignee_id=person, assigned_by=task.assigned_by if person else None)
        for task, person in found
        if person != task.assignee_id
    ]
    await touches.change(transaction, changed)
    await outbox.append(transaction, touch_events.planned(changed, context.clock.now()))


async def _locked(transaction: Connection, task_id: UUID) -> tuple[Task, Sequence[Account]]:
    """The task and its customer, held until the transaction ends."""
    seen = await touch_queries.read_task(transaction, task_id, viewer=None)
    customers = await accounts.lock(transaction, [seen.customer_id])
    return await touches.lock(transaction, task_id), customers


async def _around(transaction: Connection, tasks: Sequence[Task], customers: Sequence[Account]) -> Staffing:
    people = {staff_id for account in customers for staff_id in account.team.values()}
    people |= {task.assignee_id for task in tasks if task.assignee_id}
    return await staffing.around(transaction, people, {task.role for task in tasks})


def _person(people: Staffing, customers: Sequence[Account], task: Task) -> UUID | None:
    """Whose task it was, or who took over; where nobody did, whoever has the role towards the customer now."""
    heir = people.heir(task.assignee_id) if task.assignee_id else None
    team = next((account.team for account in customers if account.id == task.customer_id), {})
    return heir or people.responsible(team, task.role)


async def _missed_by(transaction: Connection, make_goods: Sequence[Task]) -> list[Task]:
    """The misses that these make good, each in its next version, in the same order."""
    missed_of = await store.missed_of(transaction, [task.id for task in make_goods])
    locked = await touches.lock_all(transaction, missed_of.values())
    raised = {task.id: task for task in await touches.raise_version(transaction, locked)}
    return [raised[missed_of[task.id]] for task in make_goods]
