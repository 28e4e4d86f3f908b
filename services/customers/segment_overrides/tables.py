"""Scores that are said by hand."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import money


class SegmentOverrideRow(CustomersTable, table=True):
    """One of a customer and dimension stands; the reason is sealed, and goes with the person. A trigger marks the
    customer, who is judged anew."""

    __tablename__ = "segment_override"
    __table_args__ = (
        CheckConstraint("dimension IN ('loyalty', 'credit', 'size')", name="segment_override_dimension"),
        CheckConstraint("score >= 0", name="segment_override_score"),
        Index(
            "segment_override_standing",
            "customer_id",
            "dimension",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("segment_override_of", "customer_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id")
    dimension: str
    score: Decimal = money()
    until: date
    words: bytes | None
    set_at: datetime
    set_by: UUID
    ended_at: datetime | None
