"""The steps of a case that are done."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKey, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable

_TIME = TIMESTAMP(timezone=True)


class StepRow(ComplaintsTable, table=True):
    """A step of the seven that is done in a round: who owned it and when; its result is the entry's words."""

    __tablename__ = "case_step"

    complaint_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("complaint.id"), primary_key=True))
    round: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    step: str = Field(sa_column=Column(Text, primary_key=True))
    owner_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    done_at: datetime = Field(sa_column=Column(_TIME, nullable=False))
    entry_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("case_entry.id"), nullable=False))
