"""What is at risk, in the database: found by due moments, from where the last look has ended."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, Integer, Interval, Uuid, delete, func, not_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from services.care.at_risk.domain import AtRiskPolicy, Reach
from services.care.at_risk.tables import AtRiskPolicyRow, AtRiskReachRow
from services.care.touches.domain import TaskKind, TaskState
from services.care.touches.tables import TaskRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, any_given, condition, given, insert_one, table

_LAST = UUID(int=2**128 - 1)
_DUE_AT = col(TaskRow.due_at)
_OWED = col(TaskRow.kind).in_((TaskKind.OBLIGATION, TaskKind.MAKE_GOOD))
_OPEN = col(TaskRow.state) == TaskState.OPEN
_BEFORE = given("before", Interval)
_HOLD_POLICY = Statement("LOCK TABLE at_risk_policy IN SHARE ROW EXCLUSIVE MODE")
"""By hand: no builder has it."""
_ADD = Statement(insert_one(AtRiskPolicyRow, "version", "days", "set_at", "set_by"))
_HOLD = Statement(
    select(*table(AtRiskReachRow).c).order_by(col(AtRiskReachRow.days).desc()).with_for_update(skip_locked=True), Reach
)
_REACH = Statement(insert_one(AtRiskReachRow, "days", "due_at", "task_id"))
_LEAVE = Statement(delete(AtRiskReachRow).where(not_(col(AtRiskReachRow.days) == any_given("days", Integer))))
_KNOWN = Scalar(select(col(AtRiskReachRow.days)).with_for_update(), int)
_ADVANCE = Statement(
    update(AtRiskReachRow)
    .values(due_at=given("due_at"), task_id=given("task_id"))
    .where(col(AtRiskReachRow.days) == given("days"))
)
_FOUND = Statement(
    select(col(TaskRow.id), col(TaskRow.customer_id), _DUE_AT)
    .where(
        _OPEN,
        _OWED,
        given("nearer") < _DUE_AT,
        given("until") >= _DUE_AT,
        tuple_(_DUE_AT, col(TaskRow.id)) > tuple_(given("due_after", DateTime(timezone=True)), given("id_after", Uuid)),
        col(TaskRow.planned_at) <= _DUE_AT - _BEFORE,
        col(TaskRow.not_before) <= _DUE_AT - _BEFORE,
    )
    .order_by(_DUE_AT, col(TaskRow.id))
    .limit(given("most"))
)
_COUNTS = Statement(
    select(col(TaskRow.assignee_id), _DUE_AT, func.count().label("tasks"))
    .where(
        _OPEN,
        _OWED,
        condition("task.due_at = ANY(:moments)", moments=ARRAY(DateTime(timezone=True))),
        col(TaskRow.assignee_id).is_not(None),
    )
    .group_by(col(TaskRow.assignee_id), _DUE_AT)
)
_NEXT = Scalar(select(func.min(_DUE_AT)).where(_OPEN, given("after") < _DUE_AT), datetime)


async def hold_policy(transaction: Connection) -> None:
    """Holds other writers off until the end of the transaction; readers go on."""
    await _HOLD_POLICY.execute(transaction)


async def add(transaction: Connection, policy: AtRiskPolicy, now: datetime) -> None:
    """Adds a version; of days that are new, what lies ahead from now on is told."""
    await _ADD.execute(transaction, **asdict(policy))
    known = set(await _KNOWN.all(transaction))
    await _LEAVE.execute(transaction, days=list(policy.days))
    for days in policy.days:
        if days not in known:
            await _REACH.execute(transaction, days=days, due_at=now + timedelta(days=days), task_id=_LAST)


async def hold(transaction: Connection) -> Sequence[Reach]:
    """How far each number of days has come, those that no other timer holds, held."""
    return await _HOLD.all(transaction)


async def advance(transaction: Connection, reach: Reach) -> None:
    await _ADVANCE.execute(transaction, **asdict(reach))


async def found(
    transaction: Connection, reach: Reach, between: tuple[datetime, datetime], most: int
) -> list[tuple[UUID, UUID | None, datetime]]:
    """The next tasks that are at risk: ids, customers and ends of windows, in their order."""
    rows = await _FOUND.all(
        transaction,
        nearer=between[0],
        until=between[1],
        due_after=reach.due_at,
        id_after=reach.task_id,
        before=timedelta(days=reach.days),
        most=most,
    )
    return [(row["id"], row["customer_id"], row["due_at"]) for row in rows]


async def counts(reader: Reader, moments: Sequence[datetime]) -> list[tuple[UUID, datetime, int]]:
    """How many open tasks whose windows end at these moments each person has."""
    rows = await _COUNTS.all(reader, moments=list(moments))
    return [(row["assignee_id"], row["due_at"], row["tasks"]) for row in rows]


async def next_end(reader: Reader, after: datetime) -> datetime | None:
    """When the next window ends after a moment."""
    return await _NEXT.one(reader, after=after)
