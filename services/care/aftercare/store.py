"""The table of errands, and what is open of them, in the database."""

from collections.abc import Collection
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import Uuid
from sqlmodel import col

from services.care.aftercare.domain import AftercarePolicy
from services.care.aftercare.tables import AftercarePolicyRow
from services.care.touches import store as touches
from services.care.touches.domain import Task, TaskKind, TaskState
from services.care.touches.tables import TaskRow
from shared.db import Connection
from shared.statement import Statement, any_given, insert_one

_HOLD = Statement("LOCK TABLE aftercare_policy IN SHARE ROW EXCLUSIVE MODE")
"""By hand: no builder has it."""
_ADD = Statement(insert_one(AftercarePolicyRow, "version", "errands", "set_at", "set_by"))
_OPEN = Statement(
    touches.TASKS.where(
        col(TaskRow.contract_id) == any_given("contracts", Uuid),
        col(TaskRow.kind) == TaskKind.AFTERCARE,
        col(TaskRow.state) == TaskState.OPEN,
    )
    .order_by(col(TaskRow.id))
    .with_for_update(),
    touches.task_of,
)


async def hold(transaction: Connection) -> None:
    """Holds other writers off until the end of the transaction; readers go on."""
    await _HOLD.execute(transaction)


async def add(transaction: Connection, policy: AftercarePolicy) -> None:
    await _ADD.execute(transaction, **asdict(policy))


async def open_of(transaction: Connection, contracts: Collection[UUID]) -> list[Task]:
    """What is open because of these contracts, held; their customers are held already."""
    return await _OPEN.all(transaction, contracts=list(contracts))
