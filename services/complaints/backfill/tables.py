"""How far what an earlier release kept is made findable."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import smallint


class TraceBackfillRow(ComplaintsTable, table=True):
    """What is gone through (cases, their entries, the contacts of customers), up to which id, and how much that was.

    `turns_left` says how often more, the present turn included: 0 when it is done. No turn begins before `not_before`.
    """

    __tablename__ = "trace_backfill"

    what: str = Field(primary_key=True)
    after_id: UUID
    looked_at: int = Field(sa_type=BigInteger)
    turns_left: int = smallint()
    not_before: datetime
