"""Orders to make good in the database; the customers' rows are locked by whoever changes them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, select, update
from sqlmodel import col

from services.care.touches.domain import TaskState
from services.care.touches.tables import MakeGoodRow, TaskRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, any_given, given, insert_one

_STANDING = col(MakeGoodRow.dropped_at).is_(None)
_PAIRS = select(col(MakeGoodRow.task_id), col(MakeGoodRow.make_good_id))
_ADD = Statement(insert_one(MakeGoodRow, "make_good_id", "task_id", "ordered_at", "ordered_by"))
_OF_MISSED = Scalar(
    select(col(MakeGoodRow.make_good_id)).where(col(MakeGoodRow.task_id) == given("task_id"), _STANDING), UUID
)
_MISSED_OF = Statement(_PAIRS.where(col(MakeGoodRow.make_good_id) == any_given("ids", Uuid)))
_STANDING_OF = Statement(_PAIRS.where(col(MakeGoodRow.task_id) == any_given("ids", Uuid), _STANDING))
_DROPPED_OF = Statement(
    select(col(MakeGoodRow.task_id), col(MakeGoodRow.make_good_id))
    .join(TaskRow, col(TaskRow.id) == col(MakeGoodRow.make_good_id))
    .where(
        col(MakeGoodRow.task_id) == any_given("ids", Uuid),
        col(TaskRow.state) == TaskState.DROPPED,
        col(TaskRow.reason) == given("reason"),
    )
    .order_by(col(MakeGoodRow.ordered_at))
)
_RESTORE = Statement(
    update(MakeGoodRow).values(dropped_at=None).where(col(MakeGoodRow.make_good_id) == any_given("ids", Uuid))
)
_DROP = Statement(
    update(MakeGoodRow).values(dropped_at=given("at")).where(col(MakeGoodRow.make_good_id) == any_given("ids", Uuid))
)


async def add(transaction: Connection, task_id: UUID, make_good_id: UUID, *, by: UUID, at: datetime) -> None:
    await _ADD.execute(transaction, make_good_id=make_good_id, task_id=task_id, ordered_at=at, ordered_by=by)


async def find(reader: Reader, task_id: UUID) -> UUID | None:
    """The task by which this miss is to be made good; None when nothing is ordered."""
    return await _OF_MISSED.one(reader, task_id=task_id)


async def missed_of(reader: Reader, make_goods: Collection[UUID]) -> Mapping[UUID, UUID]:
    """Which missed task each of them makes good."""
    rows = await _MISSED_OF.all(reader, ids=list(make_goods))
    return {row["make_good_id"]: row["task_id"] for row in rows}


async def standing_of(reader: Reader, missed: Collection[UUID]) -> list[UUID]:
    """The tasks by which these misses are to be made good."""
    return [row["make_good_id"] for row in await _STANDING_OF.all(reader, ids=list(missed))]


async def drop(transaction: Connection, make_goods: Collection[UUID], at: datetime) -> None:
    """The orders go with their misses."""
    await _DROP.execute(transaction, ids=list(make_goods), at=at)


async def dropped_of(reader: Reader, missed: Collection[UUID], reason: str) -> Mapping[UUID, UUID]:
    """The task by which each of these misses was last to be made good, where it was dropped for that reason."""
    rows = await _DROPPED_OF.all(reader, ids=list(missed), reason=reason)
    latest = {row["task_id"]: row["make_good_id"] for row in rows}
    return {make_good_id: task_id for task_id, make_good_id in latest.items()}


async def restore(transaction: Connection, make_goods: Collection[UUID]) -> None:
    """The orders stand again with their misses."""
    await _RESTORE.execute(transaction, ids=list(make_goods))
