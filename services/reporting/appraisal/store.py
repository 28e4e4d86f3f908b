"""Versions of the appraisal's policy in the database."""

from dataclasses import asdict, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.reporting.appraisal.domain import AppraisalPolicy
from services.reporting.appraisal.tables import AppraisalPolicyRow
from shared.db import Connection
from shared.statement import Reader, Statement, insert_one, table

_FIELDS = tuple(field.name for field in fields(AppraisalPolicy))
_EVERY = Statement(
    select(*(table(AppraisalPolicyRow).c[name] for name in _FIELDS)).order_by(col(AppraisalPolicyRow.version).desc()),
    AppraisalPolicy,
)
_LOCK = Statement("LOCK TABLE appraisal_policy IN SHARE ROW EXCLUSIVE MODE")
_ADD = Statement(insert_one(AppraisalPolicyRow, *_FIELDS, "created_at", "created_by"))


async def every(reader: Reader) -> list[AppraisalPolicy]:
    """Every version that was written, the latest first; the first of all stands in the domain."""
    return await _EVERY.all(reader)


async def hold(transaction: Connection) -> None:
    """Lets nobody else write a version until the transaction ends."""
    await _LOCK.execute(transaction)


async def add(transaction: Connection, policy: AppraisalPolicy, now: datetime, by: UUID) -> None:
    await _ADD.execute(transaction, **asdict(policy), created_at=now, created_by=by)
