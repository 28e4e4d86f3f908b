"""What counters must be told of cases, because no event of ours tells it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class TierMoveRow(ComplaintsTable, table=True):
    """An open case that got its customer's new tier, kept for minutes; `moved_in` is the transaction that did it."""

    __tablename__ = "tier_move"

    moved_in: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    complaint_id: UUID = Field(primary_key=True)
    moved_at: datetime
