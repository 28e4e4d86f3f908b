"""Absences and closures in the database, and the misses that they concern."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, select, update
from sqlmodel import col

from services.care.absences.domain import Absence, Span, Subject
from services.care.absences.tables import AbsenceRow
from services.care.touches.domain import TaskKind, TaskState
from services.care.touches.tables import TaskRow
from shared.db import Connection
from shared.statement import Reader, Statement, any_given, given, insert_one, table

COLUMNS = tuple(table(AbsenceRow).c[field.name] for field in fields(Absence))
STANDS = col(AbsenceRow.withdrawn_at).is_(None)


def absence(subject: str, **same: Any) -> Absence:
    """The entry in a row of COLUMNS."""
    return Absence(subject=Subject(subject), **same)


_ADD = Statement(insert_one(AbsenceRow, *(field.name for field in fields(Absence))))
_LOCK = Statement(select(*COLUMNS).where(col(AbsenceRow.id) == given("id"), STANDS).with_for_update(), absence)
_MOVE = Statement(
    update(AbsenceRow)
    .values(last_day=given("last_day"), version=given("version"))
    .where(col(AbsenceRow.id) == given("id"))
)
_WITHDRAW = Statement(
    update(AbsenceRow)
    .values(withdrawn_at=given("at"), withdrawn_by=given("by"), version=col(AbsenceRow.version) + 1)
    .where(col(AbsenceRow.id) == given("id"))
)
_OF = Statement(
    select(*COLUMNS).where(
        col(AbsenceRow.whose) == any_given("whose", Uuid),
        col(AbsenceRow.last_day) >= given("from_day"),
        STANDS,
    ),
    absence,
)
_ABOUT = select(col(TaskRow.id), col(TaskRow.customer_id)).where(
    col(TaskRow.kind) == TaskKind.OBLIGATION,
    col(TaskRow.state).in_((TaskState.OPEN, TaskState.MISSED)),
    col(TaskRow.due_at) > given("begins"),
    col(TaskRow.not_before) < given("ends"),
)
_CONCERNED: Mapping[Subject, Statement[Any]] = {
    Subject.STAFF: Statement(_ABOUT.where(col(TaskRow.assignee_id) == given("whose"))),
    Subject.STORE: Statement(_ABOUT.where(col(TaskRow.customer_id) == given("whose"))),
}


async def add(transaction: Connection, added: Absence) -> None:
    await _ADD.execute(transaction, **{field.name: getattr(added, field.name) for field in fields(Absence)})


async def lock(transaction: Connection, id_: UUID) -> Absence | None:
    """The entry, held until the transaction ends; None when there is none, or it was withdrawn."""
    return await _LOCK.one(transaction, id=id_)


async def move(transaction: Connection, moved: Absence) -> None:
    """Stores another last day in the entry's new version."""
    await _MOVE.execute(transaction, id=moved.id, last_day=moved.last_day, version=moved.version)


async def withdraw(transaction: Connection, id_: UUID, *, by: UUID, at: datetime) -> None:
    await _WITHDRAW.execute(transaction, id=id_, by=by, at=at)


async def standing(reader: Reader, whose: Collection[UUID], from_day: date) -> Sequence[Absence]:
    """What is entered about these people and stores that goes on to that day or beyond."""
    return await _OF.all(reader, whose=list(whose), from_day=from_day)


async def concerned(transaction: Connection, subject: Subject, whose: UUID, span: Span) -> list[tuple[UUID, UUID]]:
    """Open and missed obligations of a colleague, or to a store, whose windows touch the span, and their customers."""
    rows = await _CONCERNED[subject].all(transaction, whose=whose, begins=span[0], ends=span[1])
    return [(row["id"], row["customer_id"]) for row in rows]
