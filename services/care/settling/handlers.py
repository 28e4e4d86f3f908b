"""Tasks done with proof, or missed when their windows have ended."""

from collections.abc import Sequence
from uuid import UUID

from services.care.accounts import store as accounts
from services.care.accounts.domain import Account
from services.care.context import Context
from services.care.planning import handlers as planning
from services.care.settling.domain import check_done
from services.care.staffing import store as staffing
from services.care.touches import events as touch_events
from services.care.touches import queries as touch_queries
from services.care.touches import store as touches
from services.care.touches.domain import Proof, Task, TaskState
from services.care.touches.queries import TaskDetails
from shared.bus import outbox
from shared.db import Connection
from shared.telemetry import TIMER_LATENESS

BATCH = 500


async def finish(context: Context, task_id: UUID, proof: Proof, *, by: UUID, viewer: UUID | None) -> TaskDetails:
    """Records a touch as done and plans the next occurrence in the same transaction.

    Raises TaskNotFound, TaskNotOpen, WindowEnded, TooEarly or Invalid.
    """
    async with context.database.transaction() as transaction:
        seen = await touch_queries.read_task(transaction, task_id, viewer=viewer)
        customers = await accounts.lock(transaction, [seen.customer_id])
        task = await touches.lock(transaction, task_id)
        check_done(task, proof, context.clock.now(), context.zone)
        done = task.next_version(state=TaskState.DONE)
        await touches.finish(transaction, context.vaults.touches, done, proof, by)
        following = await planning.plan_following(context, transaction, [task], customers, done_at=proof.at)
        done_event = touch_events.done(done, proof.at, proof.minutes)
        await outbox.append(transaction, [done_event, *touch_events.planned(following, context.clock.now())])
        return await touch_queries.read_task(transaction, task_id, viewer=None)


async def miss_due(context: Context) -> int:
    """Marks a batch of tasks whose windows have ended as missed and plans what follows; returns how many."""
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        due = await touches.due(transaction, now, BATCH)
        free = await accounts.lock_free(transaction, (customer for _, customer in due))
        tasks = await touches.lock_due(transaction, [id_ for id_, _ in due], now, [each.id for each in free])
        if not tasks:
            return 0
        await _miss(context, transaction, tasks, free)
    TIMER_LATENESS.labels("touches").observe((context.clock.now() - tasks[0].window.due_at).total_seconds())
    return len(tasks)


async def _miss(context: Context, transaction: Connection, tasks: Sequence[Task], customers: Sequence[Account]) -> None:
    now = context.clock.now()
    await touches.end(transaction, tasks, TaskState.MISSED, now)
    people = await staffing.around(transaction, {task.assignee_id for task in tasks if task.assignee_id}, ())
    missed = [
        touch_events.missed(task.next_version(state=TaskState.MISSED), people.supervisor(task.assignee_id))
        for task in tasks
    ]
    following = await planning.plan_following(context, transaction, tasks, customers, done_at=None)
    await outbox.append(transaction, [*missed, *touch_events.planned(following, now)])
