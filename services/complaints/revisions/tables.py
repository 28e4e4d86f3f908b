"""Which revision of the rulebook is in force."""

from sqlalchemy import Boolean, CheckConstraint, Column, Integer
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class RulebookRow(ComplaintsTable, table=True):
    """One row: which revision of policies, subjects and calendars is in force. Recording checks it, so no process uses
    an old copy."""

    __tablename__ = "rulebook"

    one: bool = Field(sa_column=Column(Boolean, CheckConstraint("one", name="rulebook_one"), primary_key=True))
    revision: int = Field(sa_column=Column(Integer, nullable=False))
