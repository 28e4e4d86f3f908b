"""Who was erased. Written from `crm.customers.v1` alone."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.reporting.registry import ProjectionTable


class ErasedRow(ProjectionTable, table=True):
    """A person who was erased; their figures stay, under a number that leads to nobody."""

    __tablename__ = "erased"

    person_id: UUID = Field(primary_key=True)
    erasure_id: UUID
    at: datetime
