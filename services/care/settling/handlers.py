"""Tasks: read, done with proof, missed at their moment, handed over."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

import orjson

from services.care.accounts import store as accounts
from services.care.accounts.store import Account
from services.care.context import Context
from services.care.obligations import store as obligations
from services.care.obligations.domain import Matrix
from services.care.planning.domain import following
from services.care.planning.handlers import rules_of
from services.care.staffing import store as staffing
from services.care.staffing.domain import Staffing
from services.care.touches import events as news
from services.care.touches import store
from services.care.touches.domain import OVERSEERS, Kind, Proof, State, Task, check_done
from services.care.touches.store import Filters, Shown
from shared.auth.principal import Principal
from shared.bus import outbox
from shared.db import Connection
from shared.errors import NotFound
from shared.ids import new_id
from shared.telemetry import TIMER_LATENESS

BATCH = 500


def tasks_of(caller: Principal) -> UUID | None:
    """Whose tasks the caller sees: their own and those of their people; None: everybody's."""
    return None if caller.has(*OVERSEERS) else caller.id


async def list_tasks(context: Context, filters: Filters, after: tuple[datetime, UUID] | None, most: int) -> list[Shown]:
    """Tasks in the order of their due moment."""
    return await store.listed(context.database, filters, after, most)


async def read_task(context: Context, task_id: UUID, caller: Principal) -> Shown:
    """Raises NotFound for a task that is not there or not the caller's to see."""
    shown = await store.find(context.database, task_id, tasks_of(caller))
    if shown is None:
        raise NotFound("there is no such task, or it is another person's")
    return shown


async def finish(context: Context, task_id: UUID, proof: Proof, caller: Principal) -> Shown:
    """Records a touch as done and plans the next occurrence in the same transaction.

    Raises NotFound, TaskNotOpen, WindowEnded, TooEarly or Invalid.
    """
    async with context.database.transaction() as transaction:
        seen = await store.find(transaction, task_id, tasks_of(caller))
        if seen is None:
            raise NotFound("there is no such task, or it is another person's")
        customers = await accounts.lock(transaction, _ids([seen.task]))
        task = await store.lock(transaction, task_id) or seen.task
        check_done(task, proof, context.clock.now(), context.zone)
        done = replace(task, state=State.DONE, version=task.version + 1)
        await store.finish(transaction, done, proof, caller.id, _sealed(context, task_id, proof))
        following_tasks = await _plan_following(context, transaction, [task], customers, proof.at)
        now = context.clock.now()
        await outbox.append(
            transaction, [news.done(done, proof.at, proof.minutes), *news.planned(following_tasks, now)]
        )
        shown = await store.find(transaction, task_id, None)
        return shown or seen


def _sealed(context: Context, task_id: UUID, proof: Proof) -> bytes:
    content = {"content": proof.content, "said": proof.said, "place": proof.place}
    return context.vaults.touches.seal(orjson.dumps(content), task_id.bytes)


def opened(context: Context, shown: Shown) -> dict[str, str | None] | None:
    """What was recorded of a done touch: `content`, `said`, `place`."""
    if shown.record is None:
        return None
    content: dict[str, str | None] = orjson.loads(context.vaults.touches.open(shown.record, shown.task.id.bytes))
    return content


async def miss_due(context: Context) -> int:
    """Marks a batch of tasks whose windows have ended as missed and plans what follows; returns how many."""
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        due = await store.due(transaction, now, BATCH)
        free = await accounts.lock_free(transaction, {customer for _, customer in due if customer})
        tasks = await store.lock_due(transaction, [id_ for id_, _ in due], now, [each.id for each in free])
        if not tasks:
            return 0
        await _miss(context, transaction, tasks, free)
    TIMER_LATENESS.labels("touches").observe((context.clock.now() - tasks[0].window.due_at).total_seconds())
    return len(tasks)


async def next_miss(context: Context) -> datetime | None:
    """When the next window ends."""
    return await store.next_due(context.database)


async def _miss(context: Context, transaction: Connection, tasks: Sequence[Task], customers: Sequence[Account]) -> None:
    now = context.clock.now()
    await store.end(transaction, tasks, State.MISSED, now)
    people = await staffing.around(transaction, {task.assignee_id for task in tasks if task.assignee_id}, ())
    missed = [
        news.missed(
            replace(task, state=State.MISSED, version=task.version + 1),
            task.window.due_at,
            people.supervisor(task.assignee_id),
        )
        for task in tasks
    ]
    following_tasks = await _plan_following(context, transaction, tasks, customers, None)
    await outbox.append(transaction, [*missed, *news.planned(following_tasks, now)])


async def _plan_following(
    context: Context,
    transaction: Connection,
    tasks: Sequence[Task],
    customers: Sequence[Account],
    done_at: datetime | None,
) -> list[Task]:
    """Adds the next occurrence of each obligation that is still owed; returns those."""
    obliged = [task for task in tasks if task.kind is Kind.OBLIGATION]
    by_id = {account.id: account for account in customers}
    if not obliged or not by_id:
        return []
    matrix = (await obligations.present(transaction)).matrix
    team_ids = {staff_id for account in customers for staff_id in account.team.values()}
    people = await staffing.around(transaction, team_ids, {task.role for task in obliged})
    next_one = partial(_following, context, matrix, people, done_at)
    planned = [next_one(task, by_id[task.customer_id]) for task in obliged if task.customer_id in by_id]
    return await store.add(transaction, [task for task in planned if task], context.clock.now())


def _following(
    context: Context,
    matrix: Matrix,
    people: Staffing,
    done_at: datetime | None,
    task: Task,
    account: Account,
) -> Task | None:
    rule = rules_of(account, matrix).get((task.role, task.contact))
    if rule is None:
        return None
    responsible = people.responsible(account.team, task.role)
    return following(task, rule, responsible, done_at=done_at, zone=context.zone, task_id=new_id())


def _ids(tasks: Collection[Task]) -> set[UUID]:
    return {task.customer_id for task in tasks if task.customer_id}
