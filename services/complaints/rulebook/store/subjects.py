"""Subjects in the database."""

from dataclasses import asdict

from sqlalchemy import select
from sqlmodel import col

from services.complaints.rulebook.domain.subjects import Subject
from services.complaints.rulebook.tables import SubjectRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, by_column, given, table, upsert_many

_KEEP = Statement(upsert_many(SubjectRow, *table(SubjectRow).c.keys(), key=["code"]))
_ONE = Statement(select(*table(SubjectRow).c).where(col(SubjectRow.code) == given("code")), Subject)
_IN_USE = Scalar(select(col(SubjectRow.code)).where(col(SubjectRow.active)), str)


async def keep(transaction: Connection, subject: Subject) -> None:
    """Adds a subject, or changes what is kept of it."""
    await _KEEP.execute(transaction, **by_column([asdict(subject)]))


async def one(transaction: Connection, code: str) -> Subject | None:
    """The subject as it stands; the lock of the revision holds it."""
    return await _ONE.one(transaction, code=code)


async def in_use(reader: Reader) -> frozenset[str]:
    """The codes of those that a case can be recorded with."""
    return frozenset(await _IN_USE.all(reader))
