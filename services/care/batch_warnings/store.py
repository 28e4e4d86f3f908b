"""Alarmed batches, and the tasks that they brought, in the database."""

from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.care.touches import store as touches
from services.care.touches.domain import Task, TaskState
from services.care.touches.tables import BatchAlarmRow, TaskRow
from shared.contracts.safety import BatchAlarmed
from shared.db import Connection
from shared.statement import Scalar, Statement, by_column, given, upsert_many

_KEEP = Statement(upsert_many(BatchAlarmRow, "batch_id", "alarm", "product", "batch", "lifted", key=["batch_id"]))
_OF_ALARM = (col(BatchAlarmRow.batch_id) == given("batch_id"), col(BatchAlarmRow.alarm) == given("alarm"))
_STANDS = Scalar(
    select(col(BatchAlarmRow.batch_id)).where(*_OF_ALARM, ~col(BatchAlarmRow.lifted)).with_for_update(read=True), UUID
)
_LIFT = Statement(update(BatchAlarmRow).values(lifted=True).where(*_OF_ALARM))
_OPEN = (
    col(TaskRow.batch_id) == given("batch_id"),
    col(TaskRow.round) == given("alarm"),
    col(TaskRow.state) == TaskState.OPEN,
)
_WARNED = Scalar(select(col(TaskRow.customer_id)).where(*_OPEN, col(TaskRow.customer_id).is_not(None)), UUID)
_LOCK_OPEN = Statement(touches.TASKS.where(*_OPEN).order_by(col(TaskRow.id)).with_for_update(), touches.task_of)


async def keep(transaction: Connection, fact: BatchAlarmed) -> None:
    """Keeps what a batch is called, and that its alarm stands."""
    row = {
        "batch_id": fact.batch_id,
        "alarm": fact.alarm,
        "product": fact.product,
        "batch": fact.batch,
        "lifted": False,
    }
    await _KEEP.execute(transaction, **by_column([row]))


async def stands(transaction: Connection, batch_id: UUID, alarm: int) -> bool:
    """Whether this alarm of a batch has not been lifted; it is not until the transaction ends."""
    return await _STANDS.one(transaction, batch_id=batch_id, alarm=alarm) is not None


async def lift(transaction: Connection, batch_id: UUID, alarm: int) -> None:
    """Keeps that this alarm of a batch was lifted."""
    await _LIFT.execute(transaction, batch_id=batch_id, alarm=alarm)


async def warned(transaction: Connection, batch_id: UUID, alarm: int) -> list[UUID]:
    """The customers whom somebody is still to warn because of this alarm."""
    return await _WARNED.all(transaction, batch_id=batch_id, alarm=alarm)


async def lock_open(transaction: Connection, batch_id: UUID, alarm: int) -> list[Task]:
    """What is open because of this alarm, held."""
    return await _LOCK_OPEN.all(transaction, batch_id=batch_id, alarm=alarm)
