"""Keeping tasks of care after the end of contracts, and reading them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, select
from sqlmodel import col

from services.customers.aftercare.domain import AftercareTask, ErrandState
from services.customers.aftercare.tables import AftercareTaskRow
from shared.db import Connection
from shared.statement import Reader, Statement, any_given, by_column, table, update_many, upsert_many

_KEEP = Statement(
    upsert_many(
        AftercareTaskRow,
        "task_id",
        "contract_id",
        "errand",
        "role",
        "assignee_id",
        "not_before",
        "due_at",
        key=("task_id",),
    )
)
_SETTLE = Statement(update_many(AftercareTaskRow, "task_id", "state", "settled_at", key=("task_id",)))


def _task(state: str, **same: Any) -> AftercareTask:
    return AftercareTask(state=ErrandState(state), **same)


_OF = Statement(
    select(*(table(AftercareTaskRow).c[each.name] for each in fields(AftercareTask)))
    .where(col(AftercareTaskRow.contract_id) == any_given("contracts", Uuid))
    .order_by(col(AftercareTaskRow.due_at), col(AftercareTaskRow.task_id)),
    _task,
)


async def keep(transaction: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Keeps tasks as they were planned last; what has become of them stays."""
    if rows:
        await _KEEP.execute(transaction, **by_column(rows))


async def settle(transaction: Connection, state: ErrandState, settled: Mapping[UUID, datetime]) -> None:
    """Keeps what has become of those of these tasks that are of a contract, and when."""
    rows = [{"task_id": task_id, "state": state, "settled_at": at} for task_id, at in settled.items()]
    if rows:
        await _SETTLE.execute(transaction, **by_column(rows))


async def of_contracts(reader: Reader, contracts: Sequence[UUID]) -> dict[UUID, list[AftercareTask]]:
    """What is owed after the end of each of these contracts, the earliest due first."""
    found: dict[UUID, list[AftercareTask]] = {}
    for task in await _OF.all(reader, contracts=list(contracts)) if contracts else ():
        found.setdefault(task.contract_id, []).append(task)
    return found
