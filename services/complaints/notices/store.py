"""Statements about notices. The case is held whenever one of its notices is written."""

from dataclasses import asdict, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.complaints.notices.domain import Notice
from services.complaints.notices.tables import NOTICE_NUMBERS, NoticeRow
from shared.db import Connection
from shared.statement import Scalar, Statement, given, insert_one, table

COLUMNS = [table(NoticeRow).c[field.name] for field in fields(Notice)]
_SERIAL = Scalar(select(NOTICE_NUMBERS.next_value()), int)
_ADD = Statement(insert_one(NoticeRow, *(field.name for field in fields(Notice))))
_STANDING = Statement(
    select(*COLUMNS).where(col(NoticeRow.complaint_id) == given("case_id"), col(NoticeRow.superseded_at).is_(None)),
    Notice,
)
_SUPERSEDE = Statement(
    update(table(NoticeRow))
    .values(superseded_at=given("at"))
    .where(col(NoticeRow.complaint_id) == given("case_id"), col(NoticeRow.superseded_at).is_(None))
)
_ACKNOWLEDGE = Statement(
    update(table(NoticeRow))
    .values(acknowledged_at=given("at"), acknowledged_by=given("by"))
    .where(col(NoticeRow.id) == given("id"))
)


async def next_serial(transaction: Connection) -> int:
    """The next count of notices; one that is not used is left out."""
    return await _SERIAL.only(transaction)


async def standing(transaction: Connection, case_id: UUID) -> Notice | None:
    """The notice that stands about a case."""
    return await _STANDING.one(transaction, case_id=case_id)


async def supersede(transaction: Connection, case_id: UUID, at: datetime) -> None:
    """Ends the notice that stands, if there is one."""
    await _SUPERSEDE.execute(transaction, case_id=case_id, at=at)


async def add(transaction: Connection, notice: Notice) -> None:
    await _ADD.execute(transaction, **asdict(notice))


async def acknowledge(transaction: Connection, id_: UUID, at: datetime, by: UUID) -> None:
    """Writes who has read it, and when."""
    await _ACKNOWLEDGE.execute(transaction, id=id_, at=at, by=by)
