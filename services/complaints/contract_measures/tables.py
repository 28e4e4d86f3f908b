"""Measures by contract, and what can be done."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class MeasureCodeRow(ComplaintsTable, table=True):
    """What can be done by contract."""

    __tablename__ = "contract_measure_code"

    code: str = Field(primary_key=True)
    name_en: str
    name_zh: str
    active: bool


class ContractMeasureRow(ComplaintsTable, table=True):
    """A measure; `words` say what was decided, `reason` why it was withdrawn, both sealed."""

    __tablename__ = "contract_measure"
    __table_args__ = (Index("contract_measure_case", "internal_id", "id"),)

    id: UUID = Field(primary_key=True)
    internal_id: UUID = Field(foreign_key="internal_case.complaint_id")
    code: str = Field(foreign_key="contract_measure_code.code")
    decided_by: UUID
    decided_on: date
    recorded_at: datetime
    recorded_by: UUID
    words: bytes | None
    withdrawn_at: datetime | None
    withdrawn_by: UUID | None
    reason: bytes | None
