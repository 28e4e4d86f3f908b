"""The subjects a case can have."""

from sqlalchemy import Boolean, Column, Text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class SubjectRow(ComplaintsTable, table=True):
    """What a case can be about."""

    __tablename__ = "subject"

    code: str = Field(sa_column=Column(Text, primary_key=True))
    name_en: str = Field(sa_column=Column(Text, nullable=False))
    name_zh: str = Field(sa_column=Column(Text, nullable=False))
    active: bool = Field(sa_column=Column(Boolean, nullable=False))
