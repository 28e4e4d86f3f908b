"""Batches, and the buyers of whom was told when one was alarmed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class BatchRow(ComplaintsTable, table=True):
    """A batch of a product, one for each number and product by what they are compared with; `product_key` is empty
    where no case has said the product. Why its last alarm was lifted lies sealed in `lifted_words`."""

    __tablename__ = "batch"
    __table_args__ = (
        UniqueConstraint("batch_key", "product_key", name="batch_once"),
        Index("batch_alarmed", "id", postgresql_where=text("alarmed_at IS NOT NULL AND lifted_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    version: int
    product: str | None
    batch: str
    product_key: str
    batch_key: str
    made_on: date | None
    expires_on: date | None
    sale_stopped_at: datetime | None
    recorded_at: datetime | None
    recorded_by: UUID | None
    alarm: int
    alarmed_at: datetime | None
    policy_version: int | None
    lifted_at: datetime | None
    lifted_by: UUID | None
    lifted_words: bytes | None


class BatchBuyerRow(ComplaintsTable, table=True):
    """A buyer of whom an alarm of a batch has told."""

    __tablename__ = "batch_buyer"

    batch_id: UUID = Field(primary_key=True, foreign_key="batch.id")
    alarm: int = Field(primary_key=True)
    customer_id: UUID = Field(primary_key=True)
    told_at: datetime
