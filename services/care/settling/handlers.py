"""Tasks done with proof, touches recorded without a task, and tasks missed when their windows have ended."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.care.absences import handlers as absences
from services.care.accounts import queries as account_queries
from services.care.accounts import store as accounts
from services.care.accounts.domain import Account
from services.care.context import Context
from services.care.make_good import handlers as make_good
from services.care.obligations.domain import Window
from services.care.planning import handlers as planning
from services.care.settling.domain import NewTouch, check_done, check_place, counts_from, entry_of, fits, person_in
from services.care.staffing import store as staffing
from services.care.touches import events as touch_events
from services.care.touches import queries as touch_queries
from services.care.touches import store as touches
from services.care.touches.domain import Entry, Proof, Task, TaskKind, TaskState, viewer_of_tasks
from services.care.touches.queries import TaskDetails
from shared import audit, directory
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.bus import outbox
from shared.db import Connection
from shared.errors import Invalid
from shared.ids import new_id
from shared.telemetry import TIMER_LATENESS

BATCH = 500


async def finish(context: Context, task_id: UUID, proof: Proof, *, by: UUID, viewer: UUID | None) -> TaskDetails:
    """Records a touch as done and plans the next occurrence in the same transaction.

    Raises TaskNotFound, TaskNotOpen, WindowEnded, TooEarly, SameDay or Invalid.
    """
    entry = _entry(context, proof, by)
    async with context.database.transaction() as transaction:
        seen = await touch_queries.read_task(transaction, task_id, viewer=viewer)
        customers = await accounts.lock(transaction, [seen.customer_id])
        task = await touches.lock(transaction, task_id)
        check_done(task, proof.at, await _done(context, transaction, task), context.zone)
        check_place(task.contact, proof)
        if task.state is TaskState.OPEN and proof.at >= task.window.due_at:  # what is still wanted is missed first
            await _miss(context, transaction, [task], customers)
            task = await touches.lock(transaction, task_id)
        await _settle(context, transaction, task, customers, proof, entry)
        return await touch_queries.written_task(transaction, task_id)


async def record(context: Context, touch: NewTouch, caller: Principal) -> TaskDetails:
    """Records a touch without a task; it settles the one obligation that it fulfils, if there is one.

    Raises UnknownCustomer for one who is not known or not the caller's, or Invalid.
    """
    entry = _entry(context, touch.proof, caller.id)
    check_place(touch.contact, touch.proof)
    await account_queries.known_to(context.database, touch.customer_id, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        customers = await accounts.lock(transaction, [touch.customer_id])
        await _miss_before(context, transaction, touch, customers)
        mine = await _Mine.of(transaction, caller)
        task = await _fulfilled(context, transaction, touch, mine)
        if task is None:
            task = await _unplanned(context, transaction, touch, customers, mine, entry)
        else:
            await _settle(context, transaction, task, customers, touch.proof, entry)
        await audit.enter(transaction, caller.id, "touch.recorded", task.id)
        return await touch_queries.written_task(transaction, task.id)


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


def _entry(context: Context, proof: Proof, by: UUID) -> Entry:
    longest = timedelta(days=context.settings.late_days)
    return entry_of(proof, by, now=context.clock.now(), zone=context.zone, longest=longest)


async def _done(context: Context, transaction: Connection, task: Task) -> Collection[datetime]:
    """When the task's duty was fulfilled where a touch would count for it."""
    return await touches.done_within(transaction, task, counts_from(task, context.zone))


async def _settle(
    context: Context,
    transaction: Connection,
    task: Task,
    customers: Sequence[Account],
    proof: Proof,
    entry: Entry,
) -> None:
    """The task is done; a miss that was told of is taken back (examples 24), and with it the order to make it good. It
    stands where what was still wanted is done after its window."""
    done = task.next_version(state=TaskState.DONE)
    await touches.finish(transaction, context.vaults.touches, done, proof, entry)
    told = [touch_events.done(done, proof, entry)]
    following: Sequence[Task] = ()
    if task.kind is TaskKind.MAKE_GOOD:
        told += await make_good.made_good(transaction, done, proof.at)
    elif task.state is TaskState.MISSED and proof.at < task.window.due_at:
        told.insert(0, touch_events.miss_withdrawn(done, entry.at))
        told += await make_good.drop(transaction, [task.id], entry.at)
        await audit.enter(transaction, entry.by, "touch.miss_withdrawn", task.id)
        following = await planning.plan_after_withdrawal(context, transaction, task, done_at=proof.at)
    else:
        following = await planning.plan_following(context, transaction, [task], customers, done_at=proof.at)
    await outbox.append(transaction, [*told, *touch_events.planned(following, entry.at)])


@dataclass(frozen=True, slots=True)
class _Mine:
    """Who records, and whose obligations they may settle: their own and their people's; None: everybody's."""

    caller: Principal
    people: Collection[UUID] | None

    @classmethod
    async def of(cls, transaction: Connection, caller: Principal) -> "_Mine":
        narrowed = viewer_of_tasks(caller)
        return cls(caller, None if narrowed is None else await directory.subordinates(transaction, narrowed))

    def may_settle(self, task: Task, role: str | None) -> bool:
        """In a role that is named, that role's obligation; else one that is their own."""
        if role is None:
            return task.assignee_id == self.caller.id
        return task.role == role and (self.people is None or task.assignee_id in self.people)


async def _fulfilled(context: Context, transaction: Connection, touch: NewTouch, mine: _Mine) -> Task | None:
    """The earliest obligation, or order to make one good, that the touch fulfils; one whose miss was told of already is
    among them."""
    for task in await touches.due_after(transaction, touch.customer_id, touch.contact, touch.proof.at):
        if mine.may_settle(task, touch.role):
            done = await _done(context, transaction, task)
            if fits(task, touch.proof.at, done, context.zone):
                return task
    return None


async def _miss_before(
    context: Context, transaction: Connection, touch: NewTouch, customers: Sequence[Account]
) -> None:
    """Misses what ended before the touch and was not noticed yet, so that what follows is there to be fulfilled."""
    while ended := [
        task
        for task in await touches.open_of(transaction, [touch.customer_id])
        if task.contact == touch.contact and task.window.due_at <= touch.proof.at
    ]:
        await _miss(context, transaction, ended, customers)


async def _unplanned(
    context: Context,
    transaction: Connection,
    touch: NewTouch,
    customers: Sequence[Account],
    mine: _Mine,
    entry: Entry,
) -> Task:
    """The touch as a task of its own, done."""
    team = {role: person for account in customers for role, person in account.team.items()}
    role, person = await _in_role(transaction, touch.role, team, mine)
    task = Task(
        id=new_id(),
        customer_id=touch.customer_id,
        kind=TaskKind.UNPLANNED,
        role=role,
        contact=touch.contact,
        assignee_id=person,
        window=Window(touch.proof.at, touch.proof.at),
        anchor_at=touch.proof.at,
    )
    await touches.add(transaction, [task], entry.at)
    await touches.finish(transaction, context.vaults.touches, task, touch.proof, entry)
    await outbox.append(transaction, [touch_events.done(task, touch.proof, entry)])
    return task


async def _in_role(transaction: Connection, role: str | None, team: dict[str, UUID], mine: _Mine) -> tuple[str, UUID]:
    """In which role the touch was, and whose: the one in the directory and their own, unless another is named."""
    caller = mine.caller
    if role is None:
        listed = (await directory.staff(transaction, [caller.id])).get(caller.id)
        return (listed.role if listed else min(caller.roles)), caller.id
    person = person_in(role, team, mine.people)
    if person is None and not caller.has(role):
        raise Invalid("name your own role, or that of one of your people", pointer="#/role")
    return role, person or caller.id


async def _miss(context: Context, transaction: Connection, tasks: Sequence[Task], customers: Sequence[Account]) -> None:
    now = context.clock.now()
    await touches.end(transaction, tasks, TaskState.MISSED, now)
    people = await staffing.around(transaction, {task.assignee_id for task in tasks if task.assignee_id}, ())
    excuses = await absences.excuses(transaction, context.zone, tasks)
    ended = [
        task.next_version(
            state=TaskState.MISSED, excuse=excuses.get(task.id), supervisor_id=people.supervisor(task.assignee_id)
        )
        for task in tasks
    ]
    await touches.judge(transaction, ended)
    missed = [touch_events.missed(task) for task in ended if task.kind is not TaskKind.MAKE_GOOD]
    missed += await make_good.not_made_good(transaction, [task for task in tasks if task.kind is TaskKind.MAKE_GOOD])
    following = await planning.plan_following(context, transaction, tasks, customers, done_at=None)
    await outbox.append(transaction, [*missed, *touch_events.planned(following, now)])
