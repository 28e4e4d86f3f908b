"""Competitors, what was seen of them, and who is said to order elsewhere."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import money, texts


class CompetitorRow(CustomersTable, table=True):
    """A competitor's file. `words` seals strengths and note."""

    __tablename__ = "competitor"
    __table_args__ = (Index("competitor_name", text("lower(name)"), unique=True),)

    id: UUID = Field(primary_key=True)
    version: int
    name: str
    brands: list[str] = texts()
    words: bytes
    entered_at: datetime
    entered_by: UUID


class SightingRow(CustomersTable, table=True):
    """What was seen of a competitor in a store. `words` seals the offer, `withdrawal_words` why it was withdrawn;
    nothing once the person is erased."""

    __tablename__ = "competitor_sighting"
    __table_args__ = (
        Index("competitor_sighting_competitor", "competitor_id", "id"),
        Index("competitor_sighting_customer", "customer_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    competitor_id: UUID = Field(foreign_key="competitor.id")
    customer_id: UUID = Field(foreign_key="customer.id")
    brand: str
    price: Decimal | None = money()
    words: bytes | None
    seen_on: date
    touch_id: UUID | None
    seen_by: UUID
    entered_at: datetime
    entered_by: UUID
    withdrawn_at: datetime | None
    withdrawn_by: UUID | None
    withdrawal_words: bytes | None


class ElsewhereReportRow(CustomersTable, table=True):
    """That a store orders elsewhere. `words` seals the note, `withdrawal_words` why it was withdrawn; nothing once the
    person is erased."""

    __tablename__ = "elsewhere_report"
    __table_args__ = (
        Index("elsewhere_report_customer", "customer_id", "id"),
        Index("elsewhere_report_day", "told_on"),
        Index("elsewhere_report_competitor", "competitor_id"),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id")
    competitor_id: UUID | None = Field(foreign_key="competitor.id")
    told_on: date
    words: bytes | None
    touch_id: UUID | None
    reported_at: datetime
    reported_by: UUID
    withdrawn_at: datetime | None
    withdrawn_by: UUID | None
    withdrawal_words: bytes | None
