"""Tasks in the database. Whoever changes tasks of customers has locked the customers' rows before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Uuid, func, or_, select, update
from sqlmodel import col

from services.care.obligations.domain import Duty, Every, PerMonth, Served, Window, as_json, from_json
from services.care.touches.domain import Entry, Proof, Task, TaskKind, TaskState, TouchRecord
from services.care.touches.tables import TaskRow
from shared.contracts.care import Contact
from shared.db import Connection, Database
from shared.personal import Vault
from shared.statement import Scalar, Statement, any_given, by_column, given, insert_many, table, update_many

_CHANGING = ("id", "assignee_id", "not_before", "due_at", "occurrence", "anchor_at", "rule", "assigned_by", "version")
_ADDED = (
    *_CHANGING, "customer_id", "kind", "role", "contact", "complaint_id", "batch_id", "round", "contract_id", "errand",
    "winback_id", "loss_id",
)  # fmt: skip
_MOVED = ("id", "customer_id", "assignee_id", "assigned_by", "version")
_JUDGED = ("id", "excuse", "supervisor_id", "version")
_FINISHED = (
    "id", "settled_at", "settled_by", "minutes", "cost", "record", "recorded_at", "recorded_late", "version",
)  # fmt: skip
_COLUMNS = tuple(table(TaskRow).c[name] for name in (*_ADDED, "state", "excuse", "supervisor_id"))


def task_of(
    *,
    kind: str,
    state: str,
    not_before: datetime,
    due_at: datetime,
    occurrence: int,
    rule: Mapping[str, Any] | None,
    **same: Any,
) -> Task:
    """The task in a row of _COLUMNS."""
    window = Window(not_before, due_at, occurrence)
    return Task(kind=TaskKind(kind), state=TaskState(state), window=window, rule=_rule(rule), **same)


def _rule(stored: Mapping[str, Any] | None) -> PerMonth | Every | None:
    interval = from_json(stored) if stored else None
    return interval if isinstance(interval, PerMonth | Every) else None


_OPEN = col(TaskRow.state) == TaskState.OPEN
_OBLIGATION = col(TaskRow.kind) == TaskKind.OBLIGATION
_OWED = col(TaskRow.kind).in_((TaskKind.OBLIGATION, TaskKind.MAKE_GOOD))
_AMONG = col(TaskRow.id) == any_given("ids", Uuid)
_OF_CUSTOMERS = col(TaskRow.customer_id) == any_given("customers", Uuid)
TASKS = select(*_COLUMNS)

_ADD = Scalar(
    insert_many(TaskRow, *_ADDED, state=TaskState.OPEN, planned_at=given("planned_at"))
    .on_conflict_do_nothing()
    .returning(col(TaskRow.id)),
    UUID,
)
_CHANGE = Statement(update_many(TaskRow, *_CHANGING))
_END = Statement(
    update(TaskRow)
    .values(state=given("state"), settled_at=given("at"), reason=given("reason"), version=col(TaskRow.version) + 1)
    .where(_AMONG)
)
_FINISH = Statement(update_many(TaskRow, *_FINISHED, state=TaskState.DONE, excuse=None))
_JUDGE = Statement(update_many(TaskRow, *_JUDGED))
_OPEN_OF = Statement(TASKS.where(_OF_CUSTOMERS, _OPEN, _OBLIGATION).with_for_update(), task_of)
_LAST_DONE = Statement(
    select(
        col(TaskRow.customer_id),
        col(TaskRow.role),
        col(TaskRow.contact),
        func.max(col(TaskRow.settled_at)).label("at"),
        func.count().filter(col(TaskRow.settled_at) >= given("since")).label("times"),
    )
    .where(_OF_CUSTOMERS, col(TaskRow.state) == TaskState.DONE, _OBLIGATION)
    .group_by(col(TaskRow.customer_id), col(TaskRow.role), col(TaskRow.contact))
)
_DONE_AT = Scalar(
    select(col(TaskRow.settled_at)).where(
        col(TaskRow.customer_id) == given("customer_id"),
        col(TaskRow.role) == given("role"),
        col(TaskRow.contact) == given("contact"),
        col(TaskRow.settled_at) >= given("since"),
        col(TaskRow.settled_at) < given("until"),
        col(TaskRow.state) == TaskState.DONE,
        _OBLIGATION,
    ),
    datetime,
)
_DUE_AFTER = Statement(
    TASKS.where(
        col(TaskRow.customer_id) == given("customer_id"),
        col(TaskRow.contact) == given("contact"),
        col(TaskRow.due_at) > given("moment"),
        col(TaskRow.state).in_((TaskState.OPEN, TaskState.MISSED)),
        _OWED,
    )
    .order_by(col(TaskRow.due_at), col(TaskRow.occurrence), col(TaskRow.id))
    .with_for_update(),
    task_of,
)
_DUE = Statement(
    select(col(TaskRow.id), col(TaskRow.customer_id))
    .where(_OPEN, col(TaskRow.due_at) <= given("now"))
    .order_by(col(TaskRow.due_at))
    .limit(given("most"))
)
_LOCK_DUE = Statement(
    TASKS.where(
        _AMONG, _OPEN, col(TaskRow.due_at) <= given("now"), or_(col(TaskRow.customer_id).is_(None), _OF_CUSTOMERS)
    )
    .order_by(col(TaskRow.due_at))
    .with_for_update(skip_locked=True),
    task_of,
)
_NEXT_DUE = Scalar(select(func.min(col(TaskRow.due_at))).where(_OPEN), datetime)
_LOCK = Statement(TASKS.where(col(TaskRow.id) == given("id")).with_for_update(), task_of)
_LOCK_ALL = Statement(TASKS.where(_AMONG).order_by(col(TaskRow.id)).with_for_update(), task_of)
_RAISE = Statement(update(TaskRow).values(version=col(TaskRow.version) + 1).where(_AMONG))
_LOCK_OPEN = Statement(TASKS.where(_AMONG, _OPEN).order_by(col(TaskRow.id)).with_for_update(), task_of)
_OPEN_CALLS = Statement(
    TASKS.where(col(TaskRow.complaint_id) == any_given("complaints", Uuid), _OPEN)
    .order_by(col(TaskRow.id))
    .with_for_update(),
    task_of,
)
_MOVE = Statement(update_many(TaskRow, *_MOVED))


async def add(transaction: Connection, tasks: Sequence[Task], now: datetime) -> list[Task]:
    """Adds open tasks; returns those that were not there already."""
    if not tasks:
        return []
    added = set(await _ADD.all(transaction, **by_column(map(_row, tasks)), planned_at=now))
    return [task for task in tasks if task.id in added]


async def change(transaction: Connection, tasks: Sequence[Task]) -> None:
    """Stores assignee, window and rule of open tasks in their new version."""
    if tasks:
        await _CHANGE.execute(transaction, **by_column(map(_changing, tasks)))


async def end(
    transaction: Connection, tasks: Sequence[Task], state: TaskState, at: datetime, reason: str | None = None
) -> None:
    """Ends open tasks as missed or dropped; their version rises by one."""
    if tasks:
        await _END.execute(transaction, ids=[task.id for task in tasks], state=state, at=at, reason=reason)


async def open_again(transaction: Connection, tasks: Sequence[Task]) -> None:
    """Opens what was dropped by mistake; its version rises by one."""
    await _END.execute(transaction, ids=[task.id for task in tasks], state=TaskState.OPEN, at=None, reason=None)


async def judge(transaction: Connection, tasks: Sequence[Task]) -> None:
    """Stores of missed tasks what excuses them and who supervised their people, in their version."""
    if tasks:
        await _JUDGE.execute(
            transaction, **by_column({name: getattr(task, name) for name in _JUDGED} for task in tasks)
        )


async def finish(transaction: Connection, vault: Vault, task: Task, proof: Proof, entry: Entry) -> None:
    """Stores a done task in its new version."""
    row = {
        "id": task.id,
        "settled_at": proof.at,
        "settled_by": entry.by,
        "minutes": proof.minutes,
        "cost": proof.cost,
        "record": vault.seal(orjson.dumps(asdict(proof.record)), task.id.bytes),
        "recorded_at": entry.at,
        "recorded_late": entry.late,
        "version": task.version,
    }
    await _FINISH.execute(transaction, **by_column([row]))


def record_in(vault: Vault, task_id: UUID, sealed: bytes) -> TouchRecord:
    """What was recorded of a touch, as `finish` has sealed it."""
    return TouchRecord(**orjson.loads(vault.open(sealed, task_id.bytes)))


async def open_of(transaction: Connection, customers: Collection[UUID]) -> list[Task]:
    """The open obligations of customers, locked."""
    return await _OPEN_OF.all(transaction, customers=list(customers))


async def served(
    transaction: Connection, customers: Collection[UUID], since: datetime
) -> Mapping[UUID, Mapping[Duty, Served]]:
    """When each kind of obligation was last fulfilled per customer, and how many times since `since`."""
    found: dict[UUID, dict[Duty, Served]] = {}
    for row in await _LAST_DONE.all(transaction, customers=list(customers), since=since):
        found.setdefault(row["customer_id"], {})[row["role"], row["contact"]] = Served(row["at"], row["times"])
    return found


async def done_within(transaction: Connection, task: Task, since: datetime) -> list[datetime]:
    """When the task's duty was fulfilled from `since` on and before its window's end."""
    return await _DONE_AT.all(
        transaction,
        customer_id=task.customer_id,
        role=task.role,
        contact=task.contact,
        since=since,
        until=task.window.due_at,
    )


async def due_after(transaction: Connection, customer_id: UUID, contact: Contact, moment: datetime) -> list[Task]:
    """Open and missed obligations to a customer, and what makes such good, whose windows end after `moment`, the
    earliest first, locked."""
    return await _DUE_AFTER.all(transaction, customer_id=customer_id, contact=contact, moment=moment)


async def due(transaction: Connection, now: datetime, most: int) -> list[tuple[UUID, UUID | None]]:
    """Ids of tasks whose window has ended, and of their customers, the oldest first."""
    return [(row["id"], row["customer_id"]) for row in await _DUE.all(transaction, now=now, most=most)]


async def lock_due(
    transaction: Connection, ids: Collection[UUID], now: datetime, customers: Collection[UUID]
) -> list[Task]:
    """Those of them that are due still, belong to nobody or to the given customers, and that nobody else holds."""
    return await _LOCK_DUE.all(transaction, ids=list(ids), now=now, customers=list(customers))


async def next_due(database: Database) -> datetime | None:
    return await _NEXT_DUE.one(database)


async def lock_open(transaction: Connection, ids: Collection[UUID]) -> list[Task]:
    """Those of them that are open still, locked."""
    return await _LOCK_OPEN.all(transaction, ids=list(ids))


async def lock_all(transaction: Connection, ids: Collection[UUID]) -> list[Task]:
    """These tasks, whatever became of them, locked."""
    return await _LOCK_ALL.all(transaction, ids=list(ids))


async def raise_version(transaction: Connection, tasks: Sequence[Task]) -> list[Task]:
    """The tasks in their next version, because something beside their rows has changed of them."""
    if tasks:
        await _RAISE.execute(transaction, ids=[task.id for task in tasks])
    return [task.next_version() for task in tasks]


async def open_of_cases(transaction: Connection, complaints: Collection[UUID]) -> list[Task]:
    """What is open because of these complaints, locked."""
    return await _OPEN_CALLS.all(transaction, complaints=list(complaints))


async def move(transaction: Connection, tasks: Sequence[Task]) -> None:
    """Stores customer and assignee of open tasks in their new version."""
    if tasks:
        rows = ({name: getattr(task, name) for name in _MOVED} for task in tasks)
        await _MOVE.execute(transaction, **by_column(rows))


async def lock(transaction: Connection, task_id: UUID) -> Task:
    """A task that has been read; raises LookupError when it is not there after all."""
    task = await _LOCK.one(transaction, id=task_id)
    if task is None:
        raise LookupError(f"no task {task_id}")
    return task


def _changing(task: Task) -> dict[str, object]:
    """The columns that change while a task is open, and its id."""
    return {
        "id": task.id,
        "assignee_id": task.assignee_id,
        "not_before": task.window.not_before,
        "due_at": task.window.due_at,
        "occurrence": task.window.occurrence,
        "anchor_at": task.anchor_at,
        "rule": as_json(task.rule) if task.rule else None,
        "assigned_by": task.assigned_by,
        "version": task.version,
    }


def _row(task: Task) -> dict[str, object]:
    return _changing(task) | {name: getattr(task, name) for name in _ADDED if name not in _CHANGING}
