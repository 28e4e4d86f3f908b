"""Planning touches from account team and matrix.

History is silent (decision 5): a historical event changes what care knows and plans nothing. So that its customers
are served afterwards all the same, the planning loop looks at them in the next early morning (`planning_hour` in the
company's zone); a live event about such a customer plans it at once.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import partial
from typing import TypeAlias
from uuid import UUID

from services.care.accounts import store as accounts
from services.care.accounts.domain import Account
from services.care.context import Context
from services.care.obligations import queries as obligations
from services.care.obligations.domain import Duty, Matrix, Served
from services.care.planning.domain import (
    Changes,
    Situation,
    counted_anew,
    following,
    follows_miss,
    merged,
    owed_by_itself,
    person_for,
    plan,
    rules_of,
    served_together,
)
from services.care.staffing import store as staffing
from services.care.staffing.domain import Staffing
from services.care.touches import events as touch_events
from services.care.touches import store as touches
from services.care.touches.domain import Task, TaskKind, TaskState
from shared import aliases
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.customers import AccountTeamChanged, CustomerRegistered, TierChanged
from shared.contracts.merging import CustomerMerged, CustomerUnmerged
from shared.db import Connection
from shared.ids import new_id
from shared.months import Month

OfCustomer: TypeAlias = CustomerRegistered | AccountTeamChanged | TierChanged

BATCH = 200
NOT_OWED = "not owed any longer"


async def on_customer_registered(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.registered: team and tier may have come before it."""
    await _plan_unless_historical(context, transaction, events, CustomerRegistered)


async def on_account_team_changed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to account_team.changed: new people get the open tasks, a first team gets them all."""
    await _plan_unless_historical(context, transaction, events, AccountTeamChanged)


async def on_tier_changed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to tier.changed: what is ahead is planned by the new tier, what is done stays."""
    await _plan_unless_historical(context, transaction, events, TierChanged)


async def _plan_unless_historical(
    context: Context, transaction: Connection, events: Sequence[Event], contract: type[OfCustomer]
) -> None:
    concerned = [(event.read(contract).customer_id, event.historical) for event in events]
    live = {customer for customer, historical in concerned if not historical}
    await plan_customers(context, transaction, live)
    past = {customer for customer, _ in concerned} - live
    await accounts.plan_at(transaction, past, _next_morning(context))


async def on_customer_merged(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.merged: who was merged is owed nothing beside the one who is kept."""
    await plan_customers(context, transaction, {event.read(CustomerMerged).merged_id for event in events})


async def on_customer_unmerged(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.unmerged: it is owed its own again."""
    await plan_customers(context, transaction, {event.read(CustomerUnmerged).merged_id for event in events})


def _next_morning(context: Context) -> datetime:
    tomorrow = context.clock.now().astimezone(context.zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(context.settings.planning_hour), context.zone)


async def plan_due(context: Context) -> int:
    """Plans a batch of customers whose planning is due; returns how many."""
    async with context.database.transaction() as transaction:
        version = (await obligations.present(transaction)).version
        ids = await accounts.due_for_planning(transaction, context.clock.now(), version, BATCH)
        await plan_customers(context, transaction, ids)
        return len(ids)


async def plan_customers(context: Context, transaction: Connection, ids: Collection[UUID]) -> None:
    """Makes the open tasks of these customers what their team, tier and the matrix ask for."""
    found = await accounts.lock(transaction, ids)
    if not found:
        return
    present = await obligations.present(transaction)
    gone = await aliases.kept(transaction, [account.id for account in found])
    known = [owed_by_itself(account, gone) for account in found if account.tier is not None]
    changes = await _changes(context, transaction, known, present.matrix)
    await _carry_out(context, transaction, changes)
    await accounts.planned(transaction, [account.id for account in found], present.version)


async def plan_following(
    context: Context,
    transaction: Connection,
    tasks: Sequence[Task],
    customers: Sequence[Account],
    *,
    done_at: datetime | None,
) -> list[Task]:
    """Adds the next occurrence of each obligation that is still owed; returns those, for the caller to publish.

    The tasks were done at `done_at`, or missed when that is None; `customers` are theirs, locked.
    """
    obliged = [task for task in tasks if task.kind is TaskKind.OBLIGATION]
    by_id = {account.id: account for account in customers}
    if not obliged or not by_id:
        return []
    matrix = (await obligations.present(transaction)).matrix
    people = await _staff_of(transaction, customers, {task.role for task in obliged}, obliged)
    next_one = partial(_following, context, matrix, people, done_at)
    planned = [next_one(task, by_id[task.customer_id]) for task in obliged if task.customer_id in by_id]
    return await touches.add(transaction, [task for task in planned if task], context.clock.now())


def _following(
    context: Context,
    matrix: Matrix,
    people: Staffing,
    done_at: datetime | None,
    task: Task,
    account: Account,
) -> Task | None:
    rule = rules_of(account, matrix).get(task.duty)
    if rule is None:
        return None
    person = person_for(people, account.team, task.role, task)
    return following(task, rule, person, done_at=done_at, now=context.clock.now(), zone=context.zone, task_id=new_id())


async def plan_after_withdrawal(
    context: Context, transaction: Connection, task: Task, *, done_at: datetime
) -> list[Task]:
    """Counts what followed a miss from the touch that was done after all; returns what changes, to be published.

    Only a range counts from the last touch; the parts of a month stay as they are.
    """
    if task.customer_id is None:
        return []
    standing = await touches.open_of(transaction, [task.customer_id])
    now = context.clock.now()
    counted = [counted_anew(each, done_at, now, context.zone) for each in standing if follows_miss(each, task)]
    await touches.change(transaction, counted)
    return counted


async def _changes(context: Context, transaction: Connection, customers: Sequence[Account], matrix: Matrix) -> Changes:
    ids = [account.id for account in customers]
    standing = await touches.open_of(transaction, ids)
    open_tasks = _by_customer(standing)
    now = context.clock.now()
    served = await _served_together(transaction, ids, Month.of(now, context.zone).starts(context.zone))
    people = await _staff_of(transaction, customers, {role for _, role, _ in matrix}, standing)
    situations = [
        Situation(
            account.id,
            rules_of(account, matrix),
            open_tasks.get(account.id, ()),
            served.get(account.id, {}),
            partial(person_for, people, account.team),
        )
        for account in customers
    ]
    return merged([plan(each, now=now, zone=context.zone, new_id=new_id) for each in situations])


async def _served_together(
    transaction: Connection, ids: Sequence[UUID], since: datetime
) -> Mapping[UUID, Mapping[Duty, Served]]:
    """What was done of each duty, under whichever id of a customer."""
    same = await aliases.together(transaction, ids)
    found = await touches.served(transaction, {each for every in same.values() for each in every}, since)
    return {id_: served_together([found.get(each, {}) for each in same[id_]]) for id_ in ids}


async def _staff_of(
    transaction: Connection, customers: Sequence[Account], roles: Collection[str], tasks: Sequence[Task]
) -> Staffing:
    """The people of the customers' teams, those who were given a task by hand, and who stands in for missing ones."""
    people = {staff_id for account in customers for staff_id in account.team.values()}
    people |= {task.assignee_id for task in tasks if task.assignee_id and task.assigned_by}
    return await staffing.around(transaction, people, roles)


def _by_customer(tasks: Sequence[Task]) -> Mapping[UUID, Sequence[Task]]:
    grouped: dict[UUID, list[Task]] = {}
    for task in tasks:
        if task.customer_id is not None:
            grouped.setdefault(task.customer_id, []).append(task)
    return grouped


async def _carry_out(context: Context, transaction: Connection, changes: Changes) -> None:
    now = context.clock.now()
    await touches.end(transaction, changes.dropped, TaskState.DROPPED, now, NOT_OWED)
    await touches.change(transaction, changes.changed)
    added = await touches.add(transaction, changes.new, now)
    await outbox.append(
        transaction,
        [
            *touch_events.dropped(changes.dropped, now, NOT_OWED),
            *touch_events.planned(changes.changed, now),
            *touch_events.planned(added, now),
        ],
    )
