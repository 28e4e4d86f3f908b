"""How complete an archive is, and when somebody last cared for it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import smallint


class ArchiveStandingRow(CustomersTable, table=True):
    """What is filled (`bits`), what that comes to by this version of the weights, and the last touch or change."""

    __tablename__ = "archive_standing"
    __table_args__ = (
        Index("archive_standing_total", "total", "customer_id"),
        Index("archive_standing_active", "active_at", "customer_id"),
    )

    customer_id: UUID = Field(primary_key=True)
    version: int = smallint()
    bits: int
    basic: int = smallint()
    traits: int = smallint()
    relations: int = smallint()
    finance: int = smallint()
    total: int = smallint()
    active_at: datetime


class StandingReachedRow(CustomersTable, table=True):
    """Up to which customer archives were judged by a version of the weights."""

    __tablename__ = "archive_standing_reached"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    customer_id: UUID
