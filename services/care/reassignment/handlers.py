"""A person who leaves gives their tasks to a successor or back to the list of unassigned ones (decision 25).

And the other way round: whoever comes may be the one for whom unassigned tasks have waited.
"""

from collections.abc import Sequence
from uuid import UUID

from services.care.accounts import store as accounts
from services.care.aftercare import handlers as aftercare
from services.care.apologies import handlers as apologies
from services.care.batch_warnings import handlers as batch_warnings
from services.care.call_backs import handlers as call_backs
from services.care.context import Context
from services.care.make_good import handlers as make_good
from services.care.messages import store as messages
from services.care.reassignment import store
from services.care.reassignment.domain import check_assignable
from services.care.staffing import store as staffing
from services.care.touches import events as touch_events
from services.care.touches import queries as touch_queries
from services.care.touches import store as touches
from services.care.touches.domain import TaskKind
from services.care.touches.queries import TaskDetails
from services.care.winning_back import handlers as winning_back
from shared import directory
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.customers import StaffListed
from shared.db import Connection
from shared.projection import latest
from shared.references import UnknownStaff


async def on_staff_listed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to directory.staff, which the directory has kept before: tasks that it concerns are assigned anew.

    Obligations go through the planning loop, because a colleague may serve thousands of customers.
    """
    listed = latest((event.read(StaffListed) for event in events), lambda fact: fact.staff_id)
    people = [fact.staff_id for fact in listed]
    leavers = [fact.staff_id for fact in listed if not fact.active]
    roles = await staffing.roles_around(transaction, people)
    concerned = await store.to_reassign(transaction, leavers, roles)
    now = context.clock.now()
    await accounts.lock(transaction, (customer for _, customer, _ in concerned))
    obliged = {customer for _, customer, kind in concerned if customer and kind is TaskKind.OBLIGATION}
    await accounts.plan_at(transaction, obliged, now)
    await apologies.reassign(context, transaction, _of(TaskKind.APOLOGY_CALL, concerned))
    await make_good.reassign(context, transaction, _of(TaskKind.MAKE_GOOD, concerned))
    await call_backs.reassign(context, transaction, _of(TaskKind.CALL_BACK, concerned))
    await batch_warnings.reassign(
        context, transaction, _of(TaskKind.BATCH_WARNING, concerned) + _of(TaskKind.SALE_STOP, concerned)
    )
    await aftercare.reassign(context, transaction, _of(TaskKind.AFTERCARE, concerned))
    await winning_back.reassign(context, transaction, _of(TaskKind.WINBACK, concerned))
    await messages.wake_staff(transaction, people, now)


def _of(kind: TaskKind, concerned: Sequence[tuple[UUID, UUID | None, TaskKind]]) -> list[UUID]:
    return [task for task, _, of in concerned if of is kind]


async def assign(context: Context, task_id: UUID, assignee_id: UUID, *, by: UUID) -> TaskDetails:
    """Gives a task that nobody has to somebody. Raises TaskNotFound, TaskNotUnassigned or UnknownStaff."""
    async with context.database.transaction() as transaction:
        seen = await touch_queries.read_task(transaction, task_id, viewer=None)
        await accounts.lock(transaction, [seen.customer_id])
        task = await touches.lock(transaction, task_id)
        check_assignable(task)
        await _check_active(transaction, assignee_id)
        given = task.next_version(assignee_id=assignee_id, assigned_by=by)
        await touches.change(transaction, [given])
        await outbox.append(transaction, touch_events.planned([given], context.clock.now()))
        return await touch_queries.written_task(transaction, task_id)


async def _check_active(transaction: Connection, staff_id: UUID) -> None:
    found = (await directory.staff(transaction, [staff_id])).get(staff_id)
    if found is None or not found.active:
        raise UnknownStaff("there is no such colleague at work; check the id", pointer="#/assignee_id")
