"""What is to be done to win somebody back, in the database."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid
from sqlmodel import col

from services.care.touches import store as touches
from services.care.touches.domain import Task, TaskKind, TaskState
from services.care.touches.tables import TaskRow
from services.care.winning_back.domain import NEVER_LOST
from shared.db import Connection
from shared.statement import Statement, any_given

_OF_CASES: Final = col(TaskRow.winback_id) == any_given("cases", Uuid)
_OF_LOSSES: Final = col(TaskRow.loss_id) == any_given("losses", Uuid)
_OPEN: Final = col(TaskRow.state) == TaskState.OPEN
_NEVER_LOST: Final = (col(TaskRow.state) == TaskState.DROPPED) & (col(TaskRow.reason) == NEVER_LOST)


def _held(*those: ColumnElement[bool]) -> Statement[Task]:
    chosen = touches.TASKS.where(col(TaskRow.kind) == TaskKind.WINBACK, *those)
    return Statement(chosen.order_by(col(TaskRow.id)).with_for_update(), touches.task_of)


_OWED_OF_CASES = _held(_OF_CASES, _OPEN | _NEVER_LOST)
_OPEN_OF_LOSSES = _held(_OF_LOSSES, _OPEN)
_DROPPED_OF_LOSSES = _held(_OF_LOSSES, _NEVER_LOST)


async def owed_of(transaction: Connection, cases: Collection[UUID]) -> list[Task]:
    """What is open because of these cases, or would be again, held; their customers are held already."""
    return await _OWED_OF_CASES.all(transaction, cases=list(cases))


async def open_of(transaction: Connection, losses: Collection[UUID]) -> list[Task]:
    """What is open because of these losses, likewise."""
    return await _OPEN_OF_LOSSES.all(transaction, losses=list(losses))


async def dropped_of(transaction: Connection, losses: Collection[UUID]) -> list[Task]:
    """What was dropped since these losses never were, likewise."""
    return await _DROPPED_OF_LOSSES.all(transaction, losses=list(losses))
