"""Erasures that are not confirmed yet."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import jsonb, uuids


class ErasingRow(ComplaintsTable, table=True):
    """An erasure whose words are gone; it is confirmed once the storage holds no file of its cases any more."""

    __tablename__ = "erasing"

    erasure_id: UUID = Field(primary_key=True)
    cases: list[UUID] = uuids()
    removed: dict[str, int] = jsonb()
    begun_at: datetime
