"""Versions of the appraisal's policy."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Field

from services.reporting.registry import ReportingTable
from shared.tables import numeric, smallint


class AppraisalPolicyRow(ReportingTable, table=True):
    """A version, never changed once written. People wrote it here, no event tells of it: a rebuild leaves it alone.
    `from_month` counts as `shared.months.Month.ordinal`."""

    __tablename__ = "appraisal_policy"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID = Field(unique=True)
    answers: int = smallint()
    service: int = smallint()
    satisfaction: int = smallint()
    money: int = smallint()
    money_zero: Decimal = numeric(16, 2)
    from_month: int
    created_at: datetime
    created_by: UUID
