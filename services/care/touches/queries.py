"""Tasks as people read them."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, DateTime, Uuid, and_, func, not_, or_, select, tuple_
from sqlmodel import col

from services.care.touches import store
from services.care.touches.domain import TaskKind, TaskNotFound, TaskState, TouchRecord
from services.care.touches.tables import BatchAlarmRow, MakeGoodRow, TaskRow
from shared import aliases
from shared.auth.visibility import subordinates
from shared.db import Database
from shared.directory_schema import NAME
from shared.personal import Vault
from shared.statement import Reader, Statement, condition, given, if_given, table

TaskPlace: TypeAlias = tuple[datetime, UUID]
"""Where a task stands in the order of due moments."""


@dataclass(frozen=True, slots=True)
class MakeGood:
    """That a missed task is to be made good: by which task, until when, and what became of that."""

    id: UUID
    until: datetime
    state: str
    ordered_at: datetime
    ordered_by: UUID


@dataclass(frozen=True, slots=True)
class TaskDetails:
    """A task with what people see beside it; `record` is sealed."""

    id: UUID
    customer_id: UUID | None
    customer_name: str | None
    kind: str
    role: str
    contact: str
    assignee_id: UUID | None
    not_before: datetime
    due_at: datetime
    occurrence: int
    state: str
    complaint_id: UUID | None
    batch_id: UUID | None
    product: str | None
    batch: str | None
    round: int | None
    contract_id: UUID | None
    errand: str | None
    winback_id: UUID | None
    planned_at: datetime
    settled_at: datetime | None
    settled_by: UUID | None
    reason: str | None
    excuse: str | None
    minutes: int | None
    cost: Decimal | None
    record: bytes | None
    recorded_at: datetime | None
    recorded_late: bool
    assigned_by: UUID | None
    makes_good: UUID | None
    make_good: MakeGood | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilters:
    """Which tasks are asked for; `viewer` narrows to those of a person and their people (`shared.auth.visibility`)."""

    viewer: UUID | None = None
    assignee_id: UUID | None = None
    customer_id: UUID | None = None
    contract_id: UUID | None = None
    kind: TaskKind | None = None
    state: TaskState | None = None
    unassigned: bool = False


def _details(
    *,
    order_id: UUID | None,
    order_until: datetime,
    order_state: str,
    ordered_at: datetime,
    ordered_by: UUID,
    **same: Any,
) -> TaskDetails:
    make_good = MakeGood(order_id, order_until, order_state, ordered_at, ordered_by) if order_id else None
    return TaskDetails(make_good=make_good, **same)


_ORDER, _BY = table(MakeGoodRow).alias("ordered"), table(TaskRow).alias("by")
_AFTER = (given("due_after", DateTime(timezone=True)), given("id_after", Uuid))
_WHOSE: Any = given("customers", ARRAY(Uuid))
_UNREAD = ("anchor_at", "rule", "supervisor_id", "version", "loss_id")
_COLUMNS = select(
    *(column for column in table(TaskRow).c if column.name not in _UNREAD),
    select(NAME.c.name).where(NAME.c.id == col(TaskRow.customer_id)).scalar_subquery().label("customer_name"),
    *(
        select(column).where(col(BatchAlarmRow.batch_id) == col(TaskRow.batch_id)).scalar_subquery().label(name)
        for name, column in (("product", col(BatchAlarmRow.product)), ("batch", col(BatchAlarmRow.batch)))
    ),
    select(col(MakeGoodRow.task_id))
    .where(col(MakeGoodRow.make_good_id) == col(TaskRow.id))
    .scalar_subquery()
    .label("makes_good"),
    _ORDER.c.make_good_id.label("order_id"),
    _BY.c.due_at.label("order_until"),
    _BY.c.state.label("order_state"),
    _ORDER.c.ordered_at,
    _ORDER.c.ordered_by,
)
_DETAILS = _COLUMNS.select_from(
    table(TaskRow)
    .outerjoin(_ORDER, and_(_ORDER.c.task_id == col(TaskRow.id), _ORDER.c.dropped_at.is_(None)))
    .outerjoin(_BY, _BY.c.id == _ORDER.c.make_good_id)
).where(
    or_(
        given("viewer", Uuid).is_(None),
        condition(f"task.assignee_id IN ({subordinates()})", viewer=Uuid),
    )
)
_READ = Statement(_DETAILS.where(col(TaskRow.id) == given("id")), _details)
_LIST = Statement(
    _DETAILS.where(
        *(if_given(table(TaskRow).c[name]) for name in ("assignee_id", "contract_id", "kind", "state")),
        or_(_WHOSE.is_(None), col(TaskRow.customer_id) == func.any(_WHOSE)),
        or_(not_(given("unassigned", Boolean)), col(TaskRow.assignee_id).is_(None)),
        or_(_AFTER[0].is_(None), tuple_(col(TaskRow.due_at), col(TaskRow.id)) > tuple_(*_AFTER)),
    )
    .order_by(col(TaskRow.due_at), col(TaskRow.id))
    .limit(given("most")),
    _details,
)


async def read_task(reader: Reader, task_id: UUID, *, viewer: UUID | None) -> TaskDetails:
    """Raises TaskNotFound for a task that is not there or that `viewer` does not see (None: sees everybody's)."""
    found = await _READ.one(reader, id=task_id, viewer=viewer)
    if found is None:
        raise TaskNotFound("there is no such task, or it is another person's")
    return found


async def written_task(reader: Reader, task_id: UUID) -> TaskDetails:
    """A task that this transaction has written."""
    found = await _READ.one(reader, id=task_id, viewer=None)
    if found is None:
        raise LookupError(f"no task {task_id}")
    return found


async def list_tasks(database: Database, filters: TaskFilters, after: TaskPlace | None, most: int) -> list[TaskDetails]:
    """Tasks in the order of their due moment."""
    due_after, id_after = after or (None, None)
    given_ = asdict(filters)
    customer_id = given_.pop("customer_id")
    whose = await aliases.asked_for(database, customer_id)
    return await _LIST.all(database, **given_, customers=whose, due_after=due_after, id_after=id_after, most=most)


def record_of(vault: Vault, details: TaskDetails) -> TouchRecord | None:
    """What was recorded of a done touch."""
    return store.record_in(vault, details.id, details.record) if details.record else None
