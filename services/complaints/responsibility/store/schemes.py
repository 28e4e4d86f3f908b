"""Schemes of departments in the database: every version stays."""

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.responsibility.domain.schemes import DepartmentScheme
from services.complaints.responsibility.tables import DepartmentSchemeRow
from shared.db import Connection
from shared.directory_schema import DEPARTMENT
from shared.statement import Reader, Scalar, Statement, given, if_given, insert_one, table

_KEPT: Final = ("department_id", "version", "id", "violations", "starts_at")
_ALL = select(*(table(DepartmentSchemeRow).c[name] for name in _KEPT))
_OF_DEPARTMENT = Statement(
    _ALL.where(col(DepartmentSchemeRow.department_id) == given("department_id")).order_by(
        col(DepartmentSchemeRow.version).desc()
    ),
    DepartmentScheme.kept,
)
_BEFORE = Statement(
    _ALL.where(if_given(table(DepartmentSchemeRow).c.department_id), col(DepartmentSchemeRow.id) < given("before"))
    .order_by(col(DepartmentSchemeRow.id).desc())
    .limit(given("most")),
    DepartmentScheme.kept,
)
_HOLD = Statement("LOCK TABLE department_scheme IN SHARE ROW EXCLUSIVE MODE")
_ADD = Statement(insert_one(DepartmentSchemeRow, *_KEPT, "created_at", "created_by"))
_MANAGER = Scalar(select(DEPARTMENT.c.manager_id).where(DEPARTMENT.c.id == given("id")), UUID)


async def of_department(reader: Reader, department_id: UUID) -> list[DepartmentScheme]:
    """Every version of a department's scheme, the latest first."""
    return await _OF_DEPARTMENT.all(reader, department_id=department_id)


async def list_before(reader: Reader, department_id: UUID | None, before: UUID, most: int) -> list[DepartmentScheme]:
    """So many versions, of one department or of all, the latest written first."""
    return await _BEFORE.all(reader, department_id=department_id, before=before, most=most)


async def hold(transaction: Connection) -> None:
    """Lets nobody else write a version until the transaction ends."""
    await _HOLD.execute(transaction)


async def add(transaction: Connection, scheme: DepartmentScheme, now: datetime, by: UUID) -> None:
    kept = asdict(scheme)
    kept["violations"] = [{**each, "amount": str(each["amount"])} for each in kept["violations"]]
    await _ADD.execute(transaction, **kept, created_at=now, created_by=by)


async def manager_of(reader: Reader, department_id: UUID) -> UUID | None:
    """Who manages a department; None where nobody does, or the directory does not list it."""
    return await _MANAGER.one(reader, id=department_id)
