"""What stands for the words of a case."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class SketchRow(ComplaintsTable, table=True):
    """One of the few keyed bigrams that stand for a case; nothing in it can be read back."""

    __tablename__ = "case_sketch"

    gram: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
